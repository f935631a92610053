/** Where records wait to be sent: `send` writes them straight into the open batch of their partition. */
import { type CompressionName, type HeaderInput, RecordBatchBuilder, type RecordBytes } from "../../../protocol/index.ts";
import { IllegalStateError, RecordTooLargeError } from "../../errors.ts";
import type { BufferMemory } from "./buffer-memory.ts";
import type { BufferPool } from "./buffer-pool.ts";
import type { PartitionQueue } from "./partition-queue.ts";
import { ProducerBatch } from "./producer-batch.ts";
import type { Told } from "./recipient.ts";
import { bytesOf, mostBytesOf, sizeOfPart } from "./record-size.ts";
import type { Settlements } from "./settlements.ts";
import type { TopicQueue } from "./topic-queue.ts";
import type { SerializedRecord } from "./waiting-record.ts";

export interface AccumulatorSettings {
  readonly compression: CompressionName;
  readonly batchSize: number;
  readonly maxRequestSize: number;
  readonly deliveryTimeoutMs: number;
}

/** Who sends what is gathered here. */
export interface AccumulatorListener {
  /** A partition has got something to send, at the latest when its linger time is over. */
  started(topic: TopicQueue, partition: PartitionQueue, batch: ProducerBatch): void;
  /** A batch is full: it may leave at once. */
  filled(partition: PartitionQueue): void;
  /** A batch has become large enough to be worth a request, and may grow on. */
  grown(partition: PartitionQueue): void;
}

export interface AccumulatorInit {
  readonly settings: AccumulatorSettings;
  readonly memory: BufferMemory;
  readonly pool: BufferPool;
  readonly settlements: Settlements;
  readonly listener: AccumulatorListener;
  /** Monotonic. */
  readonly now: () => number;
}

/** What a record costs beyond its bytes: its entry in the batch, and, if somebody waits for it, the promise or the callback. */
const ENTRY_BYTES = 16;
const CALLBACK_BYTES = 64;
const PROMISE_BYTES = 256;
/** A batch that has so much is worth a request, if its broker has nothing else to do. */
const PROMPT_BYTES = 32_768;
/** zstd always works on another thread, and handing a batch over costs as much as a request. */
const PROMPT_ZSTD_BYTES = 131_072;
/** The smallest memory that a batch begins with. */
const FIRST_BYTES = 1024;

export class Accumulator {
  readonly #init: AccumulatorInit;
  // For every record: at hand.
  readonly #memory: BufferMemory;
  readonly #maxRequestSize: number;
  /** What a batch may have at most; a record that is larger has one for itself. */
  readonly #batchBytes: number;
  readonly #promptBytes: number;

  constructor(init: AccumulatorInit) {
    this.#init = init;
    this.#memory = init.memory;
    this.#maxRequestSize = init.settings.maxRequestSize;
    this.#promptBytes = init.settings.compression === "zstd" ? PROMPT_ZSTD_BYTES : PROMPT_BYTES;
    this.#batchBytes = Math.max(1, Math.min(init.settings.batchSize, init.settings.maxRequestSize));
  }

  /**
   * Puts a record into a batch, if its topic is known and there is surely room for it; that is so nearly always, and meant to be fast:
   * here and below a record is its parts, for an object of its own would cost more than the rest.
   *
   * @returns false when it is to be looked at more closely
   */
  tryAppend(
    topic: TopicQueue,
    partition: number | undefined,
    timestamp: number,
    key: RecordBytes,
    value: RecordBytes,
    headers: readonly HeaderInput[],
    recipient: Told | undefined,
  ): boolean {
    if (partition !== undefined && !(partition < topic.partitionCount)) return false;
    const most = mostBytesOf(key, value, headers) + costOf(recipient);
    if (most > this.#maxRequestSize || !this.#memory.hasRoomFor(most)) return false;
    const isChosen = partition === undefined;
    const index = isChosen ? chosen(topic, key, value) : checked(topic, partition);
    this.#append(topic, index, isChosen, timestamp, key, value, headers, recipient);
    return true;
  }

  /** How much of the memory a record will take. @throws RecordTooLargeError for one that no request can hold */
  cost(topic: string, { key, value, headers }: SerializedRecord, recipient: Told | undefined): number {
    const bytes = bytesOf(key, value, headers);
    const { maxRequestSize } = this.#init.settings;
    if (bytes > maxRequestSize) throw new RecordTooLargeError({ topic, recordBytes: bytes, maxRequestSize });
    return bytes + costOf(recipient);
  }

  /** Puts a record into a batch for which there is room. @throws what is wrong with it */
  append(topic: TopicQueue, record: SerializedRecord, recipient: Told | undefined): ProducerBatch {
    const { partition, timestamp, key, value, headers } = record;
    const isChosen = partition === undefined;
    const index = isChosen ? chosen(topic, key, value) : checked(topic, partition);
    return this.#append(topic, index, isChosen, timestamp, key, value, headers, recipient);
  }

  /** A batch for records that are in no other one any more. */
  newBatch(
    partition: PartitionQueue,
    like: { readonly createdAtMs: number; readonly dueMs: number },
    maxBytes: number,
  ): ProducerBatch {
    const { pool } = this.#init;
    const initialBytes = Math.min(Math.max(partition.usualBytes, FIRST_BYTES), maxBytes);
    const { allocate, release } = pool;
    const builder = new RecordBatchBuilder({ maxBytes, initialBytes, allocate, release });
    const { topic, partition: index } = partition;
    return new ProducerBatch({ topic, partition: index, builder, pool, createdAtMs: like.createdAtMs, dueMs: like.dueMs });
  }

  /** @param isChosen whether the partition is the partitioner's choice, which may be another one when a batch is full */
  #append(
    topic: TopicQueue,
    index: number,
    isChosen: boolean,
    timestamp: number,
    key: RecordBytes,
    value: RecordBytes,
    headers: readonly HeaderInput[],
    recipient: Told | undefined,
  ): ProducerBatch {
    const partition = topic.partition(index);
    const batch = partition.open;
    const bytes = batch === undefined ? -1 : batch.tryAppend(timestamp, key, value, headers);
    if (batch === undefined || bytes < 0) {
      return this.#appendToNext(topic, partition, isChosen, timestamp, key, value, headers, recipient);
    }
    if (recipient !== undefined) {
      batch.recipients.add(recipient, batch.recordCount - 1, timestamp, sizeOfPart(key), sizeOfPart(value));
    }
    this.#appended(topic, partition, batch, bytes, isChosen, bytes + costOf(recipient));
    return batch;
  }

