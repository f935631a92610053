import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { batchOf, fetched, recordsOf } from "../../../../test/support/fetched-records.ts";
import { encodeMessageSet, RecordBatch, type RecordBatchInput } from "../../../protocol/index.ts";
import { nodeCodecs } from "../../compression/node-codecs.ts";
import { int64 } from "../../serializers/numbers.ts";
import { strings } from "../../serializers/strings.ts";
import { ConsumerRecord } from "./consumer-record.ts";
import type { RecordSettingsInit } from "./record-settings.ts";

async function onlyRecordOf(
  batch: Uint8Array,
  settings: Partial<RecordSettingsInit> = {},
): Promise<ConsumerRecord<unknown, unknown>> {
  const [record, ...others] = await recordsOf(fetched([batch], settings));
  if (record === undefined || others.length > 0) throw new Error("not one record");
  return record;
}

function one(
  record: RecordBatchInput["records"] extends Iterable<infer R> ? R : never,
  fields: Partial<RecordBatchInput> = {},
): Uint8Array {
  return RecordBatch.encode({ baseOffset: 5, partitionLeaderEpoch: 9, records: [record], ...fields });
}

describe("a record", () => {
  it("tells where it stands, what it holds, and what that took", async () => {
    const record = await onlyRecordOf(
      one({
        key: "k",
        value: "välue",
        timestamp: 1_700_000_000_123,
        headers: [
          ["h", "x"],
          ["h", null],
        ],
      }),
    );
    expect(record).toBeInstanceOf(ConsumerRecord);
    expect(record).toMatchObject({ topic: "orders", partition: 3, offset: 5, leaderEpoch: 9 });
    expect(record).toMatchObject({
      timestamp: 1_700_000_000_123,
      timestampType: "CreateTime",
      serializedKeySize: 1,
      serializedValueSize: 6,
    });
    expect(record.headers).toEqual([
      ["h", Buffer.from("x")],
      ["h", null],
    ]);
    expect([String(record.key), String(record.value)]).toEqual(["k", "välue"]);
    expect([record.key, record.value].map(Buffer.isBuffer)).toEqual([true, true]);
  });

  it("tells null from empty", async () => {
    const nothing = await onlyRecordOf(one({ key: null, value: null }));
    expect([nothing.key, nothing.value, nothing.serializedKeySize, nothing.serializedValueSize]).toEqual([null, null, -1, -1]);
    const empty = await onlyRecordOf(one({ key: "", value: "" }));
    expect([empty.key, empty.value, empty.serializedKeySize, empty.serializedValueSize]).toEqual([
      Buffer.alloc(0),
      Buffer.alloc(0),
      0,
      0,
    ]);
    expect(empty.headers).toEqual([]);
  });

  it("gives Buffers, whatever its batch was compressed with", async () => {
    for (const compression of ["none", "gzip", "snappy", "lz4"] as const) {
      const record = await onlyRecordOf(one({ key: "k", value: "v", headers: [["h", "x"]] }, { compression, codecs: nodeCodecs }));
      expect([record.key, record.value, record.headers[0]?.[1]].map(Buffer.isBuffer)).toEqual([true, true, true]);
    }
  });

  it("has the broker's time with LogAppendTime, and no time in format 0", async () => {
    const appended = await onlyRecordOf(
      one({ value: "v", timestamp: 5 }, { timestampType: "LogAppendTime", maxTimestamp: 1_700_000_000_500 }),
    );
    expect(appended).toMatchObject({ timestamp: 1_700_000_000_500, timestampType: "LogAppendTime" });
    const format0 = await onlyRecordOf(encodeMessageSet({ magic: 0, records: [{ offset: 6, value: "v" }] }));
    expect(format0).toMatchObject({ offset: 6, timestamp: -1, timestampType: "NoTimestampType", leaderEpoch: -1, headers: [] });
    for (const compression of ["none", "gzip"] as const) {
      const records = [{ offset: 6, value: "v", timestamp: 1_700_000_000_000 }];
      const created = encodeMessageSet({ magic: 1, records, compression, codecs: nodeCodecs });
      expect(await onlyRecordOf(created)).toMatchObject({
        offset: 6,
        timestamp: 1_700_000_000_000,
        timestampType: "CreateTime",
        headers: [],
      });
      const set = encodeMessageSet({ magic: 1, records, compression, codecs: nodeCodecs, timestampType: "LogAppendTime" });
      expect(await onlyRecordOf(set)).toMatchObject({ timestamp: 1_700_000_000_000, timestampType: "LogAppendTime" });
    }
  });

  it("may have any time: negative, none, far apart from its neighbours, beyond what numbers can say", async () => {
    const timestamps = [-1, 0, 1_700_000_000_000, 2n ** 53n, 2n ** 63n - 1n];
    for (const baseTimestamp of timestamps) {
      const batch = RecordBatch.encode({ records: timestamps.map((timestamp) => ({ timestamp })), baseTimestamp });
      const read = (await recordsOf(fetched([batch]))).map(({ timestamp }) => timestamp);
      expect(read.slice(0, 3)).toEqual(timestamps.slice(0, 3));
      // Beyond 2^53 they are rounded.
      expect(read.slice(3).map((timestamp) => Math.log2(timestamp).toFixed(9))).toEqual(["53.000000000", "63.000000000"]);
    }
    const early = Buffer.from(
      RecordBatch.encode({ records: [0, 5, 2 ** 40].map((timestamp) => ({ timestamp })), baseTimestamp: 0 }),
    );
    for (const year1 of [-62_135_596_800_000n, -(2n ** 63n)]) {
      early.writeBigInt64BE(year1, 27);
      const records = await recordsOf(fetched([early], { checkCrcs: false }));
      expect(records.map(({ timestamp }) => timestamp)).toEqual([0n, 5n, 2n ** 40n].map((delta) => Number(year1 + delta)));
    }
  });

  it("may stand anywhere up to 2^53", async () => {
    for (const offset of [2 ** 31 - 1, 2 ** 31, 2 ** 32, 5_000_000_000_000, 2 ** 53 - 4]) {
      const records = await recordsOf(fetched([batchOf(offset, ["a", "b", "c"])], { fetchOffset: offset }));
      expect(records.map((record) => record.offset)).toEqual([offset, offset + 1, offset + 2]);
      const old = encodeMessageSet({
        magic: 1,
        records: [0, 1, 2].map((at) => ({ offset: offset + at, value: "v" })),
        compression: "gzip",
        codecs: nodeCodecs,
      });
      const oldRecords = await recordsOf(fetched([old], { fetchOffset: offset + 1 }));
      expect(oldRecords.map((record) => record.offset)).toEqual([offset + 1, offset + 2]);
    }
    const wide = RecordBatch.encode({ baseOffset: 7, records: [{ offset: 7 }, { offset: 7 + 2 ** 31 - 1 }] });
    expect((await recordsOf(fetched([wide]))).map((record) => record.offset)).toEqual([7, 2 ** 31 + 6]);
  });
});

