/**
 * The log of a partition, in memory: what Kafka's `UnifiedLog` keeps on disk. One object stands for all replicas, so the high
 * watermark is always the end of the log.
 */
import { RecordBatch, rewriteBatchHeader } from "../../protocol/index.ts";
import type { Clock, Timer } from "../clock.ts";
import type { ConfigReader } from "../configs/config-definition.ts";
import type { TopicConfigs } from "../configs/topic-configs.ts";
import { type AbortedTransaction, AbortedTransactions } from "./aborted-transactions.ts";
import { AppendRefusal } from "./append-refusal.ts";
import { appendRulesOf, timestampTypeOf } from "./append-rules.ts";
import { type EndMarker, encodeEndMarker } from "./end-marker.ts";
import { type EpochEnd, type EpochStart, LeaderEpochs } from "./leader-epochs.ts";
import { type LogRead, type LogReadLimits, readLog } from "./log-read.ts";
import { type FoundOffset, legacyOffsetsBefore, offsetOfMaxTimestamp, offsetOfTimestamp } from "./offset-lookup.ts";
import { acceptProduced } from "./produce/accept-produced.ts";
import type { AcceptedBatch } from "./produce/accepted-batch.ts";
import { brokerCodecs, MAX_UNFOLDED_BYTES } from "./produce/broker-codecs.ts";
import { UnfoldBudget } from "./produce/unfold-budget.ts";
import { type ActiveProducerState, type ProducerBatch, ProducerStates } from "./producer-states.ts";
import { replayProducer } from "./replay-producer.ts";
import { deletedSegments, expiredSegments, overSize } from "./retention.ts";
import { type RollRules, Segments } from "./segments.ts";

export interface PartitionLogInit {
  /** `orders-0`, for messages. */
  readonly name: string;
  readonly configs: TopicConfigs;
  readonly brokerConfigs: ConfigReader;
  readonly clock: Clock;
}

export interface AppendOptions {
  /** Of the Produce request: before 3 it carries message sets. */
  readonly produceVersion: number;
  /** Of the request that the records come in; without one they count as a request of their own. */
  readonly budget?: UnfoldBudget;
}

export interface Appended {
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** -1 when the producer's timestamps stand. Of a batch that was there already: its greatest timestamp. */
  readonly logAppendTimeMs: number;
}

const NO_TIMESTAMP = -1;
/** From this version of Produce on, transactions end with a new producer epoch (KIP-890). */
const EPOCH_BUMPING_PRODUCE_VERSION = 12;

export class PartitionLog {
  readonly #name: string;
  readonly #configs: TopicConfigs;
  readonly #brokerConfigs: ConfigReader;
  readonly #clock: Clock;
  readonly #segments: Segments = new Segments();
  readonly #epochs: LeaderEpochs = new LeaderEpochs();
  readonly #producers: ProducerStates;
  readonly #aborted: AbortedTransactions = new AbortedTransactions();
  readonly #listeners = new Set<() => void>();
  #leaderEpoch = 0;
  #logStartOffset = 0;
  #endOffset = 0;
  #upkeep: Timer | undefined;
  #isClosed = false;

  constructor({ name, configs, brokerConfigs, clock }: PartitionLogInit) {
    this.#name = name;
    this.#configs = configs;
    this.#brokerConfigs = brokerConfigs;
    this.#clock = clock;
    this.#producers = new ProducerStates(name);
  }

  /** The first offset that can be read. */
  get logStartOffset(): number {
    return this.#logStartOffset;
  }

  /** The offset that the next record gets. */
  get endOffset(): number {
    return this.#endOffset;
  }

  get highWatermark(): number {
    return this.#endOffset;
  }

