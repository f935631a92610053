import { beforeEach, describe, expect, it } from "vitest";
import type { TopicPartitioner } from "../partitioner/topic-partitioner.ts";
import { Accumulator, type AccumulatorSettings } from "./accumulator.ts";
import { BufferMemory } from "./buffer-memory.ts";
import { BufferPool } from "./buffer-pool.ts";
import type { PartitionQueue } from "./partition-queue.ts";
import { Settlements } from "./settlements.ts";
import { TopicQueue } from "./topic-queue.ts";

const SETTINGS: AccumulatorSettings = { compression: "none", batchSize: 200, maxRequestSize: 1000, deliveryTimeoutMs: 5000 };

let memory: BufferMemory;
let events: string[];
let nowMs: number;

beforeEach(() => {
  memory = new BufferMemory(10_000, 1000, () => undefined);
  events = [];
  nowMs = 100;
});

const nameOf = ({ topic, partition }: PartitionQueue): string => `${topic}-${partition}`;

function accumulator(settings: Partial<AccumulatorSettings> = {}): Accumulator {
  return new Accumulator({
    settings: { ...SETTINGS, ...settings },
    memory,
    pool: new BufferPool({ totalBytes: 100_000, idleBytes: 100_000 }),
    settlements: new Settlements(memory, () => undefined),
    now: () => nowMs,
    listener: {
      started: (_topic, partition) => events.push(`started ${nameOf(partition)}`),
      filled: (partition) => events.push(`filled ${nameOf(partition)}`),
      grown: (partition) => events.push(`grown ${nameOf(partition)}`),
    },
  });
}

function topicOf(count: number, partitioner: TopicPartitioner = { choose: () => 0 }): TopicQueue {
  const topic = new TopicQueue({ topic: "orders", partitionerFor: () => partitioner, rackOf: () => undefined, now: () => nowMs });
  const none = { leaderEpoch: 0, replicas: [], inSyncReplicas: [], offlineReplicas: [] };
  const partitions = Array.from({ length: count }, (_, partition) => ({ partition, leaderId: 1, ...none }));
  topic.learn({ name: "orders", topicId: undefined, isInternal: false, partitions });
  return topic;
}

const append = (own: Accumulator, topic: TopicQueue, value: string, partition?: number): boolean =>
  own.tryAppend(topic, partition, 5, null, value, [], undefined);

