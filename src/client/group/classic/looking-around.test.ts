// What a static member's predecessor was to let go of for others may be nobody's: who takes its place looks.

import { describe, expect, it } from "vitest";
import { ClassicMember } from "../../../../test/support/classic-member.ts";
import { MembersStage, OTHERS } from "../../../../test/support/members-stage.ts";
import { allOf } from "../../../../test/support/staged-member.ts";
import { type ErrorName, errorByName } from "../../../protocol/index.ts";
import { BrokerError, IllegalStateError } from "../../errors.ts";
import type { Generation, MembershipEvent, MembershipRules, MembershipState } from "./membership-state.ts";
import { OUTSIDE, step } from "./step.ts";

const NOW = 100_000;
const generation: Generation = { memberId: "m", generationId: 7, assignor: "cooperative-sticky" };
const rules: MembershipRules = {
  protocol: "cooperative",
  sessionTimeoutMs: 45_000,
  heartbeatIntervalMs: 3_000,
  maxPollIntervalMs: 300_000,
  isStatic: true,
  backoffMs: () => 100,
  tooSlow: () => new IllegalStateError("too slow"),
};

const WANTED: MembershipEvent = { kind: "wanted" };
const SYNCED: MembershipEvent = { kind: "synced" };
const SETTLED: MembershipEvent = { kind: "settled", hasReleased: false };
const HEARD: MembershipEvent = { kind: "heard", generationId: 7, sentAtMs: NOW };
const WHOLE: MembershipEvent = { kind: "looked", generationId: 7, isWhole: true };
const GAP: MembershipEvent = { kind: "looked", generationId: 7, isWhole: false };
const REBALANCE: MembershipEvent = {
  kind: "refused",
  request: "heartbeat",
  error: errorOf("REBALANCE_IN_PROGRESS"),
  generationId: 7,
};
const PREPARED: MembershipEvent = { kind: "prepared" };

function errorOf(name: ErrorName): BrokerError {
  return new BrokerError(errorByName(name).code, { api: "DescribeGroups" });
}

const joined = (isLeader = false, skipAssignment = false): MembershipEvent => ({
  kind: "joined",
  generation,
  isLeader,
  skipAssignment,
});
const unseen = (name: ErrorName): MembershipEvent => ({ kind: "unseen", generationId: 7, error: errorOf(name) });

/** A life: the state it comes to, and what its last event had it do. */
function life(
  events: readonly MembershipEvent[],
  how: Partial<MembershipRules> = {},
  from: MembershipState = OUTSIDE,
): { readonly state: MembershipState; readonly does: readonly string[] } {
  let state = from;
  let does: readonly string[] = [];
  for (const event of events) {
    const next = step(state, event, NOW, { ...rules, ...how });
    state = next.state;
    does = next.effects.map(({ kind }) => kind);
  }
  return { state, does };
}

const CAME: readonly MembershipEvent[] = [WANTED, joined(), SYNCED, SETTLED];

