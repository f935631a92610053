import type { TopicPartition } from "../consumer/topic-partition.ts";
import type { ShareRecord } from "./share-record.ts";

/** What one `poll` gives: records of some partitions, those of a partition in the order of its log. */
export class ShareRecords<K = Uint8Array | null, V = Uint8Array | null> implements Iterable<ShareRecord<K, V>> {
  readonly #records: readonly ShareRecord<K, V>[];

  constructor(records: readonly ShareRecord<K, V>[]) {
    this.#records = records;
  }

  get count(): number {
    return this.#records.length;
  }

  get isEmpty(): boolean {
    return this.#records.length === 0;
  }

  [Symbol.iterator](): ArrayIterator<ShareRecord<K, V>> {
    return this.#records[Symbol.iterator]();
  }

  /** The partitions that have records here. */
  partitions(): TopicPartition[] {
    const seen = new Map<string, TopicPartition>();
    for (const { topic, partition } of this.#records) seen.set(`${partition} ${topic}`, { topic, partition });
    return [...seen.values()];
  }

  /** Those of a partition, or of all partitions of a topic. */
  records(of: TopicPartition | string): readonly ShareRecord<K, V>[] {
    return this.#records.filter(({ topic, partition }) =>
      typeof of === "string" ? topic === of : topic === of.topic && partition === of.partition,
    );
  }
}
