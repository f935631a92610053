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

/** Node stores a delay in 31 bits and fires at once beyond. */
const LONGEST_TIMEOUT = 0x7fff_ffff;

/** The machine's time. Its timers keep no process alive: an embedded broker must not be the reason why a program does not end. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule: (delayMs, run) => {
    const timeout = setTimeout(run, Math.min(Math.max(delayMs, 0), LONGEST_TIMEOUT));
    timeout.unref();
    return { cancel: () => clearTimeout(timeout) };
  },
};
