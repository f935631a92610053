import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GroupStage, TOPIC } from "../../../test/support/group-stage.ts";

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

const listed = async (filters: { statesFilter?: readonly string[]; typesFilter?: readonly string[] } = {}) =>
  (await stage.client.ask("ListGroups", filters, 5)).groups.map(({ groupId }) => groupId);

describe("ListGroups", () => {
  it("names protocol type, state and type of each group", async () => {
    await withThreeGroups();
    expect((await stage.client.ask("ListGroups", {}, 5)).groups).toEqual([
      { groupId: "stable", protocolType: "consumer", groupState: "Stable", groupType: "classic" },
      { groupId: "left", protocolType: "connect", groupState: "Empty", groupType: "classic" },
      { groupId: "simple", protocolType: "", groupState: "Empty", groupType: "classic" },
    ]);
  });

  it("filters by state and by type, in upper or lower case", async () => {
    await withThreeGroups();
    expect(await listed({ statesFilter: ["stable"] })).toEqual(["stable"]);
    expect(await listed({ statesFilter: ["EMPTY", "Dead"] })).toEqual(["left", "simple"]);
    expect(await listed({ typesFilter: ["Classic"], statesFilter: ["Empty"] })).toEqual(["left", "simple"]);
    expect(await listed({ typesFilter: ["consumer"] })).toEqual([]);
    expect(await listed({ typesFilter: ["nonsense"] })).toEqual([]);
  });

  it("lists at each node the groups that it coordinates", async () => {
    await stage.close();
    stage = await GroupStage.open({ nodes: 2 });
    const ids = ["a", "b", "c", "d"];
    for (const id of ids) await stage.stableGroup({ group: id, node: stage.broker.coordinatorOf("group", id) });
    for (const node of [1, 2]) {
      const { client } = await stage.member({ node });
      const { groups } = await client.ask("ListGroups", {}, 5);
      expect(groups.map(({ groupId }) => groupId)).toEqual(ids.filter((id) => stage.broker.coordinatorOf("group", id) === node));
    }
  });
});
