import { checkOffset, checkOptions, checkSignal, checkTimeout } from "../call-checks.ts";
import type { CallOptions } from "../client-core.ts";
import { resolveConsumerConfig } from "../config/consumer-config.ts";
import type { ConsumerOptions, OffsetCommitCallback, ResolvedConsumerConfig } from "../config/consumer-options.ts";
import { IllegalStateError } from "../errors.ts";
import type { ConsumerGroupMetadata } from "../producer/transaction/transaction-scope.ts";
import { type Runtime, systemRuntime } from "../runtime.ts";
import type { MetricsSnapshot } from "../telemetry/metrics/metrics-registry.ts";
import type { Rebalance } from "../telemetry/telemetry.ts";
import type { AssignedPartition } from "./assignment/assigned-partition.ts";
import {
  checkChange,
  checkMatchedThere,
  checkPartition,
  checkPartitions,
  checkTopicName,
  type RebalanceListener,
  subscriptionTo,
} from "./assignment/subscription.ts";
import type { SubscriptionPattern } from "./assignment/subscription-pattern.ts";
import { allTopics, partitionsOf } from "./assignment/topic-queries.ts";
import type { CommittedOffset } from "./commit/committed-offsets.ts";
import { outsiderOf } from "./commit/group-identity.ts";
import { type ConsumerCloseOptions, closingFrom } from "./consumer-close-options.ts";
import { ConsumerCore } from "./consumer-core.ts";
import { lagOf } from "./lag.ts";
import { beginningOffsets, endOffsets, type OffsetForTime, offsetsForTimes, type TimeQuery } from "./positions/offset-queries.ts";
import { BatchIterator } from "./reading/batch-iterator.ts";
import type { ConsumerBatch } from "./reading/consumer-batch.ts";
import { ConsumerRecords } from "./reading/consumer-records.ts";
import { RecordIterator } from "./reading/record-iterator.ts";
import { typedRecords } from "./reading/typed.ts";
import type { ConsumerRecord } from "./records/consumer-record.ts";
import { checkRunOptions, type RunOptions, untypedRun } from "./running/run-options.ts";
import { ConsumerThreads } from "./threads/consumer-threads.ts";
import type { ThreadedRunOptions, ThreadReport } from "./threads/threaded-run-options.ts";
import type { TopicPartition, TopicPartitionOffset } from "./topic-partition.ts";

export interface PollOptions extends CallOptions {
  /** At most so many; `maxPollRecords` unless said otherwise. */
  readonly maxRecords?: number;
}

/** Java's. */
const ENFORCED = "rebalance enforced by user";

/**
 * Reads records of topics: by `poll`, record by record (`for await (const record of consumer)`), batch by batch (`batches()`), or by
 * handing them to a function (`run()`). What is read is fetched ahead, within bounds; positions are those of what was handed out.
 */
export class Consumer<K = Uint8Array | null, V = Uint8Array | null> {
  readonly #core: ConsumerCore;
  readonly #config: ResolvedConsumerConfig;
  readonly #threads: ConsumerThreads;

  /**
   * Connects to nobody yet: the first call that reads does.
   *
   * @throws ConfigError with all problems of the options at once
   */
  constructor(options: ConsumerOptions<K, V>, runtime: Runtime = systemRuntime) {
    this.#config = resolveConsumerConfig(options);
    this.#core = new ConsumerCore(this.#config, runtime);
    this.#threads = new ConsumerThreads({ options, config: this.#config, runtime, holdings: this.#core.holdings });
  }

  // What is read.

