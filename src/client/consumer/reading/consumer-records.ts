import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import type { ConsumerRecord } from "../records/consumer-record.ts";
import type { TopicPartition } from "../topic-partition.ts";

/** A run of records of one partition. */
export interface RecordRun {
  readonly partition: AssignedPartition;
  /** In the list of all: the first, and the one behind the last. */
  readonly start: number;
  end: number;
  /** Where the partition goes on behind it, and behind what nobody sees: marks of transactions, gaps. */
  nextOffset: number;
}

/** What one `poll` gives: records of some partitions, those of a partition in the order of its log. */
export class ConsumerRecords<K = Uint8Array | null, V = Uint8Array | null> implements Iterable<ConsumerRecord<K, V>> {
  readonly #records: readonly ConsumerRecord<K, V>[];
  readonly #runs: readonly RecordRun[];
  /** Of some partitions only what nobody sees has been read: the end of a transaction, or an aborted one. */
  readonly #allRuns: readonly RecordRun[];

  constructor(records: readonly ConsumerRecord<K, V>[], runs: readonly RecordRun[]) {
    this.#records = records;
    this.#allRuns = runs;
    this.#runs = runs.filter(({ start, end }) => start < end);
  }

  get count(): number {
    return this.#records.length;
  }

  get isEmpty(): boolean {
    return this.#records.length === 0;
  }

  [Symbol.iterator](): ArrayIterator<ConsumerRecord<K, V>> {
    return this.#records[Symbol.iterator]();
  }

  /** The partitions that have records here. */
  partitions(): TopicPartition[] {
    const seen = new Set(this.#runs.map(({ partition }) => partition));
    return [...seen].map(({ topic, partition }) => ({ topic, partition }));
  }

  /** Those of a partition, or of all partitions of a topic. */
  records(of: TopicPartition | string): readonly ConsumerRecord<K, V>[] {
    const isWanted = ({ partition: one }: RecordRun): boolean =>
      typeof of === "string" ? one.topic === of : one.topic === of.topic && one.partition === of.partition;
    return this.#runs.filter(isWanted).flatMap(({ start, end }) => this.#records.slice(start, end));
  }

  /** Where each of the partitions goes on (KIP-1094): behind the last record, and what nobody sees after it that has been read. */
  nextOffsets(): (TopicPartition & { readonly offset: number })[] {
    const seen = new Set(this.#runs.map(({ partition }) => partition));
    const next = new Map<AssignedPartition, number>();
    // The last one of a partition counts.
    for (const { partition, nextOffset } of this.#allRuns) if (seen.has(partition)) next.set(partition, nextOffset);
    return [...next].map(([{ topic, partition }, offset]) => ({ topic, partition, offset }));
  }
}
