/**
 * G12, where the session is not known. For how long a coordinator bears silence (`group.consumer.session.timeout.ms`) KIP-848 does not tell:
 * 45 s, or less where the operator has allowed less (`group.consumer.min.session.timeout.ms`). Only a bound is told, for Kafka takes no session
 * that is not longer than the heartbeat interval. So who stood still while a heartbeat was due may be no member any more, and is in doubt:
 * nothing is handed out until a heartbeat is answered that the coordinator has got within an interval, which takes one round trip.
 *
 * Whose heartbeats went out in time is not in doubt, however long the coordinator says nothing: it may be moving, and gives all members their
 * time when it has. Nor is who was late by less than a second: that is what busy event loops and garbage collection come to.
 */
import { NOTICEABLE_MS, stoodStill } from "../standing-still.ts";
import type { Beat, Doubt, MemberState, MemberStateOf } from "./member-state.ts";

type Member = MemberStateOf<"MEMBER">;

const JOINING = 0;

/** When the member is to look at the clock next, because of its heartbeats; while it waits for an answer, to see that it is awake. */
export function lookDueMs({ epoch, beat }: Member): number {
  if (!beat.isUnderWay) return beat.dueAtMs;
  return epoch > JOINING ? beat.seenAtMs + NOTICEABLE_MS : Number.POSITIVE_INFINITY;
}

/** The member as it is when something happens to it: whoever looks at the clock so late stood still. */
export function awake(state: Member, now: number): Member {
  const { beat } = state;
  const lateMs = now - lookDueMs(state);
  const isSilent = state.epoch > JOINING && now - beat.heardAtMs > beat.intervalMs;
  const doubt = isSilent && stoodStill(lateMs) ? { sinceMs: now, stoodStillMs: lateMs } : beat.doubt;
  return { ...state, beat: { ...beat, seenAtMs: now, doubt } };
}

/** What is left of a doubt when a heartbeat is answered that was sent then: an old answer says how it was. */
export function doubtAfter({ doubt }: Beat, sentAtMs: number, intervalMs: number, now: number): Doubt | undefined {
  if (doubt === undefined) return undefined;
  return sentAtMs >= doubt.sinceMs || now - sentAtMs <= intervalMs ? undefined : doubt;
}

export function isInDoubt(state: MemberState): boolean {
  return state.name === "MEMBER" && state.beat.doubt !== undefined;
}