  /** Before it, every transaction is decided. */
  get lastStableOffset(): number {
    return Math.max(this.#producers.firstUndecidedOffset ?? this.#endOffset, this.#logStartOffset);
  }

  get sizeInBytes(): number {
    return this.#segments.sizeInBytes;
  }

  get leaderEpoch(): number {
    return this.#leaderEpoch;
  }

  get epochStarts(): readonly EpochStart[] {
    return this.#epochs.entries;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** A leader takes over: what is appended from now on carries this epoch. */
  startLeaderEpoch(epoch: number): void {
    this.#leaderEpoch = epoch;
    this.#epochs.assign(epoch, this.#endOffset);
    this.#tell();
  }

  /**
   * Appends what a producer sent, as a leader does.
   * @throws AppendRefusal when nothing was appended
   */
  append(records: Uint8Array | null, { produceVersion, budget = new UnfoldBudget(0) }: AppendOptions): Appended {
    const nowMs = this.#clock.now();
    const rules = { ...appendRulesOf(this.#configs, this.#name, nowMs), budget };
    const accepted = acceptProduced(records, produceVersion, rules);
    if (accepted.bytes.length > rules.segmentBytes) {
      throw new AppendRefusal(
        "RECORD_LIST_TOO_LARGE",
        `Message batch size is ${accepted.bytes.length} bytes in append to partition ${this.#name}, ` +
          `which exceeds the maximum configured segment size of ${rules.segmentBytes}.`,
      );
    }
    const batch = producerBatchOf(accepted, this.#endOffset);
    const isLogAppendTime = rules.timestampType === "LogAppendTime";
    if (batch.producerId >= 0n) {
      const duplicate = this.#producers.duplicateOf(batch);
      if (duplicate !== undefined) {
        return { baseOffset: duplicate.firstOffset, lastOffset: duplicate.lastOffset, logAppendTimeMs: duplicate.timestamp };
      }
      const isFirstOfTransaction = batch.isTransactional && !this.hasOpenTransaction(batch.producerId, batch.producerEpoch);
      this.#producers.check(batch, isFirstOfTransaction && produceVersion >= EPOCH_BUMPING_PRODUCE_VERSION);
    }
    this.#store(accepted, isLogAppendTime, nowMs);
    if (batch.producerId >= 0n) this.#producers.add(batch);
    this.#appended();
    return { baseOffset: batch.firstOffset, lastOffset: batch.lastOffset, logAppendTimeMs: isLogAppendTime ? nowMs : NO_TIMESTAMP };
  }

  /**
   * Writes the mark that ends a producer's transaction in this partition, whether or not it has written here.
   * @throws AppendRefusal when the mark comes from a coordinator or for an epoch that is history
   */
  appendEndMarker(marker: EndMarker): void {
    const { producerId, producerEpoch, type, coordinatorEpoch, transactionVersion = 0 } = marker;
    this.#producers.checkMarker({ producerId, producerEpoch, coordinatorEpoch, transactionVersion });
    const nowMs = this.#clock.now();
    const bytes = encodeEndMarker(marker, { timestampType: timestampTypeOf(this.#configs), timestamp: nowMs });
    const lastOffset = this.#endOffset;
    this.#store({ bytes, maxTimestamp: nowMs, needsTimestamps: false }, false, nowMs);
    const firstOffset = this.#producers.addMarker({ producerId, producerEpoch, coordinatorEpoch }, nowMs);
    if (firstOffset !== undefined && type === "ABORT") {
      const lastStableOffset = this.#producers.firstUndecidedOffset ?? lastOffset + 1;
      this.#aborted.add({ producerId, firstOffset, lastOffset, lastStableOffset });
    }
    this.#appended();
  }

  /** Whether this producer has written to this partition in a transaction that goes on. */
  hasOpenTransaction(producerId: bigint, producerEpoch: number): boolean {
    return this.#producers.hasOpenTransaction(producerId, producerEpoch);
  }

  /** Somebody is about to ask the coordinator whether this batch belongs to a transaction. */
  noteTransactionAttempt(batch: {
    readonly producerId: bigint;
    readonly producerEpoch: number;
    readonly baseSequence: number;
  }): void {
    this.#producers.noteAttempt(batch.producerId, batch.producerEpoch, batch.baseSequence, this.#clock.now());
  }

  read(limits: LogReadLimits): LogRead {
    return readLog(this.#segments, limits);
  }

  /** How many bytes the batches from one offset to the other have. */
  bytesBetween(from: number, to: number): number {
    return to <= from ? 0 : this.#segments.positionOf(to) - this.#segments.positionOf(from);
  }

  abortedTransactions(from: number, to: number): readonly AbortedTransaction[] {
    return this.#aborted.overlapping(from, to);
  }

  /** The batches that end behind `from` and begin before `to`. */
  records({
    from = this.#logStartOffset,
    to = this.#endOffset,
  }: {
    readonly from?: number;
    readonly to?: number;
  } = {}): RecordBatch[] {
    const found: RecordBatch[] = [];
    for (const { segment, index } of this.#segments.batches(from)) {
      if (segment.index.baseOffset(index) >= to) break;
      const options = { checkCrc: false, codecs: brokerCodecs, maxOutputBytes: MAX_UNFOLDED_BYTES };
      found.push(RecordBatch.decode(segment.slice(index, index + 1), options));
    }
    return found;
  }

  /** The largest epoch that is not above the one in question, and where it ends; -1 for both when that is not known. */
  endOfEpoch(epoch: number): EpochEnd {
    return this.#epochs.endOf(epoch, this.#endOffset);
  }

  /** Of the first record; undefined when its epoch is not known. */
  get earliestEpoch(): number | undefined {
    const { earliest } = this.#epochs;
    return earliest !== undefined && earliest.startOffset <= this.#logStartOffset ? earliest.epoch : undefined;
  }

  offsetOfTimestamp(timestamp: number): FoundOffset | undefined {
    return offsetOfTimestamp(this.#segments, timestamp, this.#logStartOffset);
  }

  offsetOfMaxTimestamp(): FoundOffset | undefined {
    return offsetOfMaxTimestamp(this.#segments);
  }

  legacyOffsetsBefore(timestamp: number, maxOffsets: number): number[] {
    const { logStartOffset, endOffset } = this;
    return legacyOffsetsBefore(this.#segments, { timestamp, maxOffsets, logStartOffset, endOffset, nowMs: this.#clock.now() });
  }

  producers(): readonly ActiveProducerState[] {
    return this.#producers.active();
  }

  /**
   * Loses everything from this offset on, as after an unclean election: also what is known of producers. A batch that goes on
   * behind the offset is lost as a whole.
   */
  truncateTo(offset: number): void {
    if (offset >= this.#endOffset) return;
    this.#segments.truncateTo(offset);
    this.#endOffset = Math.max(this.#segments.active?.nextOffset ?? Math.min(offset, this.#logStartOffset), 0);
    this.#logStartOffset = Math.min(this.#logStartOffset, this.#endOffset);
    this.#epochs.truncateFromEnd(this.#endOffset);
    this.#aborted.truncateFromEnd(this.#endOffset);
    this.#producers.clear();
    for (const batch of this.records()) replayProducer(this.#producers, batch);
    this.#tell();
  }

  /** Moves the log start offset forward. Up to the high watermark: checking that is the caller's business. */
  deleteRecordsBefore(offset: number): void {
    if (offset <= this.#logStartOffset) return;
    this.#startAt(offset);
    this.#drop(deletedSegments(this.#segments, offset));
    this.#tell();
  }

  /** Told after every change of what can be read. Returns how to stop listening. */
  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Lets go of everything, and answers whoever still waits. */
  close(): void {
    this.#isClosed = true;
    this.#upkeep?.cancel();
    this.#upkeep = undefined;
    this.#segments.clear();
    this.#producers.clear();
    this.#tell();
    this.#listeners.clear();
  }

  #store(
    accepted: Pick<AcceptedBatch, "bytes" | "maxTimestamp" | "needsTimestamps">,
    isLogAppendTime: boolean,
    nowMs: number,
  ): void {
    const { bytes, maxTimestamp } = accepted;
    const baseOffset = this.#endOffset;
    const nextOffset = baseOffset + lastOffsetDeltaOf(bytes) + 1;
    this.#epochs.assign(this.#leaderEpoch, baseOffset);
    const entry = { baseOffset, nextOffset, maxTimestamp, leaderEpoch: this.#leaderEpoch };
    const stored = this.#segments.append(bytes, entry, this.#rollRules(nowMs));
    rewriteBatchHeader(stored, 0, stored.length, {
      baseOffset,
      partitionLeaderEpoch: this.#leaderEpoch,
      ...(accepted.needsTimestamps && (isLogAppendTime ? { logAppendTimeMs: nowMs } : { createTimeMaxMs: maxTimestamp })),
    });
    this.#endOffset = nextOffset;
  }

  #rollRules(nowMs: number): RollRules {
    return { segmentBytes: this.#configs.int("segment.bytes"), segmentMs: this.#configs.int("segment.ms"), nowMs };
  }

  #appended(): void {
    this.#dropOversized();
    this.#scheduleUpkeep();
    this.#tell();
  }

  /** Bytes are counted at once, so that memory stays bounded; time only now and then, as in Kafka. */
  #dropOversized(): void {
    if (this.#segments.all.length > 1 && this.#configs.list("cleanup.policy").includes("delete")) {
      this.#drop(overSize(this.#segments, this.#configs.int("retention.bytes")));
    }
  }

  #drop(count: number): void {
    if (count === 0) return;
    const next = this.#segments.all[count];
    this.#segments.dropFirst(count);
    this.#startAt(next?.baseOffset ?? this.#endOffset);
  }

  #startAt(offset: number): void {
    this.#logStartOffset = Math.max(this.#logStartOffset, offset);
    this.#epochs.truncateFromStart(this.#logStartOffset);
    this.#aborted.truncateFromStart(this.#logStartOffset);
  }

  #scheduleUpkeep(): void {
    if (this.#upkeep !== undefined || this.#isClosed) return;
    this.#upkeep = this.#clock.schedule(this.#brokerConfigs.int("log.retention.check.interval.ms"), () => this.#doUpkeep());
  }

  /** Until nothing is left that could expire. */
  #doUpkeep(): void {
    this.#upkeep = undefined;
    const before = this.#logStartOffset;
    this.#drop(expiredSegments(this.#segments, this.#configs, this.#clock.now()));
    this.#producers.expire(this.#clock.now(), this.#brokerConfigs.int("producer.id.expiration.ms"));
    if (this.#segments.all.length > 0 || !this.#producers.isEmpty) this.#scheduleUpkeep();
    if (this.#logStartOffset !== before) this.#tell();
  }

  #tell(): void {
    if (this.#listeners.size > 0) for (const listener of Array.from(this.#listeners)) listener();
  }
}

function producerBatchOf({ header, maxTimestamp }: AcceptedBatch, firstOffset: number): ProducerBatch {
  const { producerId, producerEpoch, baseSequence, lastOffsetDelta, isTransactional } = header;
  return {
    producerId,
    producerEpoch,
    isTransactional,
    firstOffset,
    timestamp: maxTimestamp,
    firstSequence: baseSequence,
    lastSequence: (baseSequence + lastOffsetDelta) % 0x8000_0000,
    lastOffset: firstOffset + lastOffsetDelta,
  };
}

function lastOffsetDeltaOf(batch: Uint8Array): number {
  return new DataView(batch.buffer, batch.byteOffset, batch.length).getInt32(23);
}
