import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GROUP, GroupStage, nameOf, offer, TOPIC } from "../../../test/support/group-stage.ts";

let stage: GroupStage;

beforeEach(async () => {
  stage = await GroupStage.open({ topics: { [TOPIC]: 3, payments: 1 } });
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

async function commitAsNobody(...names: string[]): Promise<void> {
  const topics = names.map((name) => ({ name, partitions: [{ partitionIndex: 0, committedOffset: 5 }] }));
  await stage.client.ask("OffsetCommit", { groupId: GROUP, topics }, 8);
}

async function deleteOffsets(groupId: string, ...names: string[]) {
  const topics = names.map((name) => ({ name, partitions: [{ partitionIndex: 0 }, { partitionIndex: 9 }] }));
  const answer = await stage.client.ask("OffsetDelete", { groupId, topics });
  const results = answer.topics.map(({ name, partitions }) => [
    name,
    ...partitions.map((one) => `${one.partitionIndex} ${nameOf(one.errorCode)}`),
  ]);
  return { error: nameOf(answer.errorCode), results };
}

async function committedTopics(): Promise<readonly string[]> {
  const { groups } = await stage.client.ask("OffsetFetch", { groups: [{ groupId: GROUP, topics: null }] }, 8);
  return groups[0]!.topics.map(({ name }) => name);
}

describe("OffsetDelete", () => {
  it("forgets offsets of partitions that exist", async () => {
    await commitAsNobody(TOPIC, "payments");
    expect(await deleteOffsets(GROUP, TOPIC)).toEqual({
      error: "NONE",
      results: [[TOPIC, "9 UNKNOWN_TOPIC_OR_PARTITION", "0 NONE"]],
    });
    expect(await committedTopics()).toEqual(["payments"]);
  });

  it("spares topics that a member is subscribed to", async () => {
    await commitAsNobody(TOPIC, "payments");
    await stage.stableGroup({ protocols: [offer("range", TOPIC)] });
    const { results } = await deleteOffsets(GROUP, TOPIC, "payments");
    expect(results.map((result) => result.at(-1))).toEqual(["0 GROUP_SUBSCRIBED_TO_TOPIC", "0 NONE"]);
    expect(await committedTopics()).toEqual([TOPIC]);
  });

  it.each([
    ["without a group id", "", "INVALID_GROUP_ID"],
    ["of a group that does not exist", "none", "GROUP_ID_NOT_FOUND"],
  ])("%s is refused", async (_what, group, error) => {
    expect(await deleteOffsets(group, TOPIC)).toEqual({ error, results: [] });
  });

  it("is refused while the group has members that are no consumers: nobody knows what they read", async () => {
    await stage.stableGroup({ protocolType: "connect" });
    expect(await deleteOffsets(GROUP, TOPIC)).toEqual({ error: "NON_EMPTY_GROUP", results: [] });
  });
});
