/** Time as the client sees it. All of its waiting goes through a clock, so that a test or a simulation can hold it. */
export interface Clock {
  /** Milliseconds since 1970: what stands in records and logs. It jumps when somebody sets the machine's clock. */
  now(): number;
  /** Milliseconds since some moment. It never jumps: deadlines are measured by it. */
  monotonic(): number;
  /** Calls back once, `delayMs` from now, unless cancelled before. Equal times fire in the order they were asked for. */
  schedule(delayMs: number, run: () => void, options?: ScheduleOptions): Timer;
}

export interface ScheduleOptions {
  /** Nobody waits for it: it alone is no reason for the process to stay. */
  readonly background?: boolean;
}

export interface Timer {
  /** Harmless when it has fired already. */
  cancel(): void;
}
