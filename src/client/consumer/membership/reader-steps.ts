import type { Deadline } from "../../async/deadline.ts";

/** One thing that a rebalance needs done. */
export interface ReaderStep {
  /** In which the user has no part: it goes on while he does something else, and nothing is handed out before it is over. */
  readonly before?: (() => Promise<void>) | undefined;
  /** With his callbacks: only while he waits in a call that reads. Never rejects. */
  readonly tell: () => Promise<void>;
}

/** What steps take time for: somebody has to come and read, what is in hand is finished and committed, the user is told. */
export type StepPart = "nothing" | "reader" | "processing" | "callbacks";

interface WaitingStep {
  readonly step: ReaderStep;
  readonly done: () => void;
  before: Promise<void> | undefined;
}

/** Not an error that anybody sees: the caller's time is over. */
const OUT_OF_TIME = new Error("it goes on in the next call that reads");

/** What rebalances need done, in the order in which it came up, by whoever reads next: nothing is read in between. */
export class ReaderSteps {
  readonly #onPending: () => void;
  readonly #onTurn: (part: StepPart) => void;
  #waiting: WaitingStep[] = [];

  /** @param onTurn with what its time is spent from now on */
  constructor(onPending: () => void, onTurn: (part: StepPart) => void) {
    this.#onPending = onPending;
    this.#onTurn = onTurn;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Resolves when it is done. */
  add(step: ReaderStep): Promise<void> {
    const adding = new Promise<void>((done) => {
      if (this.isEmpty) this.#onTurn("reader");
      this.#waiting.push({ step, done, before: undefined });
    });
    this.#onPending();
    return adding;
  }

  /** As far as there is time; what is left is the next call's. */
  async work(deadline: Deadline): Promise<void> {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      first.before ??= this.#begun(first.step);
      if (first.before !== undefined && !(await this.#isOver(first.before, deadline))) return;
      this.#onTurn("callbacks");
      await first.step.tell();
      this.#waiting.shift();
      this.#onTurn(this.isEmpty ? "nothing" : "reader");
      first.done();
    }
  }

  #begun({ before }: ReaderStep): Promise<void> | undefined {
    if (before === undefined) return undefined;
    this.#onTurn("processing");
    return before().finally(() => this.#onTurn("reader"));
  }

  async #isOver(before: Promise<void>, deadline: Deadline): Promise<boolean> {
    try {
      await deadline.race(before, () => OUT_OF_TIME);
      return true;
    } catch (error) {
      this.#onPending();
      if (error === OUT_OF_TIME) return false;
      throw error;
    }
  }
}
