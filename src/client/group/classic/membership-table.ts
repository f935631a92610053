/**
 * The life of a member of a classic group, as a table: what each event comes to in each state. It is pure; who calls it performs the
 * effects, and says with another event how they went. What is not in the table changes nothing: answers to a life that is over.
 */
import type { KafkaError } from "../../../protocol/index.ts";
import { beating, endOf, freshHeart, heard, isDue, isOver, mayKeep, missed, stallOf, whyOver } from "./heart.ts";
import type {
  EventKind,
  EventOf,
  Generation,
  Heart,
  Looks,
  MembershipEffect,
  MembershipEvent,
  MembershipRules,
  MembershipState,
  StateName,
  StateOf,
  Step,
} from "./membership-state.ts";
import { refusalOf } from "./refusals.ts";

interface Transition<S extends MembershipState, E extends MembershipEvent> {
  readonly to: readonly StateName[];
  readonly go: (state: S, event: E, now: number, rules: MembershipRules) => Step;
  /** What decides, where that is not plain. */
  readonly note?: string;
}

export type Row<S extends MembershipState> = { readonly [Kind in EventKind]?: Transition<S, EventOf<Kind>> };
export type MembershipTable = { readonly [Name in StateName]: Row<StateOf<Name>> };

const NEVER = Number.POSITIVE_INFINITY;
const NOBODY = "";
const MOST_LOOKS = 5;
const UNKNOWN = "its coordinator does not know it any more";
const WITHOUT_US = "the group has come together without it";
const LEFT = "it is no member any more";

function to(state: MembershipState, ...effects: readonly MembershipEffect[]): Step {
  return { state, effects };
}

/**
 * G19, G20: a static member that comes with nothing takes its predecessor's place without a rebalance. What that one was to let go of, so
 * that others could have it with the next, is nobody's then, and nobody else would ask for the next.
 */
function looksOf({ isStatic, protocol }: MembershipRules): Looks {
  return isStatic && protocol === "cooperative" ? MOST_LOOKS : 0;
}

function join(memberId: string, now: number, looks: Looks, keepsUntilMs: number = NEVER): Step {
  const sent = { failures: 0, waits: false, dueAtMs: NEVER, isStale: false, looks };
  return to({ name: "JOINING", memberId, ...sent, keepsUntilMs, seenAtMs: now }, { kind: "join", memberId });
}

/** Joins after a while. */
function joinLater(
  state: Pick<StateOf<"JOINING">, "memberId" | "failures" | "keepsUntilMs" | "looks">,
  now: number,
  rules: MembershipRules,
): Step {
  const failures = state.failures + 1;
  const dueAtMs = now + rules.backoffMs(failures);
  const { memberId, keepsUntilMs, looks } = state;
  return to({ name: "JOINING", memberId, failures, waits: true, dueAtMs, keepsUntilMs, seenAtMs: now, isStale: false, looks });
}

function joinAfterSync({ generation, heart, looks }: StateOf<"SYNCING">, now: number, rules: MembershipRules): Step {
  const { memberId } = generation;
  return joinLater({ memberId, failures: 0, keepsUntilMs: endOf(heart, rules), looks }, now, rules);
}

/** The group comes together again; until JoinGroup is sent we are in the old generation. */
function comeTogether(generation: Generation, heart: Heart, { protocol }: MembershipRules): Step {
  const release = protocol === "eager" ? "all" : "unwanted";
  const { memberId } = generation;
  return to({ name: "PREPARING", memberId, release, generation, heart }, { kind: "release", release });
}

/** G3, G4, G10: others have what we held. */
function lose(memberId: string, because: string): Step {
  const state = { name: "PREPARING", memberId, release: "lost", generation: undefined, heart: undefined } as const;
  return to(state, { kind: "stop delivering", because }, { kind: "release", release: "lost" });
}

/** G9: nothing that we could do better; who reads is told, and who then reads again tries again. */
function give(error: KafkaError, memberId: string): Step {
  return to(
    { name: "OUT", memberId, hasLost: true },
    { kind: "stop delivering", because: error.message },
    { kind: "raise", error },
  );
}

