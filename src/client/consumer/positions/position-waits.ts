import type { Deadline } from "../../async/deadline.ts";
import { IllegalStateError } from "../../errors.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";

interface Wait {
  readonly resolve: (offset: number) => void;
  readonly reject: (error: Error) => void;
}

/** Those who want to know where a partition is read. */
export class PositionWaits {
  readonly #waits = new Map<AssignedPartition, Set<Wait>>();

  get size(): number {
    return this.#waits.size;
  }

  /** Resolves as soon as the position is known; rejects with what is in the way, or with `timedOut()` at the deadline. */
  async wait(partition: AssignedPartition, deadline: Deadline, timedOut: () => Error): Promise<number> {
    const waits = this.#waits.get(partition) ?? new Set();
    this.#waits.set(partition, waits);
    let wait: Wait | undefined;
    const found = new Promise<number>((resolve, reject) => {
      wait = { resolve, reject };
      waits.add(wait);
    });
    try {
      return await deadline.race(found, timedOut);
    } finally {
      if (wait !== undefined) waits.delete(wait);
      if (waits.size === 0 && this.#waits.get(partition) === waits) this.#waits.delete(partition);
    }
  }

  /** Tells all for whom there is something to tell. */
  settle(): void {
    for (const [partition, waits] of this.#waits) {
      const outcome = outcomeOf(partition);
      if (outcome === undefined) continue;
      this.#waits.delete(partition);
      for (const { resolve, reject } of waits) {
        if (typeof outcome === "number") resolve(outcome);
        else reject(outcome);
      }
    }
  }

  close(reason: Error): void {
    for (const waits of this.#waits.values()) for (const { reject } of waits) reject(reason);
    this.#waits.clear();
  }
}

/** The position, once it is known and valid, or why there will be none; undefined as long as it is looked up. */
function outcomeOf({
  topic,
  partition,
  isAssigned,
  whereabouts,
  position,
  problem,
}: AssignedPartition): number | Error | undefined {
  if (!isAssigned) return new IllegalStateError(`position: topic '${topic}' partition ${partition} is no longer assigned`);
  return whereabouts.kind === "known" ? position : problem;
}
