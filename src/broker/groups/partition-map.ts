/** Values by topic and partition, in the order in which they came. */
export class PartitionMap<T> {
  readonly #topics = new Map<string, Map<number, T>>();

  get(topic: string, partition: number): T | undefined {
    return this.#topics.get(topic)?.get(partition);
  }

  set(topic: string, partition: number, value: T): void {
    const partitions = this.#topics.get(topic);
    if (partitions === undefined) this.#topics.set(topic, new Map([[partition, value]]));
    else partitions.set(partition, value);
  }

  has(topic: string, partition: number): boolean {
    return this.#topics.get(topic)?.has(partition) === true;
  }

  delete(topic: string, partition: number): void {
    const partitions = this.#topics.get(topic);
    partitions?.delete(partition);
    if (partitions?.size === 0) this.#topics.delete(topic);
  }

  deleteTopic(topic: string): void {
    this.#topics.delete(topic);
  }

  get isEmpty(): boolean {
    return this.#topics.size === 0;
  }

  /** Topic by topic. */
  [Symbol.iterator](): IterableIterator<[topic: string, partitions: ReadonlyMap<number, T>]> {
    return this.#topics.entries();
  }
}
