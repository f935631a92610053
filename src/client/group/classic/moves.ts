/** Where a member of a classic group goes: to joining, out, or to its end; from whichever state that is. */
import type { KafkaError } from "../../../protocol/index.ts";
import { endOf } from "./heart.ts";
import type {
  EventOf,
  Generation,
  Heart,
  Looks,
  MembershipEffect,
  MembershipRules,
  MembershipState,
  StateOf,
  Step,
} from "./membership-state.ts";

export const NEVER: number = Number.POSITIVE_INFINITY;
export const NOBODY = "";
export const UNKNOWN = "its coordinator does not know it any more";
export const WITHOUT_US = "the group has come together without it";

export function to(state: MembershipState, ...effects: readonly MembershipEffect[]): Step {
  return { state, effects };
}

export function join(memberId: string, now: number, looks: Looks, keepsUntilMs: number = NEVER): Step {
  const sent = { failures: 0, waits: false, dueAtMs: NEVER, isStale: false, looks };
  return to({ name: "JOINING", memberId, ...sent, keepsUntilMs, seenAtMs: now }, { kind: "join", memberId });
}

/** Joins after a while. */
export function joinLater(
  state: Pick<StateOf<"JOINING">, "memberId" | "failures" | "keepsUntilMs" | "looks">,
  now: number,
  rules: MembershipRules,
): Step {
  const failures = state.failures + 1;
  const dueAtMs = now + rules.backoffMs(failures);
  const { memberId, keepsUntilMs, looks } = state;
  return to({ name: "JOINING", memberId, failures, waits: true, dueAtMs, keepsUntilMs, seenAtMs: now, isStale: false, looks });
}

export function joinAfterSync({ generation, heart, looks }: StateOf<"SYNCING">, now: number, rules: MembershipRules): Step {
  const { memberId } = generation;
  return joinLater({ memberId, failures: 0, keepsUntilMs: endOf(heart, rules), looks }, now, rules);
}

/** The group comes together again; until JoinGroup is sent we are in the old generation. */
export function comeTogether(generation: Generation, heart: Heart, { protocol }: MembershipRules): Step {
  const release = protocol === "eager" ? "all" : "unwanted";
  const { memberId } = generation;
  return to({ name: "PREPARING", memberId, release, generation, heart }, { kind: "release", release });
}

export function comeTogetherSoon(state: StateOf<"MEMBER">, rules: MembershipRules): Step {
  return state.isSettled ? comeTogether(state.generation, state.heart, rules) : to({ ...state, isStale: true });
}

/** G3, G4, G10: others have what we held. */
export function lose(memberId: string, because: string): Step {
  const state = { name: "PREPARING", memberId, release: "lost", generation: undefined, heart: undefined } as const;
  return to(state, { kind: "stop delivering", because }, { kind: "release", release: "lost" });
}

/** G9: nothing that we could do better; who reads is told, and who then reads again tries again. */
export function give(error: KafkaError, memberId: string): Step {
  return to(
    { name: "OUT", memberId, hasLost: true },
    { kind: "stop delivering", because: error.message },
    { kind: "raise", error },
  );
}

/** G6. */
export function die(error: KafkaError): Step {
  return to({ name: "DEAD", error }, { kind: "stop delivering", because: error.message }, { kind: "raise", error });
}

export function leave(memberId: string, { isStatic }: MembershipRules, { leaveGroup = !isStatic }: EventOf<"leave">): Step {
  // G19: a static member is expected back.
  if (!leaveGroup || memberId === NOBODY) return to({ name: "OUT", memberId: NOBODY, hasLost: false });
  return to({ name: "LEAVING" }, { kind: "leave", memberId, reason: "the consumer is closed, or has unsubscribed" });
}

/** G11: it is not known whether the reader lives. */
export function leaveForNow(memberId: string, awayMs: number, rules: MembershipRules): Step {
  const error = rules.tooSlow(awayMs);
  const effects: MembershipEffect[] = [
    { kind: "stop delivering", because: error.message },
    { kind: "raise", error },
  ];
  if (!rules.isStatic) effects.push({ kind: "leave", memberId, reason: "nobody has read for longer than maxPollIntervalMs" });
  return to({ name: "OUT", memberId: rules.isStatic ? memberId : NOBODY, hasLost: true }, ...effects);
}
