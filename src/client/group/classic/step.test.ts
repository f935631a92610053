import { describe, expect, it } from "vitest";
import { type ErrorName, errorByName } from "../../../protocol/index.ts";
import { BrokerError, IllegalStateError } from "../../errors.ts";
import type { Generation, Heart, MembershipEffect, MembershipEvent, MembershipRules, MembershipState } from "./membership-state.ts";
import { membershipTable } from "./membership-table.ts";
import { dueMs, OUTSIDE, step } from "./step.ts";

const NOW = 100_000;
const SESSION_MS = 45_000;
const BEAT_MS = 3_000;
const MAX_POLL_MS = 300_000;
const tooSlow = new IllegalStateError("too slow");
const eager: MembershipRules = {
  protocol: "eager",
  sessionTimeoutMs: SESSION_MS,
  heartbeatIntervalMs: BEAT_MS,
  maxPollIntervalMs: MAX_POLL_MS,
  isStatic: false,
  backoffMs: (failures) => 100 * failures,
  tooSlow: () => tooSlow,
};
const cooperative: MembershipRules = { ...eager, protocol: "cooperative" };
const fixed: MembershipRules = { ...eager, isStatic: true };
const fixedCooperative: MembershipRules = { ...cooperative, isStatic: true };

const generation: Generation = { memberId: "m", generationId: 7, assignor: "range" };
const heart: Heart = { heardAtMs: NOW - 1_000, dueAtMs: NOW + 2_000, isBeating: false, failures: 0 };
const out: MembershipState = OUTSIDE;
const joining: MembershipState = {
  name: "JOINING",
  memberId: "m",
  failures: 0,
  waits: false,
  dueAtMs: Number.POSITIVE_INFINITY,
  keepsUntilMs: Number.POSITIVE_INFINITY,
  seenAtMs: NOW,
  isStale: false,
  looks: 0,
};
const syncing: MembershipState = { name: "SYNCING", generation, heart, isStale: false, looks: 0 };
const member: MembershipState = {
  name: "MEMBER",
  generation,
  heart,
  isSettled: true,
  isStale: false,
  looks: 0,
  isLooking: false,
};
const settling: MembershipState = { ...member, isSettled: false };
const preparing: MembershipState = { name: "PREPARING", memberId: "m", release: "all", generation, heart };

const errorOf = (name: ErrorName): BrokerError => new BrokerError(errorByName(name).code, { api: "Heartbeat" });

function refused(request: "join" | "sync" | "heartbeat" | "commit", name: ErrorName, memberId?: string): MembershipEvent {
  return { kind: "refused", request, error: errorOf(name), generationId: 7, ...(memberId !== undefined && { memberId }) };
}

function next(
  state: MembershipState,
  event: MembershipEvent,
  rules = eager,
  now = NOW,
): { name: string; does: readonly string[]; state: MembershipState } {
  const { state: reached, effects } = step(state, event, now, rules);
  return { name: reached.name, does: effects.map(said), state: reached };
}

function said(effect: MembershipEffect): string {
  if (effect.kind === "join") return `join as '${effect.memberId}'`;
  if (effect.kind === "release") return `release ${effect.release}`;
  return effect.kind;
}

const happens = (state: MembershipState, event: MembershipEvent, rules = eager): readonly string[] => {
  const { name, does } = next(state, event, rules);
  return [name, ...does];
};

