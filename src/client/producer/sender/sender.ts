/** Sees to it that what has been gathered leaves: when, to which broker, and under which sequence number. */
import type { KafkaError } from "../../../protocol/index.ts";
import type { Clock } from "../../async/clock.ts";
import { CoarseTimer } from "../../async/coarse-timer.ts";
import { Deadline } from "../../async/deadline.ts";
import type { ClientParts } from "../../client-core.ts";
import { classOfError } from "../../cluster/error-classes.ts";
import type { ErrorClass } from "../../cluster/error-table.ts";
import type { ResolvedProducerConfig } from "../../config/producer-config.ts";
import { BrokerError, RequestTimeoutError, TransactionAbortedError } from "../../errors.ts";
import type { Runtime } from "../../runtime.ts";
import type { ClientTelemetry } from "../../telemetry/client-telemetry.ts";
import type { PartitionQueue } from "../accumulator/partition-queue.ts";
import type { Packing, ProducerBatch } from "../accumulator/producer-batch.ts";
import type { Settlements } from "../accumulator/settlements.ts";
import type { SharedBytes } from "../accumulator/shared-bytes.ts";
import type { ProducerMetrics } from "../metrics/producer-metrics.ts";
import type { Transactions } from "../transaction/transactions.ts";
import { BrokerSender } from "./broker-sender.ts";
import { Departure } from "./departure.ts";
import { Outcomes } from "./outcomes.ts";
import { Packer } from "./packer.ts";
import type { ProducerIds } from "./producer-ids.ts";
import { RequestsOnTheirWay } from "./requests-on-their-way.ts";

export interface SenderInit {
  readonly config: ResolvedProducerConfig;
  readonly runtime: Runtime;
  readonly telemetry: ClientTelemetry;
  readonly metrics: ProducerMetrics;
  readonly settlements: Settlements;
  readonly producerIds: ProducerIds;
  readonly transactions: Transactions | undefined;
  readonly newBatch: (
    partition: PartitionQueue,
    like: { readonly createdAtMs: number; readonly dueMs: number },
    maxBytes: number,
  ) => ProducerBatch;
  /** Whether senders wait for memory: then nothing lingers. */
  readonly isPressed: () => boolean;
  /** Also to be looked at when a time is over; returns when (monotonic) it wants to be looked at again. */
  readonly expireOthers: () => number;
  /** The producer is of no use any more. */
  readonly onFatal: (error: KafkaError) => void;
}

const NOBODY = -1;

export class Sender {
  readonly outcomes: Outcomes;
  readonly settlements: Settlements;
  readonly metrics: ProducerMetrics;
  readonly telemetry: ClientTelemetry;
  readonly producerIds: ProducerIds;
  readonly transactions: Transactions | undefined;
  /** To all brokers. */
  readonly requests: RequestsOnTheirWay = new RequestsOnTheirWay();
  readonly newBatch: SenderInit["newBatch"];
  readonly #init: SenderInit;
  readonly config: ResolvedProducerConfig;
  readonly #clock: Clock;
  readonly #brokers = new Map<number, BrokerSender>();
  /** Partitions that nobody leads, with something that waits. */
  readonly #homeless = new Set<PartitionQueue>();
  /** For what is to be sent soon: the process stays for it. */
  readonly #soon: CoarseTimer;
  /** For what may take its time to fail: while nobody can be reached, nothing else keeps the process. */
  readonly #expiry: CoarseTimer;
  readonly #packing: Packing;
  readonly #departure: Departure;
  readonly #packer: Packer;
  #parts: ClientParts | undefined;
  #isDrainScheduled = false;
  #flushes = 0;
  #isClosed = false;

