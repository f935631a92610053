import { abortReason, onAbort } from "../async/abort-listeners.ts";
import type { Clock } from "../async/clock.ts";
import type { Deadline } from "../async/deadline.ts";

/** Waiting that ends when the client is closed: afterwards there are no timers of it. */
export class Pauses {
  readonly #clock: Clock;
  readonly #open = new Set<(reason: Error) => void>();
  #closed: Error | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * `ms`, or to the deadline if that is sooner. Without a deadline nobody waits for it: the process may end meanwhile.
   * Rejects with the reason of the deadline's signal, or of `close`.
   */
  wait(ms: number, deadline?: Deadline): Promise<void> {
    return new Promise((resolve, reject) => {
      const signal = deadline?.signal;
      if (this.#closed !== undefined) return reject(this.#closed);
      if (signal?.aborted === true) return reject(abortReason(signal));
      const leave = (): void => {
        timer.cancel();
        this.#open.delete(fail);
        stopListening?.();
      };
      const fail = (reason: Error): void => {
        leave();
        reject(reason);
      };
      const onTime = (): void => {
        leave();
        resolve();
      };
      const timer = this.#clock.schedule(Math.min(ms, deadline?.leftMs ?? ms), onTime, { background: deadline === undefined });
      this.#open.add(fail);
      const stopListening = signal && onAbort(signal, fail);
    });
  }

  close(reason: Error): void {
    this.#closed ??= reason;
    for (const fail of this.#open) fail(reason);
  }
}
