import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GROUP, GroupStage, nameOf, TOPIC } from "../../../test/support/group-stage.ts";

let stage: GroupStage;

beforeEach(async () => {
  stage = await GroupStage.open();
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

const NOBODY_KNOWS_THIS_ID = "AAAAAAAAAAAAAAAAAAABBg";

interface Commit {
  readonly group?: string;
  readonly generation?: number;
  readonly memberId?: string;
  readonly topic?: string;
  readonly partition?: number;
  readonly metadata?: string | null;
  readonly version?: number;
}

async function commit(offset: number, { group = GROUP, generation = -1, memberId = "", version = 8, ...place }: Commit = {}) {
  const partition = { partitionIndex: place.partition ?? 0, committedOffset: offset, committedMetadata: place.metadata ?? null };
  const topics = [{ name: place.topic ?? TOPIC, partitions: [partition] }];
  const body = { groupId: group, generationIdOrMemberEpoch: generation, memberId, topics };
  const answer = await stage.client.ask("OffsetCommit", body, version);
  return nameOf(answer.topics[0]!.partitions[0]!.errorCode);
}

async function committed(partition = 0): Promise<number> {
  const topics = [{ name: TOPIC, partitionIndexes: [partition] }];
  const { groups } = await stage.client.ask("OffsetFetch", { groups: [{ groupId: GROUP, topics }] }, 8);
  return groups[0]!.topics[0]!.partitions[0]!.committedOffset;
}

async function topicId(): Promise<string> {
  const { topics } = await stage.client.ask("Metadata", { topics: [{ name: TOPIC }] }, 12);
  return topics[0]!.topicId;
}

describe("OffsetCommit", () => {
  it("of nobody in particular makes a group that only has offsets", async () => {
    expect(await commit(5)).toBe("NONE");
    expect(await committed()).toBe(5);
    expect(await stage.describe()).toMatchObject({ groupState: "Empty", protocolType: "", members: [] });
  });

  it("even with an empty group id, as very old clients do", async () => {
    expect(await commit(5, { group: "" })).toBe("NONE");
  });

  it.each([
    [8, "ILLEGAL_GENERATION"],
    [9, "GROUP_ID_NOT_FOUND"],
  ])("v%i of a member of a group that does not exist is refused", async (version, error) => {
    expect(await commit(5, { generation: 3, memberId: "somebody", version })).toBe(error);
    expect(await stage.state()).toBe("Dead");
  });

  it("keeps the last offset, note and leader epoch of each partition", async () => {
    const of = (committedOffset: number, committedMetadata: string) => [
      { name: TOPIC, partitions: [{ partitionIndex: 2, committedOffset, committedLeaderEpoch: 4, committedMetadata }] },
    ];
    await stage.client.ask("OffsetCommit", { groupId: GROUP, topics: of(7, "first") }, 8);
    await stage.client.ask("OffsetCommit", { groupId: GROUP, topics: of(3, "back again") }, 8);
    const { groups } = await stage.client.ask("OffsetFetch", { groups: [{ groupId: GROUP, topics: null }] }, 8);
    expect(groups[0]!.topics).toMatchObject([
      {
        name: TOPIC,
        partitions: [{ partitionIndex: 2, committedOffset: 3, committedLeaderEpoch: 4, metadata: "back again", errorCode: 0 }],
      },
    ]);
  });

  it("takes a note of offset.metadata.max.bytes, and no longer one (G15)", async () => {
    expect(await commit(5, { metadata: "x".repeat(4096) })).toBe("NONE");
    expect(await commit(6, { metadata: "x".repeat(4097) })).toBe("OFFSET_METADATA_TOO_LARGE");
    expect(await committed()).toBe(5);
  });

  it("answers for what does not exist first, and takes the rest", async () => {
    const topics = [
      { name: TOPIC, partitions: [0, 9].map((partitionIndex) => ({ partitionIndex, committedOffset: 1 })) },
      { name: "none", partitions: [{ partitionIndex: 0, committedOffset: 1 }] },
    ];
    const answer = await stage.client.ask("OffsetCommit", { groupId: GROUP, topics }, 8);
    const results = answer.topics.map(({ name, partitions }) => [name, ...partitions.map(({ errorCode }) => nameOf(errorCode))]);
    expect(results).toEqual([
      [TOPIC, "UNKNOWN_TOPIC_OR_PARTITION", "NONE"],
      ["none", "UNKNOWN_TOPIC_OR_PARTITION"],
    ]);
  });

  it("v10 goes by topic ids", async () => {
    const partitions = [{ partitionIndex: 0, committedOffset: 8 }];
    const topics = [NOBODY_KNOWS_THIS_ID, await topicId()].map((id) => ({ topicId: id, partitions }));
    const answer = await stage.client.ask("OffsetCommit", { groupId: GROUP, topics }, 10);
    expect(answer.topics.map((topic) => nameOf(topic.partitions[0]!.errorCode))).toEqual(["UNKNOWN_TOPIC_ID", "NONE"]);
    expect(answer.topics.map((topic) => topic.topicId)).toEqual(topics.map((topic) => topic.topicId));
    expect(await committed()).toBe(8);
  });
});

describe("OffsetCommit to a group with members", () => {
  it("is for members of the present generation only (G3, G4)", async () => {
    const [member] = await stage.stableGroup({});
    const { memberId } = member!;
    expect(await commit(5)).toBe("UNKNOWN_MEMBER_ID");
    expect(await commit(5, { generation: 1, memberId: "somebody" })).toBe("UNKNOWN_MEMBER_ID");
    expect(await commit(5, { generation: 2, memberId })).toBe("ILLEGAL_GENERATION");
    expect(await commit(5, { generation: -1, memberId })).toBe("ILLEGAL_GENERATION");
    expect(await committed()).toBe(-1);
    expect(await commit(5, { generation: 1, memberId })).toBe("NONE");
    expect(await committed()).toBe(5);
  });

  it("is taken while joins are collected, and refused while the assignment is computed (G2)", async () => {
    const [leader, follower] = await stage.stableGroup({}, {});
    const waiting = leader!.join();
    expect(await follower!.commit(5)).toBe("NONE");
    await follower!.join();
    await waiting;
    expect(await follower!.commit(6)).toBe("REBALANCE_IN_PROGRESS");
    expect(await committed()).toBe(5);
  });

  it("is refused once the member has left (G4)", async () => {
    const [member] = await stage.stableGroup({});
    await member!.leave();
    expect(await member!.commit(5)).toBe("UNKNOWN_MEMBER_ID");
  });
});

describe("a fault in OffsetCommit", () => {
  const both = async () => {
    const partitions = [0, 1].map((partitionIndex) => ({ partitionIndex, committedOffset: 5 }));
    const answer = await stage.client.ask("OffsetCommit", { groupId: GROUP, topics: [{ name: TOPIC, partitions }] }, 8);
    return new Map(answer.topics[0]!.partitions.map(({ partitionIndex, errorCode }) => [partitionIndex, nameOf(errorCode)]));
  };

  it("strikes one partition, and the others are committed", async () => {
    stage.broker.faults.failNext({ api: "OffsetCommit", topic: TOPIC, partition: 1, error: "OFFSET_METADATA_TOO_LARGE" });
    const results = await both();
    expect([results.get(0), results.get(1)]).toEqual(["NONE", "OFFSET_METADATA_TOO_LARGE"]);
    expect([await committed(0), await committed(1)]).toEqual([5, -1]);
  });

  it("may answer no to what was done", async () => {
    stage.broker.faults.failNext({ api: "OffsetCommit", topic: TOPIC, partition: 1, error: "NOT_COORDINATOR", afterApply: true });
    expect((await both()).get(1)).toBe("NOT_COORDINATOR");
    expect([await committed(0), await committed(1)]).toEqual([5, 5]);
  });
});

describe("OffsetCommit and OffsetFetch v0, of clients from before groups had coordinators", () => {
  const asked = (old: GroupStage, offset: number, version: number, partitionIndex = 0) => {
    const partitions = [{ partitionIndex, committedOffset: offset, committedMetadata: "lost" }];
    return old.client.ask("OffsetCommit", { groupId: GROUP, topics: [{ name: TOPIC, partitions }] }, version);
  };
  const found = async (old: GroupStage, version: number) => {
    const topics = [{ name: TOPIC, partitionIndexes: [0, 1, 9] }];
    const answer = await old.client.ask("OffsetFetch", { groupId: GROUP, topics }, version);
    return answer.topics[0]!.partitions.map((it) => [it.committedOffset, it.metadata, nameOf(it.errorCode)]);
  };

  it("use ZooKeeper, and what is there is not in the group", async () => {
    const old = await GroupStage.open({ asVersion: "0.11" });
    await asked(old, 5, 0);
    await asked(old, 7, 2, 1);
    const missing = [-1, "", "UNKNOWN_TOPIC_OR_PARTITION"];
    expect(await found(old, 0)).toEqual([[5, "", "NONE"], missing, missing]);
    expect(await found(old, 1)).toEqual([
      [-1, "", "NONE"],
      [7, "lost", "NONE"],
      [-1, "", "NONE"],
    ]);
    const { topics } = await asked(old, 5, 0, 9);
    expect(nameOf(topics[0]!.partitions[0]!.errorCode)).toBe("UNKNOWN_TOPIC_OR_PARTITION");
    await old.close();
  });

  it("are refused by brokers without ZooKeeper", async () => {
    const old = await GroupStage.open({ asVersion: "3.9" });
    const { topics } = await asked(old, 5, 0);
    expect(nameOf(topics[0]!.partitions[0]!.errorCode)).toBe("UNSUPPORTED_VERSION");
    expect((await found(old, 0)).map(([, , error]) => error)).toEqual(Array(3).fill("UNSUPPORTED_VERSION"));
    await old.close();
  });
});

it("OffsetCommit v9 of a member of a group that does not exist is ILLEGAL_GENERATION up to 3.9", async () => {
  const old = await GroupStage.open({ asVersion: "3.9" });
  const topics = [{ name: TOPIC, partitions: [{ partitionIndex: 0, committedOffset: 5 }] }];
  const body = { groupId: GROUP, generationIdOrMemberEpoch: 3, memberId: "somebody", topics };
  const answer = await old.client.ask("OffsetCommit", body, 9);
  expect(nameOf(answer.topics[0]!.partitions[0]!.errorCode)).toBe("ILLEGAL_GENERATION");
  await old.close();
});
