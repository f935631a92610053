/** Sees to it that every partition that is read is asked for: when, of whom, and how much at a time. */
import { KafkaError } from "../../../protocol/index.ts";
import type { Clock } from "../../async/clock.ts";
import { CoarseTimer } from "../../async/coarse-timer.ts";
import type { Deadline } from "../../async/deadline.ts";
import type { ClientParts } from "../../client-core.ts";
import { backoffMs } from "../../cluster/backoff.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-options.ts";
import { IllegalStateError } from "../../errors.ts";
import type { Runtime } from "../../runtime.ts";
import type { ClientTelemetry } from "../../telemetry/client-telemetry.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import type { Assignment } from "../assignment/assignment.ts";
import type { ConsumerMetrics } from "../metrics/consumer-metrics.ts";
import type { RecordSettings } from "../records/record-settings.ts";
import type { Leadership } from "./asked-partition.ts";
import { BrokerFetcher } from "./broker-fetcher.ts";
import { endSessions } from "./end-sessions.ts";
import { FetchBudget } from "./fetch-budget.ts";
import { throttleOf } from "./fetch-lanes.ts";
import type { FetchOutlook } from "./fetch-outlook.ts";
import { FetchSlot, NOBODY } from "./fetch-slot.ts";
import { PartIntake, type PartTaker, type Positions } from "./part-intake.ts";
import { nodeToAsk } from "./preferred-replica.ts";

export interface FetcherInit {
  readonly config: ResolvedConsumerConfig;
  readonly runtime: Runtime;
  readonly telemetry: ClientTelemetry;
  readonly assignment: Assignment;
  readonly buffer: PartTaker;
  readonly settings: RecordSettings;
  readonly positions: Positions;
  readonly onProblem: (partition: AssignedPartition, error: KafkaError) => void;
  /** Is told of every answer. */
  readonly metrics?: Pick<ConsumerMetrics, "fetchAnswered"> | undefined;
}

const UNKNOWN_EPOCH = -1;

export class Fetcher {
  readonly config: ResolvedConsumerConfig;
  readonly clock: Clock;
  readonly intake: PartIntake;
  readonly #init: FetcherInit;
  readonly #budget: FetchBudget;
  readonly #slots = new Map<AssignedPartition, FetchSlot>();
  readonly #brokers = new Map<number, BrokerFetcher>();
  /** Nothing is asked of them before their time. */
  readonly #delayed = new Set<FetchSlot>();
  /** The process stays for it: somebody waits for records. */
  readonly #timer: CoarseTimer;
  /** When a replica that was named by its leader is to be left again, at the earliest. */
  #replicasUntilMs = Number.POSITIVE_INFINITY;
  #parts: ClientParts | undefined;
  #isScanDue = false;
  #isEverythingNew = false;
  #isDrainDue = false;
  #isClosed = false;

  constructor(init: FetcherInit) {
    this.#init = init;
    this.config = init.config;
    this.clock = init.runtime.clock;
    this.#budget = new FetchBudget(init.config);
    this.#timer = new CoarseTimer(this.clock, () => this.#onTime(), { background: false });
    this.intake = new PartIntake({
      ...init,
      touch: (slot) => this.touch(slot),
      cluster: () => this.#parts?.cluster,
    });
  }

  // ── what others tell it

  /** Connected: to be called before anything can be fetched. */
  attach(parts: ClientParts): void {
    this.#parts = parts;
    this.wake();
  }

  /**
   * Something may be fetchable that was not, or not any more: that partition, which is looked at when the code that runs now is done; or
   * any, at the end of this turn of the event loop.
   */
  wake(partition?: AssignedPartition): void {
    const slot = partition === undefined ? undefined : this.#slots.get(partition);
    if (slot === undefined) this.#scanSoon();
    else {
      this.touch(slot);
      this.drainSoon();
    }
  }

  /** The cluster looks different. */
  metadataChanged(): void {
    this.#isEverythingNew = true;
    this.#scanSoon();
  }

  /** Nothing has come of it for long: how it was asked for is forgotten, and begins anew. */
  startAnew(partition: AssignedPartition): void {
    const slot = this.#slots.get(partition);
    if (slot !== undefined && !this.#isClosed) {
      partition.preferredReplica = undefined;
      this.#brokers.get(slot.nodeId)?.startAnew();
      this.touch(slot);
    }
    this.drainSoon();
    this.#scanSoon();
  }