/** G6. */
function die(error: KafkaError): Step {
  return to({ name: "DEAD", error }, { kind: "stop delivering", because: error.message }, { kind: "raise", error });
}

function leave(memberId: string, { isStatic }: MembershipRules, { leaveGroup = !isStatic }: EventOf<"leave">): Step {
  // G19: a static member is expected back.
  if (!leaveGroup || memberId === NOBODY) return to({ name: "OUT", memberId: NOBODY, hasLost: false });
  return to({ name: "LEAVING" }, { kind: "leave", memberId, reason: "the consumer is closed, or has unsubscribed" });
}

/** G11: it is not known whether the reader lives. */
function leaveForNow(memberId: string, awayMs: number, rules: MembershipRules): Step {
  const error = rules.tooSlow(awayMs);
  const effects: MembershipEffect[] = [
    { kind: "stop delivering", because: error.message },
    { kind: "raise", error },
  ];
  if (!rules.isStatic) effects.push({ kind: "leave", memberId, reason: "nobody has read for longer than maxPollIntervalMs" });
  return to({ name: "OUT", memberId: rules.isStatic ? memberId : NOBODY, hasLost: true }, ...effects);
}

/** G12: the group may have come together in the meantime, and have thrown it out since for its silence. */
function wasAway(state: StateOf<"JOINING">, now: number, rules: MembershipRules): boolean {
  return !state.waits && mayKeep(state, rules) && now - state.seenAtMs >= rules.sessionTimeoutMs;
}

function whyAway({ seenAtMs }: StateOf<"JOINING">, now: number, { sessionTimeoutMs }: MembershipRules): string {
  const stoodStill = `the event loop stood still for ${Math.round(now - seenAtMs)} ms`;
  return `${stoodStill} while the group came together (sessionTimeoutMs ${sessionTimeoutMs})`;
}

function joinRefused(state: StateOf<"JOINING">, event: EventOf<"refused">, now: number, rules: MembershipRules): Step {
  const { error, memberId = NOBODY } = event;
  switch (refusalOf(error)) {
    case "take id":
      return join(memberId, now, state.looks, state.keepsUntilMs);
    case "unknown":
      return lose(NOBODY, UNKNOWN);
    case "fenced":
      return die(error);
    case "told":
      return give(error, state.memberId);
    case "elsewhere":
    case "not yet":
    case "come together":
    case "other generation":
      return joinLater(state, now, rules);
  }
}

function syncRefused(state: StateOf<"SYNCING">, { error }: EventOf<"refused">, now: number, rules: MembershipRules): Step {
  const { memberId } = state.generation;
  switch (refusalOf(error)) {
    case "unknown":
      return lose(NOBODY, UNKNOWN);
    case "other generation":
      return lose(memberId, WITHOUT_US);
    case "fenced":
      return die(error);
    case "told":
      return give(error, memberId);
    case "elsewhere":
    case "not yet":
      return joinAfterSync(state, now, rules);
    case "take id":
    case "come together":
      return join(memberId, now, state.looks, endOf(state.heart, rules));
  }
}

/** Whoever says that the group comes together has heard us. */
function heartAfter(heart: Heart, { request, error, sentAtMs }: EventOf<"refused">, now: number, rules: MembershipRules): Heart {
  if (request !== "heartbeat") return heart;
  if (sentAtMs === undefined || refusalOf(error) !== "come together") return missed(heart, now, rules);
  return heard(heart, sentAtMs, now, rules);
}

/** A heartbeat, or a commit, of the generation that we are in. */
function memberRefused(state: StateOf<"MEMBER">, event: EventOf<"refused">, now: number, rules: MembershipRules): Step {
  const { request, error } = event;
  const { generation, isSettled } = state;
  const heart = heartAfter(state.heart, event, now, rules);
  switch (refusalOf(error)) {
    case "come together":
      // The user is still being told of this generation.
      return isSettled ? comeTogether(generation, heart, rules) : to({ ...state, heart, isStale: true });
    case "other generation":
      return lose(generation.memberId, WITHOUT_US);
    case "unknown":
      return lose(NOBODY, UNKNOWN);
    case "fenced":
      return die(error);
    case "told":
      return request === "heartbeat" ? give(error, generation.memberId) : to(state);
    case "elsewhere":
    case "not yet":
    case "take id":
      return to({ ...state, heart });
  }
}

