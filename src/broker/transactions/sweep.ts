import type { Clock, Timer } from "../clock.ts";

/**
 * Something that is looked after at fixed intervals, as Kafka's background tasks are, but without waking up for nothing: only the
 * first of the fixed moments at which there may be something to do is waited for.
 */
export class Sweep {
  readonly #clock: Clock;
  readonly #intervalMs: () => number;
  readonly #run: () => number | undefined;
  readonly #startedMs: number;
  #timer: Timer | undefined;
  #atMs = Number.POSITIVE_INFINITY;
  #isClosed = false;

  /** `run` does what is due, and says when there may be more to do. */
  constructor(clock: Clock, init: { readonly intervalMs: () => number; readonly run: () => number | undefined }) {
    this.#clock = clock;
    this.#intervalMs = init.intervalMs;
    this.#run = init.run;
    this.#startedMs = clock.now();
  }

  /** From `dueMs` on there may be something to do. */
  arm(dueMs: number): void {
    const interval = this.#intervalMs();
    const earliest = Math.max(dueMs, this.#clock.now() + 1);
    const atMs = this.#startedMs + Math.max(1, Math.ceil((earliest - this.#startedMs) / interval)) * interval;
    if (this.#isClosed || atMs >= this.#atMs) return;
    this.#timer?.cancel();
    this.#atMs = atMs;
    this.#timer = this.#clock.schedule(atMs - this.#clock.now(), () => this.#sweep());
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #sweep(): void {
    this.#atMs = Number.POSITIVE_INFINITY;
    const nextMs = this.#run();
    if (nextMs !== undefined) this.arm(nextMs);
  }
}
