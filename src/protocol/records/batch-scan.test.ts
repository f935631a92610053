import { describe, expect, test } from "vitest";
import { BatchScan } from "./batch-scan.ts";
import { encodeMessageSet } from "./message-set-encoder.ts";
import { RecordBatch } from "./record-batch.ts";

function scanned(bytes: Uint8Array): unknown[] {
  const scan = new BatchScan(bytes);
  const batches: unknown[] = [];
  while (scan.next()) batches.push([scan.start, scan.sizeInBytes, scan.lastOffset, scan.leaderEpoch, scan.isCompressed]);
  return batches;
}

describe("a scan of batches", () => {
  test("tells where each stands, of every format", () => {
    const records = [{ value: "a" }, { value: "b" }];
    const batches = [
      RecordBatch.encode({ baseOffset: 7, records, partitionLeaderEpoch: 3 }),
      RecordBatch.encode({ baseOffset: 9, records, lastOffsetDelta: 20, compression: "snappy" }),
      encodeMessageSet({ magic: 0, records: [{ offset: 30, value: "c" }] }),
      encodeMessageSet({ magic: 1, records: [{ offset: 31 }, { offset: 33 }], compression: "snappy" }),
    ];
    const starts = batches.map((_, index) => batches.slice(0, index).reduce((sum, { length }) => sum + length, 0));
    expect(scanned(Buffer.concat(batches))).toEqual([
      [starts[0], batches[0]?.length, 8, 3, false],
      [starts[1], batches[1]?.length, 29, -1, true],
      [starts[2], batches[2]?.length, 30, -1, false],
      [starts[3], batches[3]?.length, 33, -1, true],
    ]);
  });

  test("ends before a batch that is not complete, wherever it is cut", () => {
    const batch = RecordBatch.encode({ baseOffset: 1, records: [{ value: "a" }] });
    for (let end = 0; end < batch.length; end++) expect(scanned(batch.subarray(0, end))).toEqual([]);
    expect(scanned(new Uint8Array(0))).toEqual([]);
  });

  test("refuses a length, a format, an offset that cannot be, and does so again", () => {
    const batch = RecordBatch.encode({ baseOffset: 1, records: [{ value: "a" }] });
    const changes: readonly ((bytes: Buffer) => void)[] = [
      (bytes) => bytes.writeInt32BE(-1, 8),
      (bytes) => bytes.writeInt32BE(20, 8),
      (bytes) => bytes.writeInt8(3, 16),
      (bytes) => bytes.writeBigInt64BE(-1n, 0),
      (bytes) => bytes.writeBigInt64BE(2n ** 53n - 1n, 0),
      (bytes) => bytes.writeBigInt64BE(2n ** 62n, 0),
      (bytes) => bytes.writeInt32BE(-1, 23),
    ];
    for (const change of changes) {
      const bad = Buffer.from(batch);
      change(bad);
      const scan = new BatchScan(Buffer.concat([batch, bad]));
      expect(scan.next()).toBe(true);
      expect(() => scan.next()).toThrow(expect.objectContaining({ code: "MALFORMED_MESSAGE" }));
      expect(() => scan.next()).toThrow(expect.objectContaining({ code: "MALFORMED_MESSAGE" }));
      expect(scan.lastOffset).toBe(1);
    }
  });
});