/** What is held is being let go of: of the generation only its end matters. */
function preparingRefused(state: StateOf<"PREPARING">, event: EventOf<"refused">, now: number, rules: MembershipRules): Step {
  if (state.heart === undefined) return to(state);
  switch (refusalOf(event.error)) {
    case "unknown":
      return to({ ...state, memberId: NOBODY, generation: undefined, heart: undefined });
    case "other generation":
      return to({ ...state, generation: undefined, heart: undefined });
    case "fenced":
      return die(event.error);
    default:
      return to({ ...state, heart: heartAfter(state.heart, event, now, rules) });
  }
}

function beatIfDue<S extends StateOf<"MEMBER" | "SYNCING">>(state: S, now: number): Step {
  if (!isDue(state.heart, now)) return to(state);
  return to({ ...state, heart: beating(state.heart) }, { kind: "beat", generation: state.generation });
}

/** A heartbeat was answered: nothing moves in the group now that would make a look needless. */
function lookIfDue(state: StateOf<"MEMBER">): Step {
  const { generation, isSettled, isLooking, looks } = state;
  if (!isSettled || isLooking || looks === 0) return to(state);
  return to({ ...state, isLooking: true, looks: looks - 1 }, { kind: "look", generation });
}

/** It tries again as long as that may help. */
function unseen(state: StateOf<"MEMBER">, { error }: EventOf<"unseen">): Step {
  const looks = error.retriable ? state.looks : 0;
  const next = { ...state, isLooking: false, looks };
  return looks > 0 ? to(next) : to(next, { kind: "cannot look", error });
}

function comeTogetherSoon(state: StateOf<"MEMBER">, rules: MembershipRules): Step {
  return state.isSettled ? comeTogether(state.generation, state.heart, rules) : to({ ...state, isStale: true });
}

const isOf = ({ generationId }: Generation, event: { readonly generationId: number }): boolean =>
  event.generationId === generationId;

