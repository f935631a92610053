import { describe, expect, it } from "vitest";
import { type CompressionName, RecordBatch, RecordBatchBuilder } from "../../../protocol/index.ts";
import { nodeCodecs } from "../../compression/node-codecs.ts";
import { BufferPool } from "../accumulator/buffer-pool.ts";
import { FlushWait } from "../accumulator/flush-wait.ts";
import { ProducerBatch } from "../accumulator/producer-batch.ts";
import { splitBatch } from "./split-batch.ts";

const pool = new BufferPool({ totalBytes: 0, idleBytes: 0 });
const none = { compression: "none", compressionLevel: undefined, isTransactional: false } as const;

function empty(maxBytes: number): ProducerBatch {
  const builder = new RecordBatchBuilder({ maxBytes });
  return new ProducerBatch({ topic: "orders", partition: 0, builder, pool, createdAtMs: 0, dueMs: 1000 });
}

/** Only what was sent is split: it has a header. */
function sent(batch: ProducerBatch): ProducerBatch {
  void batch.pack(none);
  batch.bytesFor(batch.stamp, false);
  return batch;
}

async function whole(values: readonly string[], compression: CompressionName = "none"): Promise<ProducerBatch> {
  const batch = empty(100_000);
  for (const [index, value] of values.entries()) {
    batch.tryAppend(1000 + index, `k${index}`, value, index % 2 === 0 ? [] : [["h", null]]);
    batch.recipients.add(() => undefined, index, 1000 + index, 2, value.length);
  }
  await batch.pack({ ...none, compression });
  return sent(batch);
}

async function recordsOf(batch: ProducerBatch): Promise<readonly unknown[]> {
  await batch.pack(none);
  return RecordBatch.decode(batch.bytesFor(undefined, false).bytes, { codecs: nodeCodecs })
    .records()
    .map(({ timestamp, key, value, headers }) => [Number(timestamp), textOf(key), textOf(value), headers]);
}

const textOf = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString();
const values = Array.from({ length: 10 }, (_, index) => `${index}`.repeat(100));

describe("P18: a batch in parts", () => {
  it.each(["none", "gzip", "snappy", "lz4", "zstd"] as const)(
    "has the same records in the same order (%s)",
    async (compression) => {
      const batch = await whole(values, compression);
      const parts = splitBatch(batch, 16_384, empty);
      const records = (await Promise.all(parts.map(recordsOf))).flat();
      expect(records).toEqual(
        values.map((value, index) => [1000 + index, `k${index}`, value, index % 2 === 0 ? [] : [["h", null]]]),
      );
    },
  );

  it("has at least two, each with at most half of the records' bytes, also where batchSize would allow more", async () => {
    const parts = splitBatch(await whole(values), 1_000_000, empty);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.every(({ recordCount }) => recordCount <= 5)).toBe(true);
  });

  it("has parts of batchSize at most", async () => {
    const parts = splitBatch(await whole(values), 300, empty);
    expect(parts.map(({ recordCount }) => recordCount)).toEqual([2, 2, 2, 2, 2]);
    expect(parts.every(({ sizeInBytes }) => sizeInBytes <= 300)).toBe(true);
  });

  it("comes down to single records, whatever they weigh", async () => {
    let parts: readonly ProducerBatch[] = [await whole(["small", "x".repeat(5000), "small too"])];
    for (let round = 0; round < 5; round++) {
      parts = parts.flatMap((part) => {
        if (part.recordCount === 1) return [part];
        return splitBatch(sent(part), 16_384, empty);
      });
    }
    expect(parts.map(({ recordCount }) => recordCount)).toEqual([1, 1, 1]);
  });

  it("has its place in the sequence, its history, and its memory to the byte", async () => {
    const batch = await whole(values);
    Object.assign(batch, {
      stamp: { producerId: 7n, producerEpoch: 2, baseSequence: 0x7fff_fffe },
      heldBytes: 1237,
      attempts: 3,
      isPossiblyPersisted: true,
    });
    const parts = splitBatch(batch, 300, empty);
    expect(parts.map(({ stamp }) => stamp?.baseSequence)).toEqual([0x7fff_fffe, 0, 2, 4, 6]);
    expect(parts.every(({ stamp }) => stamp?.producerEpoch === 2)).toBe(true);
    expect(parts.reduce((sum, { heldBytes }) => sum + heldBytes, 0)).toBe(1237);
    expect(batch.heldBytes).toBe(0);
    // The attempt that ended in this is not counted.
    expect(parts.map(({ attempts, isPossiblyPersisted }) => [attempts, isPossiblyPersisted])).toEqual(
      values.slice(0, 5).map(() => [2, true]),
    );
  });

  it("has everybody who waited for the whole, each with his record, and its flushes", async () => {
    const batch = empty(100_000);
    const told: string[] = [];
    for (const [index, value] of values.entries()) {
      batch.tryAppend(0, null, value, []);
      // Not everybody wants to hear.
      if (index % 3 !== 0)
        batch.recipients.add((_error, metadata) => told.push(`${index} at ${metadata?.offset}`), index, 0, -1, 100);
    }
    sent(batch);
    const flush = new FlushWait();
    batch.addFlush(flush);
    flush.seal();
    const parts = splitBatch(batch, 300, empty);
    batch.endFlushes();
    let offset = 100;
    for (const part of parts) {
      part.outcome = { kind: "delivered", baseOffset: offset, logAppendTimeMs: -1 };
      offset += part.recordCount;
      part.tell(() => undefined);
    }
    expect(told).toEqual([1, 2, 4, 5, 7, 8].map((index) => `${index} at ${100 + index}`));
    await flush.promise;
  });

  it("cannot be made of what was never packed", () => {
    expect(() => splitBatch(empty(1000), 100, empty)).toThrow("only a batch that was sent");
  });
});
