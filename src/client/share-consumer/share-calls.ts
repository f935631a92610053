import type { KafkaError } from "../../protocol/index.ts";
import type { Deadline } from "../async/deadline.ts";
import { IllegalStateError, WakeupError } from "../errors.ts";
import type { Taken } from "./share-buffer.ts";

export interface ShareCallsInit {
  /** What is there; nothing is told by no hands. */
  readonly take: () => Promise<Taken>;
  /** It is in hand now, or, where nobody gets to see it, on its way to the brokers. */
  readonly handOut: (taken: Taken) => void;
  /** Somebody waits, or not any more. */
  readonly want: (isWanted: boolean) => void;
  /** Whether there may be something to take. */
  readonly isAnythingThere: () => boolean;
}

/** Not an error: the time is over. */
const OUT_OF_TIME = new Error("nothing to read yet");
const NOTHING: Taken = { hands: [], count: 0, problem: undefined };

/** Polls: they take what is there, or wait for it; one at a time. */
export class ShareCalls {
  readonly #init: ShareCallsInit;
  readonly #problems = new Set<KafkaError>();
  #isBusy = false;
  #isWoken = false;
  #closed: Error | undefined;
  #wake: (() => void) | undefined;
  /** What a poll waited for in vain: the next one gets it. */
  #unfinished: Promise<Taken> | undefined;

  constructor(init: ShareCallsInit) {
    this.#init = init;
  }

  /** Something changed that a waiting call may want to know. */
  readable(): void {
    this.#wake?.();
  }

  /** The next poll throws it, once. */
  raise(error: KafkaError): void {
    // The same, again and again, until somebody polls.
    for (const known of this.#problems) if (known.message === error.message) return;
    this.#problems.add(error);
    this.readable();
  }

  wakeup(): void {
    this.#isWoken = true;
    this.readable();
  }

  close(reason: Error): void {
    this.#closed ??= reason;
    this.readable();
  }

  /** @throws IllegalStateError when somebody polls already */
  begin(): void {
    if (this.#isBusy) throw new IllegalStateError("another poll is waiting already; one at a time");
    this.#isBusy = true;
  }

  end(): void {
    this.#isBusy = false;
  }

  /** Nothing when the time is over first. Before, `begin`. */
  async take(deadline: Deadline): Promise<Taken> {
    try {
      for (;;) {
        deadline.throwIfAborted();
        this.#throwIfOver();
        const taken = await this.#takeNow(deadline);
        if (taken === undefined) return NOTHING;
        this.#init.handOut(taken);
        if (taken.count > 0 || taken.problem !== undefined) return taken;
        this.#throwIfOver();
        if (this.#init.isAnythingThere()) continue;
        const waiting = this.#waiting();
        this.#init.want(true);
        if (!(await this.#inTime(waiting, deadline))) return NOTHING;
      }
    } finally {
      this.#init.want(false);
    }
  }

  #throwIfOver(): void {
    if (this.#closed !== undefined) throw this.#closed;
    if (this.#isWoken) {
      this.#isWoken = false;
      throw new WakeupError();
    }
    for (const problem of this.#problems) {
      this.#problems.delete(problem);
      throw problem;
    }
  }

  /** Undefined when the time is over; then whoever polls next goes on waiting for it. */
  async #takeNow(deadline: Deadline): Promise<Taken | undefined> {
    const taking = this.#unfinished ?? this.#init.take();
    this.#unfinished = taking;
    try {
      if (!(await this.#inTime(taking, deadline))) return undefined;
    } catch (error) {
      // Who was aborted leaves it to the next one.
      if (deadline.signal?.aborted !== true) this.#unfinished = undefined;
      throw error;
    }
    this.#unfinished = undefined;
    return taking;
  }

  #waiting(): Promise<void> {
    return new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  /** False when the time is over. */
  async #inTime(waiting: Promise<unknown>, deadline: Deadline): Promise<boolean> {
    try {
      await deadline.race(waiting, () => OUT_OF_TIME);
      return true;
    } catch (error) {
      if (error === OUT_OF_TIME) return false;
      throw error;
    }
  }
}
