import { nearlyCostsTheSession, stoodStill } from "../standing-still.ts";
import type { Heart, MembershipEffect, MembershipRules, StateOf } from "./membership-state.ts";

/** The coordinator has answered what was sent then. */
export function freshHeart(heardAtMs: number, now: number, { heartbeatIntervalMs }: MembershipRules): Heart {
  return { heardAtMs, dueAtMs: now + heartbeatIntervalMs, isBeating: false, failures: 0 };
}

export function isDue({ isBeating, dueAtMs }: Heart, now: number): boolean {
  return !isBeating && now >= dueAtMs;
}

/**
 * G10, G12: the coordinator has not heard of us for so long that it has given our partitions to others; counted from when the last heartbeat
 * that it answered was sent, so that an answer that waited behind a blocked event loop does not count.
 */
export function endOf({ heardAtMs }: Heart, { sessionTimeoutMs }: MembershipRules): number {
  return heardAtMs + sessionTimeoutMs;
}

export function isOver(heart: Heart, now: number, rules: MembershipRules): boolean {
  return now >= endOf(heart, rules);
}

/** Whether it may hold something while it joins. */
export function mayKeep({ keepsUntilMs }: StateOf<"JOINING">, { protocol }: MembershipRules): boolean {
  return protocol === "cooperative" && Number.isFinite(keepsUntilMs);
}

export function beating(heart: Heart): Heart {
  return { ...heart, isBeating: true };
}

export function heard(heart: Heart, sentAtMs: number, now: number, rules: MembershipRules): Heart {
  return freshHeart(Math.max(heart.heardAtMs, sentAtMs), now, rules);
}

/** For people: a member that is lost because its process stood still is not the network's fault. */
export function whyOver(heart: Heart, now: number, rules: MembershipRules): string {
  const silence = `its coordinator has not heard of it for ${Math.round(now - heart.heardAtMs)} ms (sessionTimeoutMs ${rules.sessionTimeoutMs})`;
  const stoodStillMs = Math.max(now - endOf(heart, rules), heart.isBeating ? 0 : now - heart.dueAtMs);
  return stoodStill(stoodStillMs) ? `${silence}: the event loop stood still for ${Math.round(stoodStillMs)} ms` : silence;
}

/** G12: a heartbeat that comes in time, but so late that it nearly did not. */
export function stallOf({ isBeating, dueAtMs }: Heart, now: number, { sessionTimeoutMs }: MembershipRules): MembershipEffect[] {
  const lateMs = now - dueAtMs;
  return !isBeating && nearlyCostsTheSession(lateMs, sessionTimeoutMs) ? [{ kind: "stood still", forMs: lateMs }] : [];
}

/** G32: the next one comes nevertheless. */
export function missed(heart: Heart, now: number, { backoffMs, heartbeatIntervalMs }: MembershipRules): Heart {
  const failures = heart.failures + 1;
  return { ...heart, isBeating: false, failures, dueAtMs: now + Math.min(backoffMs(failures), heartbeatIntervalMs) };
}
