import { abortReason, onAbort } from "./abort-listeners.ts";
import type { Clock, ScheduleOptions, Timer } from "./clock.ts";

/** Node stores a delay in 31 bits, 24.8 days, and fires at once beyond. */
const LONGEST_TIMEOUT = 0x7fff_ffff;

/** The machine's timers: the only place of the client that knows them. A negative delay means now, and no warning. */
export function systemSchedule(delayMs: number, run: () => void, { background = false }: ScheduleOptions = {}): Timer {
  let timeout: NodeJS.Timeout;
  const wait = (leftMs: number): void => {
    const turnMs = Math.min(leftMs, LONGEST_TIMEOUT);
    timeout = setTimeout(() => (turnMs < leftMs ? wait(leftMs - turnMs) : run()), turnMs);
    if (background) timeout.unref();
  };
  wait(Math.max(delayMs, 0));
  return { cancel: () => clearTimeout(timeout) };
}

/** Until when a call may take, and the signal that ends it before. Handed down from the public call to everything it waits for. */
export class Deadline {
  readonly clock: Clock;
  /** What the caller granted in the first place, for error messages. */
  readonly timeoutMs: number;
  /** In the clock's monotonic time. */
  readonly atMs: number;
  readonly signal: AbortSignal | undefined;

  constructor(clock: Clock, timeoutMs: number, signal?: AbortSignal, startMs: number = clock.monotonic()) {
    this.clock = clock;
    this.timeoutMs = timeoutMs;
    this.atMs = startMs + timeoutMs;
    this.signal = signal;
  }

  /** Never negative. */
  get leftMs(): number {
    return Math.max(0, this.atMs - this.clock.monotonic());
  }

  get isOver(): boolean {
    return this.clock.monotonic() >= this.atMs || this.signal?.aborted === true;
  }

  /** The same signal, and this deadline or `timeoutMs` from now, whichever comes first. */
  within(timeoutMs: number): Deadline {
    return new Deadline(this.clock, Math.min(timeoutMs, this.leftMs), this.signal);
  }

  /** Throws the signal's reason when the caller has given up. */
  throwIfAborted(): void {
    this.signal?.throwIfAborted();
  }

  /**
   * As `promise` does; or rejects with `timedOut()` at the deadline, or with the signal's reason. The promise goes on by itself, its
   * failure then being nobody's: whoever made it must have seen to that.
   */
  race<T>(promise: Promise<T>, timedOut: () => Error): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const { signal } = this;
      if (signal?.aborted === true) {
        reject(abortReason(signal));
        promise.catch(() => undefined); // The caller has given up; what becomes of it is no longer awaited.
        return;
      }
      const timer = Number.isFinite(this.atMs)
        ? this.clock.schedule(this.leftMs, () => settle(() => reject(timedOut())))
        : undefined;
      const stopListening = signal === undefined ? undefined : onAbort(signal, (reason) => settle(() => reject(reason)));
      const settle = (how: () => void): void => {
        timer?.cancel();
        stopListening?.();
        how();
      };
      promise.then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => settle(() => reject(error instanceof Error ? error : new Error(String(error)))),
      );
    });
  }

  /** Waits `ms`, or to the deadline if that is sooner. Rejects with the signal's reason. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const { signal } = this;
      if (signal?.aborted === true) {
        reject(abortReason(signal));
        return;
      }
      const timer = this.clock.schedule(Math.min(ms, this.leftMs), () => {
        stopListening?.();
        resolve();
      });
      const stopListening =
        signal === undefined
          ? undefined
          : onAbort(signal, (reason) => {
              timer.cancel();
              reject(reason);
            });
    });
  }
}
