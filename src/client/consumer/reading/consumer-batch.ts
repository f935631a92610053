import type { ConsumerRecord } from "../records/consumer-record.ts";
import type { HandedBatch } from "./taken-batch.ts";
import { typedIterable, typedRecord } from "./typed.ts";

/** Commits that a partition was processed up to there. */
export type CommitBatch = (batch: HandedBatch) => Promise<void>;

/** Records of one partition that lie together in its log: the fastest way to read, for nothing is awaited between them. */
export class ConsumerBatch<K = Uint8Array | null, V = Uint8Array | null> implements Iterable<ConsumerRecord<K, V>> {
  readonly topic: string;
  readonly partition: number;
  readonly #batch: HandedBatch;
  readonly #commit: CommitBatch;

  constructor(batch: HandedBatch, commit: CommitBatch) {
    this.topic = batch.partition.topic;
    this.partition = batch.partition.partition;
    this.#batch = batch;
    this.#commit = commit;
  }

  /** How many records it has. */
  get count(): number {
    return this.#batch.records.count;
  }

  get firstOffset(): number {
    return this.#batch.records.firstOffset;
  }

  /** Where the batch ends in the log; compaction may have removed the record there. */
  get lastOffset(): number {
    return this.#batch.records.lastOffset;
  }

  get leaderEpoch(): number {
    return this.#batch.leaderEpoch;
  }

  /** The end of what can be read of the partition, as last heard of; undefined when the broker has not said. */
  get highWatermark(): number | undefined {
    return this.#batch.partition.highWatermark;
  }

  /** As often as you like. */
  get records(): Iterable<ConsumerRecord<K, V>> {
    return typedIterable(this.#batch.records);
  }

  [Symbol.iterator](): Iterator<ConsumerRecord<K, V>> {
    return this.records[Symbol.iterator]();
  }

  /** By its place in the batch, from 0. */
  at(index: number): ConsumerRecord<K, V> | undefined {
    const record = this.#batch.records.at(index);
    return record === undefined ? undefined : typedRecord(record);
  }

  /** That everything up to the end of this batch is processed. */
  commit(): Promise<void> {
    return this.#commit(this.#batch);
  }
}