describe("whoever comes with nothing to a classic group", () => {
  it("G19, G20: looks with its first heartbeat whether every partition belongs to somebody, if it is static and cooperative", () => {
    expect(life(CAME).does).toEqual([]);
    expect(life([...CAME, HEARD]).does).toEqual(["look"]);
    expect(life([...CAME, HEARD], { isStatic: false }).does).toEqual([]);
    expect(life([...CAME, HEARD], { protocol: "eager" }).does).toEqual([]);
  });

  it("G19: is content if it does, and does not look again", () => {
    const content = life([...CAME, HEARD, WHOLE]);
    expect([content.state.name, content.does]).toEqual(["MEMBER", []]);
    expect(life([HEARD, HEARD], {}, content.state).does).toEqual([]);
  });

  it("G20: has the group come together again if it does not: once, for some may be left to nobody on purpose", () => {
    const again = life([...CAME, HEARD, GAP]);
    expect([again.state.name, again.does]).toEqual(["PREPARING", ["release"]]);
    expect(life([PREPARED, joined(), SYNCED, SETTLED, HEARD], {}, again.state).does).toEqual([]);
  });

  it("waits until the user has been told what it has, and for the answer, before it looks again", () => {
    expect(life([...CAME.slice(0, -1), HEARD]).does).toEqual([]);
    expect(life([...CAME.slice(0, -1), HEARD, SETTLED, HEARD]).does).toEqual(["look"]);
    expect(life([...CAME, HEARD, HEARD]).does).toEqual([]);
  });

  it("does not look if it leads and has shared everything itself; it does if it leads again, and was to leave all as it is", () => {
    expect(life([WANTED, joined(true, false), SYNCED, SETTLED, HEARD]).does).toEqual([]);
    expect(life([WANTED, joined(true, true), SYNCED, SETTLED, HEARD]).does).toEqual(["look"]);
  });

  it("does not look any more when the group comes together anyway", () => {
    expect(life([...CAME, REBALANCE, PREPARED, joined(), SYNCED, SETTLED, HEARD]).does).toEqual([]);
    expect(life([...CAME, HEARD, REBALANCE, GAP]).state.name).toBe("PREPARING");
  });

  it("looks as well when the answer to its SyncGroup was lost, and it had to join again", () => {
    const unanswered: MembershipEvent = { kind: "unanswered", request: "sync", generationId: 7 };
    expect(life([WANTED, joined(), unanswered, joined(), SYNCED, SETTLED, HEARD]).does).toEqual(["look"]);
  });

  it("looks as well when it has lost everything, and comes back", () => {
    const lost: MembershipEvent = { ...REBALANCE, error: errorOf("ILLEGAL_GENERATION") };
    expect(life([...CAME, HEARD, WHOLE, lost, PREPARED, joined(), SYNCED, SETTLED, HEARD]).does).toEqual(["look"]);
  });

  it("G7, G8: looks again with the next heartbeat when there was no answer, five times at most, and says then that it does not know", () => {
    let { state } = life([...CAME, HEARD]);
    for (let times = 1; times < 5; times++) {
      const next = life([unseen("NOT_COORDINATOR"), HEARD], {}, state);
      expect(next.does).toEqual(["look"]);
      state = next.state;
    }
    const given = life([unseen("NOT_COORDINATOR")], {}, state);
    expect([given.state.name, given.does]).toEqual(["MEMBER", ["cannot look"]]);
    expect(life([HEARD], {}, given.state).does).toEqual([]);
  });

  it("G9: says at once that it does not know where it may not look, and stays what it is", () => {
    const refused = life([...CAME, HEARD, unseen("GROUP_AUTHORIZATION_FAILED")]);
    expect([refused.state.name, refused.does]).toEqual(["MEMBER", ["cannot look"]]);
    expect(life([HEARD], {}, refused.state).does).toEqual([]);
  });

  it("an answer to a generation before says nothing of this one", () => {
    const { state } = life([...CAME, HEARD]);
    for (const late of [
      { ...GAP, generationId: 6 },
      { ...unseen("NOT_COORDINATOR"), generationId: 6 },
    ] as const)
      expect(life([late], {}, state)).toEqual({ state, does: [] });
  });
});

/** A heartbeat tells of a rebalance, and all have joined again. */
const SOON_MS = 5_000;
const COOPERATIVE = { assignor: "cooperative-sticky" } as const;
const FIRST = { ...COOPERATIVE, instanceId: "first" };
const SECOND = { ...COOPERATIVE, instanceId: "second" };

const asked = (stage: MembersStage<ClassicMember>, api: string): number => stage.broker.journal.requests(api).length;

