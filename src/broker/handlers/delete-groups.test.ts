import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GroupStage, nameOf, TOPIC } from "../../../test/support/group-stage.ts";

let stage: GroupStage;

beforeEach(async () => {
  stage = await GroupStage.open();
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

async function withThreeGroups(): Promise<void> {
  await stage.stableGroup({ group: "stable" });
  const [member] = await stage.stableGroup({ group: "left", protocolType: "connect" });
  await member!.leave();
  const topics = [{ name: TOPIC, partitions: [{ partitionIndex: 0, committedOffset: 5 }] }];
  await stage.client.ask("OffsetCommit", { groupId: "simple", topics }, 8);
}

describe("DeleteGroups", () => {
  const deleted = async (...groupsNames: string[]) => {
    const { results } = await stage.client.ask("DeleteGroups", { groupsNames }, 2);
    return results.map(({ groupId, errorCode }) => [groupId, nameOf(errorCode)]);
  };

  it("removes a group without members, and its offsets", async () => {
    await withThreeGroups();
    expect(await deleted("left", "simple", "simple")).toEqual([
      ["left", "NONE"],
      ["simple", "NONE"],
    ]);
    const { groups } = await stage.client.ask("ListGroups", {}, 5);
    expect(groups.map(({ groupId }) => groupId)).toEqual(["stable"]);
    const { topics } = await stage.client.ask("OffsetFetch", { groupId: "simple", topics: null }, 7);
    expect(topics).toEqual([]);
  });

  it("refuses groups with members, and groups that do not exist", async () => {
    await withThreeGroups();
    expect(await deleted("stable", "none")).toEqual([
      ["stable", "NON_EMPTY_GROUP"],
      ["none", "GROUP_ID_NOT_FOUND"],
    ]);
    expect(await stage.state("stable")).toBe("Stable");
  });
});
