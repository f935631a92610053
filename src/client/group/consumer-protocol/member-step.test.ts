import { describe, expect, it } from "vitest";
import { type ErrorName, errorByName } from "../../../protocol/index.ts";
import { BrokerError, IllegalStateError } from "../../errors.ts";
import { isInDoubt } from "./doubt.ts";
import type { MemberEffect, MemberEvent, MemberRules, MemberState, News } from "./member-state.ts";
import { memberDueMs, memberStep, OUTSIDE } from "./member-step.ts";
import { memberTable } from "./member-table.ts";

const NOW = 100_000;
const SESSION_MS = 45_000;
const MAX_POLL_MS = 300_000;
const rules: MemberRules = {
  isStatic: false,
  sessionTimeoutMs: SESSION_MS,
  maxPollIntervalMs: MAX_POLL_MS,
  backoffMs: (failures) => 100 * failures,
  tooSlow: () => new IllegalStateError("too slow"),
};

const nothing: News = { everything: false, topics: false, held: false };
const INTERVAL_MS = 3_000;
const known = { intervalMs: INTERVAL_MS, seenAtMs: NOW, doubt: undefined };
const beat = { heardAtMs: NOW - 1_000, dueAtMs: NOW + 2_000, isUnderWay: false, failures: 0, ...known };
const member: MemberState = { name: "MEMBER", epoch: 3, beat, news: nothing, reconciling: "no" };
const beating: MemberState = { ...member, beat: { ...beat, isUnderWay: true } };
const reconciling: MemberState = { ...member, reconciling: "yes" };

const refused = (name: ErrorName): MemberEvent => ({
  kind: "refused",
  error: new BrokerError(errorByName(name).code, { api: "ConsumerGroupHeartbeat" }),
});
const answered = (more: Partial<Extract<MemberEvent, { kind: "answered" }>> = {}): MemberEvent => ({
  kind: "answered",
  epoch: 4,
  intervalMs: 5_000,
  isAssigned: false,
  sentAtMs: NOW,
  ...more,
});

function said(effect: MemberEffect): string {
  if (effect.kind !== "beat") return effect.kind;
  const { everything, topics, held } = effect.news;
  return `beat ${effect.epoch}${everything ? " everything" : `${topics ? " topics" : ""}${held ? " held" : ""}`}`;
}

function next(state: MemberState, event: MemberEvent, now = NOW): { name: string; does: readonly string[]; state: MemberState } {
  const step = memberStep(state, event, now, rules);
  return { name: step.state.name, does: step.effects.map(said), state: step.state };
}

const happens = (state: MemberState, event: MemberEvent, now = NOW): readonly string[] => {
  const { name, does } = next(state, event, now);
  return [name, ...does];
};

