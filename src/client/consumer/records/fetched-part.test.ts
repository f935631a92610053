import { describe, expect, it } from "vitest";
import { batchesOf, batchOf, fetched, told, toldOf } from "../../../../test/support/fetched-records.ts";
import {
  type CompressionName,
  crc32c,
  encodeMessageSet,
  type Magic,
  portableCodecs,
  RecordBatch,
} from "../../../protocol/index.ts";
import { nodeCodecs } from "../../compression/node-codecs.ts";
import { UnreadableRecordsError } from "../../errors.ts";
import type { ConsumerRecord } from "./consumer-record.ts";
import type { FetchedBatch } from "./fetched-batch.ts";
import type { FetchedPart } from "./fetched-part.ts";

function damaged(batch: Uint8Array, change: (bytes: Uint8Array) => void): Uint8Array {
  const copy = Uint8Array.from(batch);
  change(copy);
  return copy;
}

function failureOf(part: FetchedPart): UnreadableRecordsError {
  try {
    void part.next();
  } catch (error) {
    if (error instanceof UnreadableRecordsError) return error;
  }
  throw new Error("nothing was thrown");
}

function opened(part: FetchedPart): FetchedBatch {
  const batch = part.next();
  if (batch === undefined || batch instanceof Promise) throw new Error("no batch, or not at once");
  return batch;
}

/** JSON as it travels, so that it is compressed several times. */
function bigValues(count: number, seed: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({ id: index * 7919 + seed, name: `customer ${index % 97}`, seed }),
  );
}

/** Format 2 with the bytes of its records replaced, and all counts and checksums right for them. */
function withRecordBytes(hex: string, recordCount: number): Uint8Array {
  const batch = Buffer.concat([batchOf(5, ["x"]).subarray(0, 61), Buffer.from(hex, "hex")]);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt32BE(9, 23);
  batch.writeInt32BE(recordCount, 57);
  batch.writeUInt32BE(crc32c(batch, 21), 17);
  return batch;
}

describe("what an answer had of a partition", () => {
  it("tells from the batches' headers where the partition goes on", () => {
    const part = fetched([batchOf(10, ["a", "b"], { partitionLeaderEpoch: 4 }), batchOf(12, ["c"], { partitionLeaderEpoch: 5 })]);
    expect(part).toMatchObject({ nextOffset: 13, nextEpoch: 5, isEmpty: false, problem: undefined, course: 1 });
  });

  it("F6: ends with its last complete batch; what is there of another is no record and no error", async () => {
    const whole = batchOf(10, ["a", "b"]);
    const next = batchOf(12, ["c"]);
    for (let cut = 1; cut < next.length; cut++) {
      const part = fetched([whole, next.subarray(0, cut)], { fetchOffset: 10 });
      expect(part).toMatchObject({ nextOffset: 12, isEmpty: false, problem: undefined });
      expect(await toldOf(part)).toEqual(["10:a", "11:b"]);
    }
  });

  it("F6: is empty with a partial batch alone, or with nothing, and leaves the partition where it is", () => {
    for (const records of [batchOf(10, ["a"]).subarray(0, 68), new Uint8Array(0)]) {
      const part = fetched([records], { fetchOffset: 10 });
      expect(part).toMatchObject({ isEmpty: true, nextOffset: 10, nextEpoch: -1, sizeInBytes: records.length });
      expect(part.next()).toBeUndefined();
    }
  });

  it("F12: goes on behind what compaction has removed, also when nothing is left of a batch", async () => {
    const records = [3, 7].map((offset) => ({ offset, value: `v${offset}` }));
    const gaps = RecordBatch.encode({ baseOffset: 0, records, lastOffsetDelta: 9 });
    const emptied = batchOf(10, [], { lastOffsetDelta: 4 });
    const part = fetched([gaps, emptied, batchOf(20, ["z"])]);
    expect(await toldOf(part)).toEqual(["3:v3", "7:v7", "20:z"]);
    expect(part.nextOffset).toBe(21);
    const onlyEmptied = fetched([emptied], { fetchOffset: 12 });
    expect(onlyEmptied).toMatchObject({ isEmpty: false, nextOffset: 15 });
    expect(onlyEmptied.next()).toBeUndefined();
  });

  it("F13: leaves out what lies before the offset that was asked for", async () => {
    const part = fetched([batchOf(0, ["a", "b"]), batchOf(2, ["c", "d", "e"])], { fetchOffset: 3 });
    const batch = opened(part);
    expect(batch).toMatchObject({ count: 2, firstOffset: 3, lastOffset: 4, nextOffset: 5 });
    const records: ConsumerRecord<unknown, unknown>[] = [];
    expect(batch.take(records, 10)).toBe(2);
    expect(told(records)).toEqual(["3:d", "4:e"]);
    expect(part.next()).toBeUndefined();
  });

  it("F13: leaves out a batch that reaches beyond that offset with nothing but a gap", () => {
    const part = fetched([RecordBatch.encode({ baseOffset: 0, records: [{ value: "a" }], lastOffsetDelta: 9 })], {
      fetchOffset: 5,
    });
    expect(part.next()).toBeUndefined();
    expect(part.nextOffset).toBe(10);
  });

  it("F13: delivers no record twice, whatever a broker repeats", async () => {
    const part = fetched([batchOf(4, ["a", "b"]), batchOf(4, ["a", "b"]), batchOf(5, ["b", "c"])], { fetchOffset: 4 });
    expect(await toldOf(part)).toEqual(["4:a", "5:b", "6:c"]);
    expect(part.nextOffset).toBe(7);
  });

  it("knows that a broker answers with nothing new: batches, and no step forward (F27)", () => {
    expect(fetched([batchOf(0, ["a"])], { fetchOffset: 5 })).toMatchObject({ isEmpty: false, nextOffset: 5 });
  });
});

