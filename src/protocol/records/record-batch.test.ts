import { describe, expect, test } from "vitest";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { MissingCodecError } from "./compression/codec.ts";
import { CorruptBatchError } from "./corrupt-batch-error.ts";
import { RecordBatch } from "./record-batch.ts";

// Bytes and expectations come from Apache Kafka 4.4.0's own classes (fixtures/records.jsonl, names in the constants).
const fixtures = {
  "magic2/none/single":
    "000000000000000500000040ffffffff0225ced1f40000000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff000000011c000000011076616c75652d302d00",
  "v2/empty-batch":
    "0000000000000064000000310000000302884318c0001000000005ffffffffffffffff0000018bcfe568000000000000000fa100070000002a00000000",
  "v2/last-offset-beyond-records":
    "000000000000003200000057ffffffff02a2bb88440000000000090000018bcfe568000000018bcfe5680affffffffffffffffffffffffffff000000021c000000011076616c75652d302d002c0014020a6b65792d311676616c75652d312d61626300",
  "v2/delete-horizon":
    "000000000000000000000057ffffffff020a0268970040000000010000018bcfe568000000018bcfe5680affffffffffffffffffffffffffff000000021c000000011076616c75652d302d002c0014020a6b65792d311676616c75652d312d61626300",
  "v2/unknown-attribute-bits":
    "000000000000000000000040ffffffff02f219e93dff80000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff000000011c000000011076616c75652d302d00",
  "v2/timestamps-extreme":
    "000000000000000000000056ffffffff02335bd8eb00000000000300000000000000007fffffffffffffffffffffffffffffffffffffffffff000000040c0000000101001e00feffffffffffffffff01020101000c0001040101000c000006010100",
  "v2/timestamp-delta-wrap":
    "000000000000000000000048ffffffff02d228ba2b000000000001ffffffffffffffff7fffffffffffffffffffffffffffffffffffffffffff000000020c0000000101001e00ffffffffffffffffff0102010100",
  "v2/base-offset-max":
    "7ffffffffffffffd00000057ffffffff02116067190000000000010000018bcfe568000000018bcfe5680affffffffffffffffffffffffffff000000021c000000011076616c75652d302d002c0014020a6b65792d311676616c75652d312d61626300",
  "v2/offset-gaps":
    "00000000000003e800000075ffffffff02fe00fe7a00007fffffff0000018bcfe568000000018bcfe56814ffffffffffffffffffffffffffff000000031c000000011076616c75652d302d002c00140a0a6b65792d311676616c75652d312d616263003a0028feffffff0f0a6b65792d321c76616c75652d322d61626361626300",
  "idempotent/sequence-wrap":
    "000000000000000000000071ffffffff02c9d5299c0000000000020000018bcfe568000000018bcfe56814000000000000000100007ffffffe000000031c000000011076616c75652d302d002c0014020a6b65792d311676616c75652d312d61626300320028040a6b65792d321c76616c75652d322d61626361626300",
  "crc-mismatch":
    "000000000000000000000071ffffffff02ac74f56c0000000000020000018bcfe568000000018bcfe56814ffffffffffffffffffffffffffff000000031c000000011076616c75652d302d002c0014020a6b65792d311676616c75652d312d61626300320028040a6b65792d321c76616c75652d322d61626361626300",
  magic3:
    "000000000000000000000071ffffffff03ad74f56c0000000000020000018bcfe568000000018bcfe56814ffffffffffffffffffffffffffff000000031c000000011076616c75652d302d002c0014020a6b65792d311676616c75652d312d61626300320028040a6b65792d321c76616c75652d322d61626361626300",
  "magic-negative":
    "000000000000000000000071ffffffffffad74f56c0000000000020000018bcfe568000000018bcfe56814ffffffffffffffffffffffffffff000000031c000000011076616c75652d302d002c0014020a6b65792d311676616c75652d312d61626300320028040a6b65792d321c76616c75652d322d61626361626300",
  codec5:
    "000000000000000000000071ffffffff02e985f0700005000000020000018bcfe568000000018bcfe56814ffffffffffffffffffffffffffff000000031c000000011076616c75652d302d002c0014020a6b65792d311676616c75652d312d61626300320028040a6b65792d321c76616c75652d322d61626361626300",
  codec7:
    "000000000000000000000071ffffffff029586bc4d0007000000020000018bcfe568000000018bcfe56814ffffffffffffffffffffffffffff000000031c000000011076616c75652d302d002c0014020a6b65792d311676616c75652d312d61626300320028040a6b65792d321c76616c75652d322d61626361626300",
  "length-too-small":
    "00000000000000000000000affffffff02ad74f56c0000000000020000018bcfe568000000018bcfe56814ffffffffffffffffffffffffffff000000031c000000011076616c75652d302d002c0014020a6b65792d311676616c75652d312d61626300320028040a6b65792d321c76616c75652d322d61626361626300",
  "length-13":
    "00000000000000000000000dffffffff02ad74f56c0000000000020000018bcfe568000000018bcfe56814ffffffffffffffffffffffffffff000000031c000000011076616c75652d302d002c0014020a6b65792d311676616c75652d312d61626300320028040a6b65792d321c76616c75652d322d61626361626300",
  "length-negative":
    "0000000000000000ffffffffffffffff02ad74f56c0000000000020000018bcfe568000000018bcfe56814ffffffffffffffffffffffffffff000000031c000000011076616c75652d302d002c0014020a6b65792d311676616c75652d312d61626300320028040a6b65792d321c76616c75652d322d61626361626300",
  "v2-length-20":
    "000000000000000000000014ffffffff02ad74f56c0000000000020000018bcfe568000000018bcfe56814ffffffffffffffffffffffffffff000000031c000000011076616c75652d302d002c0014020a6b65792d311676616c75652d312d61626300320028040a6b65792d321c76616c75652d322d61626361626300",
  "record-count-too-high":
    "000000000000000000000071ffffffff02004062c60000000000020000018bcfe568000000018bcfe56814ffffffffffffffffffffffffffff000000041c000000011076616c75652d302d002c0014020a6b65792d311676616c75652d312d61626300320028040a6b65792d321c76616c75652d322d61626361626300",
  "record-count-too-low":
    "000000000000000000000071ffffffff024c3b8b740000000000020000018bcfe568000000018bcfe56814ffffffffffffffffffffffffffff000000021c000000011076616c75652d302d002c0014020a6b65792d311676616c75652d312d61626300320028040a6b65792d321c76616c75652d322d61626361626300",
  "record-count-negative":
    "000000000000000000000071ffffffff02acbbb8a20000000000020000018bcfe568000000018bcfe56814ffffffffffffffffffffffffffffffffffff1c000000011076616c75652d302d002c0014020a6b65792d311676616c75652d312d61626300320028040a6b65792d321c76616c75652d322d61626361626300",
  "record-length-too-high":
    "000000000000000000000071ffffffff0297fcffab0000000000020000018bcfe568000000018bcfe56814ffffffffffffffffffffffffffff000000037e000000011076616c75652d302d002c0014020a6b65792d311676616c75652d312d61626300320028040a6b65792d321c76616c75652d322d61626361626300",
  "record-length-too-low":
    "000000000000000000000071ffffffff0290bee1910000000000020000018bcfe568000000018bcfe56814ffffffffffffffffffffffffffff000000031a000000011076616c75652d302d002c0014020a6b65792d311676616c75652d312d61626300320028040a6b65792d321c76616c75652d322d61626361626300",
  "record-length-negative":
    "000000000000000000000071ffffffff02fb8583630000000000020000018bcfe568000000018bcfe56814ffffffffffffffffffffffffffff0000000301000000011076616c75652d302d002c0014020a6b65792d311676616c75652d312d61626300320028040a6b65792d321c76616c75652d322d61626361626300",
  "header-count-negative":
    "000000000000000000000040ffffffff02d7a552f70000000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff000000011c000000011076616c75652d302d01",
  "header-count-too-high":
    "000000000000000000000040ffffffff02c4f5a1030000000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff000000011c000000011076616c75652d302d02",
  "header-key-null":
    "00000000000000000000003affffffff02a357a8e60000000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff00000001100000000101020101",
  "key-length-minus-2":
    "000000000000000000000038ffffffff028b47d7720000000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff000000010c000000030100",
  "magic2/gzip/single":
    "000000000000000500000054ffffffff024bc00e7d0001000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff000000011f8b08000000000000ff936160606014284bcc294dd535d06500005cfbaebf0f000000",
};

