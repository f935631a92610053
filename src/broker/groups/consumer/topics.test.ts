import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConsumerGroupStage, type StagedConsumer } from "../../../../test/support/consumer-group-stage.ts";

let stage: ConsumerGroupStage;
let one: StagedConsumer;
let two: StagedConsumer;

beforeEach(async () => {
  stage = await ConsumerGroupStage.open();
  one = stage.member("one");
  two = stage.member("two");
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

describe("topics that change", () => {
  it("bring new partitions to the members (G22)", async () => {
    await stage.stableGroup(one, two);
    await stage.addPartitions("orders", 6);
    await stage.settle(one, two);
    expect(await one.join()).toMatchObject({ epoch: 4, assignment: "orders: 0 1 4" });
    expect(await two.join()).toMatchObject({ epoch: 4, assignment: "orders: 2 3 5" });
  });

  it("are assigned when they appear, to who subscribed before they were there", async () => {
    expect(await one.join({ subscribedTopicNames: ["payments"] })).toMatchObject({ epoch: 2, assignment: "" });
    await stage.createTopic("payments", 2);
    expect(await one.acknowledge()).toMatchObject({ epoch: 3, assignment: "payments: 0 1" });
  });

  it("are taken away when they are deleted, and are others when they are made again (G28)", async () => {
    await stage.stableGroup(one);
    const [before] = one.owned!;
    await stage.deleteTopic("orders");
    expect(await one.acknowledge()).toMatchObject({ epoch: 2, assignment: "" });
    expect(await one.acknowledge()).toMatchObject({ epoch: 3, assignment: null });
    await stage.createTopic("orders", 1);
    expect(await one.acknowledge()).toMatchObject({ epoch: 4, assignment: "orders: 0" });
    expect(one.owned![0]!.topicId).not.toBe(before!.topicId);
  });

  it("that nobody subscribes to change nothing", async () => {
    await stage.stableGroup(one);
    await stage.createTopic("payments", 1);
    expect(await one.acknowledge()).toMatchObject({ epoch: 2, assignment: null });
  });
});

describe("a new subscription", () => {
  it("begins a new epoch, and what is not wanted any more is given up first", async () => {
    await stage.createTopic("payments", 2);
    await stage.stableGroup(one);
    expect(await one.heartbeat({ subscribedTopicNames: ["payments"] })).toMatchObject({ epoch: 2, assignment: "" });
    expect(await one.acknowledge()).toMatchObject({ epoch: 3, assignment: "payments: 0 1" });
  });

  it("that is the old one in another order does not", async () => {
    await one.join({ subscribedTopicNames: ["orders", "payments"] });
    expect(await one.heartbeat({ subscribedTopicNames: ["payments", "orders", "payments"] })).toMatchObject({ epoch: 2 });
  });

  it("takes a topic from the member at once, also while a new target assignment has to wait", async () => {
    const waiting = await ConsumerGroupStage.open({ configs: { "group.consumer.assignment.interval.ms": "1000" } });
    const member = waiting.member("one");
    await member.join();
    expect(await member.heartbeat({ subscribedTopicNames: [] })).toMatchObject({ epoch: 2, assignment: "" });
    expect(await waiting.state()).toBe("Assigning");
    await waiting.close();
  });
});

describe("a regular expression", () => {
  const subscribe = { subscribedTopicNames: null };

  it("is resolved in the background: its topics come with the next heartbeat (G23)", async () => {
    await stage.createTopic("orders.eu", 1);
    await stage.createTopic("payments", 1);
    expect(await one.join({ ...subscribe, subscribedTopicRegex: "orders.*" })).toMatchObject({ epoch: 1, assignment: "" });
    expect(await one.acknowledge()).toMatchObject({ epoch: 2, assignment: "orders.eu: 0, orders: 0 1 2 3" });
    expect((await stage.describe()).members[0]).toMatchObject({ subscribedTopicNames: [], subscribedTopicRegex: "orders.*" });
  });

  it("adds its topics to those that are named", async () => {
    await stage.createTopic("payments", 1);
    await one.join({ subscribedTopicNames: ["payments"], subscribedTopicRegex: "ord.rs" });
    expect(await one.acknowledge()).toMatchObject({ assignment: "orders: 0 1 2 3, payments: 0" });
  });

  it("finds new topics, but goes looking for them no more often than every ten seconds (G23)", async () => {
    await one.join({ ...subscribe, subscribedTopicRegex: "orders.*" });
    await one.acknowledge();
    await stage.createTopic("orders.us", 1);
    await stage.clock.advance(10_000);
    await one.acknowledge();
    expect(await one.acknowledge()).toMatchObject({ epoch: 2, assignment: null });
    await stage.clock.advance(1);
    expect(await one.acknowledge()).toMatchObject({ epoch: 2, assignment: null });
    expect(await one.acknowledge()).toMatchObject({ epoch: 3, assignment: "orders.us: 0, orders: 0 1 2 3" });
  });

  it("that others have already is known at once", async () => {
    await one.join({ ...subscribe, subscribedTopicRegex: "orders" });
    await one.acknowledge();
    expect(await two.join({ ...subscribe, subscribedTopicRegex: "orders" })).toMatchObject({ epoch: 3 });
    await stage.settle(one, two);
    expect(await two.join({ ...subscribe, subscribedTopicRegex: "orders" })).toMatchObject({ assignment: "orders: 2 3" });
  });

  it("ends with an empty one", async () => {
    await one.join({ ...subscribe, subscribedTopicRegex: "orders" });
    await one.acknowledge();
    expect(await one.heartbeat({ subscribedTopicRegex: "" })).toMatchObject({ assignment: "" });
  });

  it("that is none is refused, and nothing comes into being or changes (G26)", async () => {
    const refused = {
      error: "INVALID_REGULAR_EXPRESSION",
      message: "SubscribedTopicRegex `(orders` is not a valid regular expression: missing closing ).",
    };
    expect(await one.join({ subscribedTopicRegex: "(orders" })).toMatchObject(refused);
    expect(await stage.describe()).toMatchObject({ errorCode: 69 });
    await one.join();
    const before = await stage.describe();
    expect(await one.heartbeat({ subscribedTopicNames: ["payments"], subscribedTopicRegex: "(orders" })).toMatchObject(refused);
    expect(await stage.describe()).toEqual(before);
  });

  it.each(["(a)\\1", "(?=a)a", "(?<!a)b"])("cannot be one that takes more than linear time: %s", async (subscribedTopicRegex) => {
    expect(await one.join({ subscribedTopicRegex })).toMatchObject({ error: "INVALID_REGULAR_EXPRESSION" });
  });
});