  /**
   * All partitions of these topics, or of all topics whose names fit the pattern, those that come later included; with a `groupId` this
   * consumer's share of them. A SubscriptionPattern is matched by the group's coordinator (KIP-848), where it can. Instead of what was
   * subscribed to before. The listener is called by the calls that read, which await it.
   */
  subscribe(topics: string | readonly string[] | RegExp | SubscriptionPattern, listener?: RebalanceListener): void {
    this.#core.checkOpen();
    const subscription = subscriptionTo(topics, listener);
    if (subscription.kind === "none") {
      this.unsubscribe();
      return;
    }
    if (subscription.kind === "matched there") checkMatchedThere(this.#config);
    checkChange(this.#core.holdings.subscription, subscription.kind);
    this.#core.subscribe(subscription);
  }

  /** Nothing is read any more. A member of a group commits what is processed, with auto-commit, and leaves in the background. */
  unsubscribe(): void {
    this.#core.checkOpen();
    this.#core.unsubscribe();
  }

  /** The topics that are subscribed to; of a pattern, those that fit it so far; if it is matched elsewhere, those that are assigned. */
  subscription(): ReadonlySet<string> {
    const { subscription, topics, assignment } = this.#core.holdings;
    if (subscription.kind === "topics") return new Set(subscription.topics);
    if (subscription.kind === "matched there") return new Set(assignment.topics());
    return subscription.kind === "pattern" ? new Set(topics) : new Set();
  }

  /**
   * These partitions and no others, without a group to share them with. Those that were assigned before go on where they are. With an
   * `offset`, reading begins there.
   */
  assign(partitions: readonly (TopicPartition | TopicPartitionOffset)[]): void {
    this.#core.checkOpen();
    checkPartitions("assign", partitions);
    const beginnings = partitions.flatMap((place) => ("offset" in place ? [place] : []));
    for (const { offset } of beginnings) checkOffset("assign", offset);
    if (partitions.length === 0) {
      this.unsubscribe();
      return;
    }
    checkChange(this.#core.holdings.subscription, "assigned");
    this.#core.holdings.assign(partitions);
    for (const place of beginnings) this.#moveTo(this.#core.holdings.assigned("assign", place), place);
  }

  assignment(): TopicPartition[] {
    return [...this.#core.assignment.all()].map(({ topic, partition }) => ({ topic, partition }));
  }

  // Reading.

  /**
   * The records that are there, `maxPollRecords` at most; if there are none, the first that come within `timeoutMs` (default 0). Who
   * polls again has processed what he got before.
   */
  async poll(options: PollOptions = {}): Promise<ConsumerRecords<K, V>> {
    this.#core.checkOpen();
    checkOptions("poll", options);
    const { timeoutMs = 0, maxRecords, signal } = options;
    checkSignal("poll", signal);
    const most = maxRecords ?? this.#config.maxPollRecords;
    if (!Number.isInteger(most) || most < 1) throw new IllegalStateError(`poll: maxRecords must be 1 or more, not ${String(most)}`);
    checkTimeout("poll", timeoutMs);
    const { records, runs } = await this.#core.calls.take(most, this.#core.deadline(timeoutMs, signal));
    return new ConsumerRecords(typedRecords<K, V>(records), runs);
  }

  /** Ends after `consumerTimeoutMs` without a record, or when the consumer is closed; another loop goes on behind the last record. */
  [Symbol.asyncIterator](): AsyncIterableIterator<ConsumerRecord<K, V>, undefined> {
    return this.iterate();
  }

  /** The same, with a timeout or a signal of its own. */
  iterate(options: CallOptions = {}): AsyncIterableIterator<ConsumerRecord<K, V>, undefined> {
    return new RecordIterator<K, V>({ calls: this.#core.calls, deadline: this.#waiting("iterate", options) });
  }

  /** Batch by batch as they lie in the log: the fastest way. Ends as iterating does. */
  batches(options: CallOptions = {}): AsyncIterableIterator<ConsumerBatch<K, V>, undefined> {
    return new BatchIterator<K, V>({
      calls: this.#core.calls,
      deadline: this.#waiting("batches", options),
      commit: (batch) => this.#core.commitBatch(batch),
    });
  }

  /** Whoever reads, or comes next to read, gets a WakeupError instead. */
  wakeup(): void {
    this.#core.calls.wakeup();
  }

  /**
   * Hands every record, or every batch, to a function, several partitions at a time if you like. Each partition is processed, and
   * committed with auto-commit, up to the first record that the function has not finished; before a partition goes to another member of
   * the group, the record in hand is finished. When it throws, what is under way is finished and `run` rejects with that; whoever reads
   * next begins with the record that failed. Closing waits for what is under way, so the function must not await `close()`: abort the
   * signal, and close when `run` has resolved.
   *
   * With a `module` the function is called on other threads, as many as you like, each with a member of the group of its own; this
   * consumer is none, then. One that fails or dies ends it as a function that throws does, with a ThreadError.
   */
  async run(options: RunOptions<K, V> | ThreadedRunOptions): Promise<void> {
    this.#core.checkOpen();
    checkOptions("run", options);
    if ("module" in options) return this.#threads.run(options);
    checkRunOptions(options);
    await this.#core.run(untypedRun(options));
  }

  /** Of each thread of a run that goes on: which member it is, what it has, and how it fares. */
  threads(): Promise<ThreadReport[]> {
    return this.#threads.reports();
  }

  // Positions.

  /** The next offset to be handed out. Where it is not known yet it is looked up: what was committed, else `autoOffsetReset`. */
  async position(place: TopicPartition, options: CallOptions = {}): Promise<number> {
    const partition = this.#assigned("position", place);
    if (partition.position !== undefined) return partition.position;
    this.#core.start();
    return this.#core.call("position", options, ({ deadline }) => this.#core.finder.find(partition, deadline));
  }

  /** Reading goes on there. Whether the log has that offset shows when it is fetched. */
  seek(place: TopicPartition, offset: number | { readonly offset: number; readonly leaderEpoch?: number | undefined }): void {
    const partition = this.#assigned("seek", place);
    const to = typeof offset === "object" && offset !== null ? offset : { offset };
    checkOffset("seek", to.offset);
    this.#moveTo(partition, to);
  }

  /** Of all assigned partitions if none are named. */
  seekToBeginning(...places: readonly TopicPartition[]): void {
    for (const partition of this.#these("seekToBeginning", places)) partition.reset("earliest");
    this.#core.wake();
  }

  /** Of all assigned partitions if none are named. */
  seekToEnd(...places: readonly TopicPartition[]): void {
    for (const partition of this.#these("seekToEnd", places)) partition.reset("latest");
    this.#core.wake();
  }

  /** Nothing of them is handed out until `resume`; what is fetched already is kept. */
  pause(...places: readonly TopicPartition[]): void {
    for (const place of places) this.#assigned("pause", place);
    for (const place of places) this.#assigned("pause", place).isPaused = true;
  }

  resume(...places: readonly TopicPartition[]): void {
    for (const place of places) this.#assigned("resume", place);
    for (const place of places) {
      const partition = this.#assigned("resume", place);
      partition.isPaused = false;
      this.#core.buffer.resume(partition);
    }
    this.#core.wake();
  }

  paused(): TopicPartition[] {
    const paused = [...this.#core.assignment.all()].filter(({ isPaused }) => isPaused);
    return paused.map(({ topic, partition }) => ({ topic, partition }));
  }

  /** The end of the partition's log as the last fetch told it; undefined before. */
  highwater(place: TopicPartition): number | undefined {
    return this.#assigned("highwater", place).highWatermark;
  }

  /** How many offsets the position is behind what can be read; undefined while that is not known. */
  lag(place: TopicPartition): number | undefined {
    return lagOf(this.#assigned("lag", place), this.#config.isolationLevel);
  }

  /** Where partitions begin, assigned or not: the first offset that is left. No position is moved. */
  beginningOffsets(partitions: readonly TopicPartition[], options: CallOptions = {}): Promise<TopicPartitionOffset[]> {
    return this.#core.query("beginningOffsets", options, async (context) => {
      checkPartitions("beginningOffsets", partitions);
      return beginningOffsets(context, partitions);
    });
  }

  /** Where they end: behind the last record that can be read; with `read_committed` before the first open transaction. */
  endOffsets(partitions: readonly TopicPartition[], options: CallOptions = {}): Promise<TopicPartitionOffset[]> {
    return this.#core.query("endOffsets", options, async (context) => {
      checkPartitions("endOffsets", partitions);
      return endOffsets(context, partitions);
    });
  }

  /** The first record of each partition that has that timestamp or a later one; `offset` is null where there is none. */
  offsetsForTimes(queries: readonly TimeQuery[], options: CallOptions = {}): Promise<OffsetForTime[]> {
    return this.#core.query("offsetsForTimes", options, async (context) => {
      checkPartitions("offsetsForTimes", queries);
      return offsetsForTimes(context, queries);
    });
  }

  // Topics.

  /** The names of all topics that this client may see, asked for anew. */
  topics(options: CallOptions = {}): Promise<Set<string>> {
    return this.#core.call("topics", options, async ({ cluster, deadline }) => {
      const topics = await allTopics(cluster, deadline);
      return new Set(topics.map(({ name }) => name));
    });
  }

  /** Empty if there is no such topic, which is not made by asking. */
  partitionsForTopic(topic: string, options: CallOptions = {}): Promise<Set<number>> {
    return this.#core.call("partitionsForTopic", options, async ({ cluster, deadline }) => {
      checkTopicName("partitionsForTopic", topic);
      return new Set(await partitionsOf(topic, cluster, deadline));
    });
  }

