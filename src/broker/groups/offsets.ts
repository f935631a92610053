import { PartitionMap } from "./partition-map.ts";

/** How far a group has read a partition. */
export interface CommittedOffset {
  readonly offset: number;
  /** Of the last record that was read; -1 when the client did not say. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly committedAtMs: number;
  /** Only when the client named a retention time of its own: then the offset goes at this moment, whatever its group does. */
  readonly expiresAtMs?: number;
}

/** With the place it has in the order of all commits of the group. */
interface Entry {
  readonly offset: CommittedOffset;
  readonly order: number;
}

/** How far a group has read, and what open transactions are about to make of it. */
export class GroupOffsets {
  #commits = 0;
  readonly #committed = new PartitionMap<Entry>();
  readonly #staged = new Map<bigint, PartitionMap<Entry>>();

  commit(topic: string, partition: number, offset: CommittedOffset): void {
    this.#committed.set(topic, partition, { offset, order: this.#commits++ });
  }

  get(topic: string, partition: number): CommittedOffset | undefined {
    return this.#committed.get(topic, partition)?.offset;
  }

  /** Topic by topic, each in the order of the first commits. */
  *all(): IterableIterator<[topic: string, partitions: ReadonlyMap<number, CommittedOffset>]> {
    for (const [topic, partitions] of this.#committed) {
      yield [topic, new Map([...partitions].map(([partition, { offset }]) => [partition, offset]))];
    }
  }

  /** For which something is committed or staged. */
  topics(): ReadonlySet<string> {
    const maps = [this.#committed, ...this.#staged.values()];
    return new Set(maps.flatMap((map) => Array.from(map, ([topic]) => topic)));
  }

  /** Forgets what is committed, and what transactions have staged. */
  delete(topic: string, partition: number): void {
    this.#committed.delete(topic, partition);
    for (const offsets of this.#staged.values()) offsets.delete(topic, partition);
  }

  /** The topic is gone: what is committed and what is staged for it means nothing any more. */
  deleteTopic(topic: string): void {
    this.#committed.deleteTopic(topic);
    for (const offsets of this.#staged.values()) offsets.deleteTopic(topic);
  }

  /** Keeps the offset aside until the producer's transaction is decided. */
  stage(producerId: bigint, topic: string, partition: number, offset: CommittedOffset): void {
    let offsets = this.#staged.get(producerId);
    if (offsets === undefined) {
      offsets = new PartitionMap();
      this.#staged.set(producerId, offsets);
    }
    offsets.set(topic, partition, { offset, order: this.#commits++ });
  }

  /**
   * The producer's transaction is decided. Of a staged offset and a plain commit the later request counts, not the transaction's
   * end: a restart that reads both back from the log would see them in that order, too.
   */
  complete(producerId: bigint, committed: boolean): void {
    const staged = this.#staged.get(producerId);
    this.#staged.delete(producerId);
    if (staged === undefined || !committed) return;
    for (const [topic, partitions] of staged) {
      for (const [partition, entry] of partitions) {
        const present = this.#committed.get(topic, partition);
        if (present === undefined || entry.order > present.order) this.#committed.set(topic, partition, entry);
      }
    }
  }

  /** Whether an open transaction is about to change the offset. */
  isUnstable(topic: string, partition: number): boolean {
    for (const offsets of this.#staged.values()) if (offsets.has(topic, partition)) return true;
    return false;
  }

  /** Whether a transaction is open that has staged anything, even if it was deleted since. */
  get hasStaged(): boolean {
    return this.#staged.size > 0;
  }

  get isEmpty(): boolean {
    return this.#committed.isEmpty && this.#staged.size === 0;
  }
}
