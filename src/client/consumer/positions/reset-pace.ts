import type { AssignedPartition } from "../assignment/assigned-partition.ts";

/** Resets further apart have nothing to do with each other. */
const QUIET_MS = 10_000;

/** How often a partition was reset in a row: a log whose ends contradict each other must not be asked about them without a pause. */
export class ResetPace {
  readonly #last = new WeakMap<AssignedPartition, { readonly atMs: number; readonly count: number }>();

  /** @returns how many resets there were shortly before this one */
  note(partition: AssignedPartition, nowMs: number): number {
    const last = this.#last.get(partition);
    const before = last === undefined || nowMs - last.atMs > QUIET_MS ? 0 : last.count;
    this.#last.set(partition, { atMs: nowMs, count: before + 1 });
    return before;
  }
}
