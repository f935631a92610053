import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RecordBatch, type RecordBatchInput, readBatches } from "../../protocol/index.ts";
import { BrokerConfigs } from "../configs/broker-configs.ts";
import { TopicConfigs } from "../configs/topic-configs.ts";
import { HeldClock } from "../held-clock.ts";
import { PartitionLog } from "./partition-log.ts";

const MAX_BYTES = 1_048_576;
const HOUR_MS = 3_600_000;

let configs: Map<string, string>;
let clock: HeldClock;
let log: PartitionLog;

beforeEach(() => {
  configs = new Map();
  clock = new HeldClock();
  const broker = new BrokerConfigs(new Map());
  log = new PartitionLog({ name: "orders-0", configs: new TopicConfigs(broker, configs), brokerConfigs: broker, clock });
  log.startLeaderEpoch(0);
});

afterEach(() => {
  log.close();
  expect(clock.pendingTimers).toBe(0);
});

function batch(values: readonly string[], fields: Partial<RecordBatchInput> = {}, timestamp: number = clock.now()): Uint8Array {
  return RecordBatch.encode({ records: values.map((value) => ({ value, timestamp })), ...fields });
}

function append(...values: string[]): number {
  return log.append(batch(values), { produceVersion: 12 }).baseOffset;
}

/** One batch of about so many bytes. */
function appendBytes(size: number, timestamp: number = clock.now()): void {
  log.append(batch(["x".repeat(size)], {}, timestamp), { produceVersion: 12 });
}

function read(
  offset: number,
  limits: { readonly maxBytes?: number; readonly minOneBatch?: boolean; readonly endOffset?: number } = {},
) {
  return log.read({ offset, endOffset: log.highWatermark, maxBytes: MAX_BYTES, minOneBatch: true, ...limits });
}

function offsetsIn(bytes: Uint8Array): number[] {
  return [...readBatches(bytes)].map(({ baseOffset }) => baseOffset);
}

describe("appending and reading", () => {
  it("gives offsets one after the other, and batches the leader's epoch", () => {
    log.startLeaderEpoch(3);
    expect([append("a", "b"), append("c")]).toEqual([0, 2]);
    expect(log.endOffset).toBe(3);
    const batches = [...readBatches(read(0).records)];
    expect(
      batches.map(({ baseOffset, lastOffset, partitionLeaderEpoch }) => [baseOffset, lastOffset, partitionLeaderEpoch]),
    ).toEqual([
      [0, 1, 3],
      [2, 2, 3],
    ]);
  });

  it("begins with the batch that holds the asked offset", () => {
    append("a", "b", "c");
    append("d");
    expect(offsetsIn(read(1).records)).toEqual([0, 3]);
    expect(offsetsIn(read(3).records)).toEqual([3]);
    expect(read(4).records.length).toBe(0);
  });

  it("returns as many whole batches as fit, and one that does not if it must", () => {
    append("a");
    append("b");
    append("c");
    const size = read(0, { maxBytes: 1 }).records.length;
    expect(offsetsIn(read(0, { maxBytes: 2 * size }).records)).toEqual([0, 1]);
    expect(offsetsIn(read(0, { maxBytes: 3 * size - 1 }).records)).toEqual([0, 1]);
    expect(offsetsIn(read(0, { maxBytes: size - 1 }).records)).toEqual([0]);
    expect(read(0, { maxBytes: size - 1, minOneBatch: false }).records.length).toBe(0);
  });

  it("shows nothing from the reader's end on", () => {
    append("a");
    append("b", "c");
    append("d");
    const { records, nextOffset } = read(0, { endOffset: 3 });
    expect([offsetsIn(records), nextOffset]).toEqual([[0, 1], 3]);
    expect(read(3, { endOffset: 3 }).records.length).toBe(0);
  });

  it("hands out the log's own bytes, which stay as they are while it grows and when it is cut", () => {
    append("a");
    const early = read(0).records;
    expect(read(0).records.buffer).toBe(early.buffer);
    const before = Uint8Array.from(early);
    for (let count = 0; count < 200; count++) append("b", "c");
    const tail = read(100).records;
    const tailBefore = Uint8Array.from(tail);
    log.truncateTo(101);
    for (let count = 0; count < 200; count++) append("other");
    expect(Uint8Array.from(early)).toEqual(before);
    expect(Uint8Array.from(tail)).toEqual(tailBefore);
  });

  it("never crosses from one segment to the next, and a batch larger than a segment gets one of its own", () => {
    configs.set("max.message.bytes", "5000000");
    appendBytes(700_000);
    appendBytes(700_000);
    appendBytes(3_000_000);
    appendBytes(10);
    expect(offsetsIn(read(0, { maxBytes: 10_000_000 }).records)).toEqual([0]);
    expect(offsetsIn(read(1, { maxBytes: 10_000_000 }).records)).toEqual([1]);
    expect(offsetsIn(read(2, { maxBytes: 10_000_000 }).records)).toEqual([2]);
    expect(offsetsIn(read(3).records)).toEqual([3]);
    expect(log.bytesBetween(0, 4)).toBe(log.sizeInBytes);
  });

  it("counts the bytes between two offsets", () => {
    append("a");
    append("b");
    const half = read(0).records.length / 2;
    expect([log.bytesBetween(0, 2), log.bytesBetween(1, 2), log.bytesBetween(2, 2)]).toEqual([2 * half, half, 0]);
  });

  it("tells its listeners of every change, until they stop listening", () => {
    let told = 0;
    const stop = log.onAppend(() => told++);
    append("a");
    log.deleteRecordsBefore(1);
    log.truncateTo(0);
    log.startLeaderEpoch(1);
    expect(told).toBe(4);
    stop();
    append("b");
    expect(told).toBe(4);
  });

  it("lists its batches with what they hold", () => {
    append("a", "b");
    append("c");
    const values = (batches: RecordBatch[]) =>
      batches.flatMap((one) => one.records().map(({ value }) => Buffer.from(value!).toString()));
    expect(values(log.records())).toEqual(["a", "b", "c"]);
    expect(values(log.records({ from: 2 }))).toEqual(["c"]);
    expect(values(log.records({ to: 2 }))).toEqual(["a", "b"]);
  });
});

