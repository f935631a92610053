import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GROUP, GroupStage, nameOf } from "../../../test/support/group-stage.ts";

let stage: GroupStage;

beforeEach(async () => {
  stage = await GroupStage.open({ nodes: 3 });
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

describe("FindCoordinator", () => {
  it.each([0, 1, 3])("v%i names the node that coordinates the group", async (version) => {
    const answer = await stage.client.ask("FindCoordinator", { key: GROUP }, version);
    const { id, host, port } = stage.broker.nodes.find((node) => node.id === stage.broker.coordinatorOf("group", GROUP))!;
    expect(answer).toMatchObject({ errorCode: 0, nodeId: id, host, port });
  });

  it("from v4 on answers for many keys, each with its own node", async () => {
    const keys = ["a", "b", "c", "d"];
    const { coordinators } = await stage.client.ask("FindCoordinator", { keyType: 1, coordinatorKeys: keys }, 6);
    expect(coordinators.map(({ key, nodeId }) => [key, nodeId])).toEqual(
      keys.map((key) => [key, stage.broker.coordinatorOf("transaction", key)]),
    );
    expect(new Set(coordinators.map(({ nodeId }) => nodeId)).size).toBeGreaterThan(1);
  });

  it("makes the internal topic that the state is kept in", async () => {
    await stage.client.ask("FindCoordinator", { key: GROUP }, 3);
    const { topics } = await stage.client.ask("Metadata", { topics: [{ name: "__consumer_offsets" }] }, 12);
    expect(topics[0]).toMatchObject({ errorCode: 0, isInternal: true });
    expect(topics[0]!.partitions).toHaveLength(50);
  });

  it("follows the coordinator when its node stops", async () => {
    const before = stage.broker.coordinatorOf("group", GROUP);
    await stage.broker.stopNode(before);
    const asked = await stage.member({ node: before === 1 ? 2 : 1 });
    const answer = await asked.client.ask("FindCoordinator", { key: GROUP }, 3);
    expect(answer.errorCode).toBe(0);
    expect(answer.nodeId).not.toBe(before);
  });

  it.each([
    ["a share coordinator", 2, ""],
    ["a kind that nobody knows", 9, "This most likely occurs because of a request being malformed"],
  ])("refuses %s", async (_what, keyType, message) => {
    const single = await stage.client.ask("FindCoordinator", { key: GROUP, keyType }, 3);
    expect([nameOf(single.errorCode), single.nodeId, single.host, single.port]).toEqual(["INVALID_REQUEST", -1, "", -1]);
    const { coordinators } = await stage.client.ask("FindCoordinator", { coordinatorKeys: [GROUP], keyType }, 6);
    expect(nameOf(coordinators[0]!.errorCode)).toBe("INVALID_REQUEST");
    expect(coordinators[0]!.errorMessage).toMatch(new RegExp(`^${message}`));
  });

  it("says that there is none while no replica of its partition is left", async () => {
    await stage.close();
    stage = await GroupStage.open({ nodes: 2, configs: { "offsets.topic.replication.factor": "1" } });
    const coordinator = stage.broker.coordinatorOf("group", GROUP);
    const other = await stage.member({ node: coordinator === 1 ? 2 : 1 });
    await stage.broker.stopNode(coordinator);
    const answer = await other.client.ask("FindCoordinator", { key: GROUP }, 3);
    expect([nameOf(answer.errorCode), answer.errorMessage]).toEqual([
      "COORDINATOR_NOT_AVAILABLE",
      "The coordinator is not available.",
    ]);
  });
});
