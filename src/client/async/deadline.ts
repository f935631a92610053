import { abortReason, onAbort } from "./abort-listeners.ts";
import type { Clock, ScheduleOptions, Timer } from "./clock.ts";

/** Node stores a delay in 31 bits, 24.8 days, and fires at once beyond. */
const LONGEST_TIMEOUT = 0x7fff_ffff;

/**
 * The machine's timers: the only place of the client that knows them. A negative delay means now, and no warning. What is due waits
 * for the sockets to be read: after the process stood still, as when it was stopped or busy, Node runs timers first, and an answer
 * that has long been in the kernel's memory would be taken for one that did not come.
 */
export function systemSchedule(delayMs: number, run: () => void, { background = false }: ScheduleOptions = {}): Timer {
  let timeout: NodeJS.Timeout | undefined;
  let afterReading: NodeJS.Immediate | undefined;
  const due = (): void => {
    // Never unref'd, also in the background: Node would sleep until something else happens, and call it then.
    afterReading = setImmediate(run);
  };
  const wait = (leftMs: number): void => {
    const turnMs = Math.min(leftMs, LONGEST_TIMEOUT);
    timeout = setTimeout(() => (turnMs < leftMs ? wait(leftMs - turnMs) : due()), turnMs);
    if (background) timeout.unref();
  };
  wait(Math.max(delayMs, 0));
  return {
    cancel: () => {
      clearTimeout(timeout);
      clearImmediate(afterReading);
    },
  };
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
      const wait = new Wait(resolve, reject);
      if (Number.isFinite(this.atMs)) wait.timer = this.clock.schedule(this.leftMs, () => wait.reject(timedOut()));
      if (signal !== undefined) wait.stopListening = onAbort(signal, (reason) => wait.reject(reason));
      follow(promise, wait);
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

/**
 * One that waits for a promise, and lets go of everything when it is over: a promise that stays pending for long, as while no broker can
 * be reached, keeps all that ever waited for it.
 */
class Wait<T> {
  timer: Timer | undefined;
  stopListening: (() => void) | undefined;
  #resolve: ((value: T) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;

  constructor(resolve: (value: T) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  resolve(value: T): void {
    const resolve = this.#resolve;
    this.#end();
    resolve?.(value);
  }

  reject(error: Error): void {
    const reject = this.#reject;
    this.#end();
    reject?.(error);
  }

  #end(): void {
    this.timer?.cancel();
    this.stopListening?.();
    this.timer = this.stopListening = this.#resolve = this.#reject = undefined;
  }
}

/** A function of its own, so that what the promise keeps knows of nothing but the wait. */
function follow<T>(promise: Promise<T>, wait: Wait<T>): void {
  promise.then(
    (value) => wait.resolve(value),
    (error: unknown) => wait.reject(error instanceof Error ? error : new Error(String(error))),
  );
}
