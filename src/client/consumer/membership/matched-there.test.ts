import { describe, expect, it } from "vitest";
import { type GroupReaders, groupReaders, TOPIC } from "../../../../test/support/group-readers.ts";
import { SubscriptionPattern } from "../assignment/subscription-pattern.ts";

const HEARTBEAT = "ConsumerGroupHeartbeat";
const COORDINATED = { groupProtocol: "consumer" } as const;

function fieldsOf(group: GroupReaders, field: string): readonly unknown[] {
  return group.stage.broker.journal.requests(HEARTBEAT).map(({ body }) => Reflect.get(body as object, field));
}

describe("a pattern that the coordinator matches (KIP-848)", () => {
  it("G23: has what fits it, as topics come and go; metadata is asked for by id, and not of all topics", async () => {
    const group = await groupReaders();
    const one = group.reader("one", { ...COORDINATED, topics: new SubscriptionPattern("o.*") });
    await group.until(() => one.partitions.length === 6);
    expect([...one.consumer.subscription()].sort()).toEqual(["orders", "others"]);
    group.stage.broker.createTopic("omens", 3);
    group.stage.broker.createTopic("letters", 3);
    await group.until(() => one.partitions.length === 9);
    await group.write(1);
    await group.until(() => one.read.length === 4);
    group.stage.broker.deleteTopic("others");
    await group.until(() => one.partitions.length === 7);
    expect([one.errors, fieldsOf(group, "subscribedTopicRegex").filter((sent) => sent !== null)]).toEqual([[], ["o.*"]]);
    const asked = group.stage.broker.journal.requests("Metadata").map(({ body }) => Reflect.get(body as object, "topics"));
    expect(asked).not.toContain(null);
    await group.stop();
  });

  it("is shared with members that subscribe otherwise, and another one takes its place", async () => {
    const group = await groupReaders();
    const one = group.reader("one", { ...COORDINATED, topics: new SubscriptionPattern("ord.*") });
    const two = group.reader("two", { ...COORDINATED });
    await group.untilShared(2, 2);
    one.consumer.subscribe(new SubscriptionPattern("oth.*"));
    await group.until(() => one.consumer.assignment().every(({ topic }) => topic === "others") && one.partitions.length === 2);
    await group.until(() => two.partitions.length === 4);
    await group.stop();
  });

  it("G27: one that is no expression is told with every call, and another one cures it", async () => {
    const group = await groupReaders();
    const one = group.reader("one", { ...COORDINATED, topics: new SubscriptionPattern("(?=o)") });
    await group.until(() => one.errors.length > 2);
    expect(new Set(one.errors)).toEqual(new Set(["INVALID_REGULAR_EXPRESSION"]));
    await group.stage.when(one.stop());
    await expect(group.stage.when(one.consumer.poll({ timeoutMs: 100 }))).rejects.toMatchObject({
      name: "InvalidRegularExpressionError",
      pattern: "(?=o)",
      group: "readers",
      cause: { name: "BrokerError" },
    });
    one.consumer.subscribe(new SubscriptionPattern("o.*"));
    one.start();
    await group.until(() => one.partitions.length === 6);
    await group.stop();
  });

  it("in the middle of a membership one that is no expression loses everything, and another one cures it", async () => {
    const group = await groupReaders();
    const one = group.reader("one", { ...COORDINATED, topics: new SubscriptionPattern("orders") });
    await group.untilShared(4);
    one.consumer.subscribe(new SubscriptionPattern("["));
    await group.until(() => one.errors.length > 0 && one.partitions.length === 0);
    one.consumer.subscribe(new SubscriptionPattern("others"));
    await group.until(() => one.partitions.length === 2);
    await group.stop();
  });

  it("a static member that comes back with topics is rid of the pattern that it had before", async () => {
    const group = await groupReaders();
    const one = group.reader("one", { ...COORDINATED, groupInstanceId: "fixed", topics: new SubscriptionPattern("o.*") });
    await group.until(() => one.partitions.length === 6);
    await group.stage.when(one.stop());
    await group.stage.when(one.consumer.close());
    const again = group.reader("again", { ...COORDINATED, groupInstanceId: "fixed", topics: "others" });
    await group.until(() => again.partitions.length === 2);
    await group.settle(60_000);
    expect(again.partitions).toEqual([0, 1]);
    await group.stop();
  });

  it.each([
    ["consumer", "UNSUPPORTED_VERSION"],
    ["auto", "UNSUPPORTED_VERSION"],
  ] as const)("is refused where brokers are too old: %s", async (groupProtocol, code) => {
    const group = await groupReaders({ asVersion: "3.6" });
    const one = group.reader("one", { groupProtocol, topics: new SubscriptionPattern("o.*") });
    await group.until(() => one.errors.length > 2);
    expect(new Set(one.errors)).toEqual(new Set([code]));
    if (groupProtocol === "auto") {
      one.consumer.unsubscribe();
      one.consumer.subscribe(TOPIC);
      await group.until(() => one.partitions.length === 4);
      one.consumer.unsubscribe();
      one.consumer.subscribe(new SubscriptionPattern("o.*"));
      await group.stage.when(one.stop());
      await expect(group.stage.when(one.consumer.poll({ timeoutMs: 100 }))).rejects.toThrow(/subscribe to a RegExp instead/);
    }
    await group.stop();
  });

  it("is refused at once without a group, in a classic one, and beside other kinds of subscriptions", async () => {
    const group = await groupReaders();
    const pattern = new SubscriptionPattern("o.*");
    const alone = group.stage.another({});
    expect(() => alone.subscribe(pattern)).toThrow(/set groupId/);
    const classic = group.member("classic");
    expect(() => classic.consumer.subscribe(pattern)).toThrow(/set groupProtocol/);
    const one = group.member("one", COORDINATED);
    expect(() => one.consumer.subscribe(pattern)).toThrow(/call unsubscribe\(\) first/);
    expect(() => new SubscriptionPattern("")).toThrow(/not empty/);
    expect(String(pattern)).toBe("o.*");
  });
});
