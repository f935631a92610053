import { Deadline } from "../async/deadline.ts";
import { abortReason } from "./pauses.ts";

/** A deadline inside another one, that can be ended by itself: for several attempts of which one is enough. */
export class LinkedDeadline {
  readonly deadline: Deadline;
  readonly #ending = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #onAbort: () => void;

  constructor(outer: Deadline) {
    this.#outer = outer.signal;
    this.#onAbort = () => this.#ending.abort(abortReason(this.#outer));
    if (this.#outer?.aborted === true) this.#onAbort();
    else this.#outer?.addEventListener("abort", this.#onAbort, { once: true });
    this.deadline = new Deadline(outer.clock, outer.leftMs, this.#ending.signal);
  }

  /** Whatever still goes on under this deadline stops. */
  end(reason: Error): void {
    this.#outer?.removeEventListener("abort", this.#onAbort);
    this.#ending.abort(reason);
  }
}