describe("the accumulator", () => {
  it("tells once of a batch that has become worth a request, and not of one that is full at once", () => {
    memory = new BufferMemory(200_000, 1000, () => undefined);
    const own = accumulator({ batchSize: 100_000, maxRequestSize: 100_000 });
    const topic = topicOf(1);
    for (let index = 0; index < 4; index++) append(own, topic, "x".repeat(15_000), 0);
    expect(events).toEqual(["started orders-0", "grown orders-0"]);
  });

  it("waits for four times as much when zstd will compress it", () => {
    memory = new BufferMemory(400_000, 1000, () => undefined);
    const own = accumulator({ compression: "zstd", batchSize: 400_000, maxRequestSize: 400_000 });
    const topic = topicOf(1);
    const eventsAfter = Array.from({ length: 10 }, () => {
      append(own, topic, "x".repeat(15_000), 0);
      return events.length;
    });
    expect(eventsAfter).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 2, 2]);
  });

  it("puts records of a partition into one batch, and begins another when it is full; both are told of once", () => {
    const own = accumulator();
    const topic = topicOf(2);
    for (let index = 0; index < 4; index++) append(own, topic, "x".repeat(40), 1);
    const { waiting } = topic.partition(1);
    expect(waiting.map(({ recordCount, isOpen }) => [recordCount, isOpen])).toEqual([
      [2, false],
      [2, true],
    ]);
    expect(events).toEqual(["started orders-1", "started orders-1", "filled orders-1"]);
    expect(waiting.every(({ sizeInBytes }) => sizeInBytes <= 200)).toBe(true);
  });

  it("closes a batch into which the next one would hardly fit", () => {
    const own = accumulator();
    const topic = topicOf(1);
    append(own, topic, "x".repeat(130), 0);
    expect(topic.partition(0).open).toBeUndefined();
    expect(events).toEqual(["started orders-0", "filled orders-0"]);
  });

  it("gives a record that is larger than batchSize a batch of its own, up to maxRequestSize", () => {
    const own = accumulator();
    const topic = topicOf(1);
    append(own, topic, "small", 0);
    expect(append(own, topic, "x".repeat(280), 0)).toBe(true);
    append(own, topic, "small", 0);
    expect(topic.partition(0).waiting.map(({ recordCount }) => recordCount)).toEqual([1, 1, 1]);
  });

  it("counts all that it takes, record by record, and its batches hold the same", () => {
    const own = accumulator();
    const topic = topicOf(2);
    for (let index = 0; index < 10; index++) append(own, topic, "x".repeat(index * 7), index % 2);
    const held = [...topic.partitions].flatMap(({ waiting }) => waiting.map(({ heldBytes }) => heldBytes));
    expect(memory.usedBytes).toBe(held.reduce((sum, bytes) => sum + bytes, 0));
    expect(memory.records).toBe(10);
    expect(memory.usedBytes).toBeGreaterThan(
      [...topic.partitions].flatMap(({ waiting }) => waiting).reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0),
    );
  });

  it("takes nothing when it is not sure of the room, or of the partition; then somebody has to look closely", () => {
    const own = accumulator();
    const topic = topicOf(2);
    expect(append(own, topic, "a", 2)).toBe(false);
    expect(append(own, topic, "a", Number.NaN)).toBe(false);
    expect(append(own, topic, "x".repeat(990), 0)).toBe(false);
    memory.take(9990);
    expect(append(own, topic, "a", 0)).toBe(false);
    expect([...topic.partitions]).toEqual([]);
  });

  it("never counts less beforehand than a record takes", () => {
    const own = accumulator();
    const topic = topicOf(1);
    for (const value of ["", "a", "€".repeat(30), "x".repeat(120)]) {
      const before = memory.usedBytes;
      const record = { key: null, value, headers: [["h", value]] as const, partition: 0, timestamp: 5 };
      const cost = own.cost("orders", record, undefined);
      own.append(topic, record, undefined);
      expect(memory.usedBytes - before).toBeLessThanOrEqual(cost);
    }
  });

  it("P20: refuses what no request can hold, and names the limit", () => {
    const own = accumulator();
    const record = { key: null, value: "x".repeat(1000), headers: [], partition: 0, timestamp: 5 };
    expect(() => own.cost("orders", record, undefined)).toThrow("maxRequestSize (1000)");
  });

  it.each([[2], [-1], [0.5], [Number.NaN]])("refuses partition %d of two", (partition) => {
    const own = accumulator();
    const record = { key: null, value: "a", headers: [], partition, timestamp: 5 };
    expect(() => own.append(topicOf(2), record, undefined)).toThrow(`has no partition ${partition}: its partitions are 0 to 1`);
    expect(() => own.append(topicOf(2, { choose: () => partition }), { ...record, partition: undefined }, undefined)).toThrow(
      `the partitioner chose ${partition}`,
    );
    expect(memory.records).toBe(0);
  });

  it("gives a batch its time from its first record", () => {
    const own = accumulator();
    const topic = topicOf(1);
    append(own, topic, "a", 0);
    nowMs = 900;
    append(own, topic, "b", 0);
    expect(topic.partition(0).waiting).toMatchObject([{ createdAtMs: 100, dueMs: 5100, recordCount: 2 }]);
  });

  it("tells the partitioner what a record took, and that a batch is full before it chooses anew", () => {
    const calls: unknown[] = [];
    let choice = 0;
    const topic = topicOf(2, {
      choose: () => {
        calls.push("choose");
        return choice;
      },
      appended: (partition, bytes, isFull) => {
        calls.push([partition, bytes, isFull]);
        if (isFull) choice = 1;
      },
    });
    const own = accumulator();
    append(own, topic, "x".repeat(100));
    append(own, topic, "x".repeat(100));
    expect(calls).toEqual(["choose", [0, 170, false], "choose", [0, 0, true], "choose", [1, 170, false]]);
    expect([...topic.partitions].map(({ partition, waiting }) => [partition, waiting.length, waiting[0]?.isOpen])).toEqual([
      [0, 1, false],
      [1, 1, true],
    ]);
  });

  it("asks no partitioner where the record says its partition", () => {
    const topic = topicOf(2, {
      choose: () => {
        throw new Error("asked");
      },
    });
    expect(append(accumulator(), topic, "a", 1)).toBe(true);
  });

  it("that cannot write a record leaves nothing of it behind", () => {
    const own = accumulator();
    const topic = topicOf(1);
    append(own, topic, "a", 0);
    const before = [memory.usedBytes, memory.records];
    const bad = { key: null, value: "b", headers: [], partition: 0, timestamp: Number.NaN };
    expect(() => own.append(topic, bad, undefined)).toThrow("timestamp");
    expect([memory.usedBytes, memory.records]).toEqual(before);
    expect(topic.partition(0).waiting).toMatchObject([{ recordCount: 1 }]);
    const empty = topicOf(1);
    expect(() => own.append(empty, bad, undefined)).toThrow("timestamp");
    expect(empty.partition(0).unsettled).toEqual([]);
  });

  it("with batchSize 0 sends every record by itself", () => {
    const own = accumulator({ batchSize: 0 });
    const topic = topicOf(1);
    for (const value of ["a", "b", "c"]) append(own, topic, value, 0);
    expect(topic.partition(0).waiting.map(({ recordCount, isOpen }) => [recordCount, isOpen])).toEqual(
      Array.from({ length: 3 }, () => [1, false]),
    );
  });
});
