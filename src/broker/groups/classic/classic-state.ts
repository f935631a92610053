/** The states of a classic group, each with what only matters while it lasts. */
import type { Timer } from "../../clock.ts";

/** Without members. It may still have offsets, and ids that were handed out to members to come. */
export interface Empty {
  readonly name: "Empty";
}

/** Joins are collected: those of all members, or of whoever comes before the time is up. */
export interface PreparingRebalance {
  readonly name: "PreparingRebalance";
  /** The group was empty: more members may be on their way, so the whole delay is waited out. */
  readonly isInitial: boolean;
  /** A member came since the delay began: it is extended, within the rebalance timeout. */
  hasNewMember: boolean;
  joinTimer: Timer | undefined;
}

/** Everybody knows the generation; the leader is computing the assignment. */
export interface CompletingRebalance {
  readonly name: "CompletingRebalance";
  readonly syncs: PendingSyncs;
}

export interface Stable {
  readonly name: "Stable";
  readonly syncs: PendingSyncs;
}

/** Replaced or closed: whoever still holds it must ask for the coordinator again. */
export interface Dead {
  readonly name: "Dead";
}

export type ClassicGroupState = Empty | PreparingRebalance | CompletingRebalance | Stable | Dead;

/** Members that have not fetched their assignment yet; they are out of the group when the time is up. */
export interface PendingSyncs {
  readonly members: Set<string>;
  readonly timer: Timer | undefined;
}

/** Where a group may come from, by where it goes. */
export const validPreviousStates: Readonly<Record<ClassicGroupState["name"], readonly ClassicGroupState["name"][]>> = {
  Empty: ["PreparingRebalance"],
  PreparingRebalance: ["Stable", "CompletingRebalance", "Empty"],
  CompletingRebalance: ["PreparingRebalance"],
  Stable: ["CompletingRebalance"],
  Dead: ["Stable", "PreparingRebalance", "CompletingRebalance", "Empty", "Dead"],
};
