import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GroupStage, nameOf, offer, type StagedMember } from "../../../../test/support/group-stage.ts";

let stage: GroupStage;

beforeEach(async () => {
  stage = await GroupStage.open();
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

const pair = async (): Promise<[StagedMember, StagedMember]> => (await stage.stableGroup({}, {})) as [StagedMember, StagedMember];
const memberIds = async (): Promise<readonly string[]> => (await stage.describe()).members.map(({ memberId }) => memberId);

describe("a session", () => {
  it("ends when nothing was heard of the member for its timeout, and the others rebalance (G10)", async () => {
    const [leader, follower] = await pair();
    await stage.clock.advance(9999);
    expect(await follower.heartbeat()).toBe("NONE");
    await stage.clock.advance(1);
    expect(await follower.heartbeat()).toBe("REBALANCE_IN_PROGRESS");
    expect(await leader.heartbeat()).toBe("UNKNOWN_MEMBER_ID");
    expect(await follower.join()).toMatchObject({ generationId: 2, leader: follower.memberId });
  });

  it("leaves an empty group behind when it was the last", async () => {
    await stage.stableGroup({});
    await stage.clock.advance(10_000);
    expect(await stage.state()).toBe("Empty");
  });

  it.each([
    ["a heartbeat", (member: StagedMember) => member.heartbeat()],
    ["a commit", (member: StagedMember) => member.commit(1)],
  ])("is prolonged by %s", async (_what, act) => {
    const [member] = await stage.stableGroup({});
    await stage.clock.advance(6000);
    await act(member!);
    await stage.clock.advance(6000);
    expect(await stage.state()).toBe("Stable");
  });

  it("is not prolonged by a commit that is refused, nor by asking for the assignment again", async () => {
    const [member] = await stage.stableGroup({});
    await stage.clock.advance(6000);
    expect(nameOf((await member!.sync()).errorCode)).toBe("NONE");
    member!.generationId = 7;
    expect(await member!.commit(1)).toBe("ILLEGAL_GENERATION");
    await stage.clock.advance(4000);
    expect(await stage.state()).toBe("Empty");
  });

  it("does not end while a member waits for the others to join, however long", async () => {
    const [leader, follower] = await pair();
    const answer = follower.join({ protocols: [offer("range", "payments")] });
    for (let second = 0; second < 50; second++) {
      await leader.heartbeat();
      await stage.clock.advance(1000);
    }
    expect(await memberIds()).toContain(follower.memberId);
    await leader.join();
    expect((await answer).generationId).toBe(2);
  });

  it("begins anew when the rebalance is over", async () => {
    const [leader, follower] = await pair();
    const answer = follower.join({ protocols: [offer("range", "payments")] });
    await stage.clock.advance(9000);
    await leader.join();
    await answer;
    await stage.clock.advance(9999);
    expect(await memberIds()).toHaveLength(2);
    await stage.clock.advance(1);
    expect(await memberIds()).toHaveLength(0);
  });

  it("does not end while a follower waits for the leader's assignment", async () => {
    const [leader, follower] = await pair();
    const joins = [leader.join({ protocols: [offer("range", "a")] }), follower.join({ protocols: [offer("range", "a")] })];
    await Promise.all(joins);
    const synced = follower.sync();
    for (let second = 0; second < 30; second++) {
      await leader.heartbeat();
      await stage.clock.advance(1000);
    }
    await leader.sync([leader, follower]);
    expect(nameOf((await synced).errorCode)).toBe("NONE");
  });

  it("of a new member whose connection is lost while it joins ends after five minutes", async () => {
    const [leader] = await stage.stableGroup({ rebalanceTimeoutMs: 1_000_000 });
    const lost = await stage.member({ rebalanceTimeoutMs: 1_000_000 });
    const answer = lost.join().catch((error: Error) => error.message);
    await stage.clock.advance(0);
    lost.client.close();
    expect(await answer).toBe("the broker ended the connection");
    for (let second = 0; second < 299; second++) {
      await stage.clock.advance(1000);
      expect(await leader!.heartbeat()).toBe("REBALANCE_IN_PROGRESS");
    }
    expect(await memberIds()).toEqual([leader!.memberId, lost.memberId]);
    await stage.clock.advance(1000);
    expect(await memberIds()).toEqual([leader!.memberId]);
  });
});

describe("a heartbeat", () => {
  it("of another generation is refused (G3)", async () => {
    const [member] = await stage.stableGroup({});
    member!.generationId = 2;
    expect(await member!.heartbeat()).toBe("ILLEGAL_GENERATION");
  });

  it("to a group that does not exist, or is empty, is refused (G4)", async () => {
    const member = await stage.member();
    member.memberId = "somebody";
    expect(await member.heartbeat()).toBe("UNKNOWN_MEMBER_ID");
    const [other] = await stage.stableGroup({});
    await other!.leave();
    expect(await other!.heartbeat()).toBe("UNKNOWN_MEMBER_ID");
  });

  it("says nothing while the assignment is being computed", async () => {
    const member = await stage.member();
    const join = member.join();
    await stage.clock.advance(0);
    await join;
    expect(await member.heartbeat()).toBe("NONE");
  });

  it("asks a member to join while joins are collected (G1)", async () => {
    const [leader, follower] = await pair();
    const answer = follower.join({ protocols: [offer("range", "payments")] });
    expect(await leader.heartbeat()).toBe("REBALANCE_IN_PROGRESS");
    await leader.join();
    await answer;
  });
});

describe("a sync", () => {
  const joined = async (): Promise<[StagedMember, StagedMember]> => {
    const members = [await stage.member(), await stage.member()] as [StagedMember, StagedMember];
    const joins = members.map((member) => member.join());
    await stage.clock.advance(0);
    await Promise.all(joins);
    return members;
  };

  it("of a follower waits for the leader's, and brings what the leader assigned to it", async () => {
    const [leader, follower] = await joined();
    const synced = follower.sync();
    await stage.clock.advance(5000);
    const own = await leader.sync([leader, follower]);
    expect(Buffer.from((await synced).assignment).toString()).toBe(follower.memberId);
    expect(Buffer.from(own.assignment).toString()).toBe(leader.memberId);
    expect(await synced).toMatchObject({ protocolType: "consumer", protocolName: "range" });
  });

  it("brings no bytes to whom the leader left out", async () => {
    const [leader, follower] = await joined();
    const synced = follower.sync();
    await leader.sync([leader]);
    expect(await synced).toMatchObject({ errorCode: 0, assignment: new Uint8Array() });
  });

  it("may be repeated in a stable group", async () => {
    const [, follower] = await pair();
    expect(Buffer.from((await follower.sync()).assignment).toString()).toBe(follower.memberId);
  });

  it("that waits is answered REBALANCE_IN_PROGRESS when the next rebalance begins (G1)", async () => {
    const [leader, follower] = await joined();
    const synced = follower.sync();
    await leader.leave();
    expect(nameOf((await synced).errorCode)).toBe("REBALANCE_IN_PROGRESS");
    expect(await follower.join()).toMatchObject({ generationId: 2, leader: follower.memberId });
  });

  it("that never comes puts the member out of the group after the rebalance timeout", async () => {
    const [leader, follower] = await joined();
    await leader.sync([leader, follower]);
    for (let second = 0; second < 60; second++) {
      await Promise.all([leader.heartbeat(), follower.heartbeat()]);
      await stage.clock.advance(1000);
    }
    expect(await leader.heartbeat()).toBe("REBALANCE_IN_PROGRESS");
    expect(await follower.heartbeat()).toBe("UNKNOWN_MEMBER_ID");
  });

  it.each([
    ["of another generation", { generationId: 9 }, "ILLEGAL_GENERATION"],
    ["of nobody", { memberId: "somebody" }, "UNKNOWN_MEMBER_ID"],
    ["of another protocol type", { protocolType: "connect" }, "INCONSISTENT_GROUP_PROTOCOL"],
    ["of another protocol", { protocolName: "sticky" }, "INCONSISTENT_GROUP_PROTOCOL"],
    ["without a protocol type", { protocolType: null }, "INCONSISTENT_GROUP_PROTOCOL"],
    ["without a group id", { groupId: "" }, "INVALID_GROUP_ID"],
    ["to a group that does not exist", { groupId: "none" }, "UNKNOWN_MEMBER_ID"],
  ])("%s is refused", async (_what, changes, error) => {
    const [leader] = await joined();
    const { group: groupId, generationId, memberId } = leader;
    const body = { groupId, generationId, memberId, protocolType: "consumer", protocolName: "range", ...changes };
    expect(nameOf((await stage.client.ask("SyncGroup", body, 5)).errorCode)).toBe(error);
  });
});
