import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { assignmentText, ConsumerGroupStage, GROUP, type StagedConsumer } from "../../../../test/support/consumer-group-stage.ts";

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

describe("joining", () => {
  it("gives the first member everything at once", async () => {
    expect(await one.join()).toEqual({ error: "NONE", message: null, epoch: 2, assignment: "orders: 0 1 2 3" });
    expect(await stage.describe()).toMatchObject({ groupState: "Stable", groupEpoch: 2, assignmentEpoch: 2 });
  });

  it("gives a second member its share when the first has given it up, and not before", async () => {
    await one.join();
    expect(await two.join()).toMatchObject({ epoch: 3, assignment: "" });
    expect(await two.acknowledge()).toMatchObject({ epoch: 3, assignment: null });
    // Told to give up, the member stays in its epoch until it has.
    expect(await one.heartbeat()).toMatchObject({ epoch: 2, assignment: "orders: 0 1" });
    expect(await two.acknowledge()).toMatchObject({ epoch: 3, assignment: null });
    expect(await stage.state()).toBe("Reconciling");
    expect(await one.acknowledge()).toMatchObject({ epoch: 3, assignment: null });
    expect(await two.acknowledge()).toMatchObject({ epoch: 3, assignment: "orders: 2 3" });
    expect(await stage.state()).toBe("Stable");
  });

  it("takes silence about what a member has for having everything still (G30)", async () => {
    await stage.stableGroup(one);
    await two.join();
    await one.heartbeat();
    expect(await one.heartbeat()).toMatchObject({ epoch: 2, assignment: null });
    expect(await two.heartbeat()).toMatchObject({ assignment: null });
    await one.acknowledge();
    expect(await two.heartbeat()).toMatchObject({ assignment: "orders: 2 3" });
  });

  it("again with epoch 0 under the same id gives the same back, without a new epoch (G24)", async () => {
    await stage.stableGroup(one, two);
    expect(await two.join()).toEqual({ error: "NONE", message: null, epoch: 3, assignment: "orders: 2 3" });
    expect(await stage.describe()).toMatchObject({ groupEpoch: 3, groupState: "Stable" });
  });

  it("is refused when the group is full, but not to its members", async () => {
    const small = await ConsumerGroupStage.open({ configs: { "group.consumer.max.size": "1" } });
    const first = small.member("first");
    await first.join();
    expect(await small.member("second").join()).toMatchObject({
      error: "GROUP_MAX_SIZE_REACHED",
      message: "The consumer group has reached its maximum capacity of 1 members.",
    });
    expect(await first.join()).toMatchObject({ error: "NONE" });
    await small.close();
  });

  it("together with others waits for the next assignment, which is made once a second", async () => {
    const waiting = await ConsumerGroupStage.open({ configs: { "group.consumer.assignment.interval.ms": "1000" } });
    await waiting.member("one").join();
    const late = waiting.member("two");
    expect(await late.join()).toMatchObject({ epoch: 2, assignment: "" });
    expect(await waiting.describe()).toMatchObject({ groupState: "Assigning", groupEpoch: 3, assignmentEpoch: 2 });
    await waiting.clock.advance(1000);
    expect(await late.acknowledge()).toMatchObject({ epoch: 3 });
    await waiting.close();
  });
});

describe("the answer", () => {
  it("says the assignment only when it changed, or to who says everything", async () => {
    await one.join();
    expect(await one.heartbeat()).toMatchObject({ assignment: null });
    const everything = { rebalanceTimeoutMs: 60_000, subscribedTopicNames: ["orders"], topicPartitions: one.owned };
    expect(await one.heartbeat(everything)).toMatchObject({ assignment: "orders: 0 1 2 3" });
  });

  it("tells how often to come", async () => {
    const slow = await ConsumerGroupStage.open({ configs: { "group.consumer.heartbeat.interval.ms": "7000" } });
    const request = {
      groupId: GROUP,
      memberId: "one",
      memberEpoch: 0,
      rebalanceTimeoutMs: 1,
      subscribedTopicNames: [],
      topicPartitions: [],
    };
    expect(await slow.client.ask("ConsumerGroupHeartbeat", request, 1)).toMatchObject({ heartbeatIntervalMs: 7000 });
    await slow.close();
  });
});

describe("an epoch", () => {
  it("is good once more when the answer with the next one was lost, and the member has nothing that it lost meanwhile", async () => {
    await stage.stableGroup(one);
    const before = one.epoch;
    await two.join();
    await one.heartbeat();
    const owned = one.owned;
    await one.acknowledge();
    expect(one.epoch).toBe(before + 1);
    expect(await one.heartbeat({ memberEpoch: before, topicPartitions: owned })).toMatchObject({
      error: "NONE",
      epoch: before + 1,
    });
  });

  it.each([
    ["says nothing of what it has", null],
    ["has what it gave up", [0, 1, 2, 3]],
  ])("that is past fences a member that %s (G24)", async (_what, partitions) => {
    await stage.stableGroup(one, two);
    const topicPartitions = partitions && one.owned!.map(({ topicId }) => ({ topicId, partitions }));
    expect(await one.heartbeat({ memberEpoch: one.epoch - 1, topicPartitions })).toMatchObject({
      error: "FENCED_MEMBER_EPOCH",
      message:
        "The consumer group member has a smaller member epoch (2) than the one known by the group coordinator (3). " +
        "The member must abandon all its partitions and rejoin.",
    });
  });

  it("that has not come yet fences (G24)", async () => {
    await one.join();
    expect(await one.heartbeat({ memberEpoch: 3 })).toMatchObject({
      error: "FENCED_MEMBER_EPOCH",
      message:
        "The consumer group member has a greater member epoch (3) than the one known by the group coordinator (2). " +
        "The member must abandon all its partitions and rejoin.",
    });
  });
});

