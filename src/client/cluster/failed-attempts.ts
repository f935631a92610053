import { type Outcome, RequestTimeoutError } from "../errors.ts";

/** What went wrong before a request was given up, or came through at last. */
export class FailedAttempts {
  readonly #what: string;
  #count = 0;
  #last: Error | undefined;
  #outcome: Outcome = "not sent";

  /** @param what the request and whom it was for, as it stands in the error */
  constructor(what: string) {
    this.#what = what;
  }

  get count(): number {
    return this.#count;
  }

  get last(): Error | undefined {
    return this.#last;
  }

  add(error: Error): void {
    this.#count++;
    this.#last = error;
  }

  /** Whether a broker may have carried one of them out without our knowing. */
  mayBeApplied(may: boolean): void {
    if (may) this.#outcome = "unknown";
  }

  timedOut(timeoutMs: number): RequestTimeoutError {
    const tries = this.#count === 0 ? "" : `, ${this.#count} ${this.#count === 1 ? "attempt" : "attempts"} in vain`;
    return new RequestTimeoutError(`${this.#what}${tries}`, timeoutMs, { outcome: this.#outcome, cause: this.#last });
  }
}
