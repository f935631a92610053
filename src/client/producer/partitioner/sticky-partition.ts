import { NextPartition, type NextPartitionConfig } from "./next-partition.ts";
import type { TopicView } from "./topic-partitioner.ts";

/**
 * Where records without a key go (KIP-480, KIP-794): all to one partition until it has got a batch's worth of them, then to another. One
 * batch that is full costs a broker less than several that are not.
 *
 * A switch in the middle of a batch would leave a fraction of one behind, so it waits for the batch to be full or gone, but not for more
 * than a second batch's worth. The rule, to the byte, is that of Java's BuiltInPartitioner.
 */
export class StickyPartition {
  readonly #view: TopicView;
  readonly #next: NextPartition;
  /** A batch's worth. */
  readonly #enough: number;
  #partition = -1;
  #produced = 0;
  /** Whether the record that was chosen for last is one of those that stick. */
  #isChosenHere = false;

  constructor(config: NextPartitionConfig & { readonly batchSize: number }, view: TopicView, random: () => number) {
    this.#view = view;
    this.#next = new NextPartition(config, view, random);
    // Batches of size 0 are batches of one record.
    this.#enough = Math.max(1, config.batchSize);
  }

  choose(): number {
    this.#isChosenHere = true;
    if (this.#partition < 0 || this.#isSwitchDue()) this.#switch();
    return this.#partition;
  }

  /** Another rule has chosen for this record: its bytes do not count. */
  pass(): void {
    this.#isChosenHere = false;
  }

  appended(partition: number, bytes: number, isBatchFull: boolean): void {
    if (!this.#isChosenHere || partition !== this.#partition) return;
    this.#isChosenHere = false;
    this.#produced += bytes;
    if ((this.#produced >= this.#enough && isBatchFull) || this.#produced >= this.#enough * 2) this.#switch();
  }

  #isSwitchDue(): boolean {
    // One that was put off, and its batch has left in the meantime.
    if (this.#produced >= this.#enough && this.#view.queuedBatches(this.#partition) === 0) return true;
    // Java waits for the leader to come back; librdkafka, and we, go where there is one.
    return !this.#view.hasLeader(this.#partition) && this.#next.isAnyAvailable();
  }

  #switch(): void {
    this.#partition = this.#next.choose();
    this.#produced = 0;
  }
}
