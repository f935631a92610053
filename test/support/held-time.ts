// Waiting on a clock that is held: time goes on as far as somebody needs it, and whoever would wait for ever is found out.

import type { HeldClock } from "../../src/broker/index.ts";

const LONGEST_WAIT_MS = 600_000;

/** As the promise; time goes on until it has settled. */
export async function whenSettled<T>(clock: HeldClock, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  promise.then(settle, settle);
  const isDone = await clock.runUntil(() => isSettled, LONGEST_WAIT_MS);
  if (!isDone) throw new Error("it hangs: nothing is due any more, and the promise has not settled");
  return promise;
}

/** What the promise rejects with, and after how many milliseconds. */
export async function failureOf(clock: HeldClock, promise: Promise<unknown>): Promise<Failure> {
  const startMs = clock.now();
  const error: unknown = await whenSettled(
    clock,
    promise.then(
      () => "it succeeded",
      (reason: unknown) => reason,
    ),
  );
  return { error, tookMs: clock.now() - startMs };
}

export interface Failure {
  readonly error: unknown;
  readonly tookMs: number;
}
