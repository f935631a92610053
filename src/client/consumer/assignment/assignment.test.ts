import { describe, expect, it } from "vitest";
import { consumerStage, GROUP, placed, TOPIC } from "../../../../test/support/consumer-stage.ts";
import type { TopicPartition } from "../topic-partition.ts";
import { AssignedPartition } from "./assigned-partition.ts";
import { Assignment } from "./assignment.ts";
import { SubscriptionPattern } from "./subscription-pattern.ts";

const P0 = { topic: TOPIC, partition: 0 };
const P1 = { topic: TOPIC, partition: 1 };

describe("an assignment", () => {
  it("keeps what was assigned before as it is, says what is new and what is gone, and takes a partition once", () => {
    const assignment = new Assignment();
    const [zero] = assignment.replace([P0, P0]).added;
    zero?.moveTo(5);
    const { added, removed } = assignment.replace([P0, P1]);
    expect([added.map(({ partition }) => partition), removed, assignment.get(TOPIC, 0)?.position]).toEqual([[1], [], 5]);
    const next = assignment.replace([P1]);
    expect([next.added, next.removed, zero?.isAssigned, assignment.size]).toEqual([[], [zero], false, 1]);
  });
});

describe("a partition", () => {
  it("leaves its course, and tells so, when reading goes on elsewhere, but not while records are handed out or fetched", () => {
    let left = 0;
    const partition = new AssignedPartition(TOPIC, 0, () => left++);
    partition.moveTo(3);
    partition.fetched(10, 1);
    partition.advance(5, 1);
    partition.validate(2);
    partition.validated(2);
    expect([partition.course, left, partition.offset, partition.fetchOffset, partition.epoch]).toEqual([1, 1, 5, 10, 1]);
    partition.rewind();
    expect([partition.course, left, partition.fetchOffset, partition.fetchEpoch]).toEqual([2, 2, 5, 1]);
    partition.reset("earliest");
    expect([partition.course, partition.position, partition.whereabouts.kind]).toEqual([3, undefined, "resetting"]);
    partition.unassign();
    expect([partition.course, left]).toEqual([4, 4]);
  });

  it("is processed up to what was handed out, or to the first of it that is not done", () => {
    const partition = new AssignedPartition(TOPIC, 0);
    expect(partition.processedOffset).toBeUndefined();
    partition.moveTo(3);
    partition.unprocessedFrom = 3;
    partition.advance(7, 0);
    expect(partition.processedOffset).toBe(3);
    partition.unprocessedFrom = undefined;
    expect(partition.processedOffset).toBe(7);
  });

  it("that is moved is not processed from where it was", () => {
    const partition = new AssignedPartition(TOPIC, 0);
    partition.moveTo(3);
    partition.unprocessedFrom = 3;
    partition.moveTo(9);
    expect(partition.processedOffset).toBe(9);
  });
});

describe("assigning", () => {
  it("begins where it is told, and goes on where it is for what was assigned before", async () => {
    const stage = await consumerStage();
    await stage.write(["a", "b", "c"]);
    await stage.write(["x", "y"], { partition: 1 });
    stage.consumer.assign([{ ...P0, offset: 1 }]);
    expect(placed(await stage.poll({ maxRecords: 1 }))).toEqual(["0/1 b"]);
    stage.consumer.assign([P0, { ...P1, offset: 1 }]);
    expect(stage.consumer.assignment()).toEqual([P0, P1]);
    expect(placed(await stage.read(2)).sort()).toEqual(["0/2 c", "1/1 y"]);
    stage.consumer.assign([]);
    expect(stage.consumer.assignment()).toEqual([]);
  });

  it("and subscribing exclude each other, and so do topics and a pattern, until unsubscribe()", async () => {
    const { consumer } = await consumerStage();
    const refused = expect.objectContaining({ code: "ILLEGAL_STATE" });
    consumer.assign([P0]);
    expect(() => consumer.subscribe(TOPIC)).toThrow(refused);
    consumer.unsubscribe();
    consumer.subscribe(TOPIC);
    expect(() => consumer.assign([P0])).toThrow(refused);
    expect(() => consumer.subscribe(/x/)).toThrow(refused);
    consumer.subscribe([]);
    consumer.subscribe(/x/);
    expect([...consumer.subscription()]).toEqual([]);
  });

  it("is refused for what is no partition, no topic, no offset, no listener", async () => {
    const { consumer } = await consumerStage();
    const refused = expect.objectContaining({ code: "ILLEGAL_STATE" });
    const wrong: TopicPartition[] = [
      { topic: "", partition: 0 },
      { topic: "a b", partition: 0 },
      { topic: "..", partition: 0 },
      { topic: TOPIC, partition: -1 },
      { topic: TOPIC, partition: 0.5 },
    ];
    for (const place of wrong) expect(() => consumer.assign([place])).toThrow(refused);
    expect(() => consumer.assign([{ ...P0, offset: -1 }])).toThrow(refused);
    expect(() => consumer.subscribe("a/b")).toThrow(refused);
    expect(() => consumer.subscribe(TOPIC, JSON.parse('{"onPartitionsAssigned": 1}'))).toThrow(refused);
    expect(consumer.assignment()).toEqual([]);
  });
});

