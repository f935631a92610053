import type { Clock } from "../../async/clock.ts";

/** A loop over records that never waits would keep timers and sockets waiting: after so long it has to. */
const LONGEST_TURN_MS = 15;
/** Asking the time costs as much as a record: only every so many of them, as long as they go by quickly. */
const MOST_STEPS_PER_LOOK = 512;

export interface TurnWatchInit {
  readonly clock: Clock;
  /** Calls back when this turn of the event loop is over. */
  readonly afterTurn: (run: () => void) => void;
  /** Whoever has others waiting for a sign of life is not to be away for long without noticing. */
  readonly mostStepsPerLook?: number;
  /**
   * The reader was away for longer than a turn should take, waiting or at work: what was fetched may be somebody else's by now. Gives
   * what has to be waited for before more is handed out, if anything has.
   */
  readonly onAway?: () => Promise<void> | undefined;
}

/** Knows how long the event loop has been kept busy by a reader that always finds something. */
export class TurnWatch {
  readonly #init: TurnWatchInit;
  #startedAtMs: number | undefined;
  #steps = 0;
  #stepsPerLook = 1;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #isDue = false;
  #held: Promise<void> | undefined;

  constructor(init: TurnWatchInit) {
    this.#init = init;
  }

  /** `steps` more records are about to be handed out. True: let others have a turn first, by `next()`. */
  isLong(steps: number): boolean {
    this.#steps += steps;
    if (this.#steps < this.#stepsPerLook) return this.#isDue;
    this.#steps = 0;
    const nowMs = this.#init.clock.monotonic();
    const wasAway = this.#pace(nowMs);
    if (wasAway) this.#hold(this.#init.onAway?.());
    if (this.#startedAtMs === undefined) {
      this.#startedAtMs = nowMs;
      this.#init.afterTurn(() => {
        this.#startedAtMs = undefined;
        this.#isDue = this.#held !== undefined;
      });
    } else if (nowMs - this.#startedAtMs > LONGEST_TURN_MS) this.#isDue = true;
    return this.#isDue;
  }

  /** G12: a turn alone does not do, until this is resolved. */
  get held(): Promise<void> | undefined {
    return this.#held;
  }

  #hold(until: Promise<void> | undefined): void {
    if (until === undefined || until === this.#held) return;
    this.#held = until;
    this.#isDue = true;
    void until.then(() => {
      if (this.#held === until) this.#held = undefined;
    });
  }

  /** A reader that takes its time for a few records may take long for one. */
  #pace(nowMs: number): boolean {
    const { mostStepsPerLook = MOST_STEPS_PER_LOOK } = this.#init;
    const isSlow = nowMs - this.#lookedAtMs > LONGEST_TURN_MS;
    this.#stepsPerLook = isSlow ? 1 : Math.min(2 * this.#stepsPerLook, mostStepsPerLook);
    this.#lookedAtMs = nowMs;
    return isSlow;
  }

  /** Resolves in the next turn, when it has looked how long that took: others may have stood still, and timers not have run since. */
  next(): Promise<void> {
    return new Promise((resolve) =>
      this.#init.afterTurn(() => {
        this.isLong(1);
        resolve();
      }),
    );
  }
}