describe("a record that is shown", () => {
  it("is JSON with text where its bytes are text", async () => {
    const record = await onlyRecordOf(
      one({
        key: "k",
        value: Buffer.from([0xff, 0xfe]),
        timestamp: 7,
        headers: [
          ["h", "x"],
          ["n", null],
        ],
      }),
    );
    expect(JSON.parse(JSON.stringify(record))).toEqual({
      topic: "orders",
      partition: 3,
      offset: 5,
      timestamp: 7,
      timestampType: "CreateTime",
      leaderEpoch: 9,
      key: "k",
      value: { base64: "//4=" },
      headers: [
        ["h", "x"],
        ["n", null],
      ],
    });
  });

  it("is JSON with what its deserializers gave; bigints as text", async () => {
    const record = await onlyRecordOf(one({ key: "k", value: Buffer.from([0, 0, 0, 0, 0, 0, 0, 9]) }), {
      keyDeserializer: strings,
      valueDeserializer: int64,
    });
    expect(JSON.parse(JSON.stringify(record))).toMatchObject({ key: "k", value: "9" });
  });

  it("says on a console what it is, and nothing of how it is made", async () => {
    const record = await onlyRecordOf(
      one({ key: "k\u001b[31m", value: Buffer.from([0xff, 0xfe]), timestamp: 7, headers: [["h", "x"]] }),
    );
    expect(inspect(record)).toBe(
      [
        "ConsumerRecord {",
        "  topic: 'orders',",
        "  partition: 3,",
        "  offset: 5,",
        "  timestamp: 7,",
        "  timestampType: 'CreateTime',",
        "  key: Bytes(6) 'k\\x1B[31m',",
        "  value: Bytes(2) <ff fe>,",
        "  headers: [ [ 'h', Bytes(1) 'x' ] ]",
        "}",
      ].join("\n"),
    );
    const typed = await onlyRecordOf(one({ key: null, value: "text" }), { valueDeserializer: strings });
    expect(inspect(typed)).toContain("key: null,\n  value: 'text',\n  headers: []");
  });
});

describe("R2: a record that is kept", () => {
  function memoryOf({ value }: ConsumerRecord<unknown, unknown>): number {
    return value instanceof Uint8Array ? value.buffer.byteLength : Number.NaN;
  }

  it("keeps about its batch in memory, and not the answer of many megabytes that it came in", async () => {
    const big = batchOf(200, ["x".repeat(8_000_000)]);
    for (const count of [1, 3, 50, 2000]) {
      const small = batchOf(
        0,
        Array.from({ length: count }, () => "y".repeat(100)),
      );
      const records = await recordsOf(fetched([small, big], { fetchOffset: 0 }));
      expect(memoryOf(records[0]!)).toBeLessThanOrEqual(Math.max(16_384, small.length));
      expect(String(records[0]?.value)).toBe("y".repeat(100));
    }
  });

  it("costs no copy when its batch is most of the answer", () => {
    const records = Buffer.from(batchOf(0, ["x".repeat(200_000)]));
    const batch = fetched([records]).next();
    if (batch === undefined || batch instanceof Promise) throw new Error("no batch");
    expect(batch.rest().at(0)?.value?.buffer.byteLength).toBe(records.length);
  });

  it("keeps what its batch unfolds to when it is compressed, and not the answer", async () => {
    const small = batchOf(0, ["y".repeat(30_000)], { compression: "gzip" });
    const [record] = await recordsOf(fetched([small, batchOf(1, ["x".repeat(8_000_000)])]));
    expect(memoryOf(record!)).toBeLessThan(200_000);
  });
});