describe("leaving", () => {
  it("frees what the member had, at once", async () => {
    await stage.stableGroup(one, two);
    expect(await one.leave()).toEqual({ error: "NONE", message: null, epoch: -1, assignment: null });
    expect(await two.acknowledge()).toMatchObject({ epoch: 4, assignment: "orders: 0 1 2 3" });
  });

  it("leaves an empty group behind", async () => {
    await one.join();
    await one.leave();
    expect(await stage.describe()).toMatchObject({ groupState: "Empty", groupEpoch: 3, members: [] });
  });

  it("twice is unknown the second time (G31)", async () => {
    await stage.stableGroup(one, two);
    await one.leave();
    expect(await one.leave()).toMatchObject({
      error: "UNKNOWN_MEMBER_ID",
      message: "Member one is not a member of group readers.",
    });
  });
});

describe("a group that is not there", () => {
  it.each([
    ["a heartbeat", 1, "Consumer group readers not found."],
    ["leaving", -1, "Group readers not found."],
  ])("is not made by %s (G27)", async (_what, memberEpoch, message) => {
    expect(await one.heartbeat({ memberEpoch })).toMatchObject({ error: "GROUP_ID_NOT_FOUND", message });
    expect(await stage.describe()).toMatchObject({ errorCode: 69, errorMessage: "Group readers not found." });
  });
});

describe("a classic group", () => {
  const joinClassic = async (): Promise<void> => {
    const protocols = [{ name: "range", metadata: new Uint8Array([0, 0, 0, 0, 0, 0, 255, 255, 255, 255]) }];
    const request = {
      groupId: GROUP,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      memberId: "",
      protocolType: "consumer",
      protocols,
    };
    const joined = stage.client.ask("JoinGroup", request, 3);
    await stage.clock.advance(0);
    await joined;
  };

  it("with members is none that could be joined, left or heard (G27)", async () => {
    await joinClassic();
    const message = "Group readers is not a consumer group.";
    expect(await one.heartbeat({ memberEpoch: 1 })).toMatchObject({ error: "GROUP_ID_NOT_FOUND", message });
    expect(await one.leave()).toMatchObject({ error: "GROUP_ID_NOT_FOUND", message });
    expect(await one.join()).toMatchObject({
      error: "GROUP_ID_NOT_FOUND",
      message: "Cannot upgrade classic group readers to consumer group because online upgrade is disabled.",
    });
    expect(await stage.describe()).toMatchObject({ errorCode: 69, errorMessage: message });
  });

  it("that only holds offsets becomes a consumer group with them", async () => {
    const topics = [{ name: "orders", partitions: [{ partitionIndex: 0, committedOffset: 42 }] }];
    await stage.client.ask("OffsetCommit", { groupId: GROUP, generationIdOrMemberEpoch: -1, topics }, 9);
    expect(await one.join()).toMatchObject({ error: "NONE" });
    const { groups } = await stage.client.ask("OffsetFetch", { groups: [{ groupId: GROUP, memberEpoch: -1, topics: null }] }, 9);
    expect(groups[0]!.topics[0]!.partitions[0]).toMatchObject({ committedOffset: 42 });
  });
});

describe("describing", () => {
  it("shows members, what they have and what they shall have", async () => {
    await one.join({ rackId: "r1" });
    await two.join();
    const { members, ...group } = await stage.describe();
    expect(group).toMatchObject({
      errorCode: 0,
      groupState: "Reconciling",
      groupEpoch: 3,
      assignmentEpoch: 3,
      assignorName: "uniform",
    });
    expect(members[0]).toMatchObject({
      memberId: "one",
      instanceId: null,
      rackId: "r1",
      memberEpoch: 2,
      clientId: "test",
      memberType: 1,
      subscribedTopicNames: ["orders"],
      subscribedTopicRegex: "",
    });
    const texts = members.map(({ assignment, targetAssignment }) =>
      [assignment, targetAssignment].map(({ topicPartitions }) => assignmentText(topicPartitions)),
    );
    expect(texts).toEqual([
      ["orders: 0 1 2 3", "orders: 0 1"],
      ["", "orders: 2 3"],
    ]);
  });

  it("says what the client may do, if it wants to know", async () => {
    await one.join();
    const ask = async (includeAuthorizedOperations: boolean): Promise<number> => {
      const { groups } = await stage.client.ask("ConsumerGroupDescribe", { groupIds: [GROUP], includeAuthorizedOperations }, 1);
      return groups[0]!.authorizedOperations;
    };
    expect([await ask(false), await ask(true)]).toEqual([-0x8000_0000, 3400]);
  });

  it("answers for every group by itself", async () => {
    await one.join();
    const { groups } = await stage.client.ask("ConsumerGroupDescribe", { groupIds: ["", GROUP, "nobody"] }, 0);
    expect(groups.map(({ groupId, errorCode }) => [groupId, errorCode])).toEqual([
      ["", 24],
      [GROUP, 0],
      ["nobody", 69],
    ]);
  });
});
