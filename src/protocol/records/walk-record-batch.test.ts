import { describe, expect, test } from "vitest";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { encodeMessageSet } from "./message-set-encoder.ts";
import { RecordBatch } from "./record-batch.ts";
import { type WalkedField, walkBatches, walkRecordBatch, walkRecords } from "./walk-record-batch.ts";

const records = [
  {
    timestamp: 5,
    key: "k",
    value: "value",
    headers: [
      ["h", "1"],
      ["n", null],
    ] as const,
  },
  { timestamp: 9, key: null, value: "" },
];

function expectEveryByteOnce(fields: readonly WalkedField[], start: number, end: number): void {
  let position = start;
  for (const field of fields) {
    expect(field.start, field.path).toBe(position);
    expect(field.end, field.path).toBeGreaterThan(field.start);
    position = field.end;
  }
  expect(position).toBe(end);
}

function walk(run: (visit: (field: WalkedField) => void) => void): WalkedField[] {
  const fields: WalkedField[] = [];
  run((field) => fields.push(field));
  return fields;
}

describe("walking a batch", () => {
  test("of format 2 names every byte once", () => {
    const bytes = RecordBatch.encode({ records, baseOffset: 7 });
    const fields = walk((visit) => walkRecordBatch(bytes, 0, visit));
    expectEveryByteOnce(fields, 0, bytes.length);
    const values = new Map(fields.map((field) => [field.path, field.value]));
    expect(values.get("baseOffset")).toBe(7n);
    expect(values.get("recordCount")).toBe(2);
    expect(values.get("records[0].headers[0].key")).toBe("h");
    expect(values.get("records[0].headers[1].valueLength")).toBe(-1);
    expect(values.get("records[1].keyLength")).toBe(-1);
    expect(values.get("records[1].timestampDelta")).toBe(4n);
  });

  test("that is compressed stops at its records, which are walked when decompressed", () => {
    const bytes = RecordBatch.encode({ records, compression: "lz4" });
    const fields: WalkedField[] = [];
    const walked = walkRecordBatch(bytes, 0, (field) => fields.push(field));
    expectEveryByteOnce(fields, 0, bytes.length);
    expect(walked).toMatchObject({ compression: "lz4", recordCount: 2, compressed: { start: 61, end: bytes.length } });
    const section = RecordBatch.decode(bytes).section();
    const inner = walk((visit) => walkRecords(section.bytes, section.start, section.end, walked.recordCount, visit, "batches[0]."));
    expectEveryByteOnce(inner, section.start, section.end);
    expect(inner[0]?.path).toBe("batches[0].records[0].length");
  });

  test("of formats 0 and 1 names every byte once", () => {
    for (const magic of [0, 1] as const) {
      const bytes = encodeMessageSet({ magic, records: [{ key: "k", value: "v" }, { value: null }] });
      const fields = walk((visit) => walkBatches(bytes, 0, bytes.length, visit));
      expectEveryByteOnce(fields, 0, bytes.length);
      expect(fields.some((field) => field.path === "batches[0].timestamp")).toBe(magic === 1);
    }
  });

  test("in a row reports the partial one at the end", () => {
    const one = RecordBatch.encode({ records });
    const bytes = Buffer.concat([one, one.subarray(0, 70)]);
    const fields = walk((visit) => expect(walkBatches(bytes, 0, bytes.length, visit)).toBe(70));
    expectEveryByteOnce(fields, 0, bytes.length);
    expect(fields.at(-1)?.path).toBe("partialBatch");
  });

  test("does not mind a wrong checksum, but refuses what has no structure", () => {
    const bytes = RecordBatch.encode({ records });
    bytes[20]! ^= 1;
    expectEveryByteOnce(
      walk((visit) => walkRecordBatch(bytes, 0, visit)),
      0,
      bytes.length,
    );
    bytes[60]! += 1;
    expect(() => walkRecordBatch(bytes, 0, () => undefined)).toThrow(MalformedMessageError);
  });
});