describe("what is damaged", () => {
  it("F5: a batch with a wrong checksum is an error with its place, at every call; what comes before is delivered", () => {
    const bad = damaged(batchOf(12, ["c", "d"]), (bytes) => (bytes[bytes.length - 2]! ^= 1));
    const part = fetched([batchOf(10, ["a", "b"]), bad, batchOf(14, ["e"])], { fetchOffset: 10 });
    const batch = opened(part);
    expect(batch.nextOffset).toBe(12);
    const error = failureOf(part);
    expect(error).toMatchObject({
      code: "CORRUPT_BATCH",
      retriable: true,
      topic: "orders",
      partition: 3,
      offset: 12,
      nextOffset: 14,
    });
    expect(error.message).toMatch(/^topic 'orders' partition 3 offset 12 cannot be read: .*checksum.* seek to offset 14$/);
    expect(failureOf(part)).toBe(error);
    expect(failureOf(part)).toBe(error);
  });

  it("F5: also in a batch that nobody would see, for it might be one that they should", () => {
    const producer = { producerId: 7n, producerEpoch: 0, isTransactional: true };
    const bad = damaged(batchOf(0, ["x"], producer), (bytes) => (bytes[bytes.length - 2]! ^= 1));
    expect(failureOf(fetched([bad], { aborted: [{ producerId: 7n, firstOffset: 0 }] })).code).toBe("CORRUPT_BATCH");
    const before = damaged(batchOf(0, ["x"]), (bytes) => (bytes[bytes.length - 2]! ^= 1));
    expect(failureOf(fetched([before], { fetchOffset: 5 })).code).toBe("CORRUPT_BATCH");
  });

  it("F5: checksums are not looked at with checkCrcs: false", async () => {
    const bad = damaged(batchOf(0, ["a"]), (bytes) => (bytes[17]! ^= 1));
    expect(await toldOf(fetched([bad], { checkCrcs: false }))).toEqual(["0:a"]);
  });

  it.each([0, 1] as const)("F5: messages of format %d have checksums too", (magic) => {
    const bad = damaged(
      encodeMessageSet({ magic, records: [{ offset: 6, value: "a" }] }),
      (bytes) => (bytes[bytes.length - 1]! ^= 1),
    );
    expect(failureOf(fetched([bad]))).toMatchObject({ code: "CORRUPT_BATCH", nextOffset: 7 });
  });

  it.each([
    ["negative", -1],
    ["zero", 0],
    ["smaller than any header", 13],
    ["smaller than its own header", 20],
  ])("F8: a batch length that is %s is an error behind what comes before, not the end", (_, length) => {
    const bad = damaged(batchOf(12, ["c"]), (bytes) => Buffer.from(bytes.buffer).writeInt32BE(length, 8));
    const part = fetched([batchOf(10, ["a", "b"]), bad], { fetchOffset: 10 });
    expect(part).toMatchObject({ nextOffset: 12, isEmpty: false });
    expect(part.problem).toMatchObject({ code: "MALFORMED_MESSAGE", retriable: false, topic: "orders", partition: 3, offset: 12 });
    expect(opened(part).count).toBe(2);
    expect(failureOf(part)).toMatchObject({ code: "MALFORMED_MESSAGE", offset: 12, nextOffset: undefined });
    expect(failureOf(part).message).toBe(part.problem?.message);
  });

  it("F8: a huge batch length is a batch that is not complete, and nothing is allocated for it", () => {
    const bad = damaged(batchOf(12, ["c"]), (bytes) => Buffer.from(bytes.buffer).writeInt32BE(0x7fff_ffff, 8));
    expect(fetched([bad], { fetchOffset: 12 })).toMatchObject({ isEmpty: true, nextOffset: 12, problem: undefined });
  });

  it.each([
    ["a record count below zero", "10000000010861616161" + "00", -1],
    ["more records than there are", "0e00000001026100", 2],
    ["more records than bytes could hold", "0e00000001026100", 0x7fff_ffff],
    ["records without bytes", "", 3],
    ["bytes behind the last record", "0e00000001026100" + "00", 1],
    ["a record length that is too small", "0c00000001026100", 1],
    ["a record length that is too large", "1000000001026100", 1],
    ["a record length below zero", "0100000001026100", 1],
    ["a value that ends behind its record", "0e000000017e6100", 1],
    ["a header count below zero", "0e00000001026101", 1],
    ["more headers than bytes", "0e0000000102617e", 1],
    ["a header without a name", "1200000001026102" + "0101", 1],
    ["a varint of more than five bytes", "1a0000" + "ffffffffffff7f" + "026100", 1],
  ])("F8: %s is an error that moves nothing", (_, hex, count) => {
    const part = fetched([withRecordBytes(hex, count)], { fetchOffset: 5 });
    let error: unknown;
    const records: ConsumerRecord<unknown, unknown>[] = [];
    try {
      const batch = opened(part);
      void batch.take(records, 10);
      void batch.take(records, 10);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UnreadableRecordsError);
    expect(error).toMatchObject({ code: "MALFORMED_MESSAGE", partition: 3, offset: 5 + records.length, nextOffset: 15 });
  });

  it("F8: records whose offsets do not grow, or leave their batch, are none", () => {
    const twice = "0e00000001026100" + "0e00000001026100";
    const outside = "0e00000001026100" + "0e00001e01026100";
    for (const hex of [twice, outside]) {
      const batch = opened(fetched([withRecordBytes(hex, 2)], { fetchOffset: 5 }));
      const records: ConsumerRecord<unknown, unknown>[] = [];
      expect(batch.take(records, 10)).toBe(1);
      expect(batch.isDone).toBe(false);
      expect(() => batch.take(records, 10)).toThrow(/offset 6 cannot be read: .* stands between/);
    }
  });

  it("F8: offsets that no position can have are an error", () => {
    for (const offset of [2n ** 53n - 1n, 2n ** 53n, -1n, 2n ** 63n - 1n]) {
      const part = fetched([batchOf(3, ["a"]), RecordBatch.encode({ baseOffset: offset, records: [{ value: "x" }] })], {
        fetchOffset: 3,
      });
      expect(part.problem).toMatchObject({ code: "MALFORMED_MESSAGE", offset: 4 });
      expect(part.nextOffset).toBe(4);
    }
    expect(fetched([batchOf(2 ** 53 - 2, ["last"])], { fetchOffset: 5 })).toMatchObject({
      problem: undefined,
      nextOffset: 2 ** 53 - 1,
    });
  });

  it("F11: a record format or a codec that nobody knows is an error that says so", () => {
    const format3 = damaged(batchOf(0, ["a"]), (bytes) => (bytes[16] = 3));
    expect(failureOf(fetched([format3])).message).toMatch(/unknown record format 3/);
    const codec5 = damaged(batchOf(0, ["a"]), (bytes) => (bytes[22] = 5));
    expect(failureOf(fetched([codec5], { checkCrcs: false })).message).toMatch(
      /offset 0 cannot be read: .*unknown compression type 5/,
    );
  });

  it("F11: a codec that is not there is an error that says how to get it", () => {
    const part = fetched([batchOf(7, ["a"], { compression: "gzip" })], { codecs: portableCodecs, fetchOffset: 7 });
    expect(failureOf(part)).toMatchObject({ code: "MISSING_CODEC", topic: "orders", offset: 7, nextOffset: 8 });
  });

  it.each(["gzip", "snappy", "lz4"] as const)(
    "F9: %s data that cannot be decompressed is an error with its place",
    async (compression) => {
      for (const count of [3, 20_000]) {
        const good = batchOf(50, bigValues(count, 1), { compression });
        const bad = damaged(good, (bytes) => bytes.fill(0xa5, 75, bytes.length - 4));
        const part = fetched([batchOf(49, ["before"]), bad], { checkCrcs: false, fetchOffset: 49 });
        expect(opened(part).lastOffset).toBe(49);
        const failing = (async () => part.next())();
        await expect(failing).rejects.toMatchObject({ topic: "orders", partition: 3, offset: 50, nextOffset: 50 + count });
        expect(failureOf(part).code).toBe("MALFORMED_MESSAGE");
      }
    },
  );

  it.each(["gzip", "snappy", "lz4"] as const)("F10: %s that unfolds to too much is refused before it does", async (compression) => {
    for (const size of [100_000, 10_000_000]) {
      const bomb = batchOf(8, ["x".repeat(size)], { compression });
      const part = fetched([bomb], { fetchOffset: 8, maxOutputBytes: 65_536 });
      const failing = (async () => part.next())();
      await expect(failing).rejects.toMatchObject({
        code: "OUTPUT_LIMIT",
        topic: "orders",
        partition: 3,
        offset: 8,
        nextOffset: 9,
      });
    }
  });
});