describe("finding offsets by time", () => {
  const start = 1_700_000_000_000;

  beforeEach(() => {
    const records = [10, 30, 20].map((delta) => ({ value: "v", timestamp: start + delta }));
    log.append(RecordBatch.encode({ records }), { produceVersion: 12 });
    log.append(batch(["w"], {}, start + 5), { produceVersion: 12 });
    log.append(batch(["x", "y"], {}, start + 30), { produceVersion: 12 });
  });

  it("finds the first record of that time or later, even when times go back", () => {
    const offsetAt = (delta: number) => log.offsetOfTimestamp(start + delta);
    expect(offsetAt(0)).toEqual({ timestamp: start + 10, offset: 0, leaderEpoch: 0 });
    expect(offsetAt(11)?.offset).toBe(1);
    expect(offsetAt(30)?.offset).toBe(1);
    expect(offsetAt(31)).toBeUndefined();
  });

  it("finds nothing that was deleted", () => {
    log.deleteRecordsBefore(2);
    expect(log.offsetOfTimestamp(start + 25)?.offset).toBe(4);
    expect(log.offsetOfTimestamp(start + 15)?.offset).toBe(2);
  });

  it("finds the first record with the greatest timestamp", () => {
    expect(log.offsetOfMaxTimestamp()).toEqual({ timestamp: start + 30, offset: 1, leaderEpoch: 0 });
    log.truncateTo(0);
    expect(log.offsetOfMaxTimestamp()).toBeUndefined();
  });

  it("looks into compressed batches, too", () => {
    const records = [40, 50, 60].map((delta) => ({ value: "v", timestamp: start + delta }));
    log.append(RecordBatch.encode({ records, compression: "lz4" }), { produceVersion: 12 });
    expect(log.offsetOfTimestamp(start + 45)).toMatchObject({ timestamp: start + 50, offset: 7 });
  });
});

describe("leader epochs", () => {
  it("end where the next one begins, as Kafka's epoch cache has it", () => {
    append("a", "b");
    log.startLeaderEpoch(2);
    append("c");
    log.startLeaderEpoch(5);
    expect(log.epochStarts).toEqual([
      { epoch: 0, startOffset: 0 },
      { epoch: 2, startOffset: 2 },
      { epoch: 5, startOffset: 3 },
    ]);
    expect(log.endOfEpoch(0)).toEqual({ epoch: 0, endOffset: 2 });
    expect(log.endOfEpoch(1)).toEqual({ epoch: 0, endOffset: 2 });
    expect(log.endOfEpoch(2)).toEqual({ epoch: 2, endOffset: 3 });
    expect(log.endOfEpoch(4)).toEqual({ epoch: 2, endOffset: 3 });
    append("d");
    expect(log.endOfEpoch(5)).toEqual({ epoch: 5, endOffset: 4 });
    expect(log.endOfEpoch(6)).toEqual({ epoch: -1, endOffset: -1 });
    expect(log.endOfEpoch(-1)).toEqual({ epoch: -1, endOffset: -1 });
  });

  it("that wrote nothing are forgotten", () => {
    log.startLeaderEpoch(1);
    log.startLeaderEpoch(2);
    expect(log.epochStarts).toEqual([{ epoch: 2, startOffset: 0 }]);
  });

  it("follow the beginning of the log", () => {
    append("a", "b");
    log.startLeaderEpoch(1);
    append("c", "d");
    log.deleteRecordsBefore(3);
    expect(log.epochStarts).toEqual([{ epoch: 1, startOffset: 3 }]);
    expect(log.earliestEpoch).toBe(1);
  });
});

