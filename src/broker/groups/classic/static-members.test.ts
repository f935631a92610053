import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GROUP, GroupStage, nameOf, offer, type StagedMember } from "../../../../test/support/group-stage.ts";

let stage: GroupStage;

beforeEach(async () => {
  stage = await GroupStage.open();
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

const OFFERS = [offer("range"), offer("sticky")];
/** A static leader and a dynamic follower. */
const pair = async (version = 9): Promise<[StagedMember, StagedMember]> =>
  (await stage.stableGroup({ groupInstanceId: "one", protocols: OFFERS, version }, { protocols: OFFERS })) as [
    StagedMember,
    StagedMember,
  ];
const successor = (version = 9): Promise<StagedMember> => stage.member({ groupInstanceId: "one", protocols: OFFERS, version });

describe("a static member that comes back without its id (KIP-345)", () => {
  it("takes its place again without a rebalance, with another id and the same assignment (G19)", async () => {
    const [before, follower] = await pair();
    const after = await successor();
    const answer = await after.join();
    expect(answer).toMatchObject({ errorCode: 0, generationId: 1 });
    expect(after.memberId).not.toBe(before.memberId);
    expect(Buffer.from((await after.sync()).assignment).toString()).toBe(before.memberId);
    expect(await follower.heartbeat()).toBe("NONE");
    expect(await stage.state()).toBe("Stable");
  });

  it("and led the group is told to leave the assignment as it is (KIP-814)", async () => {
    const [, follower] = await pair();
    const after = await successor();
    const answer = await after.join();
    expect(answer).toMatchObject({ leader: after.memberId, skipAssignment: true });
    expect(answer.members.map(({ memberId }) => memberId)).toEqual([follower.memberId, after.memberId]);
  });

  it("and led the group takes the old id for the leader's, before it can be told so (v9)", async () => {
    const [before] = await pair(8);
    const answer = await (await successor(8)).join();
    expect(answer).toMatchObject({ leader: before.memberId, members: [] });
  });

  it("fences its predecessor, whatever that asks (G6)", async () => {
    const [before] = await pair();
    await (await successor()).join();
    const errors = [
      await before.heartbeat(),
      await before.commit(1),
      nameOf((await before.sync()).errorCode),
      nameOf((await before.joinOnce()).errorCode),
      nameOf((await before.leave()).members[0]!.errorCode),
    ];
    expect(errors).toEqual(errors.map(() => "FENCED_INSTANCE_ID"));
  });

  it("fences a predecessor that still waits in a join (G6)", async () => {
    const [before, follower] = await pair();
    const waiting = before.join();
    const after = await successor();
    const answer = after.join();
    expect(nameOf((await waiting).errorCode)).toBe("FENCED_INSTANCE_ID");
    await follower.join();
    expect(await answer).toMatchObject({ generationId: 2, leader: after.memberId, skipAssignment: false });
  });

  it("makes the group rebalance when it would choose another protocol now", async () => {
    const [, follower] = await pair();
    const after = await stage.member({ groupInstanceId: "one", protocols: [offer("sticky")] });
    const answer = after.join();
    expect(await follower.heartbeat()).toBe("REBALANCE_IN_PROGRESS");
    await follower.join();
    expect(await answer).toMatchObject({ generationId: 2, protocolName: "sticky" });
  });

  it("makes the group rebalance while the leader assigns: the leader does not know the new id", async () => {
    const members = [await stage.member(), await successor()] as const;
    const joins = members.map((member) => member.join({ protocols: OFFERS }));
    await stage.clock.advance(0);
    await Promise.all(joins);
    const answer = (await successor()).join();
    expect(await members[0].heartbeat()).toBe("REBALANCE_IN_PROGRESS");
    await members[0].join({ protocols: OFFERS });
    expect((await answer).generationId).toBe(2);
  });
});

describe("a static member", () => {
  it("that is late for a rebalance stays in the group, but does not lead it", async () => {
    const [late, follower] = await pair();
    const answer = follower.join({ protocols: [offer("range", "payments")] });
    for (let second = 0; second < 60; second++) {
      await late.heartbeat();
      await stage.clock.advance(1000);
    }
    expect(await answer).toMatchObject({ generationId: 2, leader: follower.memberId });
    expect((await answer).members.map(({ groupInstanceId }) => groupInstanceId)).toEqual(["one", null]);
    expect(await late.heartbeat()).toBe("ILLEGAL_GENERATION");
  });

  it("is expelled by its name alone, as administrators do it", async () => {
    await pair();
    const members = [
      { memberId: "", groupInstanceId: "one" },
      { memberId: "", groupInstanceId: "two" },
      { memberId: "", groupInstanceId: null },
    ];
    const answer = await stage.client.ask("LeaveGroup", { groupId: GROUP, members }, 5);
    expect(answer.members.map(({ errorCode }) => nameOf(errorCode))).toEqual(["NONE", "UNKNOWN_MEMBER_ID", "UNKNOWN_MEMBER_ID"]);
    expect((await stage.describe()).members).toHaveLength(1);
  });

  it("of a name that the group does not know has to join without an id (G4)", async () => {
    const [leader] = await pair();
    const stranger = await stage.member({ groupInstanceId: "two", protocols: OFFERS });
    stranger.memberId = leader.memberId;
    expect(nameOf((await stranger.joinOnce()).errorCode)).toBe("UNKNOWN_MEMBER_ID");
  });
});

describe("LeaveGroup", () => {
  it("lets several members go with one rebalance for the others", async () => {
    const members = await stage.stableGroup({}, {}, {});
    const leaving = members.slice(1).map(({ memberId }) => ({ memberId }));
    const answer = await stage.client.ask("LeaveGroup", { groupId: GROUP, members: leaving }, 5);
    expect(answer.members.map(({ errorCode }) => errorCode)).toEqual([0, 0]);
    expect(await members[0]!.join()).toMatchObject({ generationId: 2, members: [{ memberId: members[0]!.memberId }] });
  });

  it("takes back an id that was handed out", async () => {
    const [member] = await stage.stableGroup({});
    const newcomer = await stage.member();
    newcomer.memberId = (await newcomer.joinOnce()).memberId;
    expect(nameOf((await newcomer.leave()).members[0]!.errorCode)).toBe("NONE");
    expect(await member!.join()).toMatchObject({ generationId: 2 });
    expect(nameOf((await newcomer.joinOnce()).errorCode)).toBe("UNKNOWN_MEMBER_ID");
  });

  it("before v3 answers for the one member as a whole (G31)", async () => {
    await stage.stableGroup({});
    const answer = await stage.client.ask("LeaveGroup", { groupId: GROUP, memberId: "somebody" }, 2);
    expect(nameOf(answer.errorCode)).toBe("UNKNOWN_MEMBER_ID");
  });
});
