export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** The partitions of a transaction, topic by topic. */
export class TransactionPartitions {
  readonly #byTopic = new Map<string, Set<number>>();

  get isEmpty(): boolean {
    return this.#byTopic.size === 0;
  }

  has({ topic, partition }: TopicPartition): boolean {
    return this.#byTopic.get(topic)?.has(partition) === true;
  }

  add({ topic, partition }: TopicPartition): void {
    const partitions = this.#byTopic.get(topic);
    if (partitions === undefined) this.#byTopic.set(topic, new Set([partition]));
    else partitions.add(partition);
  }

  remove({ topic, partition }: TopicPartition): void {
    const partitions = this.#byTopic.get(topic);
    if (partitions?.delete(partition) === true && partitions.size === 0) this.#byTopic.delete(topic);
  }

  clear(): void {
    this.#byTopic.clear();
  }

  /** In the order in which they were added, topic by topic. */
  *[Symbol.iterator](): IterableIterator<TopicPartition> {
    for (const [topic, partitions] of this.#byTopic) for (const partition of partitions) yield { topic, partition };
  }

  get topics(): ReadonlyMap<string, ReadonlySet<number>> {
    return this.#byTopic;
  }
}
