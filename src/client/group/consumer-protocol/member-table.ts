/**
 * The life of a member whose coordinator assigns (KIP-848), as a table: what each event comes to in each state. It is pure; who calls it
 * performs the effects, and says with another event how they went. What is not in the table changes nothing: answers to a life that is
 * over.
 */
import type { ErrorName, KafkaError } from "../../../protocol/index.ts";
import { nearlyCostsTheSession, stoodStill } from "../standing-still.ts";
import { doubtAfter } from "./doubt.ts";
import type {
  Beat,
  MemberEffect,
  MemberEvent,
  MemberEventKind,
  MemberEventOf,
  MemberRules,
  MemberState,
  MemberStateName,
  MemberStateOf,
  MemberStep,
  News,
} from "./member-state.ts";

interface Transition<S extends MemberState, E extends MemberEvent> {
  readonly to: readonly MemberStateName[];
  readonly go: (state: S, event: E, now: number, rules: MemberRules) => MemberStep;
  /** What decides, where that is not plain. */
  readonly note?: string;
}

export type MemberRow<S extends MemberState> = {
  readonly [Kind in MemberEventKind]?: Transition<S, MemberEventOf<Kind>>;
};
export type MemberTable = { readonly [Name in MemberStateName]: MemberRow<MemberStateOf<Name>> };
type Member = MemberStateOf<"MEMBER">;

const JOINING = 0;
const NOTHING_NEW: News = { everything: false, topics: false, held: false };
const EVERYTHING: News = { everything: true, topics: true, held: true };
/** G29: a broker that wants them without pause does not get them. */
const SHORTEST_INTERVAL_MS = 100;

/** The coordinator does not count us among its members (G24). */
const FORGOTTEN: ReadonlySet<string> = new Set<ErrorName>(["FENCED_MEMBER_EPOCH", "UNKNOWN_MEMBER_ID"]);
/** Told, and the membership goes on. */
const TOLD: ReadonlySet<string> = new Set<ErrorName>(["TOPIC_AUTHORIZATION_FAILED"]);

/** The coordinator does not understand by what it is to match topics; another one may take its place. */
const BAD_PATTERN = "INVALID_REGULAR_EXPRESSION" satisfies ErrorName;
const UNKNOWN = "its coordinator does not know it any more";
const LEFT = "it is no member any more";

/** For people: a member that is lost because its process stood still is not the network's fault. */
function whySilent({ heardAtMs, dueAtMs, isUnderWay }: Beat, now: number, { sessionTimeoutMs }: MemberRules): string {
  const silence = `its coordinator has not heard of it for ${Math.round(now - heardAtMs)} ms`;
  const stoodStillMs = Math.max(now - heardAtMs - sessionTimeoutMs, isUnderWay ? 0 : now - dueAtMs);
  return stoodStill(stoodStillMs) ? `${silence}: ${standstillOf(stoodStillMs)}` : silence;
}

/** The same, as soon as the coordinator says so. */
function whyUnknown({ doubt }: Beat): string {
  return doubt === undefined ? UNKNOWN : `${UNKNOWN}: ${standstillOf(doubt.stoodStillMs)}`;
}

function standstillOf(ms: number): string {
  return `the event loop stood still for ${Math.round(ms)} ms`;
}

/** G12: a heartbeat that comes in time, but so late that it nearly did not. */
function stallOf({ epoch, beat }: Member, now: number, { sessionTimeoutMs }: MemberRules): readonly MemberEffect[] {
  const lateMs = now - beat.dueAtMs;
  const isTold = epoch > JOINING && !beat.isUnderWay && nearlyCostsTheSession(lateMs, sessionTimeoutMs);
  return isTold ? [{ kind: "stood still", forMs: lateMs }] : [];
}

function to(state: MemberState, ...effects: readonly MemberEffect[]): MemberStep {
  return { state, effects };
}

export function isForgotten({ code }: KafkaError): boolean {
  return FORGOTTEN.has(code);
}

function join(now: number): MemberStep {
  const known = { intervalMs: 0, seenAtMs: now, doubt: undefined };
  const beat = { heardAtMs: now, dueAtMs: now, isUnderWay: true, failures: 0, ...known };
  const state = { name: "MEMBER", epoch: JOINING, beat, news: NOTHING_NEW, reconciling: "no" } as const;
  return to(state, { kind: "beat", epoch: JOINING, news: EVERYTHING });
}

/** G24: others have what we held. */
function lose(because: string): MemberStep {
  return to({ name: "LOSING" }, { kind: "stop delivering", because }, { kind: "release" });
}

function die(error: KafkaError): MemberStep {
  return to({ name: "DEAD", error }, { kind: "stop delivering", because: error.message }, { kind: "raise", error });
}

/** Tells the news, if there is any that cannot wait, as soon as the one on its way is answered. */
function beatIfDue(state: Member, now: number, ...effects: readonly MemberEffect[]): MemberStep {
  const { beat, news, epoch } = state;
  const isDue = now >= beat.dueAtMs || (beat.failures === 0 && (news.topics || news.held));
  if (beat.isUnderWay || !isDue) return to(state, ...effects);
  const next = { ...state, beat: { ...beat, isUnderWay: true }, news: NOTHING_NEW };
  return to(next, ...effects, { kind: "beat", epoch, news });
}

/** G32: the next one comes nevertheless, and says everything, for nobody knows what was heard. */
function again(state: Member, now: number, { backoffMs }: MemberRules): MemberStep {
  const failures = state.beat.failures + 1;
  const beat = { ...state.beat, isUnderWay: false, failures, dueAtMs: now + backoffMs(failures) };
  return to({ ...state, beat, news: EVERYTHING });
}

