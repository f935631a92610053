import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConsumerGroupStage, type StagedConsumer } from "../../../../test/support/consumer-group-stage.ts";

let stage: ConsumerGroupStage;
let dynamic: StagedConsumer;
let fixed: StagedConsumer;
let successor: StagedConsumer;

beforeEach(async () => {
  stage = await ConsumerGroupStage.open();
  dynamic = stage.member("one");
  fixed = stage.member("two", { instanceId: "desk" });
  successor = stage.member("three", { instanceId: "desk" });
  await stage.stableGroup(dynamic, fixed);
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

describe("a static member", () => {
  it("that left for a while comes back to what it had, and nobody else notices (G19)", async () => {
    expect(await fixed.leave(-2)).toEqual({ error: "NONE", message: null, epoch: -2, assignment: null });
    expect(await dynamic.acknowledge()).toMatchObject({ epoch: 3, assignment: null });
    expect(await successor.join()).toEqual({ error: "NONE", message: null, epoch: 3, assignment: "orders: 2 3" });
    expect(await dynamic.acknowledge()).toMatchObject({ epoch: 3, assignment: null });
    const { groupEpoch, members } = await stage.describe();
    expect(groupEpoch).toBe(3);
    expect(members.map(({ memberId }) => memberId)).toEqual(["one", "three"]);
  });

  it("is given up when its session ends before it is back", async () => {
    await fixed.leave(-2);
    await stage.clock.advance(30_000);
    await dynamic.acknowledge();
    await stage.clock.advance(15_000);
    expect(await dynamic.acknowledge()).toMatchObject({ epoch: 4, assignment: "orders: 0 1 2 3" });
    expect(await successor.join()).toMatchObject({ assignment: "" });
  });

  it("keeps its name from others as long as it is there (G26)", async () => {
    expect(await successor.join()).toMatchObject({
      error: "UNRELEASED_INSTANCE_ID",
      message: "Static member three with instance id desk cannot join the group because the instance id is owned by two member.",
    });
  });

  it("is fenced by who has its name now (G6)", async () => {
    await fixed.leave(-2);
    await successor.join();
    const message = "Static member two with instance id desk was fenced by member three.";
    expect(await fixed.acknowledge()).toMatchObject({ error: "FENCED_INSTANCE_ID", message });
    expect(await fixed.leave()).toMatchObject({ error: "FENCED_INSTANCE_ID", message });
    expect(await fixed.leave(-2)).toMatchObject({ error: "FENCED_INSTANCE_ID", message });
  });

  it("whose name nobody has is unknown", async () => {
    await fixed.leave();
    expect(await fixed.acknowledge()).toMatchObject({ error: "UNKNOWN_MEMBER_ID", message: "Instance id desk is unknown." });
  });

  it("that leaves for good frees what it had", async () => {
    await fixed.leave();
    expect(await dynamic.acknowledge()).toMatchObject({ assignment: "orders: 0 1 2 3" });
  });

  it("that left while it had to give something up keeps nobody waiting for that", async () => {
    const third = stage.member("four");
    await third.join();
    await fixed.heartbeat(); // told to give one up
    await fixed.leave(-2);
    await dynamic.acknowledge();
    await dynamic.acknowledge();
    expect(await third.acknowledge()).toMatchObject({ assignment: expect.stringMatching(/^orders: [23]/) });
  });
});
