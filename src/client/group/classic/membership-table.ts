/**
 * The life of a member of a classic group, as a table: what each event comes to in each state. It is pure; who calls it performs the
 * effects, and says with another event how they went. What is not in the table changes nothing: answers to a life that is over.
 */
import { heartAfter, joinRefused, memberRefused, preparingRefused, syncRefused } from "./after-refusal.ts";
import { beating, endOf, freshHeart, heard, isDue, isOver, mayKeep, missed, stallOf, whyOver } from "./heart.ts";
import { lookIfDue, looksOf, unseen } from "./looking-around.ts";
import type {
  EventKind,
  EventOf,
  Generation,
  MembershipEvent,
  MembershipRules,
  MembershipState,
  StateName,
  StateOf,
  Step,
} from "./membership-state.ts";
import {
  comeTogether,
  comeTogetherSoon,
  join,
  joinAfterSync,
  joinLater,
  leave,
  leaveForNow,
  lose,
  NEVER,
  NOBODY,
  to,
  WITHOUT_US,
} from "./moves.ts";

interface Transition<S extends MembershipState, E extends MembershipEvent> {
  readonly to: readonly StateName[];
  readonly go: (state: S, event: E, now: number, rules: MembershipRules) => Step;
  /** What decides, where that is not plain. */
  readonly note?: string;
}

export type Row<S extends MembershipState> = { readonly [Kind in EventKind]?: Transition<S, EventOf<Kind>> };
export type MembershipTable = { readonly [Name in StateName]: Row<StateOf<Name>> };

const LEFT = "it is no member any more";

/** G12: the group may have come together in the meantime, and have thrown it out since for its silence. */
function wasAway(state: StateOf<"JOINING">, now: number, rules: MembershipRules): boolean {
  return !state.waits && mayKeep(state, rules) && now - state.seenAtMs >= rules.sessionTimeoutMs;
}

function whyAway({ seenAtMs }: StateOf<"JOINING">, now: number, { sessionTimeoutMs }: MembershipRules): string {
  const stoodStill = `the event loop stood still for ${Math.round(now - seenAtMs)} ms`;
  return `${stoodStill} while the group came together (sessionTimeoutMs ${sessionTimeoutMs})`;
}

function beatIfDue<S extends StateOf<"MEMBER" | "SYNCING">>(state: S, now: number): Step {
  if (!isDue(state.heart, now)) return to(state);
  return to({ ...state, heart: beating(state.heart) }, { kind: "beat", generation: state.generation });
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
