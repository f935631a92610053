import { describe, expect, it } from "vitest";
import { type GroupReaders, groupReaders } from "../../../../test/support/group-readers.ts";

const reasonsOf = (group: GroupReaders): readonly unknown[] =>
  group.stage.broker.journal.requests("JoinGroup").map(({ body }) => Reflect.get(body as object, "reason"));
const SUBSCRIBED = "the consumer has subscribed";
const CALLED = "the group comes together: others have come or gone, or want something else";

describe("enforceRebalance", () => {
  it("has the group come together again; the reason is told to the broker (KIP-800), and stands in the history", async () => {
    const group = await groupReaders();
    const one = group.reader("one");
    await group.untilShared(4);
    const two = group.reader("two");
    await group.untilShared(2, 2);
    await group.settle();
    const before = reasonsOf(group).length;
    one.consumer.enforceRebalance("the moon is full");
    await group.until(() => one.consumer.rebalances().length === 3 && one.consumer.rebalances()[2]?.outcome === "assigned");
    await group.until(() => two.consumer.rebalances().length === 2 && two.consumer.rebalances()[1]?.outcome === "assigned");
    expect(one.consumer.rebalances().map(({ cause }) => cause)).toEqual([SUBSCRIBED, CALLED, "the moon is full"]);
    expect(two.consumer.rebalances().map(({ cause }) => cause)).toEqual([SUBSCRIBED, CALLED]);
    expect(reasonsOf(group).slice(before).map(String).sort()).toEqual([CALLED, "the moon is full"]);
    await group.stop();
  });

  it("without a reason says Java's, and the next rebalance has its own again", async () => {
    const group = await groupReaders();
    const one = group.reader("one");
    await group.untilShared(4);
    one.consumer.enforceRebalance();
    await group.until(() => one.consumer.rebalances()[1]?.outcome === "assigned");
    group.reader("two");
    await group.untilShared(2, 2);
    await group.settle();
    expect(reasonsOf(group)).toContain("rebalance enforced by user");
    expect(reasonsOf(group).at(-1)).not.toBe("rebalance enforced by user");
    await group.stop();
  });

  it("does nothing for who joins already, or is no member yet", async () => {
    const group = await groupReaders();
    const one = group.member("one");
    one.consumer.enforceRebalance("too early");
    one.start();
    one.consumer.enforceRebalance("too early");
    await group.untilShared(4);
    await group.settle();
    expect(one.consumer.rebalances().map(({ cause }) => cause)).toEqual([SUBSCRIBED]);
    await group.stop();
  });

  it("warns, and does nothing, where the coordinator assigns (KIP-848)", async () => {
    const group = await groupReaders();
    const one = group.reader("one", { groupProtocol: "consumer" });
    await group.untilShared(4);
    one.consumer.enforceRebalance("in vain");
    await group.settle();
    expect([one.consumer.rebalances().length, group.stage.warnings]).toEqual([1, ["REBALANCE_NOT_ENFORCED"]]);
    await group.stop();
  });

  it("is refused without a group, without a subscription, and after closing", async () => {
    const group = await groupReaders();
    expect(() => group.stage.another({}).enforceRebalance()).toThrow(/has not subscribed/);
    expect(() => group.stage.another({ groupId: "readers" }).enforceRebalance()).toThrow(/has not subscribed/);
    const one = group.member("one");
    expect(() => one.consumer.enforceRebalance(7 as unknown as string)).toThrow(/must be a string/);
    await group.stage.when(one.consumer.close());
    expect(() => one.consumer.enforceRebalance()).toThrow(/was closed/);
  });
});