describe("static members of a cooperative group", () => {
  it("G19, G20: a leader that is replaced before it has joined again leaves nothing to nobody", async () => {
    const stage = await MembersStage.open(ClassicMember.open);
    const one = await stage.member({ name: "a", ...FIRST });
    await stage.clock.advance(2 * SOON_MS);
    one.isAtWork = true;
    const two = await stage.member({ name: "b", ...SECOND });
    await stage.clock.advance(SOON_MS);
    expect([one.partitions, two.told]).toEqual([[0, 1, 2, 3], ["assigned "]]);
    await one.die();
    const again = await stage.member({ name: "a", ...FIRST });
    await stage.clock.advance(2 * SOON_MS);
    expect([allOf(again, two), again.partitions.length]).toEqual([[0, 1, 2, 3], 2]);
  });

  it("G19, G20: so does a follower", async () => {
    const stage = await MembersStage.open(ClassicMember.open);
    const leader = await stage.member({ name: "a", ...COOPERATIVE });
    await stage.clock.advance(SOON_MS);
    const one = await stage.member({ name: "b", ...FIRST, topics: [OTHERS] });
    await stage.clock.advance(2 * SOON_MS);
    one.isAtWork = true;
    const two = await stage.member({ name: "c", ...SECOND, topics: [OTHERS] });
    await stage.clock.advance(SOON_MS);
    expect([one.partitions, two.told]).toEqual([[0, 1], ["assigned "]]);
    await one.die();
    const again = await stage.member({ name: "b", ...FIRST, topics: [OTHERS] });
    await stage.clock.advance(2 * SOON_MS);
    expect([leader.partitions, allOf(again, two), two.partitions.length]).toEqual([[0, 1, 2, 3], [0, 1], 1]);
  });

  it("G19: restarted one after the other in a group where everything belongs to somebody, they cause no rebalance", async () => {
    const stage = await MembersStage.open(ClassicMember.open);
    const members = [await stage.member({ name: "a", ...FIRST }), await stage.member({ name: "b", ...SECOND })];
    await stage.clock.advance(3 * SOON_MS);
    const before = members.map(({ membership, partitions }) => [membership.generation?.generationId, partitions]);
    const [joins, looks] = [asked(stage, "JoinGroup"), asked(stage, "DescribeGroups")];
    for (const [index, options] of [
      { name: "a", ...FIRST },
      { name: "b", ...SECOND },
    ].entries()) {
      await members[index]?.leave();
      await members[index]?.die();
      await stage.clock.advance(SOON_MS);
      members[index] = await stage.member(options);
      await stage.clock.advance(3 * SOON_MS);
    }
    expect(members.map(({ membership, partitions }) => [membership.generation?.generationId, partitions])).toEqual(before);
    expect([asked(stage, "JoinGroup") - joins, asked(stage, "DescribeGroups") - looks]).toEqual([2, 2]);
  });

  it("G19: who comes back with topics that nobody had before gets them", async () => {
    const stage = await MembersStage.open(ClassicMember.open);
    const one = await stage.member({ name: "a", ...FIRST });
    const two = await stage.member({ name: "b", ...SECOND });
    await stage.clock.advance(3 * SOON_MS);
    await two.leave();
    await two.die();
    const again = await stage.member({ name: "b", ...SECOND, topics: ["orders", OTHERS] });
    await stage.clock.advance(3 * SOON_MS);
    expect(allOf(one, again)).toEqual([0, 0, 1, 1, 2, 3]);
  });

  it("G9: who may not look says so, and is a member nevertheless", async () => {
    const stage = await MembersStage.open(ClassicMember.open);
    const one = await stage.member({ name: "a", ...FIRST });
    await stage.clock.advance(2 * SOON_MS);
    stage.broker.faults.failNext({ api: "DescribeGroups", error: "GROUP_AUTHORIZATION_FAILED" });
    await one.leave();
    await one.die();
    const again = await stage.member({ name: "a", ...FIRST });
    await stage.clock.advance(3 * SOON_MS);
    expect(again.told).toEqual(["assigned 0,1,2,3", "cannot look GROUP_AUTHORIZATION_FAILED"]);
    expect([again.membership.state.name, asked(stage, "DescribeGroups")]).toEqual(["MEMBER", 1]);
  });

  it("G7, G8: who gets no answer looks again with its next heartbeat", async () => {
    const stage = await MembersStage.open(ClassicMember.open);
    const one = await stage.member({ name: "a", ...FIRST });
    await stage.clock.advance(2 * SOON_MS);
    stage.broker.faults.failNext({ api: "DescribeGroups", error: "COORDINATOR_LOAD_IN_PROGRESS" });
    await one.leave();
    await one.die();
    const again = await stage.member({ name: "a", ...FIRST });
    await stage.clock.advance(3 * SOON_MS);
    expect([again.told, asked(stage, "DescribeGroups")]).toEqual([["assigned 0,1,2,3"], 2]);
  });

  it("partitions that an assignor leaves to nobody cost one rebalance, and no more", async () => {
    const stage = await MembersStage.open(ClassicMember.open);
    const one = await stage.member({ name: "a", ...FIRST });
    await stage.clock.advance(2 * SOON_MS);
    await one.leave();
    await one.die();
    const group = { groupId: "readers", groupState: "Stable", members: [] };
    stage.broker.faults.on("DescribeGroups", () => ({ groups: [group] }));
    const joins = asked(stage, "JoinGroup");
    const again = await stage.member({ name: "a", ...FIRST });
    await stage.clock.advance(6 * SOON_MS);
    expect(again.told).toEqual(["assigned 0,1,2,3", "assigned "]);
    expect([asked(stage, "JoinGroup") - joins, asked(stage, "DescribeGroups")]).toEqual([2, 1]);
  });
});
