import { KafkaError } from "../../protocol/index.ts";
import { onAbort } from "../async/abort-listeners.ts";
import type { CallContext, CallOptions, CloseOptions } from "../client-core.ts";
import { type ProducerOptions, resolveProducerConfig } from "../config/producer-config.ts";
import { IllegalStateError } from "../errors.ts";
import { type Runtime, systemRuntime } from "../runtime.ts";
import type { SerializedBytes } from "../serializers/serializer.ts";
import type { MetricsSnapshot } from "../telemetry/metrics/metrics-registry.ts";
import { BatchCollector, PromiseRecipient, type Told } from "./accumulator/recipient.ts";
import type { Patience } from "./accumulator/record-intake.ts";
import type { TopicQueue } from "./accumulator/topic-queue.ts";
import type { OnDelivery } from "./delivery.ts";
import { AcknowledgingRecipient } from "./interceptors/acknowledging-recipient.ts";
import { InterceptorChain } from "./interceptors/interceptor-chain.ts";
import { type PartitionInfo, partitionInfos } from "./partition-info.ts";
import { ProducerCore } from "./producer-core.ts";
import type { ProducerRecord } from "./producer-record.ts";
import type { RecordMetadata } from "./record-metadata.ts";
import { runTransaction } from "./transaction/run-transaction.ts";
import type { ConsumerGroupMetadata, OffsetToCommit, TransactionScope } from "./transaction/transaction-scope.ts";
import type { Transactions } from "./transaction/transactions.ts";
import { asKafkaError, withVerdict } from "./verdict.ts";

/**
 * Sends records to topics. Records are gathered into batches, and batches into requests: sending many without awaiting each is fast, and
 * nothing is lost by it. By default a record is written once (idempotence), in the order in which it was sent, and counts as sent when
 * all in-sync replicas have it.
 *
 * What a record fails with says by its `verdict` whether it may be in the log nevertheless.
 */
export class Producer<K = SerializedBytes, V = SerializedBytes> {
  readonly #core: ProducerCore;
  readonly #interceptors: InterceptorChain;
  readonly #usualPatience: Patience;

  /**
   * Connects to nobody yet: the first call does.
   *
   * @throws ConfigError with all problems of the options at once
   */
  constructor(options: ProducerOptions<K, V>, runtime: Runtime = systemRuntime) {
    const config = resolveProducerConfig(options);
    this.#core = new ProducerCore(config, runtime);
    this.#usualPatience = { timeoutMs: config.maxBlockMs, signal: undefined };
    this.#interceptors = new InterceptorChain(config.interceptors, this.#core.client.telemetry);
  }

  /**
   * Sends a record. Resolves when it is written; until then it shares a batch with others of its partition. While `bufferMemory` is
   * full, or the topic's metadata is not known, the record waits, for `timeoutMs` (`maxBlockMs` by default) at most.
   */
  send(topic: string, record: ProducerRecord<K, V>, options?: CallOptions): Promise<RecordMetadata> {
    const recipient = new PromiseRecipient();
    const signal = options?.signal;
    try {
      this.#add(topic, record, recipient, this.#patience(options));
      if (signal !== undefined) letGo(signal, recipient);
    } catch (error) {
      recipient.abort(error instanceof KafkaError ? withVerdict(error, "not persisted") : asError(error));
    }
    return recipient.promise;
  }

  /**
   * Sends many records, of any size in sum. Resolves, in their order, when all are written. When some are not, it rejects with a
   * SendBatchError, which tells which and why; with the error itself, if it is the same for all.
   */
  sendBatch(topic: string, records: readonly ProducerRecord<K, V>[], options: CallOptions = {}): Promise<RecordMetadata[]> {
    const { signal } = options;
    if (!isList(records)) return Promise.reject(new IllegalStateError("sendBatch: records must be an array"));
    const collector = new BatchCollector(records.length);
    try {
      const patience = this.#patience(options);
      for (const [index, record] of records.entries()) {
        const recipient = collector.recipient(index);
        try {
          this.#add(topic, record, recipient, patience);
        } catch (error) {
          recipient.failed(withVerdict(asKafkaError(error), "not persisted"));
        }
      }
      if (signal !== undefined) letGo(signal, collector);
    } catch (error) {
      collector.abort(asError(error));
    }
    return collector.promise;
  }

  /**
   * Sends a record without a promise: the fastest way. `onDelivery` is told once what became of it, for each partition in the order of
   * sending, and never before this has returned.
   *
   * @returns false when `bufferMemory` is full: the record was NOT taken; await `ready()` and produce it again
   * @throws what is wrong with the record, or with the state of the producer
   */
  produce(topic: string, record: ProducerRecord<K, V>, onDelivery?: OnDelivery): boolean {
    // Before anything is made of it: whoever is turned away comes again.
    if (this.#core.intake.isFull) {
      this.#core.checkSend();
      return false;
    }
    if (onDelivery !== undefined && typeof onDelivery !== "function") throw new IllegalStateError("onDelivery must be a function");
    return this.#add(topic, record, onDelivery, undefined);
  }

