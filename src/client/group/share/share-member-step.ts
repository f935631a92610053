/**
 * The life of a member of a share group (KIP-932), as a pure function: the next state, and what is to be done. Members share partitions,
 * so nothing has to be let go of before others get it, and a session that has run out costs nothing but the next heartbeat. An event that
 * a state knows nothing of changes nothing: it is an answer to a life that is over.
 */
import type { ErrorName } from "../../../protocol/index.ts";
import type {
  ShareMemberEffect,
  ShareMemberEvent,
  ShareMemberRules,
  ShareMemberState,
  ShareMemberStateOf,
  ShareMemberStep,
} from "./share-member-state.ts";

type Member = ShareMemberStateOf<"MEMBER">;
type EventOf<Kind extends ShareMemberEvent["kind"]> = Extract<ShareMemberEvent, { readonly kind: Kind }>;

export const OUTSIDE: ShareMemberStateOf<"OUT"> = Object.freeze({ name: "OUT" });

const JOINING = 0;
/** G29: a broker that wants them without pause does not get them. */
const SHORTEST_INTERVAL_MS = 100;

/** The coordinator does not count us among its members (G24). */
const FORGOTTEN: ReadonlySet<string> = new Set<ErrorName>(["FENCED_MEMBER_EPOCH", "UNKNOWN_MEMBER_ID"]);
/** Told, and the membership goes on. */
const TOLD: ReadonlySet<string> = new Set<ErrorName>(["TOPIC_AUTHORIZATION_FAILED"]);

export function shareMemberStep(
  state: ShareMemberState,
  event: ShareMemberEvent,
  now: number,
  rules: ShareMemberRules,
): ShareMemberStep {
  switch (state.name) {
    case "OUT":
      return event.kind === "wanted" ? join(now) : to(state);
    case "MEMBER":
      return asMember(state, event, now, rules);
    case "LEAVING":
      return event.kind === "left" ? to(OUTSIDE) : to(state);
    case "DEAD":
      if (event.kind === "wanted") return to(state, { kind: "raise", error: state.error });
      return event.kind === "leave" ? to(OUTSIDE) : to(state);
  }
}

/** When the next `time` event is due; Infinity when nothing is. `polledAtMs`: when somebody last polled. */
export function shareMemberDueMs(state: ShareMemberState, polledAtMs: number, { maxPollIntervalMs }: ShareMemberRules): number {
  if (state.name !== "MEMBER") return Number.POSITIVE_INFINITY;
  const awayAtMs = polledAtMs + maxPollIntervalMs;
  return state.beat.isUnderWay ? awayAtMs : Math.min(awayAtMs, state.beat.dueAtMs);
}

function asMember(state: Member, event: ShareMemberEvent, now: number, rules: ShareMemberRules): ShareMemberStep {
  switch (event.kind) {
    case "subscribed":
      return beatIfDue({ ...state, tellsTopics: true }, now);
    case "answered":
      return answered(state, event, now, rules);
    case "refused":
      return refused(state, event, now, rules);
    case "unanswered":
      return again(state, now, rules);
    case "time":
      return onTime(state, event, now, rules);
    case "leave":
      return to({ name: "LEAVING" }, { kind: "forget" }, { kind: "leave" });
    default:
      return to(state);
  }
}

function to(state: ShareMemberState, ...effects: readonly ShareMemberEffect[]): ShareMemberStep {
  return { state, effects };
}

function join(now: number, ...before: readonly ShareMemberEffect[]): ShareMemberStep {
  const beat = { dueAtMs: now, isUnderWay: true, failures: 0 };
  return to({ name: "MEMBER", epoch: JOINING, beat, tellsTopics: false }, ...before, {
    kind: "beat",
    epoch: JOINING,
    topics: true,
  });
}

/** Other topics are told as soon as the heartbeat on its way is answered. */
function beatIfDue(state: Member, now: number): ShareMemberStep {
  const { beat, tellsTopics: topics, epoch } = state;
  const isDue = now >= beat.dueAtMs || (topics && beat.failures === 0);
  if (beat.isUnderWay || !isDue) return to(state);
  return to({ ...state, beat: { ...beat, isUnderWay: true }, tellsTopics: false }, { kind: "beat", epoch, topics });
}

/** G32: the next one comes nevertheless, and says everything, for nobody knows what was heard. */
function again(state: Member, now: number, { backoffMs }: ShareMemberRules): ShareMemberStep {
  const failures = state.beat.failures + 1;
  return to({ ...state, beat: { isUnderWay: false, failures, dueAtMs: now + backoffMs(failures) }, tellsTopics: true });
}

function answered(state: Member, event: EventOf<"answered">, now: number, rules: ShareMemberRules): ShareMemberStep {
  // G29
  if (event.epoch < state.epoch) return again(state, now, rules);
  const dueAtMs = now + Math.max(event.intervalMs, SHORTEST_INTERVAL_MS);
  return beatIfDue({ ...state, epoch: event.epoch, beat: { dueAtMs, isUnderWay: false, failures: 0 } }, now);
}

function refused(state: Member, { error }: EventOf<"refused">, now: number, rules: ShareMemberRules): ShareMemberStep {
  // Who is not even let in would ask without pause.
  if (FORGOTTEN.has(error.code)) return state.epoch === JOINING ? again(state, now, rules) : join(now, { kind: "forget" });
  const next = again(state, now, rules);
  if (TOLD.has(error.code)) return { ...next, effects: [{ kind: "raise", error }] };
  // G26, G27: what does not mend itself.
  return error.retriable ? next : to({ name: "DEAD", error }, { kind: "forget" }, { kind: "raise", error });
}

function onTime(
  state: Member,
  { polledAtMs }: EventOf<"time">,
  now: number,
  { maxPollIntervalMs }: ShareMemberRules,
): ShareMemberStep {
  const awayMs = now - polledAtMs;
  // G11: the next poll joins again. What was handed out stays acknowledgeable as long as its lock holds.
  if (awayMs >= maxPollIntervalMs) return to({ name: "LEAVING" }, { kind: "forget" }, { kind: "away", awayMs }, { kind: "leave" });
  return beatIfDue(state, now);
}
