/** After two records of one millisecond so many more are taken to be of it, too. */
const MORE_AT_ONCE = 7;

export interface RecordClockInit {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls back when this turn of the event loop is over. */
  readonly afterTurn: (run: () => void) => void;
}

/**
 * When records were sent. Asking the time costs about a seventh of all that is done for a record: V8 does not compile it into the
 * program, but calls its runtime. Where records follow one another so fast that a millisecond has several of them, only every eighth
 * asks; what was heard is forgotten when a turn of the event loop is over, since anything may happen until the next record is sent.
 */
export class RecordClock {
  readonly #init: RecordClockInit;
  #ms = Number.NaN;
  #left = 0;
  #willForget = false;

  constructor(init: RecordClockInit) {
    this.#init = init;
  }

  now(): number {
    if (this.#left > 0) {
      this.#left--;
      return this.#ms;
    }
    const ms = this.#init.now();
    if (ms === this.#ms) this.#rely();
    this.#ms = ms;
    return ms;
  }

  #rely(): void {
    this.#left = MORE_AT_ONCE;
    if (this.#willForget) return;
    this.#willForget = true;
    this.#init.afterTurn(() => {
      this.#willForget = false;
      this.#left = 0;
      this.#ms = Number.NaN;
    });
  }
}