  /** How it stands with that partition; undefined while nobody is asked for it. */
  outlook(partition: AssignedPartition): FetchOutlook | undefined {
    const slot = this.#slots.get(partition);
    const broker = slot && this.#brokers.get(slot.nodeId);
    if (slot === undefined || broker === undefined) return undefined;
    const { nodeId, failure: refusal } = slot;
    return { ...broker.outlook(slot), nodeId, refusal, throttledUntilMs: this.#throttledUntilMs(nodeId) };
  }

  /** So much waits to be read that nothing more is asked for. */
  get isFull(): boolean {
    return this.maxBytes() === undefined;
  }

  get requestsInFlight(): number {
    let sum = 0;
    for (const broker of this.#brokers.values()) sum += broker.requestsInFlight;
    return sum;
  }

  /** Nothing more is asked. Ends the sessions at the brokers, as far as that is possible before the deadline (S6). */
  async close(deadline: Deadline): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer.cancel();
    const heads = new Map([...this.#brokers.values()].map((broker) => [broker.nodeId, broker.endSession()]));
    this.#brokers.clear();
    this.#slots.clear();
    this.#delayed.clear();
    if (this.#parts !== undefined) await endSessions(heads, this.#parts, deadline);
  }

  // ── what its parts need of it

  get parts(): ClientParts | undefined {
    return this.#parts;
  }
  get isClosed(): boolean {
    return this.#isClosed;
  }
  get metrics(): FetcherInit["metrics"] {
    return this.#init.metrics;
  }
  get random(): () => number {
    return this.#init.runtime.random;
  }

  now(): number {
    return this.clock.monotonic();
  }

  isFetchable(slot: FetchSlot, nowMs: number): boolean {
    return slot.isFetchable(nowMs, this.config.maxPartitionFetchBytes);
  }

  /** Undefined while nobody leads it. */
  leadershipOf({ partition: { topic, partition } }: FetchSlot): Leadership | undefined {
    const metadata = this.#parts?.cluster.metadata;
    const found = metadata?.topics.get(topic);
    const leader = metadata?.leaderOf(topic, partition);
    return leader && { topicId: found?.topicId, leaderId: leader.broker.nodeId, leaderEpoch: leader.leaderEpoch };
  }

  slotsOf(nodeId: number): readonly FetchSlot[] {
    return [...this.#slots.values()].filter((slot) => slot.nodeId === nodeId);
  }

  /** How much the next answer may bring; undefined for nothing, while too much waits to be read. */
  maxBytes(): number | undefined {
    let { bytes: buffered } = this.#init.buffer;
    // What nobody reads must not keep the others from being fetched.
    if (this.#budget.isSpent(buffered)) buffered -= this.#pausedBytes();
    let asked = 0;
    let brokers = 0;
    for (const broker of this.#brokers.values()) {
      asked += broker.askedBytes;
      if (broker.isActive) brokers++;
    }
    return this.#budget.maxBytes({ buffered, asked, brokers });
  }

  kafkaError(error: unknown): KafkaError {
    if (error instanceof KafkaError) return error;
    return new IllegalStateError(`fetching: ${error instanceof Error ? error.message : String(error)}`);
  }

  /** A replica that does not answer is left for the leader (F21). */
  leaveReplica(nodeId: number): void {
    for (const slot of this.#slots.values()) {
      const { partition } = slot;
      if (partition.preferredReplica?.nodeId !== nodeId) continue;
      partition.preferredReplica = undefined;
      this.touch(slot);
    }
    this.drainSoon();
  }

  dueBy(atMs: number): void {
    if (!this.#isClosed) this.#timer.by(atMs);
  }

  /** When the code that runs now is done. */
  drainSoon(): void {
    if (this.#isDrainDue || this.#isClosed) return;
    this.#isDrainDue = true;
    queueMicrotask(() => {
      this.#isDrainDue = false;
      this.#drain();
    });
  }

  /** That partition is different from how it was: it may belong to another broker, or have to wait. */
  touch(slot: FetchSlot): void {
    const { partition, nodeId } = slot;
    this.#brokers.get(nodeId)?.look(slot);
    if (this.#isClosed || this.#parts === undefined) return;
    const now = this.now();
    slot.nodeId = partition.isAssigned ? this.#nodeFor(partition, now) : NOBODY;
    // Somebody else leads: whatever was the matter with the one before, he is asked at once (KIP-951).
    if (slot.nodeId !== nodeId && slot.nodeId !== NOBODY && nodeId !== NOBODY) partition.retryAtMs = 0;
    if (slot.nodeId !== NOBODY) this.#broker(slot.nodeId).look(slot);
    else if (this.isFetchable(slot, now)) this.#awaitLeader(partition, now);
    if (partition.retryAtMs > now) {
      this.#delayed.add(slot);
      this.dueBy(partition.retryAtMs);
    }
  }

  // ── its own

  #scanSoon(): void {
    if (this.#isScanDue || this.#isClosed || this.#parts === undefined) return;
    this.#isScanDue = true;
    const run = (): void => {
      this.#isScanDue = false;
      if (this.#isClosed) return;
      this.#scan();
      this.#drain();
    };
    const { afterTurn } = this.#init.runtime;
    if (afterTurn === undefined) this.clock.schedule(0, run);
    else afterTurn(run);
  }

  /** Looks at all partitions, and closer at those that are different. */
  #scan(): void {
    const now = this.now();
    const isEverythingNew = this.#isEverythingNew;
    this.#isEverythingNew = false;
    for (const [partition, slot] of this.#slots) {
      if (!partition.isAssigned) {
        this.#slots.delete(partition);
        this.#delayed.delete(slot);
        this.touch(slot);
      } else if (isEverythingNew || !slot.isAsSeen(this.isFetchable(slot, now))) this.touch(slot);
    }
    const { assignment } = this.#init;
    if (assignment.size === this.#slots.size) return;
    for (const partition of assignment.all()) if (!this.#slots.has(partition)) this.#add(partition);
  }

  #add(partition: AssignedPartition): void {
    const slot = new FetchSlot(partition, Math.min(this.config.maxPartitionFetchBytes, 0x7fff_ffff));
    this.#slots.set(partition, slot);
    this.touch(slot);
  }

  #drain(): void {
    if (this.#isClosed || this.#parts === undefined) return;
    for (const broker of this.#brokers.values()) broker.drain();
  }

  #nodeFor(partition: AssignedPartition, now: number): number {
    const cluster = this.#parts?.cluster;
    const leader = cluster?.metadata.leaderOf(partition.topic, partition.partition);
    if (cluster === undefined || leader === undefined) return NOBODY;
    this.#checkEpoch(partition, leader.leaderEpoch);
    const { preferredReplica } = partition;
    if (preferredReplica === undefined) return leader.broker.nodeId;
    const nodeId = nodeToAsk(leader.broker.nodeId, preferredReplica, cluster.metadata.brokers, now);
    if (nodeId !== preferredReplica.nodeId) partition.preferredReplica = undefined;
    else this.#leaveReplicasBy(preferredReplica.untilMs);
    return nodeId;
  }

  /** F22: nothing is fetched from a new leader before it was asked whether it has what was read so far. */
  #checkEpoch(partition: AssignedPartition, leaderEpoch: number): void {
    if (partition.whereabouts.kind !== "known" || leaderEpoch === UNKNOWN_EPOCH || leaderEpoch === partition.leaderEpoch) return;
    // Without a record read there is nothing that it could be asked about.
    if (partition.fetchEpoch === UNKNOWN_EPOCH) partition.validated(leaderEpoch);
    else this.#init.positions.validate(partition, leaderEpoch);
  }

  #awaitLeader(partition: AssignedPartition, now: number): void {
    partition.failures++;
    partition.retryAtMs = now + backoffMs(partition.failures, this.config, this.random);
    this.#parts?.cluster.needMetadata([partition.topic]);
  }

  #leaveReplicasBy(atMs: number): void {
    if (atMs >= this.#replicasUntilMs) return;
    this.#replicasUntilMs = atMs;
    this.dueBy(atMs);
  }

  #broker(nodeId: number): BrokerFetcher {
    const known = this.#brokers.get(nodeId);
    if (known !== undefined) return known;
    const made = new BrokerFetcher(nodeId, this);
    this.#brokers.set(nodeId, made);
    return made;
  }

  #throttledUntilMs(nodeId: number): number {
    const broker = this.#parts?.cluster.metadata.brokers.get(nodeId);
    return broker === undefined || this.#parts === undefined ? 0 : throttleOf(this.#parts.pool, broker);
  }

  #pausedBytes(): number {
    let sum = 0;
    for (const { isPaused, bufferedBytes } of this.#slots.keys()) if (isPaused) sum += bufferedBytes;
    return sum;
  }

  /** Whose time has come is asked for again. Returns when there is more. */
  #onTime(): number {
    const now = this.now();
    if (now >= this.#replicasUntilMs) {
      this.#replicasUntilMs = Number.POSITIVE_INFINITY;
      this.#isEverythingNew = true;
      this.#scan();
    }
    let next = this.#replicasUntilMs;
    for (const slot of this.#delayed) {
      const { retryAtMs } = slot.partition;
      if (retryAtMs > now) next = Math.min(next, retryAtMs);
      else {
        this.#delayed.delete(slot);
        this.touch(slot);
      }
    }
    this.#drain();
    return this.#isClosed ? Number.POSITIVE_INFINITY : next;
  }
}
