import { describe, expect, test } from "vitest";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { CorruptBatchError } from "./corrupt-batch-error.ts";
import { encodeMessageSet } from "./message-set-encoder.ts";
import { readBatches } from "./read-batches.ts";
import type { RecordBatch } from "./record-batch.ts";

// Bytes and expectations come from Apache Kafka 4.4.0's own classes (fixtures/records.jsonl, names in the constants).
const fixtures = {
  "magic0/none/single": "00000000000000050000001660891e230000ffffffff0000000876616c75652d302d",
  "magic1/none/single": "00000000000000050000001e290f82ac01000000018bcfe56800ffffffff0000000876616c75652d302d",
  "magic0/snappy/single":
    "0000000000000005000000439712bf940002ffffffff0000003582534e4150505900000000010000000100000021220000090168050000001660891e230000ffffffff0000000876616c75652d302d",
  "magic0/lz4/gap-offsets":
    "00000000000000140000009e8e8ad83d0003ffffffff0000009004224d1860401a8100000012000100f20c0a0000001660891e230000ffffffff0000000876616c75652d302d2100a1000c0000001e59be39d01000a2056b65792d310000000b270051312d6162631a00b000000d0000002184ae585b0d00022a0052320000000e2a0010322a00062d0095140000001fce5857e8790012112800b0332d61626361626361626300000000",
  "magic1/snappy/gap-offsets":
    "0000000000000014000000b876d85c8c01020000018bcfe5681effffffff000000a282534e415050590000000001000000010000008ec401000019017c1e290f82ac01000000018bcfe56800ffffffff0000000876616c75652d302d000901200200000026daaacaf9152a340a000000056b65792d310000000b092f10312d616263093124000300000029853574c215320414000d3210320000000e09320032013200611535015510270caf16d11535001e0d910011093028332d616263616263616263",
  "set/mixed-magic":
    "00000000000000000000001660891e230000ffffffff0000000876616c75652d302d00000000000000010000001e59be39d00000000000056b65792d310000000b76616c75652d312d61626300000000000000020000001e290f82ac01000000018bcfe56800ffffffff0000000876616c75652d302d000000000000000300000026daaacaf901000000018bcfe5680a000000056b65792d310000000b76616c75652d312d616263000000000000000400000057ffffffff02116067190000000000010000018bcfe568000000018bcfe5680affffffffffffffffffffffffffff000000021c000000011076616c75652d302d002c0014020a6b65792d311676616c75652d312d61626300",
  "magic1-zstd":
    "000000000000000000000049e802a5e601040000018bcfe56800ffffffff000000331f8b08000000000000ff63608003394dfea6358c400663f7f9a7190cff8100c8e1284bcc294dd535d00500bd2b603c2a000000",
  "magic1-crc-mismatch": "00000000000000000000001e280f82ac01000000018bcfe56800ffffffff0000000876616c75652d302d",
};

function batchesOf(bytes: Uint8Array): RecordBatch[] {
  return [...readBatches(bytes)];
}

function summary(hex: string): unknown[] {
  return batchesOf(Buffer.from(hex, "hex")).flatMap((batch) =>
    batch.records().map((record) => [record.offset, record.timestamp, Buffer.from(record.value ?? []).toString()]),
  );
}

describe("a message set", () => {
  test("of format 0 has no timestamps", () => {
    expect(summary(fixtures["magic0/none/single"])).toEqual([[5, -1, "value-0-"]]);
    const [batch] = batchesOf(Buffer.from(fixtures["magic0/none/single"], "hex"));
    expect(batch).toMatchObject({
      magic: 0,
      timestampType: "NoTimestampType",
      nextOffset: 6,
      recordCount: 1,
      producerId: -1n,
      crc: 1619598883,
    });
  });

  test("of format 1 has them", () => {
    expect(summary(fixtures["magic1/none/single"])).toEqual([[5, 1700000000000, "value-0-"]]);
  });

  test("compressed in format 0 has absolute offsets inside", () => {
    expect(summary(fixtures["magic0/snappy/single"])).toEqual([[5, -1, "value-0-"]]);
  });

  test("compressed with LZ4 in format 0 is read although the header checksum is wrong, as Java wrote it", () => {
    expect(summary(fixtures["magic0/lz4/gap-offsets"]).map((record) => (record as number[])[0])).toEqual([10, 12, 13, 20]);
  });

  test("compressed in format 1 counts its offsets back from the wrapper's", () => {
    expect(summary(fixtures["magic1/snappy/gap-offsets"]).map((record) => (record as number[])[0])).toEqual([10, 12, 13, 20]);
    const [batch] = batchesOf(Buffer.from(fixtures["magic1/snappy/gap-offsets"], "hex"));
    expect(batch).toMatchObject({ baseOffset: 10, lastOffset: 20, lastOffsetDelta: 10, recordCount: 4 });
  });

  test("all three formats may follow each other in one fetch", () => {
    const magics = batchesOf(Buffer.from(fixtures["set/mixed-magic"], "hex")).map((batch) => batch.magic);
    expect(magics).toEqual([0, 0, 1, 1, 2].slice(0, magics.length));
    expect(new Set(magics)).toEqual(new Set([0, 1, 2]));
  });

  test("with zstd does not exist", () => {
    expect(() => summary(fixtures["magic1-zstd"])).toThrow(/zstd/);
  });

  test("with a wrong checksum is refused", () => {
    expect(() => summary(fixtures["magic1-crc-mismatch"])).toThrow(CorruptBatchError);
  });
});