export const membershipTable: MembershipTable = {
  OUT: {
    wanted: {
      to: ["JOINING", "PREPARING"],
      note: "PREPARING if what it held is lost, and nobody has been told",
      go: ({ memberId, hasLost }, _event, now, rules) => (hasLost ? lose(memberId, LEFT) : join(memberId, now, looksOf(rules))),
    },
    leave: { to: ["OUT"], go: () => to({ name: "OUT", memberId: NOBODY, hasLost: false }) },
  },
  PREPARING: {
    prepared: {
      to: ["JOINING", "PREPARING"],
      note: "PREPARING if others have by now what it kept",
      go: ({ memberId, release, generation, heart }, _event, now, rules) => {
        const keeps = release === "unwanted";
        if (keeps && generation === undefined) return lose(memberId, WITHOUT_US);
        // G12: nobody has looked at the clock since a callback was called.
        if (keeps && heart && isOver(heart, now, rules)) return lose(memberId, whyOver(heart, now, rules));
        return join(memberId, now, keeps ? 0 : looksOf(rules), heart && endOf(heart, rules));
      },
    },
    heard: {
      to: ["PREPARING"],
      go: (state, event, now, rules) => {
        const { generation, heart } = state;
        if (generation === undefined || heart === undefined || !isOf(generation, event)) return to(state);
        return to({ ...state, heart: heard(heart, event.sentAtMs, now, rules) });
      },
    },
    refused: { to: ["PREPARING", "DEAD"], note: "DEAD if another one has its static name", go: preparingRefused },
    unanswered: {
      to: ["PREPARING"],
      go: (state, _event, now, rules) => to({ ...state, heart: state.heart && missed(state.heart, now, rules) }),
    },
    time: {
      to: ["PREPARING", "OUT"],
      note: "OUT when nobody reads, who could let go of something",
      go: (state, { readAtMs }, now, rules) => {
        const { memberId, generation, heart } = state;
        if (generation === undefined || heart === undefined) return to(state);
        if (isOver(heart, now, rules)) {
          const because = whyOver(heart, now, rules);
          return to({ ...state, generation: undefined, heart: undefined }, { kind: "stop delivering", because });
        }
        const awayMs = now - readAtMs;
        if (awayMs > rules.maxPollIntervalMs) return leaveForNow(memberId, awayMs, rules);
        return isDue(heart, now) ? to({ ...state, heart: beating(heart) }, { kind: "beat", generation }) : to(state);
      },
    },
    leave: {
      to: ["LEAVING", "OUT"],
      note: "OUT for members that stay",
      go: ({ memberId }, event, _now, rules) => leave(memberId, rules, event),
    },
  },
  JOINING: {
    joined: {
      to: ["SYNCING", "PREPARING"],
      note: "PREPARING if the answer may be so old that others have what it kept",
      go: (state, { generation, isLeader, skipAssignment }, now, rules) => {
        if (wasAway(state, now, rules)) return lose(generation.memberId, whyAway(state, now, rules));
        const heart = freshHeart(mayKeep(state, rules) ? state.seenAtMs : now, now, rules);
        // Who shares everything anew leaves nothing to nobody.
        const looks = isLeader && !skipAssignment ? 0 : state.looks;
        const next = { name: "SYNCING", generation, heart, isStale: state.isStale, looks } as const;
        return to(next, isLeader ? { kind: "share", generation } : { kind: "sync", generation });
      },
    },
    stale: { to: ["JOINING"], go: (state) => to({ ...state, isStale: !state.waits }) },
    refused: {
      to: ["JOINING", "PREPARING", "OUT", "DEAD"],
      note: "PREPARING if it is not known any more, OUT for what is told, DEAD if another one has its static name",
      go: joinRefused,
    },
    unanswered: {
      to: ["JOINING"],
      go: (state, _event, now, rules) => joinLater(state, now, rules),
    },
    time: {
      to: ["JOINING", "PREPARING"],
      note: "PREPARING if for a session the coordinator could not be reached, or it stood still, so that others have what it kept",
      go: (state, _event, now, rules) => {
        if (wasAway(state, now, rules)) return lose(state.memberId, whyAway(state, now, rules));
        if (!state.waits) return to({ ...state, seenAtMs: now });
        if (now >= state.keepsUntilMs) return lose(state.memberId, "its coordinator could not be reached for a session");
        if (now < state.dueAtMs) return to(state);
        const sent = { waits: false, dueAtMs: NEVER, isStale: false, seenAtMs: now };
        return to({ ...state, ...sent }, { kind: "join", memberId: state.memberId });
      },
    },
    leave: {
      to: ["LEAVING", "OUT"],
      note: "OUT without an id",
      go: ({ memberId }, event, _now, rules) => leave(memberId, rules, event),
    },
  },
  SYNCING: {
    shared: { to: ["SYNCING"], go: (state) => to(state, { kind: "sync", generation: state.generation }) },
    synced: {
      to: ["MEMBER"],
      go: ({ generation, heart, isStale, looks }) => {
        const next = { name: "MEMBER", generation, heart, isSettled: false, isStale, looks, isLooking: false } as const;
        return to(next, { kind: "settle", generation });
      },
    },
    stale: { to: ["SYNCING"], go: (state) => to({ ...state, isStale: true }) },
    heard: {
      to: ["SYNCING"],
      go: (state, event, now, rules) =>
        to(isOf(state.generation, event) ? { ...state, heart: heard(state.heart, event.sentAtMs, now, rules) } : state),
    },
    refused: {
      to: ["SYNCING", "JOINING", "PREPARING", "OUT", "DEAD"],
      note: "as JoinGroup; heartbeats and commits tell nothing that SyncGroup does not",
      go: (state, event, now, rules) =>
        event.request === "sync"
          ? syncRefused(state, event, now, rules)
          : to({ ...state, heart: heartAfter(state.heart, event, now, rules) }),
    },
    unanswered: {
      to: ["SYNCING", "JOINING"],
      note: "SYNCING if it was a heartbeat",
      go: (state, { request }, now, rules) => {
        return request === "sync" ? joinAfterSync(state, now, rules) : to({ ...state, heart: missed(state.heart, now, rules) });
      },
    },
    time: {
      to: ["SYNCING", "PREPARING"],
      note: "PREPARING when the session is over",
      go: (state, _event, now, rules) => {
        const { generation, heart } = state;
        return isOver(heart, now, rules) ? lose(generation.memberId, whyOver(heart, now, rules)) : beatIfDue(state, now);
      },
    },
    leave: {
      to: ["LEAVING", "OUT"],
      note: "OUT for members that stay",
      go: ({ generation }, event, _now, rules) => leave(generation.memberId, rules, event),
    },
  },
  MEMBER: {
    settled: {
      to: ["MEMBER", "PREPARING"],
      note: "PREPARING if others wait for what was let go of, or something has changed meanwhile",
      go: (state, { hasReleased }, _now, rules) =>
        hasReleased || state.isStale ? comeTogether(state.generation, state.heart, rules) : to({ ...state, isSettled: true }),
    },
    stale: {
      to: ["MEMBER", "PREPARING"],
      note: "MEMBER while the user is being told",
      go: (state, _event, _now, rules) => comeTogetherSoon(state, rules),
    },
    heard: {
      to: ["MEMBER"],
      go: (state, event, now, rules) => {
        if (!isOf(state.generation, event)) return to(state);
        return lookIfDue({ ...state, heart: heard(state.heart, event.sentAtMs, now, rules) });
      },
    },
    looked: {
      to: ["MEMBER", "PREPARING"],
      note: "PREPARING if partitions belong to nobody",
      go: (state, event, _now, rules) => {
        if (!isOf(state.generation, event)) return to(state);
        return event.isWhole ? to({ ...state, isLooking: false, looks: 0 }) : comeTogetherSoon(state, rules);
      },
    },
    unseen: {
      to: ["MEMBER"],
      go: (state, event) => (isOf(state.generation, event) ? unseen(state, event) : to(state)),
    },
    refused: {
      to: ["MEMBER", "PREPARING", "OUT", "DEAD"],
      note: "PREPARING if the group comes together or has gone on, OUT for what is told, DEAD if another one has its static name",
      go: (state, event, now, rules) => (isOf(state.generation, event) ? memberRefused(state, event, now, rules) : to(state)),
    },
    unanswered: {
      to: ["MEMBER"],
      go: (state, event, now, rules) =>
        event.request === "heartbeat" && isOf(state.generation, event)
          ? to({ ...state, heart: missed(state.heart, now, rules) })
          : to(state),
    },
    time: {
      to: ["MEMBER", "PREPARING", "OUT"],
      note: "PREPARING when the session is over, OUT when nobody reads",
      go: (state, { readAtMs }, now, rules) => {
        const { generation, heart } = state;
        if (isOver(heart, now, rules)) return lose(generation.memberId, whyOver(heart, now, rules));
        const awayMs = now - readAtMs;
        if (awayMs > rules.maxPollIntervalMs) return leaveForNow(generation.memberId, awayMs, rules);
        const { state: next, effects } = beatIfDue(state, now);
        return to(next, ...stallOf(heart, now, rules), ...effects);
      },
    },
    leave: {
      to: ["LEAVING", "OUT"],
      note: "OUT for members that stay",
      go: ({ generation }, event, _now, rules) => leave(generation.memberId, rules, event),
    },
  },
  LEAVING: {
    left: { to: ["OUT"], go: () => to({ name: "OUT", memberId: NOBODY, hasLost: false }) },
  },
  DEAD: {
    wanted: { to: ["DEAD"], go: (state) => to(state, { kind: "raise", error: state.error }) },
    leave: { to: ["OUT"], go: () => to({ name: "OUT", memberId: NOBODY, hasLost: false }) },
  },
};
