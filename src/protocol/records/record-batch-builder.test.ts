import { describe, expect, test } from "vitest";
import { rewriteBatchHeader } from "./batch-header.ts";
import type { Codec } from "./compression/codec.ts";
import { InvalidRecordError } from "./invalid-record-error.ts";
import { RecordBatch } from "./record-batch.ts";
import { RecordBatchBuilder } from "./record-batch-builder.ts";
import { sizeOfRecord } from "./record-input.ts";

// Apache Kafka 4.4.0's bytes for one record "value-0-" at offset 5 (fixture magic2/none/single).
const single =
  "000000000000000500000040ffffffff0225ced1f40000000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff000000011c000000011076616c75652d302d00";

describe("appending", () => {
  test("writes the bytes that Java writes", () => {
    const builder = new RecordBatchBuilder();
    expect(builder.tryAppend(1700000000000, null, "value-0-")).toBe(true);
    expect(Buffer.from(builder.seal({ baseOffset: 5 })).toString("hex")).toBe(single);
  });

  test.each([
    ["the first one", undefined],
    ["one that is given", 1_000],
    ["none at all", -1],
  ])("keeps every timestamp, equal ones and those that go back, counted from %s", (_from, baseTimestamp) => {
    const timestamps = [-1, -1, 50, 50, 49, 50, 2 ** 40, 2 ** 40, 0, -1];
    const builder = new RecordBatchBuilder(baseTimestamp === undefined ? {} : { baseTimestamp });
    for (const timestamp of timestamps) builder.tryAppend(timestamp, null, null);
    for (const timestamp of timestamps) builder.tryAppend(BigInt(timestamp), null, null);
    const batch = RecordBatch.decode(builder.seal());
    expect(batch.records().map((record) => record.timestamp)).toEqual([...timestamps, ...timestamps]);
    expect(batch.maxTimestamp).toBe(2 ** 40);
  });

  test("takes text of any length and script, and bytes", () => {
    const values = ["", "a", "ü", "a".repeat(31), "é".repeat(40), `${"x".repeat(700)}😀`, "\ud800", Buffer.from([0, 255])];
    const builder = new RecordBatchBuilder({ initialBytes: 1 });
    for (const value of values) builder.tryAppend(1, value, value, [[value, value]]);
    const records = RecordBatch.decode(builder.seal()).records();
    const expected = values.map((value) => (typeof value === "string" ? Buffer.from(value) : value));
    expect(records.map((record) => Buffer.from(record.key ?? []))).toEqual(expected);
    expect(records.map((record) => Buffer.from(record.value ?? []))).toEqual(expected);
    expect(records.map((record) => Buffer.from(record.headers[0]?.[1] ?? []))).toEqual(expected);
  });

  test("refuses a record that would make the batch too large, but takes any into an empty batch", () => {
    const builder = new RecordBatchBuilder({ maxBytes: 200 });
    expect(builder.tryAppend(1, null, "x".repeat(300))).toBe(true);
    expect(builder.tryAppend(1, null, null)).toBe(false);
    expect(builder.recordCount).toBe(1);

    const exact = new RecordBatchBuilder({ maxBytes: 61 + 2 * sizeOfRecord({ value: "ab" }) });
    expect([exact.tryAppend(1, null, "ab"), exact.tryAppend(1, null, "ab"), exact.tryAppend(1, null, null)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(exact.sizeInBytes).toBe(exact.seal().length);
  });

  test("a size known up front is the size written", () => {
    const record = {
      key: "käse",
      value: new Uint8Array(9000),
      headers: [
        ["h", null],
        ["", "x".repeat(64)],
      ] as const,
    };
    const builder = new RecordBatchBuilder();
    builder.tryAppend(1, record.key, record.value, record.headers);
    expect(builder.sizeInBytes).toBe(61 + sizeOfRecord(record));
  });

  test.each([-2, 1.5, Number.NaN, 2 ** 53, -2n])("refuses the timestamp %s", (timestamp) => {
    expect(() => new RecordBatchBuilder().tryAppend(timestamp, null, null)).toThrow(InvalidRecordError);
  });

  test("refuses offsets that do not increase or are too far from the first", () => {
    expect(() => RecordBatch.encode({ records: [{ offset: 5 }, { offset: 5 }] })).toThrow(/must increase/);
    expect(() => RecordBatch.encode({ records: [{ offset: 0 }, { offset: 2147483648 }] })).toThrow(/begin a new batch/);
    expect(() => RecordBatch.encode({ baseOffset: 9, records: [{ offset: 5 }] })).toThrow(/before the base offset/);
  });

  test("a refused record leaves no trace", () => {
    const builder = new RecordBatchBuilder();
    builder.tryAppend(1, null, "a");
    const before = builder.sizeInBytes;
    expect(() => builder.tryAppend(-5, null, "b")).toThrow(InvalidRecordError);
    expect([builder.sizeInBytes, builder.recordCount]).toEqual([before, 1]);
  });

  test("writes every byte that leaves, also into buffers that were not zeroed", () => {
    const allocate = (size: number): Uint8Array => new Uint8Array(size).fill(0xaa);
    const builder = new RecordBatchBuilder({ allocate });
    builder.tryAppend(1700000000000, null, "value-0-");
    expect(Buffer.from(builder.seal({ baseOffset: 5 })).toString("hex")).toBe(single);
  });
});

describe("sealing", () => {
  test("puts what the producer knows last into the header, and may be repeated with another epoch", () => {
    const builder = new RecordBatchBuilder();
    builder.tryAppend(3, "k", "v");
    builder.tryAppend(1, "k", "v");
    const first = RecordBatch.decode(builder.seal({ producerId: 7n, producerEpoch: 1, baseSequence: 40, isTransactional: true }));
    expect(first).toMatchObject({ producerId: 7n, producerEpoch: 1, baseSequence: 40, lastSequence: 41, isTransactional: true });
    expect(first).toMatchObject({ baseTimestamp: 3, maxTimestamp: 3, lastOffsetDelta: 1, partitionLeaderEpoch: -1 });
    const again = RecordBatch.decode(builder.seal({ producerId: 7n, producerEpoch: 2, baseSequence: 0 }));
    expect(again).toMatchObject({ producerEpoch: 2, baseSequence: 0, isTransactional: false, recordCount: 2 });
  });

  test("compresses with the codec named", async () => {
    for (const compression of ["snappy", "lz4"] as const) {
      const builder = new RecordBatchBuilder();
      for (let index = 0; index < 500; index++) builder.tryAppend(index, `key-${index}`, "the same value again and again");
      const sealed = builder.seal({ compression });
      expect(sealed.length).toBeLessThan(builder.sizeInBytes / 2);
      expect(await builder.sealAsync({ compression })).toEqual(sealed);
      const batch = RecordBatch.decode(sealed);
      expect(batch.compression).toBe(compression);
      expect(batch.records().map((record) => record.timestamp)).toEqual(Array.from({ length: 500 }, (_, index) => index));
    }
  });
});

describe("rewriting a stored batch", () => {
  test("changes offset and leader epoch without touching the checksum", () => {
    const bytes = Buffer.from(single, "hex");
    rewriteBatchHeader(bytes, 0, bytes.length, { baseOffset: 1234567890123, partitionLeaderEpoch: 9 });
    const batch = RecordBatch.decode(bytes);
    expect(batch).toMatchObject({ baseOffset: 1234567890123, partitionLeaderEpoch: 9, crc: 634311156 });
  });

  test("keeps the checksum right when it sets the broker's time or another producer epoch", () => {
    const bytes = Buffer.from(single, "hex");
    rewriteBatchHeader(bytes, 0, bytes.length, { logAppendTimeMs: 42, producer: { id: 4001, epoch: 3, baseSequence: 8 } });
    const batch = RecordBatch.decode(bytes);
    expect(batch).toMatchObject({
      timestampType: "LogAppendTime",
      maxTimestamp: 42,
      producerId: 4001n,
      producerEpoch: 3,
      baseSequence: 8,
    });
    expect(batch.records()[0]?.timestamp).toBe(42);
  });
});

describe("what must not reach a batch silently", () => {
  /** What a caller without types may pass. */
  function untyped<T>(value: unknown): T {
    return value as T;
  }

  test.each([5, true, {}, new ArrayBuffer(3)])(
    "a value that is neither text nor bytes is refused, and the others stay: %s",
    (value) => {
      const builder = new RecordBatchBuilder();
      builder.tryAppend(1, null, "good");
      expect(() => builder.tryAppend(1, null, untyped(value))).toThrow(InvalidRecordError);
      expect(RecordBatch.decode(builder.seal()).records()).toHaveLength(1);
    },
  );

  test.each([
    { producerEpoch: 70_000 },
    { baseSequence: 2 ** 31 },
    { producerId: 2n ** 63n },
    { baseOffset: Number.NaN },
    { baseOffset: 1.5 },
  ])("a number that its field would wrap or round is refused: %o", (fields) => {
    expect(() => RecordBatch.encode({ records: [{ value: "v" }], ...fields })).toThrow(InvalidRecordError);
  });

  test("a record that is appended while the batch is being compressed belongs to no header of it", async () => {
    const builder = new RecordBatchBuilder();
    builder.tryAppend(1, "k", "first");
    let finish: (bytes: Uint8Array) => void = () => undefined;
    const compressed = new Promise<Uint8Array>((resolve) => {
      finish = resolve;
    });
    const gzip = { compress: same, decompress: same, compressAsync: () => compressed };
    const sealed = builder.sealAsync({ compression: "gzip", codecs: { gzip } });
    const first = RecordBatch.decode(builder.seal().slice()).section();
    builder.tryAppend(1, "k", "second");
    finish(first.bytes.slice(first.start, first.end));
    expect(RecordBatch.decode(await sealed, { codecs: { gzip } }).records()).toHaveLength(1);
  });

  describe("a codec that asks for room", () => {
    const given: Uint8Array[] = [];
    const released: Uint8Array[] = [];

    async function sealedBy(compressAsync: NonNullable<Codec["compressAsync"]>): Promise<Uint8Array> {
      given.length = 0;
      released.length = 0;
      const allocate = (size: number): Uint8Array => {
        // Larger than asked for, as a pool's are, and not zeroed.
        given.push(new Uint8Array(size + 100).fill(0xaa));
        return given.at(-1)!;
      };
      const builder = new RecordBatchBuilder({ allocate, release: (bytes) => released.push(bytes) });
      builder.tryAppend(1, "k", "v");
      const gzip = { compress: same, decompress: same, compressAsync };
      return builder.sealAsync({ compression: "gzip", codecs: { gzip } });
    }
    const valuesOf = (sealed: Uint8Array): unknown =>
      RecordBatch.decode(sealed, { codecs: { gzip: { compress: same, decompress: same } } })
        .records()
        .map(({ value }) => Buffer.from(value ?? []).toString());

    test("writes where the batch lies, and nothing is copied", async () => {
      const sealed = await sealedBy(async (bytes, _level, room) => {
        const output = room?.(bytes.length) ?? new Uint8Array(0);
        output.set(bytes);
        return output;
      });
      expect(valuesOf(sealed)).toEqual(["v"]);
      expect([given.length, sealed.buffer === given[1]?.buffer, released]).toEqual([2, true, []]);
    });

    test("and then writes elsewhere, or to a part of it, has that copied, and the room goes back", async () => {
      const elsewhere = await sealedBy(async (bytes, _level, room) => {
        room?.(bytes.length);
        return bytes.slice();
      });
      expect(valuesOf(elsewhere)).toEqual(["v"]);
      expect(released.map(({ buffer }) => buffer)).toEqual([given[1]?.buffer]);
      const part = await sealedBy(async (bytes, _level, room) => {
        const output = room?.(bytes.length + 10) ?? new Uint8Array(0);
        output.set(bytes);
        return output.subarray(0, bytes.length);
      });
      expect(valuesOf(part)).toEqual(["v"]);
      expect(released.map(({ buffer }) => buffer)).toEqual([given[1]?.buffer]);
    });

    test("and fails: the room goes back", async () => {
      const failing = sealedBy(async (bytes, _level, room) => {
        room?.(bytes.length);
        throw new Error("it broke");
      });
      await expect(failing).rejects.toThrow("it broke");
      expect(released.map(({ buffer }) => buffer)).toEqual([given[1]?.buffer]);
    });
  });
});

function same(bytes: Uint8Array): Uint8Array {
  return bytes;
}
