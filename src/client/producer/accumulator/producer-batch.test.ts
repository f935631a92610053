import { afterEach, describe, expect, it, vi } from "vitest";
import { RecordBatch, RecordBatchBuilder } from "../../../protocol/index.ts";
import { nodeCodecs } from "../../compression/node-codecs.ts";
import { BufferPool } from "./buffer-pool.ts";
import { FlushWait } from "./flush-wait.ts";
import { type Packing, ProducerBatch } from "./producer-batch.ts";

const PLAIN: Packing = { compression: "none", compressionLevel: undefined, isTransactional: false };
const GZIP: Packing = { ...PLAIN, compression: "gzip" };
const STAMP = { producerId: 7n, producerEpoch: 3, baseSequence: 12 };

afterEach(() => {
  vi.restoreAllMocks();
});

function made(...values: readonly string[]): { readonly pool: BufferPool; readonly batch: ProducerBatch } {
  const pool = new BufferPool({ totalBytes: 1_000_000, idleBytes: 1_000_000 });
  const { allocate, release } = pool;
  const builder = new RecordBatchBuilder({ maxBytes: 1000, allocate, release });
  const batch = new ProducerBatch({ topic: "orders", partition: 1, builder, pool, createdAtMs: 0, dueMs: 1000 });
  for (const value of values) batch.tryAppend(5, null, value, []);
  return { pool, batch };
}

const valuesIn = (bytes: Uint8Array): readonly string[] =>
  RecordBatch.decode(bytes, { codecs: nodeCodecs })
    .records()
    .map(({ value }) => Buffer.from(value ?? []).toString());