describe("truncation", () => {
  it("loses the only batch as a whole, and goes on where it began: offsets have no gap", () => {
    append("a", "b", "c");
    log.truncateTo(1);
    expect([log.logStartOffset, log.endOffset]).toEqual([0, 0]);
    expect(append("d")).toBe(0);
  });

  it("drops records, epochs and time, and the log goes on from there", () => {
    append("a", "b");
    log.startLeaderEpoch(1);
    append("c");
    append("d");
    log.truncateTo(3);
    expect(log.endOffset).toBe(3);
    log.truncateTo(2);
    log.startLeaderEpoch(2);
    expect(log.epochStarts).toEqual([
      { epoch: 0, startOffset: 0 },
      { epoch: 2, startOffset: 2 },
    ]);
    expect(append("e")).toBe(2);
    expect([...readBatches(read(2).records)].map(({ partitionLeaderEpoch }) => partitionLeaderEpoch)).toEqual([2]);
  });

  it("loses a batch as a whole when the offset lies inside it", () => {
    append("a");
    append("b", "c", "d");
    log.truncateTo(2);
    expect(log.endOffset).toBe(1);
    expect(offsetsIn(read(0).records)).toEqual([0]);
  });

  it("does nothing beyond the end", () => {
    append("a");
    log.truncateTo(5);
    expect(log.endOffset).toBe(1);
  });

  it("leaves an empty log when nothing is left", () => {
    append("a");
    log.truncateTo(0);
    expect([log.endOffset, log.sizeInBytes, log.logStartOffset]).toEqual([0, 0, 0]);
    expect(append("b")).toBe(0);
  });
});

describe("retention", () => {
  it("by bytes drops the oldest segments as long as enough is left, so that memory is bounded", () => {
    configs.set("retention.bytes", "3000000");
    for (let count = 0; count < 40; count++) appendBytes(500_000);
    expect(log.sizeInBytes).toBeGreaterThanOrEqual(3_000_000);
    expect(log.sizeInBytes).toBeLessThan(3_000_000 + 2 * MAX_BYTES);
    expect(log.logStartOffset).toBeGreaterThan(30);
    expect(offsetsIn(read(log.logStartOffset).records)[0]).toBe(log.logStartOffset);
  });

  it("by time drops segments whose youngest record is too old, when it is time to look", async () => {
    configs.set("retention.ms", String(HOUR_MS));
    appendBytes(600_000);
    await clock.advance(HOUR_MS / 2);
    appendBytes(600_000);
    await clock.advance(HOUR_MS / 2 - 1000);
    expect(log.logStartOffset).toBe(0);
    await clock.advance(301_000);
    expect(log.logStartOffset).toBe(1);
    await clock.advance(HOUR_MS);
    expect([log.logStartOffset, log.endOffset, log.sizeInBytes]).toEqual([2, 2, 0]);
  });

  it("leaves compacted topics alone", async () => {
    configs.set("cleanup.policy", "compact");
    configs.set("retention.bytes", "1");
    configs.set("retention.ms", "1");
    const keyed = () => RecordBatch.encode({ records: [{ key: "k", value: "x".repeat(600_000), timestamp: clock.now() }] });
    for (let count = 0; count < 3; count++) log.append(keyed(), { produceVersion: 12 });
    await clock.advance(HOUR_MS);
    expect(log.logStartOffset).toBe(0);
  });

  it("keeps segments that records were deleted from, and frees those that have none left", () => {
    appendBytes(600_000);
    append("a", "b");
    appendBytes(600_000);
    log.deleteRecordsBefore(2);
    expect(log.logStartOffset).toBe(2);
    expect(log.sizeInBytes).toBeGreaterThan(1_200_000);
    log.deleteRecordsBefore(3);
    expect(log.sizeInBytes).toBeLessThan(700_000);
  });
});
