import type { WorkerOptions } from "node:worker_threads";
import type { ConsumerOptions } from "../../config/consumer-options.ts";
import { IllegalStateError } from "../../errors.ts";
import type { MetricsSnapshot } from "../../telemetry/metrics/metrics-registry.ts";
import type { Rebalance } from "../../telemetry/telemetry.ts";
import type { RebalanceListener } from "../assignment/subscription.ts";
import type { Consumer } from "../consumer.ts";
import type { ConsumerBatch } from "../reading/consumer-batch.ts";
import type { ConsumerRecord } from "../records/consumer-record.ts";
import { checkConcurrency } from "../running/run-options.ts";
import type { TopicPartition } from "../topic-partition.ts";

/** `run` on several threads, each a member of the group of its own. */
export interface ThreadedRunOptions {
  /** Exports the function: see `ThreadModule`. Each thread imports it for itself. */
  readonly module: URL;
  /** How many threads. Default: as many as can run at once here. */
  readonly threads?: number;
  /** Of each thread: how many calls of the function there may be at once. Default 1. */
  readonly concurrency?: number;
  /** As for `run`. */
  readonly orderBy?: "partition" | "key";
  /** For the module: anything that `structuredClone` takes. */
  readonly data?: unknown;
  /** Node's own options of the threads: what they are allowed, and how they load the module. */
  readonly workerOptions?: Pick<WorkerOptions, "argv" | "env" | "execArgv" | "resourceLimits">;
  /** Ends it: what is being processed is finished and committed, the members leave, and `run` resolves. */
  readonly signal?: AbortSignal;
}

/** What the function of a thread may know besides the record. */
export interface ThreadContext<K = Uint8Array | null, V = Uint8Array | null> {
  /** From 0. */
  readonly thread: number;
  readonly threads: number;
  /** The thread's own member of the group. Closing it is not for the function. */
  readonly consumer: Consumer<K, V>;
  /** As it was given to `run`. */
  readonly data: unknown;
}

/** What the module of a threaded `run` exports: one of `eachRecord` and `eachBatch`, or one of them as (or in) its default export. */
export interface ThreadModule<K = Uint8Array | null, V = Uint8Array | null> {
  readonly eachRecord?: (record: ConsumerRecord<K, V>, context: ThreadContext<K, V>) => unknown;
  readonly eachBatch?: (batch: ConsumerBatch<K, V>, context: ThreadContext<K, V>) => unknown;
  /** Options that cannot go from one thread to another, as deserializers: they come over those of the consumer. */
  readonly options?: Partial<ConsumerOptions<K, V>>;
  readonly listener?: RebalanceListener;
  /** When the thread's member has left; awaited. */
  readonly onClosed?: (context: ThreadContext<K, V>) => unknown;
}

/** One thread of a `run` that goes on. */
export interface ThreadReport {
  /** From 0. */
  readonly thread: number;
  readonly memberId: string;
  readonly assignment: readonly TopicPartition[];
  readonly rebalances: readonly Rebalance[];
  readonly metrics: MetricsSnapshot;
}

const MOST_THREADS = 1024;

/** @throws what is wrong with them */
export function checkThreadedRun(options: ThreadedRunOptions): void {
  const { module, threads = 1, concurrency, orderBy, signal } = options;
  if ("eachRecord" in options || "eachBatch" in options) {
    throw new IllegalStateError("run: give it a function or a module, not both: the module exports the function");
  }
  if (!(module instanceof URL))
    throw new IllegalStateError("run: module must be a URL, as new URL('./handler.js', import.meta.url)");
  if (!Number.isInteger(threads) || threads < 1 || threads > MOST_THREADS) {
    throw new IllegalStateError(`run: threads must be a whole number from 1 to ${MOST_THREADS}, not ${String(threads)}`);
  }
  checkConcurrency({ concurrency, orderBy, signal });
}
