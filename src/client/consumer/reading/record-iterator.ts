import type { Deadline } from "../../async/deadline.ts";
import type { ConsumerRecord } from "../records/consumer-record.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import type { ReadCalls } from "./read-calls.ts";
import { typedRecord } from "./typed.ts";

export interface RecordIteratorInit {
  readonly calls: ReadCalls;
  /** How long to wait for the next record, from now. */
  readonly deadline: () => Deadline;
}

/**
 * Record by record. What is there is given at once; only where something has to be waited for there is more to it than a promise.
 * Leaving the loop leaves the consumer as it is: another loop goes on behind the last record.
 */
export class RecordIterator<K, V> implements AsyncIterableIterator<ConsumerRecord<K, V>, undefined> {
  readonly #init: RecordIteratorInit;
  /** Those who ask while somebody waits come after him. */
  readonly #slow = new OneAtATime();
  #isOver = false;

  constructor(init: RecordIteratorInit) {
    this.#init = init;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<ConsumerRecord<K, V>, undefined>> {
    if (this.#slow.isBusy || this.#isOver) return this.#later();
    try {
      const record = this.#init.calls.nextNow();
      return record === undefined ? this.#later() : Promise.resolve({ done: false, value: typedRecord(record) });
    } catch (error) {
      return Promise.reject(asError(error));
    }
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#isOver = true;
    return Promise.resolve({ done: true, value: undefined });
  }

  #later(): Promise<IteratorResult<ConsumerRecord<K, V>, undefined>> {
    return this.#slow.do(() => this.#wait());
  }

  async #wait(): Promise<IteratorResult<ConsumerRecord<K, V>, undefined>> {
    const { calls, deadline } = this.#init;
    if (this.#isOver || calls.isClosed) return { done: true, value: undefined };
    try {
      const record = await calls.next(deadline());
      if (record !== undefined) return { done: false, value: typedRecord(record) };
    } catch (error) {
      // Whoever closes the consumer ends its loops.
      if (!calls.isClosed) throw error;
    }
    this.#isOver = true;
    return { done: true, value: undefined };
  }
}

/** Whatever was thrown; it is one of ours, or a codec's. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error), { cause: error });
}
