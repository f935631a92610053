import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConsumerGroupStage, GROUP, type HeartbeatChanges } from "../../../../test/support/consumer-group-stage.ts";

let stage: ConsumerGroupStage;

beforeEach(async () => {
  stage = await ConsumerGroupStage.open();
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

describe("a heartbeat is refused as invalid", () => {
  it.each<[string, HeartbeatChanges, string]>([
    ["without a group", { groupId: "" }, "GroupId can't be empty."],
    ["with a blank group", { groupId: " \t" }, "GroupId can't be empty."],
    ["without a member id", { memberId: "" }, "MemberId can't be empty."],
    ["with an empty instance id", { instanceId: "" }, "InstanceId can't be empty."],
    ["with an empty rack", { rackId: "" }, "RackId can't be empty."],
    ["with an epoch that means nothing", { memberEpoch: -3 }, "MemberEpoch is invalid."],
    ["when a dynamic member wants to come back", { memberEpoch: -2 }, "InstanceId can't be null."],
    ["when it joins without a timeout", { rebalanceTimeoutMs: -1 }, "RebalanceTimeoutMs must be provided in first request."],
    ["when it joins without saying what it has", { topicPartitions: null }, "TopicPartitions must be empty when (re-)joining."],
    [
      "when it joins and has something already (G24)",
      { topicPartitions: [{ topicId: "aaaaaaaaQACAAAAAAAAAAA", partitions: [0] }] },
      "TopicPartitions must be empty when (re-)joining.",
    ],
    [
      "when it joins without a subscription",
      { subscribedTopicNames: null },
      "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.",
    ],
  ])("%s", async (_when, changes, message) => {
    expect(await stage.member("one").join(changes)).toMatchObject({ error: "INVALID_REQUEST", message });
    expect(await stage.describe()).toMatchObject({ errorCode: 69 });
  });
});

describe("a member id", () => {
  it("is chosen by the coordinator for a client of version 0 that has none", async () => {
    const answer = await stage.client.ask(
      "ConsumerGroupHeartbeat",
      {
        groupId: GROUP,
        memberId: "",
        memberEpoch: 0,
        rebalanceTimeoutMs: 1000,
        subscribedTopicNames: ["orders"],
        topicPartitions: [],
      },
      0,
    );
    expect(answer.memberId).toMatch(/^[\w-]{22}$/);
    expect((await stage.describe()).members.map(({ memberId }) => memberId)).toEqual([answer.memberId]);
  });

  it("must be there in version 0, too, once the member has joined", async () => {
    const outcome = await stage.member("").heartbeat({ memberEpoch: 1 }, 0);
    expect(outcome).toMatchObject({ error: "INVALID_REQUEST", message: "MemberId can't be empty." });
  });
});

describe("an assignor", () => {
  it("that the broker lacks is refused, and those that it has are named (G26)", async () => {
    expect(await stage.member("one").join({ serverAssignor: "sticky" })).toMatchObject({
      error: "UNSUPPORTED_ASSIGNOR",
      message: "ServerAssignor sticky is not supported. Supported assignors: uniform, range.",
    });
  });

  it.each([
    [["uniform", "uniform", "range"], "uniform"],
    [["range", "range", "uniform"], "range"],
    [[null, null, "range"], "range"],
    [[null], "uniform"],
  ])("is the one that most members prefer: of %j, %s", async (preferences, expected) => {
    for (const [index, serverAssignor] of preferences.entries()) await stage.member(`member-${index}`).join({ serverAssignor });
    expect(await stage.describe()).toMatchObject({ assignorName: expected });
  });
});

describe("the protocol", () => {
  it.each(["ConsumerGroupHeartbeat", "ConsumerGroupDescribe"] as const)("is refused where it is off: %s", async (api) => {
    const old = await ConsumerGroupStage.open({ asVersion: "3.9" });
    const answer =
      api === "ConsumerGroupHeartbeat"
        ? await old.client.ask(api, { groupId: GROUP, memberId: "one", memberEpoch: 0 }, 0)
        : (await old.client.ask(api, { groupIds: [GROUP] }, 0)).groups[0];
    expect(answer).toMatchObject({ errorCode: 35, errorMessage: null });
    await old.close();
  });

  it("sends members to the group's coordinator (G7, G8)", async () => {
    const wide = await ConsumerGroupStage.open({ nodes: 2 });
    const member = wide.member("one");
    wide.broker.moveCoordinator("group", GROUP, 2);
    expect(await member.join()).toMatchObject({ error: "NOT_COORDINATOR", message: null });
    expect(await wide.describe()).toMatchObject({ errorCode: 16, errorMessage: null });
    wide.broker.moveCoordinator("group", GROUP, 1, { loadingMs: 500 });
    expect(await member.join()).toMatchObject({ error: "COORDINATOR_LOAD_IN_PROGRESS", message: null });
    await wide.clock.advance(500);
    expect(await member.join()).toMatchObject({ error: "NONE" });
    await wide.close();
  });
});
