import type { Clock, Timer } from "./clock.ts";

interface Pending {
  dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** 2026-01-01T00:00:00Z: a time that looks like one in records. */
const DEFAULT_START = 1_767_225_600_000;

/** A clock that stands still until it is told to go on. What is due then fires in order, at its own time. */
export class HeldClock implements Clock {
  readonly #startMs: number;
  #now: number;
  #jumpedMs = 0;
  #order = 0;
  readonly #pending = new Set<Pending>();

  constructor(startMs: number = DEFAULT_START) {
    this.#now = startMs;
    this.#startMs = startMs;
  }

  now(): number {
    return this.#now;
  }

  /** Milliseconds that were let pass since the beginning: what deadlines are measured by. It does not jump. */
  monotonic(): number {
    return this.#now - this.#jumpedMs - this.#startMs;
  }

  schedule(delayMs: number, run: () => void): Timer {
    // Whole milliseconds, as the machine's clock counts: a time between two of them could not be written into a record.
    const pending = { dueMs: this.#now + Math.ceil(Math.max(0, delayMs)), order: this.#order++, run };
    this.#pending.add(pending);
    return { cancel: () => this.#pending.delete(pending) };
  }

  /** How many timers are waiting: none should be left of something that was closed. */
  get pendingTimers(): number {
    return this.#pending.size;
  }

  /** When the next timer is due; undefined when none waits. */
  get nextDueMs(): number | undefined {
    return this.#next()?.dueMs;
  }

  /**
   * Lets `ms` pass. Between two timers everything that was set off gets to finish (promises, and whatever they start), as it would
   * in real time.
   */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms;
    await settled();
    for (let next = this.#next(); next !== undefined && next.dueMs <= target; next = this.#next()) {
      this.#fire(next);
      await settled();
    }
    this.#now = target;
  }

  /** Runs timer after timer until `isDone`, or until none is left, or until `limitMs` have passed; true if it is done. */
  async runUntil(isDone: () => boolean, limitMs: number = Number.POSITIVE_INFINITY): Promise<boolean> {
    const end = this.#now + limitMs;
    await settled();
    while (!isDone()) {
      const next = this.#next();
      if (next === undefined || next.dueMs > end) return isDone();
      this.#fire(next);
      await settled();
    }
    return true;
  }

  /** The wall clock jumps, as when it is set by hand or by NTP; timers keep their distance from now. */
  jump(ms: number): void {
    this.#now += ms;
    this.#jumpedMs += ms;
    for (const pending of this.#pending) pending.dueMs += ms;
  }

  #fire(pending: Pending): void {
    this.#pending.delete(pending);
    this.#now = Math.max(this.#now, pending.dueMs);
    pending.run();
  }

  #next(): Pending | undefined {
    let first: Pending | undefined;
    for (const pending of this.#pending) {
      if (first === undefined || pending.dueMs < first.dueMs || (pending.dueMs === first.dueMs && pending.order < first.order)) {
        first = pending;
      }
    }
    return first;
  }
}

/** Resolves when no promise has anything left to do: immediates run after all of them. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