describe("compressed batches", () => {
  const codecs: readonly CompressionName[] = ["none", "gzip", "snappy", "lz4"];

  it.each(codecs)("are read, small and big: %s", async (compression) => {
    const values = [["a"], bigValues(40, 1), bigValues(5000, 2), bigValues(30, 3), bigValues(6000, 4)];
    let offset = 0;
    const batches = values.map((one) => {
      const batch = batchOf(offset, one, { compression });
      offset += one.length;
      return batch;
    });
    const part = fetched(batches);
    expect(await toldOf(part)).toEqual(values.flat().map((value, index) => `${index}:${value}`));
    expect(part.nextOffset).toBe(offset);
  });

  it("are read when they are of zstd, which not every Node writes", async () => {
    const batches = await Promise.all(
      [bigValues(10, 1), bigValues(9000, 2)].map((values, index) =>
        RecordBatch.encodeAsync({
          baseOffset: index * 10,
          records: values.map((value) => ({ value })),
          compression: "zstd",
          codecs: nodeCodecs,
        }),
      ),
    );
    expect(await toldOf(fetched(batches))).toHaveLength(9010);
  });

  it.each([
    [0, "none"],
    [0, "gzip"],
    [0, "snappy"],
    [0, "lz4"],
    [1, "none"],
    [1, "gzip"],
    [1, "snappy"],
    [1, "lz4"],
  ] as const)("and messages of formats 0 and 1 too: %d, %s", async (magic: Magic, compression: CompressionName) => {
    const records = bigValues(3000, magic).map((value, index) => ({
      offset: 100 + index,
      value,
      timestamp: magic === 0 ? -1 : 1000 + index,
    }));
    const part = fetched([encodeMessageSet({ magic, records, compression, codecs: nodeCodecs })], { fetchOffset: 101 });
    const read = await toldOf(part);
    expect(read).toHaveLength(2999);
    expect(read[0]).toBe(`101:${records[1]?.value}`);
    expect(part).toMatchObject({ nextOffset: 3100, nextEpoch: -1 });
  });

  it("are decompressed ahead of the reader, four at most, and come in their order whoever is ready first", async () => {
    const finish: (() => void)[] = [];
    const gzip = {
      ...nodeCodecs.gzip,
      decompressAsync: (bytes: Uint8Array, options: { readonly maxOutputBytes: number }) =>
        new Promise<Uint8Array>((resolve) => finish.push(() => resolve(nodeCodecs.gzip.decompress(bytes, options)))),
    };
    const batches = Array.from({ length: 8 }, (_, index) => batchOf(index * 6000, bigValues(6000, index), { compression: "gzip" }));
    const part = fetched(batches, { codecs: { gzip } });
    const first = part.next();
    expect(first).toBeInstanceOf(Promise);
    expect(part.next()).toBe(first);
    expect(finish).toHaveLength(5);
    for (const finishOne of finish.toReversed()) finishOne();
    expect((await first)?.firstOffset).toBe(0);
    const second = await part.next();
    expect(second?.firstOffset).toBe(6000);
    expect(finish).toHaveLength(6);
    for (const finishOne of finish) finishOne();
    const rest: number[] = [];
    for (let batch = await part.next(); batch !== undefined; batch = await part.next()) {
      rest.push(batch.firstOffset);
      for (const finishOne of finish) finishOne();
    }
    expect(rest).toEqual([2, 3, 4, 5, 6, 7].map((index) => index * 6000));
  });

  it("are begun ahead only as long as they unfold to 8 MiB", () => {
    let begun = 0;
    const gzip = {
      ...nodeCodecs.gzip,
      decompressAsync: () => {
        begun++;
        return new Promise<Uint8Array>(() => undefined);
      },
    };
    const value = Buffer.alloc(1_200_000);
    for (let index = 0, noise = 1; index < value.length; index++) {
      noise = (Math.imul(noise, 1_103_515_245) + 12_345) | 0;
      value[index] = noise >> 16;
    }
    const big = RecordBatch.encode({ records: [{ value }], compression: "gzip", codecs: nodeCodecs });
    expect(big.length * 4).toBeGreaterThan(4_194_304);
    const batches = Array.from({ length: 6 }, (_, index) => {
      const copy = Buffer.from(big);
      copy.writeBigInt64BE(BigInt(index));
      return copy;
    });
    expect(fetched(batches, { codecs: { gzip } }).next()).toBeInstanceOf(Promise);
    expect(begun).toBeLessThanOrEqual(3);
  });

  it("that fail ahead of the reader do so in their turn", async () => {
    const good = batchOf(0, bigValues(6000, 1), { compression: "gzip" });
    const bad = damaged(batchOf(6000, bigValues(6000, 2), { compression: "gzip" }), (bytes) => bytes.fill(0, 100, 2000));
    const part = fetched([good, bad, batchOf(12_000, ["never"])], { checkCrcs: false });
    expect((await part.next())?.count).toBe(6000);
    await expect((async () => part.next())()).rejects.toMatchObject({ offset: 6000, nextOffset: 12_000 });
    await expect(batchesOf(part)).rejects.toMatchObject({ offset: 6000 });
    const corrupt = damaged(good, (bytes) => (bytes[200]! ^= 1));
    const checked = fetched([good, damaged(corrupt, (bytes) => Buffer.from(bytes.buffer).writeBigInt64BE(6000n))]);
    expect((await checked.next())?.count).toBe(6000);
    await expect((async () => checked.next())()).rejects.toMatchObject({ code: "CORRUPT_BATCH", offset: 6000 });
  });
});