describe("a wrapper", () => {
  const records = [10, 11, 14].map((offset) => ({ offset, timestamp: 100 + offset, key: null, value: `v${offset}` }));

  test.each([
    [0, "snappy"],
    [1, "snappy"],
    [1, "lz4"],
  ] as const)("of format %i and %s reads as it was written", (magic, compression) => {
    const bytes = encodeMessageSet({ magic, compression, records });
    expect(batchesOf(bytes)).toHaveLength(1);
    expect(summary(Buffer.from(bytes).toString("hex"))).toEqual(
      records.map(({ offset, timestamp, value }) => [offset, magic === 0 ? -1 : timestamp, value]),
    );
  });

  test("of format 0 and lz4 has the header checksum that Java's old readers want", () => {
    const frameHeader = (hex: string): string => hex.slice(hex.indexOf("04224d18")).slice(0, 14);
    const bytes = encodeMessageSet({ magic: 0, compression: "lz4", records });
    expect(frameHeader(Buffer.from(bytes).toString("hex"))).toBe(frameHeader(fixtures["magic0/lz4/gap-offsets"]));
    expect(summary(Buffer.from(bytes).toString("hex"))).toEqual(records.map(({ offset, value }) => [offset, -1, value]));
  });

  test("gives the broker's time to all its messages", () => {
    const bytes = encodeMessageSet({ magic: 1, compression: "snappy", records, timestampType: "LogAppendTime" });
    expect(
      batchesOf(bytes)[0]
        ?.records()
        .map((record) => record.timestamp),
    ).toEqual([114, 114, 114]);
  });

  test("whose offsets lie too far apart for numbers has them as bigints, and never a rounded one", () => {
    const offsets = [-(2 ** 53) + 2, 3];
    const far = offsets.map((offset) => ({ offset, value: "far" }));
    const batch = batchesOf(encodeMessageSet({ magic: 0, records: far, compression: "snappy" }))[0];
    const records = batch?.records() ?? [];
    expect(records.map((record) => record.offsetBig)).toEqual(offsets.map(BigInt));
    expect(records[0]?.offset).toBe(offsets[0]);
    expect(() => records[1]?.offset).toThrow(MalformedMessageError);
  });

  test.each([
    ["holds nothing", new Uint8Array()],
    ["ends inside a message", encodeMessageSet({ magic: 1, records }).subarray(0, -1)],
    ["holds messages of another format", encodeMessageSet({ magic: 0, records })],
    ["holds a wrapper", encodeMessageSet({ magic: 1, records, compression: "snappy" })],
  ])("that %s is refused", (_what, inner) => {
    const identity = { compress: () => inner, decompress: (bytes: Uint8Array) => bytes };
    const bytes = encodeMessageSet({ magic: 1, records, compression: "gzip", codecs: { gzip: identity } });
    const [batch] = [...readBatches(bytes, { codecs: { gzip: identity } })];
    expect(() => batch?.records()).toThrow(MalformedMessageError);
  });
});

test("message sets are written again with Java's bytes", () => {
  for (const name of ["magic0/none/single", "magic1/none/single"] as const) {
    const [batch] = batchesOf(Buffer.from(fixtures[name], "hex"));
    if (batch === undefined) throw new Error("no batch");
    const bytes = encodeMessageSet({ ...batch.toInput(), magic: batch.magic, timestampType: batch.timestampType });
    expect(Buffer.from(bytes).toString("hex")).toBe(fixtures[name]);
  }
});
