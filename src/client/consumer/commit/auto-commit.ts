import type { Clock } from "../../async/clock.ts";
import { CoarseTimer } from "../../async/coarse-timer.ts";
import { isKafkaError } from "../../errors.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import type { Assignment } from "../assignment/assignment.ts";
import { type CommitEntry, processedPartOf } from "./commit-entry.ts";

export interface AutoCommitInit {
  readonly intervalMs: number;
  /** How long to wait after so many failures in a row. */
  readonly backoffMs: (failures: number) => number;
  readonly clock: Clock;
  readonly assignment: Assignment;
  readonly telemetry: Telemetry;
  /** Not while a group comes together: what is processed is committed when it has, or when it is let go of. */
  readonly isPossible: () => boolean;
  /** One attempt. */
  readonly commit: (entries: readonly CommitEntry[]) => Promise<void>;
}

/** A handler may be at work for long: so often it is looked whether it is done, however short the interval. */
const SHORTEST_LOOK_MS = 100;

/**
 * Commits from time to time how far every assigned partition is processed, where that has changed. What was only handed out is not
 * committed: after a crash it is read again. Nothing runs while there is nothing to commit.
 */
export class AutoCommit {
  readonly #init: AutoCommitInit;
  readonly #timer: CoarseTimer;
  /** How far it has committed itself, or begun. */
  readonly #committed = new WeakMap<AssignedPartition, number>();
  /** What is known to be stored, whoever has committed it. */
  readonly #stored = new WeakMap<AssignedPartition, number>();
  #isArmed = false;
  #isUnderWay = false;
  #isClosed = false;
  #failures = 0;
  /** The last failure that was reported: an outage is told of once. */
  #reported: string | undefined;

  constructor(init: AutoCommitInit) {
    this.#init = init;
    this.#timer = new CoarseTimer(init.clock, () => this.#due());
  }

  /** Something was handed out, or it is known where reading begins: from now on there may be something to commit. Costs nothing. */
  wake(): void {
    if (this.#isArmed || this.#isClosed) return;
    this.#arm(this.#init.intervalMs);
  }

  /** So much is committed, as the coordinator has said. */
  learn(topic: string, partition: number, offset: number): void {
    const one = this.#init.assignment.get(topic, partition);
    if (one !== undefined) this.#committed.set(one, offset);
  }

  /** A commit has stored this, the user's or one of ours; undefined: nobody knows what is stored now. */
  stored(topic: string, partition: number, offset: number | undefined): void {
    const one = this.#init.assignment.get(topic, partition);
    if (one === undefined) return;
    if (offset === undefined) this.#stored.delete(one);
    else this.#stored.set(one, offset);
  }

  /** What is processed and, as far as is known, not committed. */
  due(): readonly CommitEntry[] {
    const entries: CommitEntry[] = [];
    for (const one of this.#init.assignment.all()) {
      const entry = processedPartOf(one);
      if (entry === undefined) continue;
      // As good as committed by itself. What the user has committed elsewhere stays until more is processed.
      if (entry.offset === this.#stored.get(one)) this.#committed.set(one, entry.offset);
      if (entry.offset !== this.#committed.get(one)) entries.push(entry);
    }
    return entries;
  }

  /** In the background, now: partitions are about to be taken away. */
  now(): void {
    const entries = this.#isClosed || !this.#init.isPossible() ? [] : this.due();
    if (entries.length > 0) void this.#commit(entries);
  }

  close(): void {
    this.#isClosed = true;
    this.#timer.cancel();
  }

  #due(): number {
    this.#isArmed = false;
    // Then its end says when to look again.
    if (this.#isUnderWay) return Number.POSITIVE_INFINITY;
    const { intervalMs, isPossible } = this.#init;
    const entries = this.due();
    if (entries.length > 0 && !isPossible()) return this.#rearm(Math.max(intervalMs, SHORTEST_LOOK_MS));
    if (entries.length > 0) void this.#commit(entries);
    // What is being processed will have to be committed; it tells nobody when it is done.
    else if (this.#isProcessing()) return this.#rearm(Math.max(intervalMs, SHORTEST_LOOK_MS));
    return Number.POSITIVE_INFINITY;
  }

  #isProcessing(): boolean {
    for (const { unprocessedFrom } of this.#init.assignment.all()) if (unprocessedFrom !== undefined) return true;
    return false;
  }

  /** Never rejects. */
  async #commit(entries: readonly CommitEntry[]): Promise<void> {
    this.#isUnderWay = true;
    // Looked up before: meanwhile the assignment may have changed.
    const partitions = entries.map(({ topic, partition }) => this.#init.assignment.get(topic, partition));
    let pauseMs = this.#init.intervalMs;
    try {
      await this.#init.commit(entries);
      for (const [index, entry] of entries.entries()) {
        const one = partitions[index];
        if (one !== undefined) this.#committed.set(one, entry.offset);
      }
      this.#failures = 0;
      this.#reported = undefined;
    } catch (error) {
      if (this.#isClosed) return;
      pauseMs = this.#failed(error);
    }
    this.#isUnderWay = false;
    if (!this.#isClosed) this.#arm(pauseMs);
  }

  /** @returns how long to wait */
  #failed(error: unknown): number {
    const { telemetry, intervalMs, backoffMs } = this.#init;
    const said = error instanceof Error ? error.message : String(error);
    const text = "what is processed was not committed, and will be tried again";
    if (this.#reported !== said) telemetry.warning("AUTO_COMMIT_FAILED", `${text}: ${said}`, { error: said });
    this.#reported = said;
    const backoff = backoffMs(++this.#failures);
    return isKafkaError(error) && error.retriable ? backoff : Math.max(backoff, intervalMs);
  }

  #arm(pauseMs: number): void {
    this.#timer.by(this.#rearm(pauseMs));
  }

  /** @returns when it is due */
  #rearm(pauseMs: number): number {
    this.#isArmed = true;
    return this.#init.clock.monotonic() + pauseMs;
  }
}
