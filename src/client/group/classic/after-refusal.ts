/** What a member of a classic group does when its coordinator refuses what it asks. */
import { endOf, heard, missed } from "./heart.ts";
import type { EventOf, Heart, MembershipRules, StateOf, Step } from "./membership-state.ts";
import { comeTogether, die, give, join, joinAfterSync, joinLater, lose, NOBODY, to, UNKNOWN, WITHOUT_US } from "./moves.ts";
import { refusalOf } from "./refusals.ts";

export function joinRefused(state: StateOf<"JOINING">, event: EventOf<"refused">, now: number, rules: MembershipRules): Step {
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

export function syncRefused(state: StateOf<"SYNCING">, { error }: EventOf<"refused">, now: number, rules: MembershipRules): Step {
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
export function heartAfter(
  heart: Heart,
  { request, error, sentAtMs }: EventOf<"refused">,
  now: number,
  rules: MembershipRules,
): Heart {
  if (request !== "heartbeat") return heart;
  if (sentAtMs === undefined || refusalOf(error) !== "come together") return missed(heart, now, rules);
  return heard(heart, sentAtMs, now, rules);
}

/** A heartbeat, or a commit, of the generation that we are in. */
export function memberRefused(state: StateOf<"MEMBER">, event: EventOf<"refused">, now: number, rules: MembershipRules): Step {
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
export function preparingRefused(
  state: StateOf<"PREPARING">,
  event: EventOf<"refused">,
  now: number,
  rules: MembershipRules,
): Step {
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
