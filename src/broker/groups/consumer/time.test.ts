import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConsumerGroupStage, GROUP, type StagedConsumer } from "../../../../test/support/consumer-group-stage.ts";

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

describe("a session", () => {
  it("ends when nothing was heard of the member for its timeout, and the others get what it had (G10)", async () => {
    await stage.stableGroup(one, two);
    await stage.clock.advance(44_999);
    expect(await two.acknowledge()).toMatchObject({ error: "NONE", assignment: null });
    await stage.clock.advance(1);
    expect(await one.acknowledge()).toMatchObject({
      error: "UNKNOWN_MEMBER_ID",
      message: "Member one is not a member of group readers.",
    });
    expect(await two.acknowledge()).toMatchObject({ assignment: "orders: 0 1 2 3" });
  });

  it("has the length that the broker is configured to", async () => {
    const short = await ConsumerGroupStage.open({
      configs: { "group.consumer.min.session.timeout.ms": "1000", "group.consumer.session.timeout.ms": "6000" },
    });
    await short.member("one").join();
    await short.clock.advance(6000);
    expect(await short.state()).toBe("Empty");
    await short.close();
  });

  it("begins anew when another node takes over the group", async () => {
    const wide = await ConsumerGroupStage.open({ nodes: 2, configs: { "offsets.topic.replication.factor": "2" } });
    wide.broker.moveCoordinator("group", GROUP, 1);
    const member = wide.member("one");
    await member.join();
    await wide.clock.advance(40_000);
    wide.broker.moveCoordinator("group", GROUP, 2);
    wide.broker.moveCoordinator("group", GROUP, 1);
    await wide.clock.advance(40_000);
    expect(await member.acknowledge()).toMatchObject({ error: "NONE" });
    await wide.close();
  });
});

describe("the rebalance timeout", () => {
  it("drops a member that does not give up what it has to, however lively it is (G30)", async () => {
    await one.join({ rebalanceTimeoutMs: 20_000 });
    await two.join();
    await one.heartbeat();
    await stage.clock.advance(19_999);
    expect(await one.heartbeat()).toMatchObject({ error: "NONE" });
    expect(await two.acknowledge()).toMatchObject({ assignment: null });
    await stage.clock.advance(1);
    expect(await one.heartbeat()).toMatchObject({ error: "UNKNOWN_MEMBER_ID" });
    expect(await two.acknowledge()).toMatchObject({ assignment: "orders: 0 1 2 3" });
  });

  it("ends when the member has given it up", async () => {
    await one.join({ rebalanceTimeoutMs: 20_000 });
    await two.join();
    await one.heartbeat();
    await one.acknowledge();
    await stage.clock.advance(20_000);
    expect(await one.acknowledge()).toMatchObject({ error: "NONE" });
  });
});
