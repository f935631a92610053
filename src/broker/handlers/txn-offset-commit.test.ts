import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GROUP, GroupStage, nameOf, TOPIC } from "../../../test/support/group-stage.ts";

const TRANSACTION = "payments";
let stage: GroupStage;
let producer: { producerId: bigint; producerEpoch: number };

beforeEach(async () => {
  stage = await GroupStage.open();
  const answer = await stage.client.ask("InitProducerId", { transactionalId: TRANSACTION, transactionTimeoutMs: 60_000 }, 4);
  expect(nameOf(answer.errorCode)).toBe("NONE");
  producer = { producerId: answer.producerId, producerEpoch: answer.producerEpoch };
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

interface Commit {
  readonly groupId?: string;
  readonly generationIdOrMemberEpoch?: number;
  readonly memberId?: string;
  readonly producerEpoch?: number;
}

async function stageOffset(committedOffset: number, changes: Commit = {}, version = 5) {
  const topics = [{ name: TOPIC, partitions: [{ partitionIndex: 0, committedOffset }] }];
  const body = { transactionalId: TRANSACTION, groupId: GROUP, ...producer, topics, ...changes };
  const answer = await stage.client.ask("TxnOffsetCommit", body, version);
  return nameOf(answer.topics[0]!.partitions[0]!.errorCode);
}

async function end(committed: boolean): Promise<void> {
  const answer = await stage.client.ask("EndTxn", { transactionalId: TRANSACTION, ...producer, committed }, 5);
  expect(nameOf(answer.errorCode)).toBe("NONE");
  producer = { producerId: answer.producerId, producerEpoch: answer.producerEpoch };
  await stage.clock.advance(0);
}

async function fetched(requireStable = false) {
  const topics = [{ name: TOPIC, partitionIndexes: [0] }];
  const { groups } = await stage.client.ask("OffsetFetch", { groups: [{ groupId: GROUP, topics }], requireStable }, 8);
  const { committedOffset, errorCode } = groups[0]!.topics[0]!.partitions[0]!;
  return [committedOffset, nameOf(errorCode)];
}

describe("TxnOffsetCommit", () => {
  it("v5 joins the group to the transaction by itself (KIP-890)", async () => {
    expect(await stageOffset(7)).toBe("NONE");
  });

  it("before v5 needs AddOffsetsToTxn first (KIP-890)", async () => {
    expect(await stageOffset(7, {}, 3)).toBe("INVALID_TXN_STATE");
    const added = await stage.client.ask("AddOffsetsToTxn", { transactionalId: TRANSACTION, ...producer, groupId: GROUP }, 3);
    expect(nameOf(added.errorCode)).toBe("NONE");
    expect(await stageOffset(7, {}, 3)).toBe("NONE");
  });

  it("counts when the transaction commits; until then the old offset does, or the reader has to wait (KIP-447, G16)", async () => {
    await stageOffset(7);
    expect(await fetched()).toEqual([-1, "NONE"]);
    expect(await fetched(true)).toEqual([-1, "UNSTABLE_OFFSET_COMMIT"]);
    await end(true);
    expect(await fetched(true)).toEqual([7, "NONE"]);
  });

  it("is forgotten when the transaction aborts", async () => {
    await stageOffset(7);
    await end(false);
    expect(await fetched(true)).toEqual([-1, "NONE"]);
  });

  it("of a fenced producer is refused", async () => {
    expect(await stageOffset(7, { producerEpoch: 77 })).toBe("INVALID_PRODUCER_EPOCH");
    expect(await fetched(true)).toEqual([-1, "NONE"]);
  });

  it("without a group id is refused", async () => {
    expect(await stageOffset(7, { groupId: "" })).toBe("INVALID_GROUP_ID");
  });

  it("v5 of a member of a group that does not exist is refused as of another generation", async () => {
    expect(await stageOffset(7, { generationIdOrMemberEpoch: 3, memberId: "somebody" })).toBe("ILLEGAL_GENERATION");
  });

  it("v6 goes by topic ids, and says when there is no such group (KIP-1319)", async () => {
    const { topics: described } = await stage.client.ask("Metadata", { topics: [{ name: TOPIC }] }, 12);
    const partitions = [{ partitionIndex: 0, committedOffset: 7 }];
    const topics = [described[0]!.topicId, "AAAAAAAAAAAAAAAAAAABBg"].map((topicId) => ({ topicId, partitions }));
    const ask = async (changes: Commit) => {
      const body = { transactionalId: TRANSACTION, groupId: GROUP, ...producer, topics, ...changes };
      const answer = await stage.client.ask("TxnOffsetCommit", body, 6);
      return answer.topics.map((topic) => [topic.topicId, nameOf(topic.partitions[0]!.errorCode)]);
    };
    const [known, unknown] = topics.map(({ topicId }) => topicId);
    expect(await ask({ generationIdOrMemberEpoch: 3, memberId: "somebody" })).toEqual([
      [unknown, "UNKNOWN_TOPIC_ID"],
      [known, "GROUP_ID_NOT_FOUND"],
    ]);
    expect(await ask({})).toEqual([
      [unknown, "UNKNOWN_TOPIC_ID"],
      [known, "NONE"],
    ]);
  });

  it("checks generation and member where they are named, whatever the group is at (KIP-447)", async () => {
    const [leader] = await stage.stableGroup({});
    const { memberId } = leader!;
    expect(await stageOffset(7, { generationIdOrMemberEpoch: 1, memberId: "somebody" })).toBe("UNKNOWN_MEMBER_ID");
    expect(await stageOffset(7, { generationIdOrMemberEpoch: 9, memberId })).toBe("ILLEGAL_GENERATION");
    expect(await stageOffset(7, { generationIdOrMemberEpoch: 1, memberId })).toBe("NONE");
    expect(await stageOffset(8)).toBe("NONE");
    await leader!.join();
    expect(await stage.state()).toBe("CompletingRebalance");
    expect(await stageOffset(9, { generationIdOrMemberEpoch: 2, memberId })).toBe("NONE");
  });

  it("before v2 hides that the coordinator is loading (KAFKA-7296)", async () => {
    stage.broker.loadCoordinator("group", GROUP, 1000);
    expect(await stageOffset(7, {}, 1)).toBe("COORDINATOR_NOT_AVAILABLE");
    expect(await stageOffset(7, {}, 2)).toBe("COORDINATOR_LOAD_IN_PROGRESS");
  });
});
