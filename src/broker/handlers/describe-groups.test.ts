import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GROUP, GroupStage } from "../../../test/support/group-stage.ts";

let stage: GroupStage;

beforeEach(async () => {
  stage = await GroupStage.open();
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

describe("DescribeGroups", () => {
  it("shows metadata and assignments of a stable group's members", async () => {
    const [member] = await stage.stableGroup({ groupInstanceId: "one" });
    expect(await stage.describe()).toMatchObject({
      errorCode: 0,
      groupState: "Stable",
      protocolType: "consumer",
      protocolData: "range",
      members: [{ memberId: member!.memberId, groupInstanceId: "one", clientId: "reader", clientHost: "/127.0.0.1" }],
    });
    const [described] = (await stage.describe()).members;
    expect(Buffer.from(described!.memberAssignment).toString()).toBe(member!.memberId);
    expect(described!.memberMetadata.length).toBeGreaterThan(0);
  });

  it("does not show the metadata while the group rebalances", async () => {
    const member = await stage.member();
    const join = member.join();
    await stage.clock.advance(0);
    await join;
    expect(await stage.describe()).toMatchObject({
      groupState: "CompletingRebalance",
      protocolData: "",
      members: [{ memberMetadata: new Uint8Array() }],
    });
  });

  it.each([
    [5, { errorCode: 0, groupState: "Dead" }],
    [6, { errorCode: 69, groupState: "Dead", errorMessage: "Group none not found." }],
  ])("v%i of a group that does not exist", async (version, expected) => {
    const { groups } = await stage.client.ask("DescribeGroups", { groups: ["none"] }, version);
    expect(groups[0]).toMatchObject(expected);
  });

  it("says what the client may do only when it is asked", async () => {
    await stage.stableGroup({});
    const operations = async (includeAuthorizedOperations: boolean) => {
      const { groups } = await stage.client.ask("DescribeGroups", { groups: [GROUP], includeAuthorizedOperations }, 5);
      return groups[0]!.authorizedOperations;
    };
    expect([await operations(false), await operations(true)]).toEqual([-0x8000_0000, 0b1101_0100_1000]);
  });
});
