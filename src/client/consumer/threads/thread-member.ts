import type { MessagePort } from "node:worker_threads";
import { IllegalStateError } from "../../errors.ts";
import { SubscriptionPattern } from "../assignment/subscription-pattern.ts";
import { Consumer } from "../consumer.ts";
import type { ConsumerCloseOptions } from "../consumer-close-options.ts";
import type { RunOptions } from "../running/run-options.ts";
import { type ThreadOrder, type ThreadStart, type ThreadWord, type ToldSubscription, toldError } from "./thread-messages.ts";
import type { ThreadContext, ThreadModule } from "./threaded-run-options.ts";

/** A thread's member of the group: it lives until it is told to stop, or something fails. */
export class ThreadMember {
  readonly #port: MessagePort;
  readonly #start: ThreadStart;
  readonly #stop = new AbortController();
  #consumer: Consumer<unknown, unknown> | undefined;
  #closing: ConsumerCloseOptions = {};

  constructor(port: MessagePort, start: ThreadStart) {
    this.#port = port;
    this.#start = start;
    port.on("message", (order: ThreadOrder) => this.#heed(order));
  }

  /** Never rejects. */
  async live(): Promise<void> {
    let failure: unknown;
    try {
      await this.#work();
    } catch (error) {
      failure = error ?? new Error(`${String(error)} was thrown`);
    }
    this.#say({ kind: "ended", failure: failure === undefined ? undefined : toldError(failure) });
    this.#port.close();
  }

  async #work(): Promise<void> {
    const { thread, threads, clientId, groupInstanceId, options, subscription, data } = this.#start;
    const exported: unknown = await import(this.#start.module);
    const module = moduleOf(exported, this.#start.module);
    const consumer = new Consumer<unknown, unknown>({
      ...options,
      clientId: `${clientId}-${thread}`,
      groupInstanceId: groupInstanceId === undefined ? undefined : `${groupInstanceId}-${thread}`,
      ...module.options,
    });
    this.#consumer = consumer;
    const context = { thread, threads, consumer, data };
    try {
      consumer.subscribe(topicsOf(subscription), module.listener);
      await consumer.run(this.#runOf(module, context));
    } catch (error) {
      this.#say({ kind: "failing" });
      throw error;
    } finally {
      await consumer.close(this.#closing);
      await module.onClosed?.(context);
    }
  }

  #runOf(
    { eachRecord, eachBatch }: ThreadModule<unknown, unknown>,
    context: ThreadContext<unknown, unknown>,
  ): RunOptions<unknown, unknown> {
    const { concurrency, orderBy } = this.#start;
    return {
      ...(eachRecord && { eachRecord: (record) => eachRecord(record, context) }),
      ...(eachBatch && { eachBatch: (batch) => eachBatch(batch, context) }),
      concurrency,
      orderBy,
      signal: this.#stop.signal,
    };
  }

  #heed(order: ThreadOrder): void {
    switch (order.kind) {
      case "stop":
        this.#stop.abort();
        break;
      case "close":
        this.#closing = order.options;
        this.#stop.abort();
        // Without waiting for what is in hand for longer than was said; how it went, `live` hears.
        void this.#consumer?.close(order.options).catch(() => undefined);
        break;
      case "report":
        this.#report();
        break;
    }
  }

  #report(): void {
    const consumer = this.#consumer;
    this.#say({
      kind: "report",
      report: {
        thread: this.#start.thread,
        memberId: consumer?.memberId ?? "",
        assignment: consumer?.assignment() ?? [],
        rebalances: consumer?.rebalances() ?? [],
        metrics: consumer?.metrics() ?? {},
      },
    });
  }

  #say(word: ThreadWord): void {
    this.#port.postMessage(word);
  }
}

function topicsOf(subscription: ToldSubscription): readonly string[] | RegExp | SubscriptionPattern {
  switch (subscription.kind) {
    case "topics":
      return subscription.topics;
    case "pattern":
      return subscription.pattern;
    case "matched there":
      return new SubscriptionPattern(subscription.pattern);
  }
}

/** @throws when there is no function in it */
function moduleOf(exported: unknown, href: string): ThreadModule<unknown, unknown> {
  const named: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(exported ?? {}));
  const { default: inDefault } = named;
  const found = {
    ...named,
    ...(typeof inDefault === "object" ? inDefault : typeof inDefault === "function" ? { eachRecord: inDefault } : {}),
  };
  if (isModule(found)) return found;
  throw new IllegalStateError(`run: ${href} must export one of the functions eachRecord and eachBatch`);
}

function isModule(
  found: Readonly<Record<string, unknown>>,
): found is Readonly<Record<string, unknown>> & ThreadModule<unknown, unknown> {
  const { eachRecord, eachBatch } = found;
  return typeof (eachRecord ?? eachBatch) === "function" && (eachRecord === undefined || eachBatch === undefined);
}
