import { endOf, mayKeep } from "./heart.ts";
import type { Heart, MembershipEvent, MembershipRules, MembershipState, StateOf, Step } from "./membership-state.ts";
import { membershipTable, type Row } from "./membership-table.ts";

export const OUTSIDE: StateOf<"OUT"> = Object.freeze({ name: "OUT", memberId: "", hasLost: false });

/** What the event comes to, and what is to be done. An event that a state knows nothing of changes nothing. */
export function step(state: MembershipState, event: MembershipEvent, now: number, rules: MembershipRules): Step {
  switch (state.name) {
    case "OUT":
      return inRow(membershipTable.OUT, state, event, now, rules);
    case "PREPARING":
      return inRow(membershipTable.PREPARING, state, event, now, rules);
    case "JOINING":
      return inRow(membershipTable.JOINING, state, event, now, rules);
    case "SYNCING":
      return inRow(membershipTable.SYNCING, state, event, now, rules);
    case "MEMBER":
      return inRow(membershipTable.MEMBER, state, event, now, rules);
    case "LEAVING":
      return inRow(membershipTable.LEAVING, state, event, now, rules);
    case "DEAD":
      return inRow(membershipTable.DEAD, state, event, now, rules);
  }
}

function inRow<S extends MembershipState>(
  row: Row<S>,
  state: S,
  event: MembershipEvent,
  now: number,
  rules: MembershipRules,
): Step {
  return stepInRow(row, state, event, now, rules) ?? { state, effects: [] };
}

function stepInRow<S extends MembershipState>(
  row: Row<S>,
  state: S,
  event: MembershipEvent,
  now: number,
  rules: MembershipRules,
): Step | undefined {
  switch (event.kind) {
    case "wanted":
      return row.wanted?.go(state, event, now, rules);
    case "stale":
      return row.stale?.go(state, event, now, rules);
    case "prepared":
      return row.prepared?.go(state, event, now, rules);
    case "joined":
      return row.joined?.go(state, event, now, rules);
    case "shared":
      return row.shared?.go(state, event, now, rules);
    case "synced":
      return row.synced?.go(state, event, now, rules);
    case "settled":
      return row.settled?.go(state, event, now, rules);
    case "heard":
      return row.heard?.go(state, event, now, rules);
    case "looked":
      return row.looked?.go(state, event, now, rules);
    case "unseen":
      return row.unseen?.go(state, event, now, rules);
    case "refused":
      return row.refused?.go(state, event, now, rules);
    case "unanswered":
      return row.unanswered?.go(state, event, now, rules);
    case "time":
      return row.time?.go(state, event, now, rules);
    case "leave":
      return row.leave?.go(state, event, now, rules);
    case "left":
      return row.left?.go(state, event, now, rules);
  }
}

/** When the next `time` event is due; Infinity when nothing is. `readAtMs`: when somebody last read. */
export function dueMs(state: MembershipState, readAtMs: number, rules: MembershipRules): number {
  switch (state.name) {
    case "JOINING":
      if (state.waits) return Math.min(state.dueAtMs, state.keepsUntilMs);
      return mayKeep(state, rules) ? state.seenAtMs + rules.heartbeatIntervalMs : Number.POSITIVE_INFINITY;
    case "PREPARING":
      return state.heart === undefined ? Number.POSITIVE_INFINITY : memberDueMs(state.heart, readAtMs, rules);
    case "SYNCING":
      return heartDueMs(state.heart, rules);
    case "MEMBER":
      return memberDueMs(state.heart, readAtMs, rules);
    case "OUT":
    case "LEAVING":
    case "DEAD":
      return Number.POSITIVE_INFINITY;
  }
}

function memberDueMs(heart: Heart, readAtMs: number, rules: MembershipRules): number {
  return Math.min(heartDueMs(heart, rules), readAtMs + rules.maxPollIntervalMs + 1);
}

function heartDueMs(heart: Heart, rules: MembershipRules): number {
  return heart.isBeating ? endOf(heart, rules) : Math.min(heart.dueAtMs, endOf(heart, rules));
}