function answered(state: Member, event: MemberEventOf<"answered">, now: number, rules: MemberRules): MemberStep {
  const { epoch, isAssigned, sentAtMs } = event;
  // G29
  if (epoch < state.epoch) return again(state, now, rules);
  const intervalMs = Math.max(event.intervalMs, SHORTEST_INTERVAL_MS);
  const doubt = doubtAfter(state.beat, sentAtMs, intervalMs, now);
  const dueAtMs = doubt === undefined ? now + intervalMs : now;
  const heardAtMs = Math.max(state.beat.heardAtMs, sentAtMs);
  const beat = { ...state.beat, heardAtMs, dueAtMs, intervalMs, isUnderWay: false, failures: 0, doubt };
  const heard = { ...state, epoch, beat };
  return isAssigned ? reconcile(heard, now) : beatIfDue(heard, now);
}

function reconcile(state: Member, now: number): MemberStep {
  if (state.reconciling !== "no") return beatIfDue({ ...state, reconciling: "again" }, now);
  return beatIfDue({ ...state, reconciling: "yes" }, now, { kind: "reconcile" });
}

/** G30: others get what was let go of when the coordinator hears of it, which is now. */
function reconciled(state: Member, now: number): MemberStep {
  const news = { ...state.news, held: true };
  if (state.reconciling === "again") return beatIfDue({ ...state, news, reconciling: "yes" }, now, { kind: "reconcile" });
  return beatIfDue({ ...state, news, reconciling: "no" }, now);
}

function refused(state: Member, { error }: MemberEventOf<"refused">, now: number, rules: MemberRules): MemberStep {
  if (isForgotten(error)) return lose(whyUnknown(state.beat));
  const next = again(state, now, rules);
  if (TOLD.has(error.code)) return { ...next, effects: [{ kind: "raise", error }] };
  // It was another pattern by which it was to match.
  if (error.code === BAD_PATTERN && state.news.topics) return next;
  // G26, G27: what does not mend itself.
  return error.retriable ? next : die(error);
}

/** G19: a static member is expected back. Nobody else can come back: who stays nevertheless says nothing, and its session ends. */
function leave(isForGood: boolean, isStatic: boolean): MemberStep {
  if (!isForGood && !isStatic) return to({ name: "OUT", hasLost: false });
  return to({ name: "LEAVING" }, { kind: "leave", stays: !isForGood });
}

function onTime(state: Member, { readAtMs }: MemberEventOf<"time">, now: number, rules: MemberRules): MemberStep {
  // G10, G12
  const { beat } = state;
  if (now - beat.heardAtMs >= rules.sessionTimeoutMs && state.epoch > JOINING) return lose(whySilent(beat, now, rules));
  const awayMs = now - readAtMs;
  // G11
  if (awayMs > rules.maxPollIntervalMs) {
    const error = rules.tooSlow(awayMs);
    const stop = { kind: "stop delivering", because: error.message } as const;
    return to({ name: "OUT", hasLost: true }, stop, { kind: "raise", error }, { kind: "leave", stays: rules.isStatic });
  }
  return beatIfDue(state, now, ...stallOf(state, now, rules));
}

export const memberTable: MemberTable = {
  OUT: {
    wanted: {
      to: ["MEMBER", "LOSING"],
      note: "LOSING if what it held is lost, and nobody has been told",
      go: ({ hasLost }, _event, now) => (hasLost ? lose(LEFT) : join(now)),
    },
    leave: { to: ["OUT"], go: () => to({ name: "OUT", hasLost: false }) },
  },
  LOSING: {
    released: { to: ["MEMBER"], go: (_state, _event, now) => join(now) },
    leave: { to: ["OUT"], go: () => to({ name: "OUT", hasLost: false }) },
  },
  MEMBER: {
    subscribed: {
      to: ["MEMBER"],
      go: (state, _event, now) => beatIfDue({ ...state, news: { ...state.news, topics: true } }, now),
    },
    answered: { to: ["MEMBER"], go: answered },
    refused: {
      to: ["MEMBER", "LOSING", "DEAD"],
      note: "LOSING if it is not known any more, DEAD for what does not mend itself",
      go: refused,
    },
    unanswered: { to: ["MEMBER"], go: (state, _event, now, rules) => again(state, now, rules) },
    learned: { to: ["MEMBER"], go: (state, _event, now) => reconcile(state, now) },
    reconciled: { to: ["MEMBER"], go: (state, _event, now) => reconciled(state, now) },
    time: { to: ["MEMBER", "LOSING", "OUT"], note: "LOSING when the session is over, OUT when nobody reads", go: onTime },
    leave: {
      to: ["LEAVING", "OUT"],
      note: "OUT for who stays and is not static",
      go: (_state, { leaveGroup }, _now, { isStatic }) => leave(leaveGroup ?? !isStatic, isStatic),
    },
  },
  LEAVING: {
    left: { to: ["OUT"], go: () => to({ name: "OUT", hasLost: false }) },
  },
  DEAD: {
    subscribed: {
      to: ["OUT", "DEAD"],
      note: "OUT if it was its pattern that the coordinator did not understand",
      go: (state) => to(state.error.code === BAD_PATTERN ? { name: "OUT", hasLost: true } : state),
    },
    wanted: { to: ["DEAD"], go: (state) => to(state, { kind: "raise", error: state.error }) },
    leave: { to: ["OUT"], go: () => to({ name: "OUT", hasLost: false }) },
  },
};