function decode(hex: string): RecordBatch {
  return RecordBatch.decode(Buffer.from(hex, "hex"));
}

function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString();
}

describe("the header", () => {
  test("of a plain batch reads as Java wrote it", () => {
    const batch = decode(fixtures["magic2/none/single"]);
    expect(batch).toMatchObject({ magic: 2, compression: "none", timestampType: "CreateTime", sizeInBytes: 76, crc: 634311156 });
    expect(batch).toMatchObject({ baseOffset: 5, lastOffset: 5, nextOffset: 6, lastOffsetDelta: 0, recordCount: 1 });
    expect(batch).toMatchObject({ baseTimestamp: 1700000000000, maxTimestamp: 1700000000000, partitionLeaderEpoch: -1 });
    expect(batch).toMatchObject({ producerId: -1n, producerEpoch: -1, baseSequence: -1, lastSequence: -1 });
    expect(batch).toMatchObject({ isTransactional: false, isControl: false, deleteHorizonMs: undefined });
  });

  test("of a batch that compaction emptied still moves the position", () => {
    const batch = decode(fixtures["v2/empty-batch"]);
    expect(batch.records()).toEqual([]);
    expect(batch).toMatchObject({ baseOffset: 100, lastOffset: 105, nextOffset: 106, lastSequence: 47, isTransactional: true });
  });

  test("may have its last offset beyond its last record", () => {
    const batch = decode(fixtures["v2/last-offset-beyond-records"]);
    expect(batch.records().map((record) => record.offset)).toEqual([50, 51]);
    expect(batch.nextOffset).toBe(60);
  });

  test("of a batch without records may name a codec that compressed nothing", () => {
    const bytes = Buffer.from(fixtures["v2/empty-batch"], "hex");
    bytes[22]! |= 1;
    const batch = RecordBatch.decode(bytes, { checkCrc: false });
    expect(batch.compression).toBe("gzip");
    expect(batch.records()).toEqual([]);
  });

  test("holds the delete horizon in the base timestamp when a bit says so", () => {
    expect(decode(fixtures["v2/delete-horizon"]).deleteHorizonMs).toBe(1700000000000);
  });

  test("may have attribute bits that nobody knows", () => {
    expect(decode(fixtures["v2/unknown-attribute-bits"]).records()).toHaveLength(1);
  });
});

