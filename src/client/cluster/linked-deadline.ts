import { abortReason, onAbort } from "../async/abort-listeners.ts";
import { Deadline } from "../async/deadline.ts";

/** A deadline inside another one, that can be ended by itself: for several attempts of which one is enough. */
export class LinkedDeadline {
  readonly deadline: Deadline;
  readonly #ending = new AbortController();
  #stopListening: (() => void) | undefined;

  constructor({ clock, leftMs, signal }: Deadline) {
    if (signal?.aborted === true) this.#ending.abort(abortReason(signal));
    else this.#stopListening = signal && onAbort(signal, (reason) => this.#ending.abort(reason));
    this.deadline = new Deadline(clock, leftMs, this.#ending.signal);
  }

  /** Whatever still goes on under this deadline stops. */
  end(reason: Error): void {
    this.#stopListening?.();
    this.#ending.abort(reason);
  }
}