  /** Resolves when there is room in `bufferMemory`. */
  async ready({ timeoutMs = this.#core.config.maxBlockMs, signal }: CallOptions = {}): Promise<void> {
    await this.#core.ready(this.#core.deadline(timeoutMs, signal));
  }

  /** Sends what is waiting at once, and resolves when every record that was sent before this call is written or has failed. */
  async flush({ timeoutMs = Number.POSITIVE_INFINITY, signal }: CallOptions = {}): Promise<void> {
    await this.#core.flush(this.#core.deadline(timeoutMs, signal));
  }

  /** The partitions of a topic, in their order. */
  partitionsFor(topic: string, options: CallOptions = {}): Promise<readonly PartitionInfo[]> {
    return this.#call("partitionsFor", options, async ({ cluster, deadline }) => {
      checkTopic(topic);
      const found = await cluster.topics([topic], deadline);
      return partitionInfos(topic, found.get(topic));
    });
  }

  /** First of all, with a `transactionalId`: whoever had it before is fenced off, and what he had not committed is aborted. */
  async initTransactions(options: CallOptions = {}): Promise<void> {
    await this.#transactions("initTransactions").init(options);
  }

  beginTransaction(): void {
    this.#transactions("beginTransaction").begin();
  }

  /** Commits where a group goes on as part of the transaction: then what was read and what was written because of it count together. */
  async sendOffsetsToTransaction(
    offsets: readonly OffsetToCommit[],
    group: ConsumerGroupMetadata | string,
    options: CallOptions = {},
  ): Promise<void> {
    await this.#transactions("sendOffsetsToTransaction").sendOffsets(offsets, group, options);
  }

  /** Waits for all records of the transaction, then commits it. After a timeout it may be called again, and goes on. */
  async commitTransaction(options: CallOptions = {}): Promise<void> {
    await this.#transactions("commitTransaction").commit(options);
  }

  /** Nobody will read what was sent in it with `isolationLevel` `read_committed`. */
  async abortTransaction(options: CallOptions = {}): Promise<void> {
    await this.#transactions("abortTransaction").abort(options);
  }

  /** Begins a transaction, does `work` in it, and commits it; aborts it when `work` throws. Resolves to what `work` returned. */
  async transaction<T>(work: (tx: TransactionScope<K, V>) => Promise<T>, options: CallOptions = {}): Promise<T> {
    const transactions = this.#transactions("transaction");
    const scope: TransactionScope<K, V> = {
      send: (topic, record, callOptions) => this.send(topic, record, callOptions),
      sendBatch: (topic, records, callOptions) => this.sendBatch(topic, records, callOptions),
      sendOffsets: (offsets, group, callOptions) => this.sendOffsetsToTransaction(offsets, group, callOptions),
    };
    return runTransaction(transactions, async () => work(scope), options);
  }

  /** As kafka-python's, by group and name. */
  metrics(): MetricsSnapshot {
    return this.#core.client.telemetry.snapshot();
  }

  /** Whether a bootstrap server has answered. */
  bootstrapConnected(): boolean {
    return this.#core.client.parts?.cluster.isBootstrapped ?? false;
  }

  /**
   * Delivers what was sent, then ends everything; an open transaction is aborted. What is not delivered within `timeoutMs` (without it:
   * as long as deliveries may take) fails. May be called again.
   */
  close(options: CloseOptions = {}): Promise<void> {
    const { deliveryTimeoutMs, maxBlockMs } = this.#core.config;
    return this.#core.close(options.timeoutMs ?? deliveryTimeoutMs + maxBlockMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #add(topic: string, record: ProducerRecord<K, V>, recipient: Told | undefined, patience: Patience | undefined): boolean {
    const core = this.#core;
    core.checkSend();
    checkTopic(topic);
    checkRecord(record);
    const queue = core.topics.queue(topic);
    if (!this.#interceptors.isEmpty) return this.#addIntercepted(queue, record, recipient, patience);
    try {
      return core.intake.add(queue, record, recipient, patience);
    } catch (error) {
      throw core.recordFailed(topic, asKafkaError(error));
    }
  }

  #addIntercepted(
    queue: TopicQueue,
    record: ProducerRecord<K, V>,
    recipient: Told | undefined,
    patience: Patience | undefined,
  ): boolean {
    const core = this.#core;
    const { topic } = queue;
    const intercepted = this.#interceptors.onSend(topic, record);
    const told = new AcknowledgingRecipient(recipient, this.#interceptors, topic, intercepted, (error) =>
      core.callbackFailed(error),
    );
    try {
      return core.intake.add(queue, intercepted, told, patience ?? { ...this.#usualPatience, isTaken: true });
    } catch (error) {
      const failure = core.recordFailed(topic, asKafkaError(error));
      told.refused(failure);
      throw failure;
    }
  }

  #patience(options: CallOptions | undefined): Patience {
    if (options === undefined) return this.#usualPatience;
    const { timeoutMs = this.#core.config.maxBlockMs, signal } = options;
    signal?.throwIfAborted();
    if (!(timeoutMs >= 0)) throw new IllegalStateError(`timeoutMs must be a number of milliseconds, not ${String(timeoutMs)}`);
    return { timeoutMs, signal };
  }

  #transactions(call: string): Transactions {
    const { transactions, isClosed } = this.#core;
    if (isClosed) this.#core.checkSend();
    if (transactions !== undefined) return transactions;
    throw new IllegalStateError(`${call} needs the option transactionalId`);
  }

  #call<T>(what: string, options: CallOptions, work: (context: CallContext) => Promise<T>): Promise<T> {
    return this.#core.call(what, { timeoutMs: this.#core.config.maxBlockMs, ...options }, work);
  }
}

/** The caller gives up, and only he: what is in a batch is sent. */
function letGo(signal: AbortSignal, waiting: PromiseRecipient | BatchCollector): void {
  const stop = onAbort(signal, (reason) => waiting.abort(reason));
  waiting.promise.then(stop, stop);
}

/** Array.isArray makes a list of anything of a list of records. */
function isList(records: unknown): boolean {
  return Array.isArray(records);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function checkTopic(topic: unknown): void {
  if (typeof topic !== "string" || topic === "") throw new IllegalStateError("a record needs the name of a topic");
}

function checkRecord(record: unknown): void {
  if (typeof record !== "object" || record === null) throw new IllegalStateError("a record must be an object: { key, value, … }");
}
