import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GROUP, GroupStage, nameOf, TOPIC } from "../../../test/support/group-stage.ts";

let stage: GroupStage;

beforeEach(async () => {
  stage = await GroupStage.open();
  const partitions = [{ partitionIndex: 0, committedOffset: 5, committedMetadata: "note" }];
  await stage.client.ask("OffsetCommit", { groupId: GROUP, topics: [{ name: TOPIC, partitions }] }, 8);
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

const NOBODY_KNOWS_THIS_ID = "AAAAAAAAAAAAAAAAAAABBg";
const NOTHING = { committedOffset: -1, committedLeaderEpoch: -1, metadata: "", errorCode: 0 };
const asked = [{ name: TOPIC, partitionIndexes: [0, 1, 77] }];

describe("OffsetFetch", () => {
  it.each([1, 2, 5, 7])("v%i answers -1 for what was not committed, whether it exists or not", async (version) => {
    const { topics } = await stage.client.ask("OffsetFetch", { groupId: GROUP, topics: asked }, version);
    expect(topics).toMatchObject([
      {
        name: TOPIC,
        partitions: [
          { partitionIndex: 0, committedOffset: 5, metadata: "note", errorCode: 0 },
          { partitionIndex: 1, ...NOTHING },
          { partitionIndex: 77, ...NOTHING },
        ],
      },
    ]);
  });

  it("answers for a group that does not exist as for one without offsets", async () => {
    const { errorCode, topics } = await stage.client.ask("OffsetFetch", { groupId: "none", topics: asked }, 7);
    expect(errorCode).toBe(0);
    expect(topics[0]!.partitions[0]).toMatchObject(NOTHING);
    expect(await stage.state("none")).toBe("Dead");
  });

  it.each([2, 7])("v%i gives all that is committed when no topics are named", async (version) => {
    const { topics } = await stage.client.ask("OffsetFetch", { groupId: GROUP, topics: null }, version);
    expect(topics).toMatchObject([{ name: TOPIC, partitions: [{ partitionIndex: 0, committedOffset: 5 }] }]);
  });

  it("v8 answers for many groups", async () => {
    const groups = [
      { groupId: GROUP, topics: null },
      { groupId: "none", topics: null },
      { groupId: GROUP, topics: asked },
    ];
    const answer = await stage.client.ask("OffsetFetch", { groups }, 8);
    expect(answer.groups.map(({ groupId, topics }) => [groupId, topics[0]?.partitions.length ?? 0])).toEqual([
      [GROUP, 1],
      ["none", 0],
      [GROUP, 3],
    ]);
  });

  it("v10 goes by topic ids", async () => {
    const { topics: described } = await stage.client.ask("Metadata", { topics: [{ name: TOPIC }] }, 12);
    const { topicId } = described[0]!;
    const topics = [NOBODY_KNOWS_THIS_ID, topicId].map((id) => ({ topicId: id, partitionIndexes: [0] }));
    const groups = [
      { groupId: GROUP, topics },
      { groupId: GROUP, topics: null },
    ];
    const answer = await stage.client.ask("OffsetFetch", { groups }, 10);
    const results = answer.groups.map((group) =>
      group.topics.map((topic) => [topic.topicId, topic.partitions[0]!.committedOffset, nameOf(topic.partitions[0]!.errorCode)]),
    );
    expect(results).toEqual([
      [
        [NOBODY_KNOWS_THIS_ID, -1, "UNKNOWN_TOPIC_ID"],
        [topicId, 5, "NONE"],
      ],
      [[topicId, 5, "NONE"]],
    ]);
  });

  it("asks a member of a classic group for nothing", async () => {
    const groups = [{ groupId: GROUP, memberId: "somebody", memberEpoch: 9, topics: null }];
    const answer = await stage.client.ask("OffsetFetch", { groups }, 9);
    expect(answer.groups[0]).toMatchObject({ errorCode: 0, topics: [{ name: TOPIC }] });
  });
});

describe("OffsetFetch refused as a whole", () => {
  const everywhere = async (version: number) => {
    stage.broker.loadCoordinator("group", GROUP, 1000);
    const many = version >= 8;
    const body = many ? { groups: [{ groupId: GROUP, topics: asked }] } : { groupId: GROUP, topics: asked };
    return stage.client.ask("OffsetFetch", body, version);
  };

  it("in v1 says so at each partition (G8)", async () => {
    const { topics } = await everywhere(1);
    expect(topics[0]!.partitions.map(({ errorCode }) => nameOf(errorCode))).toEqual(
      asked[0]!.partitionIndexes.map(() => "COORDINATOR_LOAD_IN_PROGRESS"),
    );
  });

  it("in v2 to v7 says so once (G8)", async () => {
    const { topics, errorCode } = await everywhere(7);
    expect([nameOf(errorCode), topics]).toEqual(["COORDINATOR_LOAD_IN_PROGRESS", []]);
  });

  it("from v8 on says so for the group (G8)", async () => {
    const { groups } = await everywhere(8);
    expect(groups).toMatchObject([{ groupId: GROUP, errorCode: 14, topics: [] }]);
  });
});

describe("a fault in OffsetFetch", () => {
  it("strikes one partition (G17)", async () => {
    stage.broker.faults.failNext({ api: "OffsetFetch", topic: TOPIC, partition: 0, error: "UNSTABLE_OFFSET_COMMIT" });
    const { topics } = await stage.client.ask("OffsetFetch", { groupId: GROUP, topics: asked }, 7);
    expect(topics[0]!.partitions.map(({ errorCode }) => nameOf(errorCode))).toEqual(["UNSTABLE_OFFSET_COMMIT", "NONE", "NONE"]);
  });
});
