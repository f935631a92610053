/** How often it is looked at the clock, and how much of the time in between counts at most. */
const TICK_MS = 25;
const MOST_MS = 4 * TICK_MS;

/**
 * The time that this process was awake: while the machine gives it no processor, or its event loop stands still, it hardly goes on. By it
 * a call is late only when it was in a position to be in time.
 */
export class AwakeTime {
  #ms = 0;
  #lastMs = performance.now();
  readonly #timer = setInterval(() => this.#tick(), TICK_MS).unref();

  get ms(): number {
    return this.#ms;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const nowMs = performance.now();
    this.#ms += Math.min(nowMs - this.#lastMs, MOST_MS);
    this.#lastMs = nowMs;
  }
}
