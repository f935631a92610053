import { expect, test } from "vitest";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { encodeEndTransactionMarker, parseControlRecord } from "./control-record.ts";
import { RecordBatch } from "./record-batch.ts";

// Apache Kafka 4.4.0's bytes of a commit at offset 100 (fixture control/commit).
const commit =
  "00000000000000640000004200000005022e38fb0c0030000000000000018bcfe568000000018bcfe568000000000000000fa10007ffffffff000000012000000008000000010c00000000000900";

function parse(key: string, value: string): unknown {
  return parseControlRecord(Buffer.from(key, "hex"), Buffer.from(value, "hex"));
}

test("a commit is read and written like Java's", () => {
  const batch = RecordBatch.decode(Buffer.from(commit, "hex"));
  expect(batch).toMatchObject({ isControl: true, isTransactional: true, producerId: 4001n, producerEpoch: 7, baseSequence: -1 });
  const [record] = batch.records();
  expect(parseControlRecord(record?.key ?? null, record?.value ?? null)).toEqual({
    version: 0,
    type: "COMMIT",
    typeId: 1,
    coordinatorEpoch: 9,
  });
  const written = RecordBatch.encode({
    records: [{ offset: 100, timestamp: 1700000000000, ...encodeEndTransactionMarker("COMMIT", 9) }],
    isControl: true,
    isTransactional: true,
    producerId: 4001,
    producerEpoch: 7,
    partitionLeaderEpoch: 5,
  });
  expect(Buffer.from(written).toString("hex")).toBe(commit);
});

test("an abort carries the coordinator's epoch", () => {
  expect(parse("00000000", "000000000009")).toEqual({ version: 0, type: "ABORT", typeId: 0, coordinatorEpoch: 9 });
});

test("marks that do not concern a consumer, and marks of the future, can be skipped", () => {
  expect(parse("00000002", "00")).toMatchObject({ type: "LEADER_CHANGE", coordinatorEpoch: undefined });
  expect(parse("00000006", "")).toMatchObject({ type: "KRAFT_VOTERS" });
  expect(parse("00000063", "")).toMatchObject({ type: "UNKNOWN", typeId: 99 });
});

test("keys and values that are too short are refused", () => {
  expect(() => parse("000000", "000000000009")).toThrow(MalformedMessageError);
  expect(() => parse("ffff0000", "000000000009")).toThrow(MalformedMessageError);
  expect(() => parse("00000001", "0000000000")).toThrow(MalformedMessageError);
  expect(() => parseControlRecord(null, null)).toThrow(MalformedMessageError);
});
