/** Time as the broker sees it. All of its waiting goes through a clock, so that a test or a simulation can hold it. */
export interface Clock {
  /** Milliseconds since 1970: what stands in records and answers. */
  now(): number;
  /** Calls back once, `delayMs` from now, unless cancelled before. Equal times fire in the order they were asked for. */
  schedule(delayMs: number, run: () => void): Timer;
}

export interface Timer {
  /** Harmless when it has fired already. */
  cancel(): void;
}

/** Node stores a delay in 31 bits, 24.8 days, and fires at once beyond. */
const LONGEST_TIMEOUT = 0x7fff_ffff;

/** The machine's time. Its timers keep no process alive: an embedded broker must not be the reason why a program does not end. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule: (delayMs, run) => {
    let timeout: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      // What is due later than Node can wait is waited for in several turns: a retention of a month must not end after 24.8 days.
      const turnMs = Math.min(leftMs, LONGEST_TIMEOUT);
      timeout = setTimeout(() => (turnMs < leftMs ? wait(leftMs - turnMs) : run()), turnMs);
      timeout.unref();
    };
    wait(Math.max(delayMs, 0));
    return { cancel: () => clearTimeout(timeout) };
  },
};
