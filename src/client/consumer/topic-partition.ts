/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A place in a partition's log: the next record to be read there. */
export interface TopicPartitionOffset extends TopicPartition {
  readonly offset: number;
  /** What is kept with a commit; any text. */
  readonly metadata?: string | undefined;
  /** Of the record before; tells a log that was cut and written anew (KIP-320). */
  readonly leaderEpoch?: number | undefined;
}

/** Something for each of some partitions, in the order in which they came. */
export class PartitionMap<T> {
  readonly #byTopic = new Map<string, Map<number, T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(topic: string, partition: number): T | undefined {
    return this.#byTopic.get(topic)?.get(partition);
  }

  has(topic: string, partition: number): boolean {
    return this.#byTopic.get(topic)?.has(partition) === true;
  }

  set(topic: string, partition: number, value: T): void {
    let ofTopic = this.#byTopic.get(topic);
    if (ofTopic === undefined) {
      ofTopic = new Map();
      this.#byTopic.set(topic, ofTopic);
    }
    if (!ofTopic.has(partition)) this.#size++;
    ofTopic.set(partition, value);
  }

  delete(topic: string, partition: number): void {
    const ofTopic = this.#byTopic.get(topic);
    if (ofTopic?.delete(partition) !== true) return;
    this.#size--;
    if (ofTopic.size === 0) this.#byTopic.delete(topic);
  }

  topics(): IterableIterator<string> {
    return this.#byTopic.keys();
  }

  *values(): Generator<T, undefined, undefined> {
    for (const ofTopic of this.#byTopic.values()) yield* ofTopic.values();
    return undefined;
  }
}
