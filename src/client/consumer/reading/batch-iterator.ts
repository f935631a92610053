import type { Deadline } from "../../async/deadline.ts";
import { type CommitBatch, ConsumerBatch } from "./consumer-batch.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import type { ReadCalls } from "./read-calls.ts";

export interface BatchIteratorInit {
  readonly calls: ReadCalls;
  /** How long to wait for the next batch, from now. */
  readonly deadline: () => Deadline;
  readonly commit: CommitBatch;
}

/** Batch by batch, each as it lies in its log. Who asks for the next has processed the one before. */
export class BatchIterator<K, V> implements AsyncIterableIterator<ConsumerBatch<K, V>, undefined> {
  readonly #init: BatchIteratorInit;
  readonly #calls = new OneAtATime();
  #isOver = false;

  constructor(init: BatchIteratorInit) {
    this.#init = init;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Whoever asks before the one before him has got his comes after him. */
  next(): Promise<IteratorResult<ConsumerBatch<K, V>, undefined>> {
    return this.#calls.do(() => this.#next());
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#isOver = true;
    return Promise.resolve({ done: true, value: undefined });
  }

  async #next(): Promise<IteratorResult<ConsumerBatch<K, V>, undefined>> {
    const { calls, deadline, commit } = this.#init;
    if (this.#isOver || calls.isClosed) return { done: true, value: undefined };
    try {
      const batch = await calls.nextBatch(deadline());
      if (batch !== undefined) return { done: false, value: new ConsumerBatch(batch, commit) };
    } catch (error) {
      // Whoever closes the consumer ends its loops.
      if (!calls.isClosed) throw error;
    }
    this.#isOver = true;
    return { done: true, value: undefined };
  }
}