describe("records", () => {
  test("tell null from empty, keep repeated header names and names that objects inherit", () => {
    const bytes = RecordBatch.encode({
      records: [
        {
          key: null,
          value: "",
          headers: [
            ["__proto__", "1"],
            ["constructor", null],
            ["a", ""],
            ["a", "2"],
            ["", "no name"],
            ["\ufeffbom", "3"],
          ],
        },
        { key: "", value: null },
      ],
    });
    const [first, second] = RecordBatch.decode(bytes).records();
    expect([first?.key, text(first?.value ?? null)]).toEqual([null, ""]);
    expect(first?.headers.map(([name, value]) => [name, text(value)])).toEqual([
      ["__proto__", "1"],
      ["constructor", null],
      ["a", ""],
      ["a", "2"],
      ["", "no name"],
      ["\ufeffbom", "3"],
    ]);
    expect([text(second?.key ?? null), second?.value, second?.headers]).toEqual(["", null, []]);
  });

  test("timestamps further apart than 2^31 ms survive", () => {
    const timestamps = [1700000000000, 1, 1700000000000 + 2 ** 31, 1700000000000 - 2 ** 40, Number.MAX_SAFE_INTEGER];
    const bytes = RecordBatch.encode({ records: timestamps.map((timestamp) => ({ timestamp, value: "v" })) });
    expect(
      RecordBatch.decode(bytes)
        .records()
        .map((record) => record.timestamp),
    ).toEqual(timestamps);
  });

  test("timestamps at the ends of int64 are exact as bigint and refused as numbers", () => {
    const [, second, third] = decode(fixtures["v2/timestamps-extreme"]).records();
    expect(second?.timestampBig).toBe(9223372036854775807n);
    expect(() => second?.timestamp).toThrow(MalformedMessageError);
    expect(third?.timestamp).toBe(-1);
  });

  test("a timestamp delta that wraps at 64 bits is added as Java adds it", () => {
    const records = decode(fixtures["v2/timestamp-delta-wrap"]).records();
    expect(records.map((record) => record.timestampBig)).toEqual([-1n, 9223372036854775807n]);
  });

  test("offsets beyond 2^53 are exact as bigint and refused as numbers", () => {
    const batch = decode(fixtures["v2/base-offset-max"]);
    expect(batch.records().map((record) => record.offsetBig)).toEqual([9223372036854775805n, 9223372036854775806n]);
    expect(batch.lastOffsetBig).toBe(9223372036854775806n);
    expect(() => batch.baseOffset).toThrow(/read baseOffsetBig/);
    expect(() => batch.records()[0]?.offset).toThrow(/read offsetBig/);
  });

  test("with LogAppendTime all carry the broker's time, whatever the producer wrote", () => {
    const bytes = RecordBatch.encode({
      records: [{ timestamp: 5 }, { timestamp: 9 }],
      timestampType: "LogAppendTime",
      maxTimestamp: 777,
    });
    const batch = RecordBatch.decode(bytes);
    expect(batch.records().map(({ timestamp, timestampType }) => [timestamp, timestampType])).toEqual([
      [777, "LogAppendTime"],
      [777, "LogAppendTime"],
    ]);
  });

  test("sequence numbers wrap from 2^31-1 to 0", () => {
    const batch = decode(fixtures["idempotent/sequence-wrap"]);
    expect(batch.records().map((record) => record.sequence)).toEqual([2147483646, 2147483647, 0]);
    expect(batch.lastSequence).toBe(0);
  });

  test("offset gaps up to 2^31-1 are kept", () => {
    expect(
      decode(fixtures["v2/offset-gaps"])
        .records()
        .map((record) => record.offset),
    ).toEqual([1000, 1005, 2147484647]);
  });

  test("a cursor is each record in turn, and a detached record stays", () => {
    const cursor = decode(fixtures["v2/offset-gaps"]).cursor();
    expect(cursor.next()).toBe(true);
    const first = cursor.detach();
    expect(cursor.next()).toBe(true);
    expect([first.offset, cursor.offset]).toEqual([1000, 1005]);
    expect(cursor.next()).toBe(true);
    expect(cursor.next()).toBe(false);
    expect(cursor.next()).toBe(false);
  });

  test("an iterator's results are independent of each other, and the end stays the end", () => {
    const records = decode(fixtures["v2/offset-gaps"])[Symbol.iterator]();
    const results = [records.next(), records.next(), records.next(), records.next(), records.next()];
    expect(results.map(({ done, value }) => [done, value?.offset])).toEqual([
      [false, 1000],
      [false, 1005],
      [false, 2147484647],
      [true, undefined],
      [true, undefined],
    ]);
  });

  test("views share the batch's memory and its kind", () => {
    const bytes = Buffer.from(fixtures["magic2/none/single"], "hex");
    const value = RecordBatch.decode(bytes).records()[0]?.value;
    expect(Buffer.isBuffer(value)).toBe(true);
    expect(value?.buffer).toBe(bytes.buffer);
  });
});