  constructor(init: SenderInit) {
    this.#init = init;
    this.config = init.config;
    this.#clock = init.runtime.clock;
    this.settlements = init.settlements;
    this.metrics = init.metrics;
    this.telemetry = init.telemetry;
    this.producerIds = init.producerIds;
    this.transactions = init.transactions;
    this.newBatch = init.newBatch;
    this.outcomes = new Outcomes(this);
    const { compression, compressionLevel, transactionalId } = init.config;
    const isTransactional = transactionalId !== undefined;
    this.#packing = { compression, compressionLevel, isTransactional, codecs: init.runtime.codecs };
    this.#packer = new Packer({
      packing: this.#packing,
      // Others may have waited for their turn.
      onPacked: () => this.wake(),
      onFailed: (partition, batch, error) => this.outcomes.fail(partition, batch, error, false),
    });
    this.#departure = new Departure({
      settings: init.config,
      producerIds: init.producerIds,
      transactions: init.transactions,
      now: () => this.now(),
      leaderEpochOf: (partition) => this.#leaderEpoch(partition),
      isHurried: () => this.#flushes > 0 || init.isPressed(),
      dueBy: (atMs) => this.dueBy(atMs),
    });
    this.#soon = new CoarseTimer(this.#clock, () => this.#soonDue(), { background: false });
    this.#expiry = new CoarseTimer(this.#clock, () => this.#expire(), { background: false });
  }

  // ── what its parts need of it

  get clock(): Clock {
    return this.#clock;
  }
  get parts(): ClientParts | undefined {
    return this.#parts;
  }
  get random(): () => number {
    return this.#init.runtime.random;
  }
  get produceMaxVersion(): number | undefined {
    return this.transactions?.produceMaxVersion;
  }
  get isClosed(): boolean {
    return this.#isClosed;
  }

  now(): number {
    return this.#clock.monotonic();
  }

  topicIdOf(topic: string): string | undefined {
    return this.#parts?.cluster.metadata.topics.get(topic)?.topicId;
  }

  /** Connected: to be called before anything is gathered. */
  attach(parts: ClientParts): void {
    this.#parts = parts;
  }

  async connect(nodeId: number): Promise<void> {
    const { requestTimeoutMs } = this.config;
    await this.#parts?.cluster.connection(nodeId, "main", new Deadline(this.#clock, requestTimeoutMs));
  }

  // ── when something is to be sent

  /** A partition has got a batch. */
  started(partition: PartitionQueue, batch: ProducerBatch): void {
    this.route(partition);
    this.expireBy(batch.dueMs);
    if (this.config.lingerMs === 0 || this.#flushes > 0) this.drainSoon();
    else this.dueBy(batch.createdAtMs + this.config.lingerMs);
  }

  /** A batch is full: it leaves now, if there is room on the way. */
  filled(partition: PartitionQueue): void {
    this.#packer.begin(partition);
    this.#brokers.get(partition.nodeId)?.drain();
  }

  /**
   * A batch is worth a request. Without a linger time it leaves in the middle of the turn if its broker has nothing to do: who sends and
   * who writes to the log then work at the same time, and not by turns.
   */
  grown(partition: PartitionQueue): void {
    if (this.config.lingerMs > 0 || partition.waiting.length > 1) return;
    const broker = this.#brokers.get(partition.nodeId);
    if (broker?.requestsInFlight === 0) broker.drain();
  }

  /** At the end of this turn of the event loop: what is sent within it shares its batches. */
  drainSoon(): void {
    if (this.#isDrainScheduled || this.#isClosed) return;
    this.#isDrainScheduled = true;
    const run = (): void => {
      this.#isDrainScheduled = false;
      this.wake();
    };
    const { afterTurn } = this.#init.runtime;
    if (afterTurn === undefined) this.#clock.schedule(0, run);
    else afterTurn(run);
  }

  /** Everything that may leave does. */
  wake(): void {
    if (this.#isClosed) return;
    for (const broker of this.#brokers.values()) broker.drain();
  }

  /** Nothing lingers until the function that is returned is called. */
  hurry(): () => void {
    this.#flushes++;
    this.drainSoon();
    let isOver = false;
    return () => {
      if (!isOver) this.#flushes--;
      isOver = true;
    };
  }

  dueBy(atMs: number): void {
    if (!this.#isClosed) this.#soon.by(atMs);
  }

  expireBy(atMs: number): void {
    if (!this.#isClosed) this.#expiry.by(atMs);
  }

  // ── whereto

  /** Puts a partition with whoever leads it. */
  route(partition: PartitionQueue): void {
    const leader = this.#parts?.cluster.metadata.leaderOf(partition.topic, partition.partition);
    const nodeId = leader?.broker.nodeId ?? NOBODY;
    if (nodeId !== partition.nodeId) this.#brokers.get(partition.nodeId)?.active.delete(partition);
    partition.nodeId = nodeId;
    if (partition.waiting.length === 0) return;
    if (nodeId === NOBODY) {
      this.#homeless.add(partition);
      this.#parts?.cluster.needMetadata([partition.topic]);
      return;
    }
    this.#homeless.delete(partition);
    this.#broker(nodeId).active.add(partition);
  }

  /** The cluster looks different. */
  metadataChanged(): void {
    for (const partition of this.settlements.partitions) this.route(partition);
    this.drainSoon();
  }

  // ── what may leave

  /** Whether a partition's first batch may leave for that broker now. What is only a matter of time is looked at again by itself. */
  isReady(partition: PartitionQueue, nodeId: number): boolean {
    const [batch] = partition.waiting;
    if (batch === undefined || !this.#departure.isOpenFor(partition, batch, nodeId)) return false;
    return this.#packer.isPacked(partition, batch);
  }

  /** Gives it its sequence number, and its bytes their header. */
  stamp(partition: PartitionQueue, batch: ProducerBatch): SharedBytes {
    const isStamped = this.config.enableIdempotence;
    if (isStamped) batch.stamp ??= partition.sequences.assign(batch.recordCount);
    return batch.bytesFor(batch.stamp, this.#packing.isTransactional);
  }

  /** It is on its way. */
  left(partition: PartitionQueue, batch: ProducerBatch, nodeId: number): void {
    const now = this.now();
    partition.take(batch);
    partition.inFlight.push(batch);
    partition.inFlightNodeId = nodeId;
    partition.stuckSinceMs = 0;
    partition.usualBytes = batch.uncompressedBytes;
    if (partition.waiting.length === 0) this.#brokers.get(nodeId)?.active.delete(partition);
    batch.leaderEpoch = this.#leaderEpoch(partition);
    batch.sentAtMs = now;
    if (batch.attempts++ > 0) return;
    const { topic, recordCount: records, sizeInBytes: bytes, uncompressedBytes, largestRecordBytes } = batch;
    this.metrics.batchSent({ topic, records, bytes, uncompressedBytes, largestRecordBytes, queueMs: now - batch.createdAtMs });
  }

  /** A request is over. */
  answered(broker: BrokerSender, throttleMs: number): void {
    this.metrics.produceThrottled(Math.max(0, throttleMs));
    if (this.#isClosed) return;
    // Q1: the connection learns of it when this has returned; whatever is sent before would slip past.
    if (throttleMs <= 0) broker.drain();
    // Others may have waited for what was in flight here.
    this.drainSoon();
  }

  connectFailed(broker: BrokerSender, error: KafkaError): void {
    if (this.#isClosed) return;
    const found = classOfError(error, "Produce");
    for (const partition of Array.from(broker.active)) {
      const [batch] = partition.waiting;
      if (batch === undefined) continue;
      batch.lastError = error;
      if (found.remedy === "fatal") this.outcomes.fail(partition, batch, error, batch.isPossiblyPersisted);
      else this.route(partition);
    }
    this.#parts?.cluster.needMetadata();
    if (broker.active.size > 0) this.dueBy(this.now() + this.config.retryBackoffMs);
  }

  learnFailure(batch: ProducerBatch, error: KafkaError, { remedy }: ErrorClass, isAnswer: boolean): void {
    const cluster = this.#parts?.cluster;
    if (cluster === undefined || this.#isClosed) return;
    if (remedy === "refresh metadata") cluster.needMetadata(isAnswer ? [batch.topic] : undefined);
    else if (remedy === "rebootstrap") cluster.learnFailure(error, "Produce");
  }

  // ── the end

  /** No record will ever be sent again. */
  failForGood(error: KafkaError): void {
    this.#init.onFatal(error);
    this.abortUnsent(error);
  }

  /** Fails what is not on its way. */
  abortUnsent(error: KafkaError): void {
    for (const partition of Array.from(this.settlements.partitions)) {
      for (const batch of Array.from(partition.waiting)) {
        if (!this.#mustBeProbed(batch, error)) this.outcomes.fail(partition, batch, error, batch.isPossiblyPersisted);
      }
    }
  }

  /** Fails everything: what is not on its way with one error, what is with another. */
  close(unsent: KafkaError, inFlight: KafkaError): void {
    this.#isClosed = true;
    this.#soon.cancel();
    this.#expiry.cancel();
    this.abortUnsent(unsent);
    for (const partition of Array.from(this.settlements.partitions)) {
      for (const batch of Array.from(partition.inFlight)) {
        this.settlements.settle(partition, batch, { kind: "failed", errorOf: () => inFlight });
      }
    }
  }

  /** Before Kafka 2.5 the next transaction counts on in the same epoch: whether this one's numbers are used, only the broker can tell. */
  #mustBeProbed({ isPossiblyPersisted, stamp }: ProducerBatch, reason: KafkaError): boolean {
    const needsToKnow = reason instanceof TransactionAbortedError && !reason.fatal && this.transactions?.canTakeEpoch === false;
    return needsToKnow && isPossiblyPersisted && stamp !== undefined;
  }

  #broker(nodeId: number): BrokerSender {
    const known = this.#brokers.get(nodeId);
    if (known !== undefined) return known;
    const made = new BrokerSender(nodeId, this);
    this.#brokers.set(nodeId, made);
    return made;
  }

  #leaderEpoch({ topic, partition }: PartitionQueue): number {
    return this.#parts?.cluster.metadata.leaderOf(topic, partition)?.leaderEpoch ?? NOBODY;
  }

  #soonDue(): number {
    this.wake();
    return Number.POSITIVE_INFINITY;
  }

  /** Whose delivery has taken too long. */
  #expire(): number {
    const now = this.now();
    let next = this.#init.expireOthers();
    for (const partition of Array.from(this.settlements.partitions)) {
      for (const batch of Array.from(partition.unsettled)) {
        if (batch.outcome !== undefined) continue;
        if (batch.dueMs > now) {
          next = Math.min(next, batch.dueMs);
          break;
        }
        this.#expireBatch(partition, batch);
      }
    }
    this.drainSoon();
    return next;
  }

  #expireBatch(partition: PartitionQueue, batch: ProducerBatch): void {
    const { topic, recordCount } = batch;
    const isInFlight = partition.inFlight.includes(batch);
    const isPossiblyPersisted = isInFlight || batch.isPossiblyPersisted;
    const records = recordCount === 1 ? "a record" : `${recordCount} records`;
    const error = new RequestTimeoutError(
      `delivery of ${records} to '${topic}' partition ${batch.partition}`,
      this.config.deliveryTimeoutMs,
      { outcome: isPossiblyPersisted ? "unknown" : "not sent", cause: batch.lastError ?? this.#problemOf(topic) },
    );
    if (!isInFlight) {
      this.outcomes.fail(partition, batch, error, isPossiblyPersisted);
      return;
    }
    // P17: it keeps its place among those in flight, and its memory, until the socket and the broker are done with it.
    const verdict = "possibly persisted";
    error.verdict = verdict;
    this.metrics.batchFailed({ topic, records: recordCount });
    const told = this.transactions?.failed(error, { verdict }) ?? error;
    this.settlements.settle(partition, batch, { kind: "failed", errorOf: () => told });
  }

  #problemOf(topic: string): Error | undefined {
    const code = this.#parts?.cluster.metadata.problems.get(topic);
    return code === undefined ? undefined : new BrokerError(code, { api: "Metadata", topic });
  }
}