describe("a member whose coordinator assigns", () => {
  it("joins with epoch 0 and everything, and takes what it is assigned", () => {
    expect(happens(OUTSIDE, { kind: "wanted" })).toEqual(["MEMBER", "beat 0 everything"]);
    const assigned = next(beating, answered({ isAssigned: true }));
    expect(assigned.does).toEqual(["reconcile"]);
    expect(assigned.state).toMatchObject({ epoch: 4, reconciling: "yes", beat: { dueAtMs: NOW + 5_000 } });
  });

  it("G30: says at once, and only then, what it has let go of; heartbeats go on meanwhile", () => {
    expect(happens(reconciling, { kind: "time", readAtMs: NOW }, NOW + 2_000)).toEqual(["MEMBER", "beat 3"]);
    expect(happens(reconciling, { kind: "reconciled" })).toEqual(["MEMBER", "beat 3 held"]);
  });

  it("brings what it holds to the newest assignment when another comes meanwhile", () => {
    const changed = next({ ...reconciling, beat: beating.beat }, answered({ isAssigned: true }));
    expect([changed.does, changed.state]).toEqual([[], expect.objectContaining({ reconciling: "again" })]);
    expect(happens(changed.state, { kind: "reconciled" })).toEqual(["MEMBER", "reconcile", "beat 4 held"]);
  });

  it("G28: tries again what had no name when topics become known", () => {
    expect(happens(member, { kind: "learned" })).toEqual(["MEMBER", "reconcile"]);
  });

  it("tells other topics at once, or when the heartbeat that is on its way is answered", () => {
    expect(happens(member, { kind: "subscribed" })).toEqual(["MEMBER", "beat 3 topics"]);
    const waits = next(beating, { kind: "subscribed" });
    expect(waits.does).toEqual([]);
    expect(next(waits.state, answered()).does).toEqual(["beat 4 topics"]);
  });

  it.each(["FENCED_MEMBER_EPOCH", "UNKNOWN_MEMBER_ID"] as const)(
    "G24: %s loses everything, and joins again with epoch 0 at once",
    (name) => {
      const lost = next(beating, refused(name));
      expect([lost.name, ...lost.does]).toEqual(["LOSING", "stop delivering", "release"]);
      expect(happens(lost.state, { kind: "released" })).toEqual(["MEMBER", "beat 0 everything"]);
    },
  );

  it.each([
    "UNRELEASED_INSTANCE_ID",
    "UNSUPPORTED_ASSIGNOR",
    "INVALID_REGULAR_EXPRESSION",
    "INVALID_REQUEST",
    "GROUP_MAX_SIZE_REACHED",
    "GROUP_AUTHORIZATION_FAILED",
    "UNSUPPORTED_VERSION",
    "GROUP_ID_NOT_FOUND",
  ] as const)("G26, G27: nothing helps against %s", (name) => {
    const dead = next(beating, refused(name));
    expect([dead.name, ...dead.does]).toEqual(["DEAD", "stop delivering", "raise"]);
    expect(happens(dead.state, { kind: "wanted" })).toEqual(["DEAD", "raise"]);
  });

  it("G27: a pattern that is none: it is told, another one begins anew; one that is replaced already is nobody's affair", () => {
    const refusal = refused("INVALID_REGULAR_EXPRESSION");
    const dead = next(beating, refusal);
    expect([dead.name, ...dead.does]).toEqual(["DEAD", "stop delivering", "raise"]);
    expect(happens(dead.state, { kind: "subscribed" })).toEqual(["OUT"]);
    expect(happens(next(beating, { kind: "subscribed" }).state, refusal)).toEqual(["MEMBER"]);
    const other = next(beating, refused("UNSUPPORTED_ASSIGNOR"));
    expect(happens(other.state, { kind: "subscribed" })).toEqual(["DEAD"]);
  });

  it("is told of topics that it may not read, and stays", () => {
    expect(happens(beating, refused("TOPIC_AUTHORIZATION_FAILED"))).toEqual(["MEMBER", "raise"]);
  });

  it.each([refused("NOT_COORDINATOR"), refused("COORDINATOR_LOAD_IN_PROGRESS"), { kind: "unanswered" }] as const)(
    "G7, G8, G32: after %o the next heartbeat says everything, for nobody knows what was heard",
    (event) => {
      const missed = next(beating, event);
      expect([missed.does, memberDueMs(missed.state, NOW, rules)]).toEqual([[], NOW + 100]);
      expect(next(missed.state, { kind: "time", readAtMs: NOW }, NOW + 100).does).toEqual(["beat 3 everything"]);
    },
  );

  it("G29: an older epoch is no answer, and an interval of 0 no hot loop", () => {
    expect(next(beating, answered({ epoch: 2 })).state).toMatchObject({ epoch: 3, beat: { failures: 1 } });
    expect(next(beating, answered({ epoch: -1 })).state).toMatchObject({ epoch: 3 });
    expect(memberDueMs(next(beating, answered({ intervalMs: 0 })).state, NOW, rules)).toBe(NOW + 100);
  });

  it("G10, G12: takes itself for lost when the coordinator has not heard of it for so long", () => {
    const late = NOW - 1_000 + SESSION_MS;
    expect(next(beating, { kind: "time", readAtMs: late }, late - 1).name).toBe("MEMBER");
    expect(next(beating, { kind: "time", readAtMs: late }, late).does).toEqual(["stop delivering", "release"]);
  });

  it("G12: says so, too, when the event loop stood still for a third of the session, and nothing is lost yet", () => {
    const third = SESSION_MS / 3;
    const does = (late: number) => next(member, { kind: "time", readAtMs: NOW + late }, beat.dueAtMs + late).does;
    expect(does(third - 1)).toEqual(["beat 3"]);
    expect(does(third)).toEqual(["stood still", "beat 3"]);
    expect(next(beating, { kind: "time", readAtMs: NOW + third }, NOW + third).does).toEqual([]);
  });

  describe("G12: does not know its session, and is in doubt when it stood still while a heartbeat was due", () => {
    const time = (readAtMs: number): MemberEvent => ({ kind: "time", readAtMs });
    const lookedAt = (state: MemberState, now: number) => next(state, time(now), now);
    const noticed = beat.dueAtMs + 1_000;
    const doubting = lookedAt(member, noticed).state;

    it("by a second or more: until then timers are late because there is much to do", () => {
      expect([noticed - 1, noticed].map((now) => isInDoubt(lookedAt(member, now).state))).toEqual([false, true]);
      expect(lookedAt(member, noticed).does).toEqual(["beat 3"]);
    });

    it("not when the coordinator has heard of it within the interval that it wants: Kafka takes no shorter session", () => {
      const heard = { ...member, beat: { ...beat, heardAtMs: noticed - INTERVAL_MS } };
      expect(isInDoubt(lookedAt(heard, noticed).state)).toBe(false);
      expect(isInDoubt(lookedAt(heard, noticed + 1).state)).toBe(true);
    });

    it("also while it waited for an answer, for which it looks at the clock every second; however long that takes is no matter", () => {
      let state: MemberState = beating;
      for (let now = NOW; now < NOW + 30_000; now = memberDueMs(state, now, rules)) state = lookedAt(state, now).state;
      expect(isInDoubt(state)).toBe(false);
      const due = memberDueMs(state, NOW + 30_000, rules);
      expect([due + 999, due + 1_000].map((now) => isInDoubt(lookedAt(state, now).state))).toEqual([false, true]);
    });

    it("until a heartbeat is answered that was sent since, which it sends at once; an older answer says how it was", () => {
      const old = next(doubting, answered({ sentAtMs: noticed - 5_001 }), noticed);
      expect([isInDoubt(old.state), old.does]).toEqual([true, ["beat 4"]]);
      expect(isInDoubt(next(old.state, answered({ sentAtMs: noticed }), noticed + 500).state)).toBe(false);
      expect(isInDoubt(next(doubting, answered({ sentAtMs: noticed - 5_000 }), noticed).state)).toBe(false);
    });

    it("or until it is lost or leaves; what does not say whether it is a member changes nothing", () => {
      for (const event of [refused("NOT_COORDINATOR"), { kind: "unanswered" }, answered({ epoch: 2 })] as const) {
        expect(isInDoubt(next(doubting, event, noticed).state)).toBe(true);
      }
      for (const event of [refused("UNKNOWN_MEMBER_ID"), { kind: "leave" }] as const) {
        expect(isInDoubt(next(doubting, event, noticed).state)).toBe(false);
      }
      const [lost] = memberStep(doubting, refused("UNKNOWN_MEMBER_ID"), noticed, rules).effects;
      expect(lost).toMatchObject({ because: expect.stringContaining("the event loop stood still for 1000 ms") });
    });

    it("again when it stands still again: what was sent before does not count", () => {
      const later = noticed + 10_000;
      const again = lookedAt(doubting, later).state;
      expect(isInDoubt(next(again, answered({ sentAtMs: noticed }), later).state)).toBe(true);
      expect(isInDoubt(next(again, answered({ sentAtMs: later }), later).state)).toBe(false);
    });

    it("not before it is a member: it holds nothing", () => {
      const joining = next(OUTSIDE, { kind: "wanted" }).state;
      expect(isInDoubt(lookedAt(joining, NOW + 60_000).state)).toBe(false);
    });
  });

  it("G11: leaves when nobody reads, says so once, and comes back when somebody does", () => {
    const late = NOW + MAX_POLL_MS + 1;
    const gone = next({ ...member, beat: { ...beat, heardAtMs: late } }, { kind: "time", readAtMs: NOW }, late);
    expect([gone.name, ...gone.does]).toEqual(["OUT", "stop delivering", "raise", "leave"]);
    expect(happens(gone.state, { kind: "wanted" })).toEqual(["LOSING", "stop delivering", "release"]);
  });

  it("G19: says that it leaves, a static member for a session only; or what it is told to say, if that can be said", () => {
    const effectsOf = (isStatic: boolean, leaveGroup?: boolean): readonly unknown[] =>
      memberStep(reconciling, { kind: "leave", leaveGroup }, NOW, { ...rules, isStatic }).effects;
    expect([effectsOf(false), effectsOf(false, true)]).toEqual(Array(2).fill([{ kind: "leave", stays: false }]));
    expect([effectsOf(true), effectsOf(true, false)]).toEqual(Array(2).fill([{ kind: "leave", stays: true }]));
    expect(effectsOf(true, true)).toEqual([{ kind: "leave", stays: false }]);
    expect(effectsOf(false, false)).toEqual([]);
    expect(happens(reconciling, { kind: "leave" })).toEqual(["LEAVING", "leave"]);
    expect(happens(reconciling, { kind: "leave", leaveGroup: false })).toEqual(["OUT"]);
    expect(happens({ name: "LEAVING" }, { kind: "left" })).toEqual(["OUT"]);
  });

  it("goes nowhere that its table does not say", () => {
    const states: readonly MemberState[] = [
      OUTSIDE,
      { name: "OUT", hasLost: true },
      { name: "LOSING" },
      member,
      beating,
      reconciling,
      { ...member, reconciling: "again" },
      { name: "LEAVING" },
      { name: "DEAD", error: new IllegalStateError("dead") },
    ];
    const names: readonly ErrorName[] = [
      "FENCED_MEMBER_EPOCH",
      "NOT_COORDINATOR",
      "TOPIC_AUTHORIZATION_FAILED",
      "UNSUPPORTED_ASSIGNOR",
    ];
    const kinds = ["wanted", "subscribed", "unanswered", "learned", "reconciled", "released", "leave", "left"] as const;
    const events: readonly MemberEvent[] = [
      ...kinds.map((kind) => ({ kind })),
      ...names.map(refused),
      answered(),
      answered({ isAssigned: true }),
      { kind: "time", readAtMs: NOW },
    ];
    for (const state of states) {
      for (const event of events) {
        for (const now of [NOW, NOW + SESSION_MS, NOW + MAX_POLL_MS + 1]) {
          const { name } = memberStep(state, event, now, rules).state;
          expect(memberTable[state.name][event.kind]?.to ?? [state.name]).toContain(name);
        }
      }
    }
  });
});