describe("damage", () => {
  test("a wrong checksum is an error that may be tried again, unless checking is switched off", () => {
    const bytes = Buffer.from(fixtures["crc-mismatch"], "hex");
    expect(() => RecordBatch.decode(bytes)).toThrow(CorruptBatchError);
    const batch = RecordBatch.decode(bytes, { checkCrc: false });
    expect(batch.verifyCrc()).toBe(false);
    expect(batch.records()).toHaveLength(3);
    const thrown = new CorruptBatchError({ baseOffset: 0n, storedCrc: 2893346156, computedCrc: 2910123372 });
    expect(() => batch.requireValidCrc()).toThrow(thrown.message);
    expect(thrown.retriable).toBe(true);
  });

  // Java refuses each of these; the checksums are right, because an attacker's would be.
  test.each([
    "magic3",
    "magic-negative",
    "codec5",
    "codec7",
    "length-too-small",
    "length-13",
    "length-negative",
    "v2-length-20",
    "record-count-too-high",
    "record-count-too-low",
    "record-count-negative",
    "record-length-too-high",
    "record-length-too-low",
    "record-length-negative",
    "header-count-negative",
    "header-count-too-high",
    "header-key-null",
  ] as const)("%s is refused", (name) => {
    expect(() => decode(fixtures[name]).records()).toThrow(MalformedMessageError);
  });

  test("a record count that the bytes cannot hold is refused before anything is read", () => {
    const bytes = RecordBatch.encode({ records: [{ value: "v" }] });
    new DataView(bytes.buffer, bytes.byteOffset).setInt32(57, 2_000_000_000);
    expect(() => RecordBatch.decode(bytes, { checkCrc: false }).cursor()).toThrow(/cannot stand in/);
  });

  test("a last offset before the first would send a consumer back, and is refused", () => {
    const bytes = RecordBatch.encode({ records: [{ value: "v" }], lastOffsetDelta: -1 });
    expect(() => RecordBatch.decode(bytes)).toThrow(MalformedMessageError);
  });

  test("lengths below -1 read as null, as in Java", () => {
    const [record] = decode(fixtures["key-length-minus-2"]).records();
    expect([record?.key, record?.value]).toEqual([null, null]);
  });

  test("a codec that was not passed in is named", () => {
    const batch = decode(fixtures["magic2/gzip/single"]);
    expect(batch.isDecompressed).toBe(false);
    expect(() => batch.records()).toThrow(MissingCodecError);
    expect(() => batch.records()).toThrow(/gzip/);
  });

  test("every strict prefix of a batch is refused", () => {
    const bytes = Buffer.from(fixtures["v2/offset-gaps"], "hex");
    for (let length = 0; length < bytes.length; length++) {
      expect(() => RecordBatch.decode(bytes.subarray(0, length), { checkCrc: false })).toThrow(MalformedMessageError);
    }
  });
});

test.each([
  "magic2/none/single",
  "v2/empty-batch",
  "v2/last-offset-beyond-records",
  "v2/delete-horizon",
  "v2/unknown-attribute-bits",
  "v2/timestamps-extreme",
  "v2/timestamp-delta-wrap",
  "v2/base-offset-max",
  "v2/offset-gaps",
  "idempotent/sequence-wrap",
] as const)("%s is written again with Java's bytes", (name) => {
  const bytes = RecordBatch.encode(decode(fixtures[name]).toInput());
  expect(Buffer.from(bytes).toString("hex")).toBe(fixtures[name]);
});
