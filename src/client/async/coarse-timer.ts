import type { Clock, ScheduleOptions, Timer } from "./clock.ts";

/**
 * One timer for many deadlines. It is armed for the earliest and left alone when that has been met: then it fires for nothing and
 * arms itself for the next, which is cheaper than a timer for each.
 */
export class CoarseTimer {
  readonly #clock: Clock;
  readonly #onDue: () => number;
  readonly #options: ScheduleOptions;
  #timer: Timer | undefined;
  #dueMs = Number.POSITIVE_INFINITY;

  /**
   * @param onDue sees to what is over, and returns when (monotonic) it wants to be called again; infinity for not at all
   * @param options unless they say otherwise it alone keeps no process alive: whoever waits has a socket
   */
  constructor(clock: Clock, onDue: () => number, options: ScheduleOptions = { background: true }) {
    this.#clock = clock;
    this.#options = options;
    this.#onDue = onDue;
  }

  /** Makes it fire at `atMs` (monotonic) at the latest. */
  by(atMs: number): void {
    if (atMs >= this.#dueMs) return;
    this.#timer?.cancel();
    this.#dueMs = atMs;
    this.#timer = this.#clock.schedule(Math.max(0, atMs - this.#clock.monotonic()), () => this.#fire(), this.#options);
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