describe("subscribing without a group", () => {
  it("reads all partitions of the topics, also those that come later, and awaits the listener before it reads them", async () => {
    const told: string[] = [];
    const stage = await consumerStage({ metadataMaxAgeMs: 5000 });
    await stage.write(["a"]);
    await stage.write(["x"], { partition: 1 });
    stage.consumer.subscribe([TOPIC], {
      onPartitionsAssigned: async (partitions) => {
        await Promise.resolve();
        told.push(`assigned ${partitions.map(({ partition }) => partition).join(" ")}`);
      },
    });
    const records = await stage.read(2);
    told.push(...placed(records).sort());
    expect(told).toEqual(["assigned 0 1", "0/0 a", "1/0 x"]);
    stage.broker.createTopic("later", 1);
    expect([...stage.consumer.subscription()]).toEqual([TOPIC]);
    expect(stage.consumer.assignment()).toEqual([P0, P1]);
  });

  it("by a pattern reads topics that fit it, no internal ones, and finds those that are made later", async () => {
    const stage = await consumerStage({ metadataMaxAgeMs: 5000 }, { topics: { "orders-1": 1, other: 1 } });
    stage.consumer.subscribe(/^orders-/g);
    await stage.poll({ timeoutMs: 1000 });
    expect([...stage.consumer.subscription()]).toEqual(["orders-1"]);
    stage.broker.createTopic("orders-2", 1);
    await stage.poll({ timeoutMs: 15_000 });
    expect([...stage.consumer.subscription()].sort()).toEqual(["orders-1", "orders-2"]);
    await stage.write(["a"], { topic: "orders-2" });
    expect(placed(await stage.poll())).toEqual(["0/0 a"]);
  });

  it.each([
    ["without a group", {}, /^gone$/],
    ["in a classic group", { groupId: GROUP }, /^gone$/],
    ["in a group that its coordinator assigns", { groupId: GROUP, groupProtocol: "consumer" }, /^gone$/],
    ["matched there", { groupId: GROUP, groupProtocol: "consumer" }, new SubscriptionPattern("gone")],
  ] as const)("by a pattern, %s, does not make a topic again that is deleted while it is read", async (_, how, pattern) => {
    const options = { ...how, allowAutoCreateTopics: true, metadataMaxAgeMs: 5000 };
    const stage = await consumerStage(options, { topics: { gone: 1 }, autoCreateTopics: true });
    await stage.write(["a"], { topic: "gone" });
    stage.consumer.subscribe(pattern);
    expect(placed(await stage.poll({ timeoutMs: 30_000 }))).toEqual(["0/0 a"]);
    const admin = stage.admin();
    await stage.when(admin.deleteTopics(["gone"]));
    await stage.poll({ timeoutMs: 30_000 });
    expect(await stage.when(admin.listTopics())).toEqual([]);
    expect(stage.consumer.assignment()).toEqual([]);
  });

  it("waits for a topic that does not exist yet", async () => {
    const stage = await consumerStage({ metadataMaxAgeMs: 5000 });
    stage.consumer.subscribe("later");
    expect(await stage.poll({ timeoutMs: 2000 })).toEqual([]);
    stage.broker.createTopic("later", 1);
    await stage.write(["a"], { topic: "later" });
    expect(placed(await stage.poll({ timeoutMs: 20_000 }))).toEqual(["0/0 a"]);
  });

  it("tells which topics and partitions there are, and makes none by asking", async () => {
    const stage = await consumerStage({}, { autoCreateTopics: true });
    expect([...(await stage.when(stage.consumer.topics()))]).toEqual([TOPIC]);
    expect([...(await stage.when(stage.consumer.partitionsForTopic(TOPIC)))]).toEqual([0, 1]);
    expect([...(await stage.when(stage.consumer.partitionsForTopic("none")))]).toEqual([]);
    expect([...(await stage.when(stage.consumer.topics()))]).toEqual([TOPIC]);
  });
});
