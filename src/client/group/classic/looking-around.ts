/** Whether a static member looks around: partitions may belong to nobody where it comes back. */
import type { EventOf, Looks, MembershipRules, StateOf, Step } from "./membership-state.ts";
import { to } from "./moves.ts";

const MOST_LOOKS = 5;

/**
 * G19, G20: a static member that comes with nothing takes its predecessor's place without a rebalance. What that one was to let go of, so
 * that others could have it with the next, is nobody's then, and nobody else would ask for the next.
 */
export function looksOf({ isStatic, protocol }: MembershipRules): Looks {
  return isStatic && protocol === "cooperative" ? MOST_LOOKS : 0;
}

/** A heartbeat was answered: nothing moves in the group now that would make a look needless. */
export function lookIfDue(state: StateOf<"MEMBER">): Step {
  const { generation, isSettled, isLooking, looks } = state;
  if (!isSettled || isLooking || looks === 0) return to(state);
  return to({ ...state, isLooking: true, looks: looks - 1 }, { kind: "look", generation });
}

/** It tries again as long as that may help. */
export function unseen(state: StateOf<"MEMBER">, { error }: EventOf<"unseen">): Step {
  const looks = error.retriable ? state.looks : 0;
  const next = { ...state, isLooking: false, looks };
  return looks > 0 ? to(next) : to(next, { kind: "cannot look", error });
}
