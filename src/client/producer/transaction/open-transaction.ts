/** What has become of a partition in a transaction of version 1, where the coordinator has to know it before the first batch. */
type Membership = "new" | "asked" | "added";

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/**
 * Whether the coordinator has a transaction to end: only if a partition or a group was added to it. `maybe`: the request was sent, and
 * its answer is not known.
 */
export type Begun = "no" | "maybe" | "yes";

/** What is kept of the one transaction that is open. */
export class OpenTransaction {
  readonly #topics = new Map<string, Map<number, Membership>>();
  readonly #stopping = new AbortController();
  #begun: Begun = "no";
  #needsEpoch = false;
  #new = 0;

  get begun(): Begun {
    return this.#begun;
  }

  /** The next transaction needs another epoch, so that nothing that is left over from this one is taken for a part of it. */
  get needsEpoch(): boolean {
    return this.#needsEpoch;
  }

  /** Aborts when no more is to be added to the transaction: what is being asked for again is given up. */
  get stopped(): AbortSignal {
    return this.#stopping.signal;
  }

  get hasNew(): boolean {
    return this.#new > 0;
  }

  stop(reason: Error): void {
    this.#stopping.abort(reason);
  }

  /** A request got no answer and may still arrive (KAFKA-17754), or a batch failed, whose sequence numbers are missing now. */
  requireEpoch(): void {
    this.#needsEpoch = true;
  }

  mayHaveBegun(): void {
    if (this.#begun === "no") this.#begun = "maybe";
  }

  hasBegun(): void {
    this.#begun = "yes";
  }

  isAdded(topic: string, partition: number): boolean {
    return this.#topics.get(topic)?.get(partition) === "added";
  }

  isKnown(topic: string, partition: number): boolean {
    return this.#topics.get(topic)?.has(partition) === true;
  }

  /** There are records for it: the coordinator has to be told. */
  want(topic: string, partition: number): void {
    if (this.isKnown(topic, partition)) return;
    this.#set(topic, partition, "new");
    this.#new++;
  }

  add(topic: string, partition: number): void {
    this.#set(topic, partition, "added");
    this.hasBegun();
  }

  /** Version 2: whoever leads it adds it with the first batch. */
  join(topic: string, partition: number): void {
    this.#set(topic, partition, "added");
    this.mayHaveBegun();
  }

  /** Everything that is to be told to the coordinator, from now on as asked. */
  takeNew(): readonly TopicPartition[] {
    const taken: TopicPartition[] = [];
    for (const [topic, partitions] of this.#topics) {
      for (const [partition, membership] of partitions) {
        if (membership === "new") taken.push({ topic, partition });
      }
    }
    for (const { topic, partition } of taken) this.#set(topic, partition, "asked");
    this.#new = 0;
    return taken;
  }

  #set(topic: string, partition: number, membership: Membership): void {
    const partitions = this.#topics.get(topic) ?? new Map<number, Membership>();
    this.#topics.set(topic, partitions);
    partitions.set(partition, membership);
  }
}