  /** There is no open batch, or it has no room for the record. */
  #appendToNext(
    topic: TopicQueue,
    partition: PartitionQueue,
    isChosen: boolean,
    timestamp: number,
    key: RecordBytes,
    value: RecordBytes,
    headers: readonly HeaderInput[],
    recipient: Told | undefined,
  ): ProducerBatch {
    const { open, partition: index } = partition;
    if (open === undefined) {
      const fresh = this.newBatch(partition, this.#times(this.#init.now()), this.#batchBytes);
      const bytes = fresh.tryAppend(timestamp, key, value, headers);
      partition.add(fresh);
      this.#init.settlements.watch(partition);
      this.#init.listener.started(topic, partition, fresh);
      if (recipient !== undefined) fresh.recipients.add(recipient, 0, timestamp, sizeOfPart(key), sizeOfPart(value));
      this.#appended(topic, partition, fresh, bytes, isChosen, bytes + costOf(recipient));
      return fresh;
    }
    this.#close(partition, open);
    let next = index;
    if (isChosen && topic.partitioner.appended !== undefined) {
      // No fraction is left behind here: the choice may be another one now.
      topic.partitioner.appended(index, 0, true);
      next = chosen(topic, key, value);
    }
    const batch = this.#append(topic, next, isChosen, timestamp, key, value, headers, recipient);
    this.#init.listener.filled(partition);
    return batch;
  }

  /** @param cost what the record takes of the memory */
  #appended(
    topic: TopicQueue,
    partition: PartitionQueue,
    batch: ProducerBatch,
    bytes: number,
    isChosen: boolean,
    cost: number,
  ): void {
    batch.heldBytes += cost;
    this.#memory.take(cost);
    const size = batch.sizeInBytes;
    const isFull = this.#isFull(size, bytes);
    if (isChosen) topic.partitioner.appended?.(partition.partition, bytes, isFull);
    if (isFull) {
      this.#close(partition, batch);
      this.#init.listener.filled(partition);
    } else if (size >= this.#promptBytes && size - bytes < this.#promptBytes) {
      this.#init.listener.grown(partition);
    }
  }

  #times(createdAtMs: number): { readonly createdAtMs: number; readonly dueMs: number } {
    return { createdAtMs, dueMs: createdAtMs + this.#init.settings.deliveryTimeoutMs };
  }

  /** Another record as the last would hardly fit, and little room is wasted. */
  #isFull(size: number, lastBytes: number): boolean {
    const left = this.#batchBytes - size;
    return left < lastBytes && left <= this.#batchBytes / 8;
  }

  #close(partition: PartitionQueue, batch: ProducerBatch): void {
    partition.usualBytes = batch.sizeInBytes;
    batch.close();
  }
}

function costOf(recipient: Told | undefined): number {
  if (recipient === undefined) return ENTRY_BYTES;
  return typeof recipient === "function" ? CALLBACK_BYTES : PROMISE_BYTES;
}

function chosen(topic: TopicQueue, key: RecordBytes, value: RecordBytes): number {
  const index = topic.partitioner.choose(key, value);
  if (Number.isInteger(index) && index >= 0 && index < topic.partitionCount) return index;
  throw new IllegalStateError(
    `topic '${topic.topic}': the partitioner chose ${index}; it must be one of the partitions 0 to ${topic.partitionCount - 1}`,
  );
}

function checked(topic: TopicQueue, partition: number): number {
  if (Number.isInteger(partition) && partition >= 0 && partition < topic.partitionCount) return partition;
  throw new IllegalStateError(
    `topic '${topic.topic}' has no partition ${partition}: its partitions are 0 to ${topic.partitionCount - 1}`,
  );
}