describe("a member of a classic group", () => {
  it("joins when somebody reads, shares if it leads, and is told its partitions", () => {
    expect(happens(out, { kind: "wanted" })).toEqual(["JOINING", "join as ''"]);
    expect(happens(joining, { kind: "joined", generation, isLeader: false, skipAssignment: false })).toEqual(["SYNCING", "sync"]);
    expect(happens(joining, { kind: "joined", generation, isLeader: true, skipAssignment: false })).toEqual(["SYNCING", "share"]);
    expect(happens(syncing, { kind: "shared" })).toEqual(["SYNCING", "sync"]);
    expect(happens(syncing, { kind: "synced" })).toEqual(["MEMBER", "settle"]);
    expect(next(settling, { kind: "settled", hasReleased: false }).state).toMatchObject({ name: "MEMBER", isSettled: true });
  });

  it("cooperative: joins once more when others wait for what it has let go of", () => {
    expect(happens(settling, { kind: "settled", hasReleased: true }, cooperative)).toEqual(["PREPARING", "release unwanted"]);
  });

  it("G1: a rebalance has it let go of everything (eager) or of what it no longer wants (cooperative), in its old generation", () => {
    expect(happens(member, refused("heartbeat", "REBALANCE_IN_PROGRESS"))).toEqual(["PREPARING", "release all"]);
    expect(happens(member, refused("heartbeat", "REBALANCE_IN_PROGRESS"), cooperative)).toEqual(["PREPARING", "release unwanted"]);
    expect(happens(preparing, { kind: "prepared" })).toEqual(["JOINING", "join as 'm'"]);
    expect(happens(preparing, refused("heartbeat", "REBALANCE_IN_PROGRESS"))).toEqual(["PREPARING"]);
    expect(happens(syncing, refused("sync", "REBALANCE_IN_PROGRESS"))).toEqual(["JOINING", "join as 'm'"]);
  });

  it("G1: while the user is told of one generation, the next waits", () => {
    const { state, does } = next(settling, refused("heartbeat", "REBALANCE_IN_PROGRESS"));
    expect(does).toEqual([]);
    expect(happens(state, { kind: "settled", hasReleased: false })).toEqual(["PREPARING", "release all"]);
  });

  it("G2: a commit that meets a rebalance has it join, too", () => {
    expect(happens(member, refused("commit", "REBALANCE_IN_PROGRESS"))).toEqual(["PREPARING", "release all"]);
  });

  it.each(["heartbeat", "commit"] as const)(
    "G3, G4: a %s of a generation that is over loses everything; the id is kept if it is known",
    (request) => {
      expect(next(member, refused(request, "ILLEGAL_GENERATION"))).toMatchObject({
        does: ["stop delivering", "release lost"],
        state: { name: "PREPARING", memberId: "m", release: "lost", generation: undefined },
      });
      expect(next(member, refused(request, "UNKNOWN_MEMBER_ID"))).toMatchObject({
        does: ["stop delivering", "release lost"],
        state: { memberId: "" },
      });
      expect(next(preparing, refused(request, "UNKNOWN_MEMBER_ID")).state).toMatchObject({ memberId: "", generation: undefined });
    },
  );

  it("G4, G5: joins again at once with the id that it was given, or without the one that is not known", () => {
    expect(happens(joining, refused("join", "MEMBER_ID_REQUIRED", "given"))).toEqual(["JOINING", "join as 'given'"]);
    for (const forgotten of [
      next(joining, refused("join", "UNKNOWN_MEMBER_ID")),
      next(syncing, refused("sync", "UNKNOWN_MEMBER_ID")),
    ]) {
      expect(forgotten.does).toEqual(["stop delivering", "release lost"]);
      expect(happens(forgotten.state, { kind: "prepared" })).toEqual(["JOINING", "join as ''"]);
    }
  });

  it.each([
    ["joins", joining, "join"],
    ["syncs", syncing, "sync"],
    ["beats", member, "heartbeat"],
    ["commits", member, "commit"],
    ["lets go", preparing, "heartbeat"],
  ] as const)("G6: is dead when another one has its static name while it %s", (_, state, request) => {
    const dead = next(state, refused(request, "FENCED_INSTANCE_ID"));
    expect([dead.name, ...dead.does]).toEqual(["DEAD", "stop delivering", "raise"]);
    expect(happens(dead.state, { kind: "wanted" })).toEqual(["DEAD", "raise"]);
  });

  it("G6: an answer to a generation before says nothing of this one", () => {
    const old: MembershipEvent = { kind: "refused", request: "heartbeat", error: errorOf("UNKNOWN_MEMBER_ID"), generationId: 6 };
    expect(happens(member, old)).toEqual(["MEMBER"]);
    expect(next(member, { kind: "heard", generationId: 6, sentAtMs: NOW }).state).toEqual(member);
  });

  it("G7, G8: keeps its membership while the coordinator is elsewhere, or not ready", () => {
    expect(happens(member, refused("heartbeat", "NOT_COORDINATOR"))).toEqual(["MEMBER"]);
    expect(happens(member, refused("heartbeat", "COORDINATOR_LOAD_IN_PROGRESS"))).toEqual(["MEMBER"]);
    for (const [name, does] of [
      ["NOT_COORDINATOR", []],
      ["COORDINATOR_LOAD_IN_PROGRESS", []],
    ] as const) {
      const waiting = next(joining, refused("join", name));
      expect(waiting).toMatchObject({ does, state: { name: "JOINING", memberId: "m", waits: true, dueAtMs: NOW + 100 } });
      expect(next(waiting.state, { kind: "time", readAtMs: NOW }, eager, NOW + 99).does).toEqual([]);
      expect(next(waiting.state, { kind: "time", readAtMs: NOW }, eager, NOW + 100).does).toEqual(["join as 'm'"]);
    }
  });

  it("G9: what nothing helps against is told, and who reads again tries again", () => {
    for (const [state, request] of [
      [joining, "join"],
      [syncing, "sync"],
      [member, "heartbeat"],
    ] as const) {
      const given = next(state, refused(request, "GROUP_AUTHORIZATION_FAILED"));
      expect([given.name, ...given.does]).toEqual(["OUT", "stop delivering", "raise"]);
      expect(happens(given.state, { kind: "wanted" })).toEqual(["PREPARING", "stop delivering", "release lost"]);
    }
  });

  it("G10, G12: takes itself for lost when the coordinator has not heard of it for the session, also when nobody had the time to look", () => {
    const late = NOW - 1_000 + SESSION_MS;
    expect(next(member, { kind: "time", readAtMs: late }, eager, late - 1).name).toBe("MEMBER");
    expect(next(member, { kind: "time", readAtMs: late }, eager, late)).toMatchObject({
      does: ["stop delivering", "release lost"],
      state: { memberId: "m" },
    });
    expect(next(preparing, { kind: "time", readAtMs: late }, eager, late)).toMatchObject({
      does: ["stop delivering"],
      state: { name: "PREPARING", generation: undefined },
    });
  });

  it("G12: says so when it is lost because the event loop stood still, and not because of the network", () => {
    const because = (state: MembershipState, now: number): string => {
      const [effect] = step(state, { kind: "time", readAtMs: now }, now, eager).effects;
      return effect?.kind === "stop delivering" ? effect.because : "";
    };
    expect(because(member, NOW + 60_000)).toBe(
      "its coordinator has not heard of it for 61000 ms (sessionTimeoutMs 45000): the event loop stood still for 58000 ms",
    );
    const waiting: MembershipState = { ...member, heart: { ...heart, isBeating: true } };
    expect(because(waiting, NOW + 44_000)).toBe("its coordinator has not heard of it for 45000 ms (sessionTimeoutMs 45000)");
  });

  it("G12: says so, too, when the event loop stood still for a third of the session, and nothing is lost yet", () => {
    const does = (late: number) => next(member, { kind: "time", readAtMs: NOW + late }, eager, NOW + late).does;
    const third = SESSION_MS / 3;
    const due = heart.dueAtMs - NOW;
    expect(does(due + third - 1)).toEqual(["beat"]);
    expect(does(due + third)).toEqual(["stood still", "beat"]);
    const waiting: MembershipState = { ...member, heart: { ...heart, isBeating: true } };
    expect(next(waiting, { kind: "time", readAtMs: NOW + third }, eager, NOW + due + third).does).toEqual([]);
  });

  it("G10: cooperative: what it kept while it joins is lost when the coordinator cannot be reached for the session", () => {
    const joins = next(preparing, { kind: "prepared" }, cooperative);
    const waits = next(joins.state, { kind: "unanswered", request: "join", generationId: -1 }, cooperative);
    const late = NOW - 1_000 + SESSION_MS;
    expect(dueMs(waits.state, NOW, cooperative)).toBe(NOW + 100);
    expect(next(waits.state, { kind: "time", readAtMs: late }, cooperative, late).does).toEqual([
      "stop delivering",
      "release lost",
    ]);
  });

  it("G12: cooperative: it looks while it joins whether it stood still, for then others may have what it kept", () => {
    const time = { kind: "time", readAtMs: NOW } as const;
    const joined = { kind: "joined", generation, isLeader: false, skipAssignment: false } as const;
    const { state } = next(preparing, { kind: "prepared" }, cooperative);
    expect([dueMs(state, NOW, cooperative), dueMs(state, NOW, eager)]).toEqual([NOW + BEAT_MS, Number.POSITIVE_INFINITY]);
    const seen = next(state, time, cooperative, NOW + BEAT_MS).state;
    expect(next(seen, time, cooperative, NOW + BEAT_MS + SESSION_MS - 1).does).toEqual([]);
    for (const event of [time, joined])
      expect(next(seen, event, cooperative, NOW + BEAT_MS + SESSION_MS).does).toEqual(["stop delivering", "release lost"]);
    // The answer may have waited; by when it was not there yet it is known.
    expect(next(seen, joined, cooperative, NOW + 9_000).state).toMatchObject({ heart: { heardAtMs: NOW + BEAT_MS } });
    expect(next(state, joined, eager, NOW + SESSION_MS).does).toEqual(["sync"]);
  });

  it("G12: cooperative: what it keeps is lost when a callback took longer than its session", () => {
    const keeping: MembershipState = { ...preparing, release: "unwanted" };
    const late = heart.heardAtMs + SESSION_MS;
    expect(next(keeping, { kind: "prepared" }, cooperative, late).does).toEqual(["stop delivering", "release lost"]);
    expect(next(preparing, { kind: "prepared" }, eager, late).does).toEqual(["join as 'm'"]);
  });

  it("cooperative: what it keeps is lost, too, when its generation ends while it prepares", () => {
    const keeping: MembershipState = { ...preparing, release: "unwanted" };
    const forgotten = next(keeping, refused("heartbeat", "UNKNOWN_MEMBER_ID"), cooperative);
    expect(happens(forgotten.state, { kind: "prepared" }, cooperative)).toEqual(["PREPARING", "stop delivering", "release lost"]);
  });

  it("G11: leaves when nobody reads, says so once, and comes back when somebody does", () => {
    const late = NOW + MAX_POLL_MS + 1;
    const fresh: MembershipState = { ...member, heart: { ...heart, heardAtMs: late } };
    const gone = next(fresh, { kind: "time", readAtMs: NOW }, eager, late);
    expect([gone.name, ...gone.does]).toEqual(["OUT", "stop delivering", "raise", "leave"]);
    expect(happens(gone.state, { kind: "time", readAtMs: NOW })).toEqual(["OUT"]);
    expect(happens(gone.state, { kind: "wanted" })).toEqual(["PREPARING", "stop delivering", "release lost"]);
    expect(next(fresh, { kind: "time", readAtMs: NOW }, fixed, late).does).toEqual(["stop delivering", "raise"]);
  });

  it("G11: leaves, too, when nobody comes to let go of what others wait for", () => {
    const late = NOW + MAX_POLL_MS + 1;
    const waiting: MembershipState = { ...preparing, heart: { ...heart, heardAtMs: late, isBeating: true } };
    expect(dueMs(waiting, NOW, eager)).toBe(late);
    const gone = next(waiting, { kind: "time", readAtMs: NOW }, eager, late);
    expect([gone.name, ...gone.does]).toEqual(["OUT", "stop delivering", "raise", "leave"]);
  });

  it("G32: a heartbeat that is not answered is followed by another, sooner than usual", () => {
    const beating = next(member, { kind: "time", readAtMs: NOW }, eager, NOW + 2_000);
    expect(beating.does).toEqual(["beat"]);
    expect(next(beating.state, { kind: "time", readAtMs: NOW }, eager, NOW + 2_001).does).toEqual([]);
    const missed = next(beating.state, { kind: "unanswered", request: "heartbeat", generationId: 7 }, eager, NOW + 2_500);
    expect(missed).toMatchObject({ does: [], state: { heart: { dueAtMs: NOW + 2_600, failures: 1 } } });
    expect(next(missed.state, { kind: "time", readAtMs: NOW }, eager, NOW + 2_600).does).toEqual(["beat"]);
  });

  it("G19: a static member does not say that it leaves; any other does, from wherever it is", () => {
    for (const state of [joining, syncing, member, settling, preparing]) {
      expect(happens(state, { kind: "leave" })).toEqual(["LEAVING", "leave"]);
      expect(happens(state, { kind: "leave" }, fixed)).toEqual(["OUT"]);
    }
    expect(happens({ name: "LEAVING" }, { kind: "left" })).toEqual(["OUT"]);
  });

  it("G19: or does as it is told", () => {
    for (const state of [joining, syncing, member, settling, preparing]) {
      expect(happens(state, { kind: "leave", leaveGroup: false })).toEqual(["OUT"]);
      expect(happens(state, { kind: "leave", leaveGroup: true }, fixed)).toEqual(["LEAVING", "leave"]);
    }
  });

  it("joins once more when its topics have changed, as soon as that can be", () => {
    expect(happens(member, { kind: "stale" })).toEqual(["PREPARING", "release all"]);
    const stale = next(joining, { kind: "stale" });
    const synced = next(next(stale.state, { kind: "joined", generation, isLeader: false, skipAssignment: false }).state, {
      kind: "synced",
    });
    expect(happens(synced.state, { kind: "settled", hasReleased: false })).toEqual(["PREPARING", "release all"]);
  });

  it("is woken for its heartbeats, the end of its session, and the end of its reader's time, whichever comes first", () => {
    expect(dueMs(out, NOW, eager)).toBe(Number.POSITIVE_INFINITY);
    expect(dueMs(member, NOW, eager)).toBe(NOW + 2_000);
    expect(dueMs({ ...member, heart: { ...heart, isBeating: true } }, NOW, eager)).toBe(NOW - 1_000 + SESSION_MS);
    expect(dueMs(member, NOW - MAX_POLL_MS, eager)).toBe(NOW + 1);
  });

  it("G10: is not woken over and over when its session ends, whatever it waits for: also for the answer to SyncGroup", () => {
    const heart = { heardAtMs: NOW, dueAtMs: NOW, isBeating: true, failures: 0 };
    const waiting: MembershipState = { ...joining, waits: true, dueAtMs: NOW + 100, keepsUntilMs: NOW + 100 };
    for (const state of [{ ...syncing, heart }, { ...member, heart }, { ...settling, heart }, { ...preparing, heart }, waiting]) {
      const late = dueMs(state, NOW, eager);
      const woken = next(state, { kind: "time", readAtMs: NOW }, eager, late);
      expect([woken.state.name, dueMs(woken.state, late, eager)]).toEqual(["PREPARING", Number.POSITIVE_INFINITY]);
      expect(woken.does[0]).toBe("stop delivering");
    }
  });

  it("goes nowhere that its table does not say", () => {
    const states = [
      out,
      { ...OUTSIDE, hasLost: true },
      preparing,
      joining,
      syncing,
      member,
      settling,
      { ...member, looks: 2 },
      { ...settling, looks: 2 },
      { name: "LEAVING" },
      { name: "DEAD", error: tooSlow },
    ] as const;
    const names: readonly ErrorName[] = [
      "REBALANCE_IN_PROGRESS",
      "ILLEGAL_GENERATION",
      "UNKNOWN_MEMBER_ID",
      "MEMBER_ID_REQUIRED",
      "NOT_COORDINATOR",
      "COORDINATOR_LOAD_IN_PROGRESS",
      "FENCED_INSTANCE_ID",
      "GROUP_AUTHORIZATION_FAILED",
    ];
    const requests = ["join", "sync", "heartbeat", "commit"] as const;
    const events: readonly MembershipEvent[] = [
      { kind: "wanted" },
      { kind: "stale" },
      { kind: "prepared" },
      { kind: "shared" },
      { kind: "synced" },
      { kind: "leave" },
      { kind: "left" },
      ...[true, false].flatMap((yes): MembershipEvent[] => [
        { kind: "joined", generation, isLeader: yes, skipAssignment: yes },
        { kind: "looked", generationId: 7, isWhole: yes },
        { kind: "settled", hasReleased: yes },
      ]),
      { kind: "heard", generationId: 7, sentAtMs: NOW },
      { kind: "unseen", generationId: 7, error: errorOf("NOT_COORDINATOR") },
      ...requests.flatMap((request): MembershipEvent[] => [
        { kind: "unanswered", request, generationId: 7 },
        ...names.map((name) => refused(request, name, "given")),
      ]),
      { kind: "time", readAtMs: NOW },
    ];
    for (const state of states) {
      for (const event of events) {
        for (const now of [NOW, NOW + BEAT_MS, NOW + SESSION_MS, NOW + MAX_POLL_MS + 1]) {
          for (const rules of [eager, cooperative, fixed, fixedCooperative]) {
            const { name } = step(state, event, now, rules).state;
            expect(membershipTable[state.name][event.kind]?.to ?? [state.name]).toContain(name);
          }
        }
      }
    }
  });
});
