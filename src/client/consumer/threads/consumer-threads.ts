import { availableParallelism } from "node:os";
import type { WorkerOptions } from "node:worker_threads";
import { onAbort } from "../../async/abort-listeners.ts";
import { Deadline } from "../../async/deadline.ts";
import type { ConsumerOptions, ResolvedConsumerConfig } from "../../config/consumer-options.ts";
import { IllegalStateError } from "../../errors.ts";
import { type Runtime, systemRuntime } from "../../runtime.ts";
import type { Holdings } from "../assignment/holdings.ts";
import type { Subscription } from "../assignment/subscription.ts";
import type { ConsumerClosing } from "../consumer-close-options.ts";
import { ConsumerThread } from "./consumer-thread.ts";
import { copiedOptions } from "./copied-options.ts";
import type { ThreadStart, ToldSubscription } from "./thread-messages.ts";
import { checkThreadedRun, type ThreadedRunOptions, type ThreadReport } from "./threaded-run-options.ts";

export interface ConsumerThreadsInit {
  /** As the user has given them. */
  readonly options: ConsumerOptions<unknown, unknown>;
  readonly config: ResolvedConsumerConfig;
  readonly runtime: Runtime;
  readonly holdings: Pick<Holdings, "subscription">;
}

/** A thread that closes in time has to say so, too. */
const GRACE_MS = 1_000;

/** The front of a run on several threads. */
export class ConsumerThreads {
  readonly #init: ConsumerThreadsInit;
  #threads: readonly ConsumerThread[] = [];

  constructor(init: ConsumerThreadsInit) {
    this.#init = init;
  }

  /** Resolves when all have ended, as they were told. @throws ThreadError; AggregateError where several have failed */
  async run(options: ThreadedRunOptions): Promise<void> {
    checkThreadedRun(options);
    const { signal, workerOptions = {} } = options;
    if (this.#threads.length > 0) throw new IllegalStateError("run: its threads are at work already");
    const starts = this.#startsOf(options);
    if (signal?.aborted === true) return;
    const stop = (): void => {
      for (const thread of this.#threads) thread.stop();
    };
    this.#threads = begin(starts, workerOptions, stop);
    const threads = this.#threads;
    const stopListening = signal && onAbort(signal, stop);
    const ends = await Promise.all(
      threads.map(async ({ ended }) => {
        const failure = await ended;
        if (failure !== undefined) stop();
        return failure;
      }),
    );
    stopListening?.();
    this.#threads = [];
    const failures = ends.filter((failure) => failure !== undefined);
    if (failures.length > 1) throw new AggregateError(failures, `${failures.length} of ${threads.length} threads have failed`);
    if (failures[0] !== undefined) throw failures[0];
  }

  /** Of those that are at work. */
  async reports(): Promise<ThreadReport[]> {
    const reports = await Promise.all(this.#threads.map((thread) => thread.report()));
    return reports.filter((report) => report !== undefined);
  }

  /** Each closes its member; whoever is not done in time is ended. */
  async close(options: ConsumerClosing): Promise<void> {
    const threads = this.#threads;
    if (threads.length === 0) return;
    for (const thread of threads) thread.close(options);
    const deadline = new Deadline(this.#init.runtime.clock, options.timeoutMs + GRACE_MS);
    const ended = Promise.all(threads.map((thread) => thread.ended));
    await deadline.race(ended, () => new Error("threads are still at work")).catch(() => undefined); // They are ended below.
    await Promise.all(threads.map((thread) => thread.terminate()));
  }

  #startsOf({
    module,
    threads = availableParallelism(),
    concurrency = 1,
    orderBy = "partition",
    data,
  }: ThreadedRunOptions): ThreadStart[] {
    const { config, options, runtime, holdings } = this.#init;
    const { clientId, groupInstanceId, groupId } = config;
    if (runtime !== systemRuntime) throw new IllegalStateError("run: a runtime of one's own cannot go to another thread");
    if (groupId === undefined) throw new IllegalStateError("run: threads share the partitions of a group: set groupId");
    const common = {
      threads,
      module: module.href,
      options: copiedOptions(options),
      clientId,
      groupInstanceId,
      subscription: toldSubscription(holdings.subscription),
      concurrency,
      orderBy,
      data,
    };
    return Array.from({ length: threads }, (_, thread) => ({ ...common, thread }));
  }
}

/** All or none. */
function begin(starts: readonly ThreadStart[], options: WorkerOptions, onFailing: () => void): ConsumerThread[] {
  const begun: ConsumerThread[] = [];
  try {
    for (const start of starts) begun.push(new ConsumerThread(start, options, onFailing));
  } catch (error) {
    for (const thread of begun) void thread.terminate();
    throw error;
  }
  return begun;
}

function toldSubscription(subscription: Subscription): ToldSubscription {
  if (subscription.kind === "none") throw new IllegalStateError("run: subscribe to topics first");
  if (subscription.kind === "assigned") {
    throw new IllegalStateError(
      "run: threads share what a group is subscribed to, and assign() has no part in that: subscribe to topics",
    );
  }
  if (subscription.listener !== undefined) {
    throw new IllegalStateError("run: a listener cannot go to another thread: let the module export it as listener");
  }
  switch (subscription.kind) {
    case "topics":
      return { kind: "topics", topics: [...subscription.topics] };
    case "pattern":
      return { kind: "pattern", pattern: subscription.pattern };
    case "matched there":
      return { kind: "matched there", pattern: subscription.pattern };
  }
}