describe("a batch", () => {
  it("counts its records, and says what each took; the first one has the header", () => {
    const { batch } = made();
    const first = batch.tryAppend(5, null, "a", []);
    const second = batch.tryAppend(5, null, "b", []);
    expect([first, second, batch.recordCount, batch.sizeInBytes]).toEqual([61 + second, 8, 2, 61 + 16]);
  });

  it("knows how much its largest record took", () => {
    const { batch } = made("a", "b");
    expect(batch.largestRecordBytes).toBe(61 + 8);
    const large = batch.tryAppend(5, null, "x".repeat(200), []);
    batch.tryAppend(5, null, "c", []);
    batch.tryAppend(5, null, "too large".repeat(1000), []);
    expect(large).toBeGreaterThan(200);
    expect(batch.largestRecordBytes).toBe(large);
  });

  it("takes nothing more when it is full, closed, packed or gone", () => {
    const { batch } = made("a");
    expect(batch.tryAppend(5, null, "x".repeat(2000), [])).toBe(-1);
    batch.close();
    expect(batch.tryAppend(5, null, "b", [])).toBe(-1);
    void batch.pack(PLAIN);
    expect(batch.tryAppend(5, null, "b", [])).toBe(-1);
    batch.discard();
    expect(batch.tryAppend(5, null, "b", [])).toBe(-1);
    expect(batch.recordCount).toBe(1);
  });

  it("has the stamp that it was given in its header, and no other bytes are touched", () => {
    const { batch } = made("a", "b");
    void batch.pack(PLAIN);
    const { bytes } = batch.bytesFor(STAMP, false);
    expect(RecordBatch.decode(bytes)).toMatchObject({ producerId: 7n, producerEpoch: 3, baseSequence: 12 });
    expect(valuesIn(bytes)).toEqual(["a", "b"]);
    expect(batch.bytesFor(STAMP, false).bytes).toBe(bytes);
    expect(RecordBatch.decode(batch.bytesFor(undefined, false).bytes)).toMatchObject({
      producerId: -1n,
      producerEpoch: -1,
      baseSequence: -1,
    });
  });

  it("with another stamp is written into other memory while a socket reads the old one, into its own otherwise", () => {
    const { batch } = made("a");
    void batch.pack(PLAIN);
    const old = batch.bytesFor(STAMP, false);
    old.retain();
    const before = Buffer.from(old.bytes);
    const next = batch.bytesFor({ ...STAMP, producerEpoch: 4, baseSequence: 0 }, false);
    expect(next.bytes.buffer).not.toBe(old.bytes.buffer);
    expect(before.equals(old.bytes)).toBe(true);
    expect(RecordBatch.decode(next.bytes)).toMatchObject({ producerEpoch: 4, baseSequence: 0 });
    const third = batch.bytesFor({ ...STAMP, producerEpoch: 5, baseSequence: 0 }, false);
    expect(third).toBe(next);
  });

  it("P4: writes its header again, checksum included, when told to forget it", () => {
    const { batch } = made("a");
    void batch.pack(PLAIN);
    const { bytes } = batch.bytesFor(STAMP, false);
    bytes[17]! ^= 0xff;
    expect(() => RecordBatch.decode(batch.bytesFor(STAMP, false).bytes)).toThrow();
    batch.forgetHeader();
    expect(valuesIn(batch.bytesFor(STAMP, false).bytes)).toEqual(["a"]);
  });

  it("is compressed once, and gives the memory of its records back", async () => {
    const { batch, pool } = made("a".repeat(500));
    const packing = batch.pack(GZIP);
    expect([batch.isPacking, batch.isPacked, batch.isOpen]).toEqual([true, false, false]);
    expect(batch.pack(GZIP)).toBeUndefined();
    expect(await packing).toBeUndefined();
    expect([batch.isPacking, batch.isPacked]).toEqual([false, true]);
    expect(batch.sizeInBytes).toBeLessThan(200);
    expect(batch.uncompressedBytes).toBeGreaterThan(500);
    expect(pool.idleBytes).toBe(4096);
    expect(valuesIn(batch.bytesFor(STAMP, false).bytes)).toEqual(["a".repeat(500)]);
  });

  it("that is discarded while a codec works gives all memory back when the codec is done", async () => {
    const { batch, pool } = made("a");
    const packing = batch.pack(GZIP);
    batch.discard();
    expect(pool.idleBytes).toBe(0);
    await packing;
    expect(pool.idleBytes).toBe(2 * 4096);
    expect(batch.isPacked).toBe(false);
  });

  it("P30: says what went wrong with its codec", async () => {
    const broken = new Error("the codec broke");
    vi.spyOn(nodeCodecs.gzip, "compressAsync").mockImplementation(() => Promise.reject(broken));
    const { batch } = made("a");
    expect(await batch.pack(GZIP)).toBe(broken);
  });

  it.each<[string, (batch: ProducerBatch) => void]>([
    ["open", () => undefined],
    ["closed", (batch: ProducerBatch) => batch.close()],
    ["packed", (batch: ProducerBatch) => void batch.pack(PLAIN)],
    [
      "stamped",
      (batch: ProducerBatch) => {
        void batch.pack(PLAIN);
        batch.bytesFor(STAMP, false);
      },
    ],
  ] as const)("gives its memory back once when it is discarded while %s", (_when, prepare) => {
    const { batch, pool } = made("a");
    prepare(batch);
    batch.discard();
    batch.discard();
    expect(pool.idleBytes).toBe(4096);
    expect(batch.sizeInBytes).toBe(0);
  });

  it("cannot be sent before it is packed, or after it is gone", () => {
    const { batch } = made("a");
    expect(() => batch.bytesFor(STAMP, false)).toThrow("open");
    batch.discard();
    expect(() => batch.bytesFor(STAMP, false)).toThrow("gone");
  });

  it("tells flushes once that it is settled, also if they were added twice", async () => {
    const { batch } = made("a");
    const flush = new FlushWait();
    batch.addFlush(flush);
    batch.addFlush(flush);
    flush.seal();
    let isOver = false;
    void flush.promise.then(() => (isOver = true));
    await Promise.resolve();
    expect(isOver).toBe(false);
    batch.endFlushes();
    batch.endFlushes();
    await flush.promise;
  });
});
