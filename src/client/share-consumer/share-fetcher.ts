/** Sees to it that partitions are read when somebody waits for records, and that acknowledgements get to those who hold the locks. */
import { KafkaError, type ShareFetchPartitionData, type ShareGroupHeartbeatTopicPartitions } from "../../protocol/index.ts";
import type { Clock } from "../async/clock.ts";
import { CoarseTimer } from "../async/coarse-timer.ts";
import type { Deadline } from "../async/deadline.ts";
import type { ClientParts } from "../client-core.ts";
import { backoffMs } from "../cluster/backoff.ts";
import { classOfError } from "../cluster/error-classes.ts";
import type { LeaderHints } from "../cluster/leader-hints.ts";
import type { ResolvedShareConsumerConfig } from "../config/share-consumer-options.ts";
import type { BrokerConnection } from "../connection/broker-connection.ts";
import { bufferOf } from "../consumer/records/record-parts.ts";
import type { RecordSettings } from "../consumer/records/record-settings.ts";
import { type BrokerError, IllegalStateError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import { sessionOver } from "./acknowledgement-failures.ts";
import { AcquiredPart } from "./acquired-part.ts";
import { AcquiredRanges } from "./acquired-ranges.ts";
import type { HandedRecords } from "./handed-records.ts";
import type { Lease } from "./lease.ts";
import { ShareBroker } from "./share-broker.ts";
import type { ShareMetrics } from "./share-metrics.ts";
import { type SharePartition, SharePartitions } from "./share-partitions.ts";
import { verdictOf } from "./share-verdict.ts";

export interface ShareFetcherInit {
  readonly config: ResolvedShareConsumerConfig;
  readonly groupId: string;
  readonly memberId: string;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
  readonly settings: RecordSettings;
  readonly metrics: ShareMetrics | undefined;
  /** What is subscribed to: asked about when a partition's topic or leader is not known. */
  readonly topics: () => Iterable<string>;
  readonly onPart: (part: AcquiredPart) => void;
  readonly onRenewed: (hand: HandedRecords) => void;
  readonly onProblem: (error: KafkaError) => void;
}

export class ShareFetcher {
  readonly config: ResolvedShareConsumerConfig;
  readonly groupId: string;
  readonly memberId: string;
  readonly clock: Clock;
  readonly partitions: SharePartitions = new SharePartitions();
  /** How long brokers lock records, as they said last. */
  lockTimeoutMs: number | undefined;
  readonly #init: ShareFetcherInit;
  readonly #brokers = new Map<number, ShareBroker>();
  readonly #closing = new AbortController();
  /** The process stays for it: somebody waits for records. */
  readonly #timer: CoarseTimer;
  #parts: ClientParts | undefined;
  #isWanted = false;
  #isClosed = false;
  /** How often in a row somebody's leader was not known, and when that is asked again. */
  #unknown = 0;
  #lookUpAtMs = Number.POSITIVE_INFINITY;

  constructor(init: ShareFetcherInit) {
    this.#init = init;
    this.config = init.config;
    this.groupId = init.groupId;
    this.memberId = init.memberId;
    this.clock = init.runtime.clock;
    this.#timer = new CoarseTimer(this.clock, () => this.#onTime(), { background: false });
  }

  // ── what others tell it

  attach(parts: ClientParts): void {
    this.#parts = parts;
    parts.cluster.onChange(() => this.#locate());
  }

  /** Instead of what was assigned before. */
  assign(assigned: readonly ShareGroupHeartbeatTopicPartitions[]): void {
    this.partitions.replace(assigned);
    this.#locate();
  }

  /** Somebody waits, and there is nothing for him; or not any more. */
  want(isWanted: boolean): void {
    this.#isWanted = isWanted;
    if (!isWanted) this.#timer.cancel();
    else this.#askAgainInTime();
    this.drain();
  }

  acknowledge(acknowledgements: readonly Acknowledgement[]): void {
    for (const one of acknowledgements) {
      const broker = this.#brokers.get(one.lease.holder.nodeId);
      if (broker === undefined) one.settle(sessionOver(one.lease));
      else broker.acknowledge(one);
    }
  }

  drain(): void {
    if (this.#isClosed || this.#parts === undefined) return;
    for (const nodeId of this.partitions.nodes()) {
      if (!this.#brokers.has(nodeId)) this.#brokers.set(nodeId, new ShareBroker(nodeId, this));
    }
    for (const broker of this.#brokers.values()) broker.drain();
  }

  /** Ends all sessions; what nobody has acknowledged is delivered to others. Never rejects. */
  async close(deadline: Deadline): Promise<void> {
    this.#isClosed = true;
    this.#timer.cancel();
    await Promise.all([...this.#brokers.values()].map((broker) => broker.close(deadline)));
    this.#closing.abort(new Error("the share consumer is closed"));
  }

  // ── what its brokers need of it

  get isWanted(): boolean {
    return this.#isWanted && !this.#isClosed;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  get metrics(): ShareMetrics | undefined {
    return this.#init.metrics;
  }

  get random(): () => number {
    return this.#init.runtime.random;
  }

  now(): number {
    return this.clock.monotonic();
  }

  dueBy(atMs: number): void {
    if (!this.#isClosed && this.#isWanted) this.#timer.by(atMs);
  }

  async connection(nodeId: number, deadline: Deadline): Promise<BrokerConnection> {
    if (this.#parts === undefined) throw new IllegalStateError("share fetch: not connected");
    const { cluster, pool } = this.#parts;
    const broker = cluster.metadata.brokers.get(nodeId);
    if (broker === undefined) throw new IllegalStateError(`share fetch: node ${nodeId} is no longer part of the cluster`);
    return pool.open(broker, "fetch") ?? pool.connection(broker, "fetch", deadline.within(this.config.requestTimeoutMs));
  }

  /** The brokers share: all their answers may be here at once. */
  maxBytes(): number {
    return Math.max(1, Math.floor(this.config.fetchMaxBytes / Math.max(1, this.partitions.nodes().size)));
  }

  /** Whether there are records in it. */
  took(lease: Lease, { records, acquiredRecords }: ShareFetchPartitionData): boolean {
    let acquired: AcquiredRanges;
    try {
      acquired = new AcquiredRanges(acquiredRecords);
    } catch (error) {
      this.raise(this.kafkaError(error));
      return false;
    }
    this.#init.onPart(new AcquiredPart({ lease, records: bufferOf(records), acquired, settings: this.#init.settings }));
    return true;
  }

  renewed(hand: HandedRecords): void {
    this.#init.onRenewed(hand);
  }

  raise(error: KafkaError): void {
    if (!this.#isClosed) this.#init.onProblem(error);
  }

  learnLeaders(hints: LeaderHints): void {
    this.#parts?.cluster.learnLeaders(hints);
    this.#locate();
  }

  /** One partition cannot be read there now. */
  refused(partition: SharePartition, error: BrokerError, nodeId: number): void {
    this.#judge(error);
    // The answer has named the new leader (KIP-951), who is asked at once.
    if (partition.nodeId !== nodeId) return;
    partition.failures++;
    partition.retryAtMs = this.now() + backoffMs(partition.failures, this.config, this.random);
    this.dueBy(partition.retryAtMs);
  }

  brokerRefused(error: BrokerError): void {
    this.#judge(error);
  }

  brokerFailed(error: KafkaError, api: string): void {
    if (this.#isClosed) return;
    this.#parts?.cluster.learnFailure(error, api);
    if (classOfError(error, api).remedy === "fatal" && !(error instanceof IllegalStateError)) this.raise(error);
    this.#needMetadata();
  }

  kafkaError(error: unknown): KafkaError {
    if (error instanceof KafkaError) return error;
    return new IllegalStateError(`share fetch: ${error instanceof Error ? error.message : String(error)}`);
  }

  // ── its own

  #judge(error: BrokerError): void {
    const { api, topic, partition } = error.context;
    const { isProblem, isOdd, needsMetadata } = verdictOf(error.errorCode, api);
    if (isProblem) this.raise(error);
    if (isOdd) this.#init.telemetry.warning("SHARE_FETCH_FAILED", error.message, { topic, partition, code: error.errorCode });
    if (needsMetadata) this.#needMetadata();
  }

  #needMetadata(): void {
    this.#parts?.cluster.needMetadata([...this.#init.topics()]);
  }

  #locate(): void {
    const cluster = this.#parts?.cluster;
    if (cluster === undefined || this.#isClosed) return;
    if (this.partitions.locate(cluster.metadata)) {
      this.#unknown = 0;
      this.#lookUpAtMs = Number.POSITIVE_INFINITY;
    } else if (this.#lookUpAtMs === Number.POSITIVE_INFINITY) {
      this.#lookUpAtMs = this.#unknown === 0 ? this.now() : this.now() + backoffMs(this.#unknown, this.config, this.random);
      this.#unknown++;
    }
    this.#lookUp();
    this.drain();
  }

  /** Not without pause: a topic that is gone stays unknown. */
  #lookUp(): void {
    if (this.now() < this.#lookUpAtMs) {
      if (Number.isFinite(this.#lookUpAtMs)) this.dueBy(this.#lookUpAtMs);
    } else {
      this.#lookUpAtMs = Number.POSITIVE_INFINITY;
      this.#needMetadata();
    }
  }

  #askAgainInTime(): void {
    const dueMs = this.#dueMs();
    if (Number.isFinite(dueMs)) this.dueBy(dueMs);
  }

  #onTime(): number {
    // What was not found then may be there by now, or is looked for once more.
    if (this.now() >= this.#lookUpAtMs) this.#lookUp();
    this.#locate();
    return this.#dueMs();
  }

  #dueMs(): number {
    return Math.min(this.#lookUpAtMs, this.partitions.dueMs(this.now()));
  }
}
