import { checkSignal } from "../../call-checks.ts";
import { IllegalStateError } from "../../errors.ts";
import type { ConsumerBatch } from "../reading/consumer-batch.ts";
import type { ConsumerRecord } from "../records/consumer-record.ts";

/** What `run` does with what it reads: one of `eachRecord` and `eachBatch`. What they return is awaited if it is a promise. */
export interface RunOptions<K = Uint8Array | null, V = Uint8Array | null> {
  readonly eachRecord?: (record: ConsumerRecord<K, V>) => unknown;
  readonly eachBatch?: (batch: ConsumerBatch<K, V>) => unknown;
  /** How many calls of the function there may be at once. Default 1. */
  readonly concurrency?: number;
  /**
   * What is kept in order. `partition` (the default): one record of a partition at a time. `key`: one record of a key at a time, for
   * `eachRecord`; those without a key in any order.
   */
  readonly orderBy?: "partition" | "key";
  /** Ends it: what is being processed is finished, nothing else is begun, and `run` resolves. */
  readonly signal?: AbortSignal;
}

interface Concurrency {
  readonly concurrency?: number | undefined;
  readonly orderBy?: "partition" | "key" | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Without the types of keys and values, which the parts of a consumer do not know. */
export function untypedRun<K, V>(options: RunOptions<K, V>): RunOptions<unknown, unknown>;
export function untypedRun(options: RunOptions<unknown, unknown>): RunOptions<unknown, unknown> {
  return options;
}

/** @throws what is wrong with them */
export function checkRunOptions<K, V>(options: RunOptions<K, V>): void {
  const { eachRecord, eachBatch, ...how } = options;
  const ofModules = ["threads", "data", "workerOptions"].find((name) => Reflect.get(options, name) !== undefined);
  if (ofModules !== undefined)
    throw new IllegalStateError(`run: ${ofModules} needs a module: a function cannot go to another thread`);
  if ((eachRecord === undefined) === (eachBatch === undefined)) throw new IllegalStateError("run: give it eachRecord or eachBatch");
  if (typeof (eachRecord ?? eachBatch) !== "function") throw new IllegalStateError("run: what is called must be a function");
  checkConcurrency(how);
  if (how.orderBy === "key" && eachBatch !== undefined) throw new IllegalStateError("run: orderBy 'key' needs eachRecord");
}

/** @throws what is wrong with them */
export function checkConcurrency({ concurrency = 1, orderBy, signal }: Concurrency): void {
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new IllegalStateError(`run: concurrency must be a whole number from 1, not ${String(concurrency)}`);
  }
  if (orderBy !== undefined && orderBy !== "partition" && orderBy !== "key") {
    throw new IllegalStateError(`run: orderBy is 'partition' or 'key', not ${String(orderBy)}`);
  }
  checkSignal("run", signal);
}
