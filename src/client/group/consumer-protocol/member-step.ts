import { awake, lookDueMs } from "./doubt.ts";
import type { MemberEvent, MemberRules, MemberState, MemberStateOf, MemberStep } from "./member-state.ts";
import { type MemberRow, memberTable } from "./member-table.ts";

export const OUTSIDE: MemberStateOf<"OUT"> = Object.freeze({ name: "OUT", hasLost: false });

/** What the event comes to, and what is to be done. An event that a state knows nothing of changes nothing. */
export function memberStep(state: MemberState, event: MemberEvent, now: number, rules: MemberRules): MemberStep {
  switch (state.name) {
    case "OUT":
      return inRow(memberTable.OUT, state, event, now, rules);
    case "LOSING":
      return inRow(memberTable.LOSING, state, event, now, rules);
    case "MEMBER":
      return inRow(memberTable.MEMBER, awake(state, now), event, now, rules);
    case "LEAVING":
      return inRow(memberTable.LEAVING, state, event, now, rules);
    case "DEAD":
      return inRow(memberTable.DEAD, state, event, now, rules);
  }
}

function inRow<S extends MemberState>(
  row: MemberRow<S>,
  state: S,
  event: MemberEvent,
  now: number,
  rules: MemberRules,
): MemberStep {
  return stepInRow(row, state, event, now, rules) ?? { state, effects: [] };
}

function stepInRow<S extends MemberState>(
  row: MemberRow<S>,
  state: S,
  event: MemberEvent,
  now: number,
  rules: MemberRules,
): MemberStep | undefined {
  switch (event.kind) {
    case "wanted":
      return row.wanted?.go(state, event, now, rules);
    case "subscribed":
      return row.subscribed?.go(state, event, now, rules);
    case "answered":
      return row.answered?.go(state, event, now, rules);
    case "refused":
      return row.refused?.go(state, event, now, rules);
    case "unanswered":
      return row.unanswered?.go(state, event, now, rules);
    case "learned":
      return row.learned?.go(state, event, now, rules);
    case "reconciled":
      return row.reconciled?.go(state, event, now, rules);
    case "released":
      return row.released?.go(state, event, now, rules);
    case "time":
      return row.time?.go(state, event, now, rules);
    case "leave":
      return row.leave?.go(state, event, now, rules);
    case "left":
      return row.left?.go(state, event, now, rules);
  }
}

/** When the next `time` event is due; Infinity when nothing is. `readAtMs`: when somebody last read. */
export function memberDueMs(state: MemberState, readAtMs: number, { sessionTimeoutMs, maxPollIntervalMs }: MemberRules): number {
  if (state.name !== "MEMBER") return Number.POSITIVE_INFINITY;
  const overMs = state.epoch > 0 ? state.beat.heardAtMs + sessionTimeoutMs : Number.POSITIVE_INFINITY;
  return Math.min(lookDueMs(state), overMs, readAtMs + maxPollIntervalMs + 1);
}
