import { KafkaError } from "../../../protocol/index.ts";
import type { CallOptions } from "../../client-core.ts";

/** The calls that a transaction is made of. */
export interface TransactionCalls {
  begin(): void;
  commit(options: CallOptions): Promise<void>;
  abort(options: CallOptions): Promise<void>;
  /** Whether there is a transaction that can be aborted. */
  readonly isAbortable: boolean;
}

/**
 * Does `work` in a transaction of its own. When it throws, or the transaction cannot be committed, the transaction is aborted, and the
 * error is thrown; where aborting fails as well, that failure is found in its `abortFailure`. A commit whose outcome is not known leaves the
 * transaction as it is: only `commitTransaction()`, called again, can tell.
 */
export async function runTransaction<T>(calls: TransactionCalls, work: () => Promise<T>, options: CallOptions = {}): Promise<T> {
  const { signal } = options;
  signal?.throwIfAborted();
  calls.begin();
  let result: T;
  try {
    result = await work();
    // Whoever has given up does not want it committed.
    signal?.throwIfAborted();
  } catch (error) {
    throw await aborted(calls, error, options);
  }
  try {
    await calls.commit(options);
  } catch (error) {
    throw calls.isAbortable ? await aborted(calls, error, options) : error;
  }
  return result;
}

/** Aborts because of `error`, which is what to throw then. */
async function aborted(calls: TransactionCalls, error: unknown, { timeoutMs }: CallOptions): Promise<unknown> {
  try {
    // Without the signal: it may be what ended the work.
    await calls.abort(timeoutMs === undefined ? {} : { timeoutMs });
    return decided(error);
  } catch (failure) {
    return withAbortFailure(error, failure);
  }
}

/** There is nothing left that would go on when the commit is called again. */
function decided(error: unknown): unknown {
  if (error instanceof KafkaError && error.severity === "retriable") error.severity = "abortable";
  return error;
}

function withAbortFailure(error: unknown, failure: unknown): unknown {
  if (error === failure) return error;
  if (error instanceof Error && Object.isExtensible(error)) {
    return Object.defineProperty(error, "abortFailure", { value: failure, enumerable: true, configurable: true, writable: true });
  }
  return new AggregateError([error, failure], "the work failed, and so did aborting its transaction");
}
