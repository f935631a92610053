import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GROUP, GroupStage, nameOf, offer, type StagedMember } from "../../../../test/support/group-stage.ts";

let stage: GroupStage;

beforeEach(async () => {
  stage = await GroupStage.open();
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

/** Two members of a stable group, the first of which leads. */
const pair = async (): Promise<[StagedMember, StagedMember]> => (await stage.stableGroup({}, {})) as [StagedMember, StagedMember];

/** A member in the middle of a join that others have to answer. */
async function joining(member: StagedMember): Promise<{ readonly answer: ReturnType<StagedMember["join"]> }> {
  const answer = member.join();
  await stage.clock.advance(0);
  return { answer };
}

describe("the states of a classic group", () => {
  it("are Dead, Empty, PreparingRebalance, CompletingRebalance, Stable and again Empty in the life of one member", async () => {
    const states = [await stage.state()];
    const member = await stage.member();
    const { memberId } = await member.joinOnce();
    states.push(await stage.state());
    member.memberId = memberId;
    const join = member.join();
    states.push(await stage.state());
    await stage.clock.advance(0);
    await join;
    states.push(await stage.state());
    await member.sync([member]);
    states.push(await stage.state());
    await member.leave();
    states.push(await stage.state());
    expect(states).toEqual(["Dead", "Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Empty"]);
  });

  it("go back to PreparingRebalance from CompletingRebalance when somebody new comes", async () => {
    const first = await stage.member();
    await (await joining(first)).answer;
    const second = await stage.member();
    const { answer } = await joining(second);
    expect(await stage.state()).toBe("PreparingRebalance");
    await first.join();
    expect((await answer).generationId).toBe(2);
  });
});

describe("a join", () => {
  it("of a new member from v4 on is answered with the id to join with (KIP-394, G5)", async () => {
    const member = await stage.member();
    const answer = await member.joinOnce();
    expect(nameOf(answer.errorCode)).toBe("MEMBER_ID_REQUIRED");
    expect(answer.memberId).toMatch(/^reader-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect((await stage.describe()).members).toEqual([]);
  });

  it("before v4 makes a member at once", async () => {
    const member = await stage.member({ version: 3 });
    const { answer } = await joining(member);
    expect(await answer).toMatchObject({ errorCode: 0, generationId: 1, leader: member.memberId });
  });

  it("of a static member makes a member at once, whose id begins with its name", async () => {
    const member = await stage.member({ groupInstanceId: "one" });
    const { answer } = await joining(member);
    expect((await answer).memberId).toMatch(/^one-[0-9a-f-]{36}$/);
  });

  it("in v0 waits as long for the others as a session lasts", async () => {
    const [first] = await stage.stableGroup({ version: 0, sessionTimeoutMs: 7000 });
    const second = await stage.member({ version: 0, sessionTimeoutMs: 7000 });
    const { answer } = await joining(second);
    await stage.clock.advance(6000);
    expect(await first!.heartbeat()).toBe("REBALANCE_IN_PROGRESS");
    await stage.clock.advance(1000);
    expect((await answer).leader).toBe(second.memberId);
  });

  it.each([
    ["without a group id", { group: "" }, "INVALID_GROUP_ID"],
    ["with too short a session", { sessionTimeoutMs: 5999 }, "INVALID_SESSION_TIMEOUT"],
    ["with too long a session", { sessionTimeoutMs: 1_800_001 }, "INVALID_SESSION_TIMEOUT"],
    ["without a protocol type", { protocolType: "" }, "INCONSISTENT_GROUP_PROTOCOL"],
    ["without a protocol", { protocols: [] }, "INCONSISTENT_GROUP_PROTOCOL"],
  ] as const)("%s is refused (G9)", async (_what, init, error) => {
    const member = await stage.member(init);
    expect(nameOf((await member.joinOnce()).errorCode)).toBe(error);
  });

  it("with an id that the group does not know is refused (G4)", async () => {
    const member = await stage.member();
    member.memberId = "somebody";
    expect(nameOf((await member.joinOnce()).errorCode)).toBe("UNKNOWN_MEMBER_ID");
    await pair();
    expect(nameOf((await member.joinOnce()).errorCode)).toBe("UNKNOWN_MEMBER_ID");
  });

  it.each([
    ["of another protocol type", { protocolType: "connect" }],
    ["without a protocol in common with all members", { protocols: [offer("sticky")] }],
  ])("%s is refused while there are members (G9)", async (_what, init) => {
    await pair();
    const stranger = await stage.member(init);
    expect(nameOf((await stranger.joinOnce()).errorCode)).toBe("INCONSISTENT_GROUP_PROTOCOL");
  });

  it("of a follower who has nothing new to say is answered at once, without a rebalance", async () => {
    const [leader, follower] = await pair();
    expect(await follower.join()).toMatchObject({ errorCode: 0, generationId: 1, leader: leader.memberId, members: [] });
    expect(await stage.state()).toBe("Stable");
  });

  it("of a follower with other metadata begins a rebalance", async () => {
    const [leader, follower] = await pair();
    const answer = follower.join({ protocols: [offer("range", "payments")] });
    expect(await leader.heartbeat()).toBe("REBALANCE_IN_PROGRESS");
    await leader.join();
    expect((await answer).generationId).toBe(2);
  });

  it("of the leader begins a rebalance even when it has nothing new to say", async () => {
    const [leader, follower] = await pair();
    const answer = leader.join();
    expect(await follower.heartbeat()).toBe("REBALANCE_IN_PROGRESS");
    await follower.join();
    expect(await answer).toMatchObject({ generationId: 2, leader: leader.memberId });
  });

  it("that is repeated while the leader assigns is answered with the same generation", async () => {
    const member = await stage.member();
    await (await joining(member)).answer;
    expect(await member.join()).toMatchObject({ errorCode: 0, generationId: 1, leader: member.memberId });
    expect(await stage.state()).toBe("CompletingRebalance");
  });

  it("tells the leader alone who is in the group, with the metadata of the chosen protocol", async () => {
    const one = await stage.member({ protocols: [offer("range", "a"), offer("sticky", "b")] });
    const other = await stage.member({ protocols: [offer("sticky", "c")] });
    const joins = [one.join(), other.join()];
    await stage.clock.advance(0);
    const [forLeader, forFollower] = await Promise.all(joins);
    expect(forLeader!.protocolName).toBe("sticky");
    expect(forLeader!.members).toEqual([
      { memberId: one.memberId, groupInstanceId: null, metadata: new Uint8Array(offer("sticky", "b").metadata) },
      { memberId: other.memberId, groupInstanceId: null, metadata: new Uint8Array(offer("sticky", "c").metadata) },
    ]);
    expect(forFollower!.members).toEqual([]);
  });
});

describe("a rebalance", () => {
  it("goes on without members who did not join again in time, and they have to start anew (G4)", async () => {
    const [leader, follower] = await pair();
    const answer = follower.join({ protocols: [offer("range", "payments")] });
    for (let second = 0; second < 60; second++) {
      expect(await leader.heartbeat()).toBe("REBALANCE_IN_PROGRESS");
      await stage.clock.advance(1000);
    }
    expect(await answer).toMatchObject({ generationId: 2, leader: follower.memberId });
    expect(await leader.heartbeat()).toBe("UNKNOWN_MEMBER_ID");
    expect((await stage.describe()).members.map(({ memberId }) => memberId)).toEqual([follower.memberId]);
  });

  it("waits for the slowest member's rebalance timeout", async () => {
    const [slow, quick] = await stage.stableGroup({ rebalanceTimeoutMs: 9000 }, { rebalanceTimeoutMs: 2000 });
    const answer = quick!.join({ protocols: [offer("range", "payments")] });
    await stage.clock.advance(8999);
    expect(await slow!.heartbeat()).toBe("REBALANCE_IN_PROGRESS");
    await stage.clock.advance(1);
    expect((await answer).generationId).toBe(2);
  });

  it("waits for members who were given an id, until their session is over", async () => {
    const [leader] = await stage.stableGroup({});
    const newcomer = await stage.member();
    newcomer.memberId = (await newcomer.joinOnce()).memberId;
    const answer = leader!.join();
    await stage.clock.advance(9999);
    expect(await stage.state()).toBe("PreparingRebalance");
    await stage.clock.advance(1);
    expect(await answer).toMatchObject({ generationId: 2, members: [{ memberId: leader!.memberId }] });
    expect(nameOf((await newcomer.joinOnce()).errorCode)).toBe("UNKNOWN_MEMBER_ID");
  });

  it("ends at once when the last member who is missing leaves", async () => {
    const [leader, follower] = await pair();
    const answer = follower.join({ protocols: [offer("range", "payments")] });
    await leader.leave();
    expect(await answer).toMatchObject({ generationId: 2, leader: follower.memberId });
  });
});

describe("the first rebalance of a group", () => {
  const delayed = async (): Promise<void> => {
    await stage.close();
    stage = await GroupStage.open({ configs: { "group.initial.rebalance.delay.ms": "3000" } });
  };

  it("waits for more members, and anew for every one that comes", async () => {
    await delayed();
    const members = [await stage.member(), await stage.member(), await stage.member()] as const;
    const joins = [members[0].join()];
    await stage.clock.advance(2000);
    joins.push(members[1].join());
    await stage.clock.advance(3000);
    joins.push(members[2].join());
    await stage.clock.advance(3999);
    expect(await stage.state()).toBe("PreparingRebalance");
    await stage.clock.advance(1);
    expect((await Promise.all(joins)).map(({ generationId, leader }) => [generationId, leader])).toEqual(
      joins.map(() => [1, members[0].memberId]),
    );
  });

  it("waits no longer than the rebalance timeout", async () => {
    await delayed();
    const joins: Promise<unknown>[] = [];
    for (let second = 0; second < 4; second++) {
      joins.push((await stage.member({ rebalanceTimeoutMs: 4000 })).join());
      await stage.clock.advance(999);
      expect(await stage.state()).toBe("PreparingRebalance");
      await stage.clock.advance(1);
    }
    expect(await stage.state()).toBe("CompletingRebalance");
    await Promise.all(joins);
  });

  it("waits even when the only member leaves", async () => {
    await delayed();
    const member = await stage.member({ groupInstanceId: "one" });
    const answer = member.join();
    await stage.client.ask("LeaveGroup", { groupId: GROUP, members: [{ memberId: "", groupInstanceId: "one" }] }, 5);
    expect(nameOf((await answer).errorCode)).toBe("UNKNOWN_MEMBER_ID");
    expect(await stage.state()).toBe("PreparingRebalance");
    await stage.clock.advance(3000);
    expect(await stage.state()).toBe("Empty");
  });
});

describe("group.max.size", () => {
  it("keeps newcomers out, and lets members join again", async () => {
    await stage.close();
    stage = await GroupStage.open({ configs: { "group.max.size": "2" } });
    const [leader, follower] = await pair();
    const third = await stage.member();
    expect(nameOf((await third.joinOnce()).errorCode)).toBe("GROUP_MAX_SIZE_REACHED");
    const answers = [leader.join(), follower.join()];
    expect((await Promise.all(answers)).map(({ errorCode }) => nameOf(errorCode))).toEqual(["NONE", "NONE"]);
  });
});
