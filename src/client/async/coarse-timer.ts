import type { Clock, Timer } from "./clock.ts";

/**
 * One timer for many deadlines. It is armed for the earliest and left alone when that has been met: then it fires for nothing and
 * arms itself for the next, which is cheaper than a timer for each.
 */
export class CoarseTimer {
  readonly #clock: Clock;
  readonly #onDue: () => number;
  #timer: Timer | undefined;
  #dueMs = Number.POSITIVE_INFINITY;

  /** @param onDue sees to what is over, and returns when (monotonic) it wants to be called again; infinity for not at all */
  constructor(clock: Clock, onDue: () => number) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Makes it fire at `atMs` (monotonic) at the latest. It alone keeps no process alive: whoever waits has a socket. */
  by(atMs: number): void {
    if (atMs >= this.#dueMs) return;
    this.#timer?.cancel();
    this.#dueMs = atMs;
    this.#timer = this.#clock.schedule(Math.max(0, atMs - this.#clock.monotonic()), () => this.#fire(), { background: true });
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#dueMs = Number.POSITIVE_INFINITY;
  }

  #fire(): void {
    this.cancel();
    this.by(this.#onDue());
  }
}