  // Commits.

  /**
   * The positions of all assigned partitions, or these: the offset is that of the next record to read. What a function of `run` has in
   * hand is not committed before it has done with it.
   */
  commit(offsets?: readonly TopicPartitionOffset[], options: CallOptions = {}): Promise<void> {
    return this.#core.commits.commit(offsets, options);
  }

  /** The same without waiting and without trying again; the callback, or `defaultOffsetCommitCallback`, is told how it ended. */
  commitAsync(offsets?: readonly TopicPartitionOffset[], callback?: OffsetCommitCallback): void {
    this.#core.checkOpen();
    this.#core.commits.commitAsync(offsets, callback);
  }

  /** What the group has committed; null for nothing. */
  committed(partition: TopicPartition, options?: CallOptions): Promise<CommittedOffset | null>;
  committed(partitions: readonly TopicPartition[], options?: CallOptions): Promise<(CommittedOffset | null)[]>;
  committed(
    wanted: TopicPartition & readonly TopicPartition[],
    options: CallOptions = {},
  ): Promise<CommittedOffset | null | (CommittedOffset | null)[]> {
    return this.#core.commits.committed(wanted, options);
  }

  // The client.

  /** For a producer's `sendOffsetsToTransaction`. Who is no member any more stays who he was: others read on, and he is refused. */
  groupMetadata(): ConsumerGroupMetadata {
    const { groupId, groupInstanceId } = this.#config;
    if (groupId === undefined) throw new IllegalStateError("groupMetadata: this consumer has no groupId");
    const isAlone = this.#core.holdings.subscription.kind === "assigned";
    const { generationId, memberId } = (isAlone ? undefined : this.#core.member?.name) ?? outsiderOf(groupId);
    return { groupId, generationId, memberId, groupInstanceId };
  }

  /** As a member of the group; empty for somebody who is none. */
  get memberId(): string {
    return this.#core.member?.memberId ?? "";
  }

  /**
   * Has the group come together again, so that its leader assigns anew: for strategies that go by what only members know. The reason is
   * told to the broker (KIP-800), and stands in `rebalances()`. Who joins anyway goes on with that. With KIP-848 it only warns.
   */
  enforceRebalance(reason: string = ""): void {
    this.#core.checkOpen();
    const { member } = this.#core;
    if (member?.isWanted !== true) throw new IllegalStateError("enforceRebalance: the consumer has not subscribed in a group");
    if (typeof reason !== "string") throw new IllegalStateError("enforceRebalance: the reason must be a string");
    member.enforceRebalance(reason === "" ? ENFORCED : reason);
  }

  /** The last rebalances of this member of a group, the oldest first: why each began, what it came to and who took how long. */
  rebalances(): readonly Rebalance[] {
    return this.#core.member?.rebalances() ?? [];
  }

  /** Whether a bootstrap server has answered. */
  bootstrapConnected(): boolean {
    return this.#core.client.parts?.cluster.isBootstrapped === true;
  }

  metrics(): MetricsSnapshot {
    return this.#core.client.telemetry.snapshot();
  }

  /** Commits what was processed, and ends everything; may be called again. Loops end, and who polls gets a ClosedError. */
  async close(options: ConsumerCloseOptions = {}): Promise<void> {
    const closing = closingFrom(options, this.#config.enableAutoCommit);
    await Promise.all([this.#core.close(closing), this.#threads.close(closing)]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #waiting(what: string, options: CallOptions): () => ReturnType<ConsumerCore["deadline"]> {
    this.#core.checkOpen();
    checkOptions(what, options);
    const { timeoutMs = this.#config.consumerTimeoutMs, signal } = options;
    checkSignal(what, signal);
    checkTimeout(what, timeoutMs);
    return () => this.#core.deadline(timeoutMs, signal);
  }

  #assigned(what: string, place: TopicPartition): AssignedPartition {
    this.#core.checkOpen();
    checkPartition(what, place);
    return this.#core.holdings.assigned(what, place);
  }

  #these(what: string, places: readonly TopicPartition[]): readonly AssignedPartition[] {
    this.#core.checkOpen();
    if (places.length > 0) return places.map((place) => this.#assigned(what, place));
    if (this.#core.assignment.size === 0) throw new IllegalStateError(`${what}: no partition is assigned`);
    return [...this.#core.assignment.all()];
  }

  #moveTo(partition: AssignedPartition, { offset, leaderEpoch }: Pick<TopicPartitionOffset, "offset" | "leaderEpoch">): void {
    partition.moveTo(offset, leaderEpoch);
    this.#core.wake();
  }
}
