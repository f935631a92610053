import { PartitionSequences } from "./partition-sequences.ts";
import type { ProducerBatch } from "./producer-batch.ts";

/** The batches of one partition: those that wait, those that are on their way, and in which order their outcomes are told. */
export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  readonly sequences: PartitionSequences = new PartitionSequences();
  /** In the order to be sent; the last one may be open. */
  readonly waiting: ProducerBatch[] = [];
  /** Sent and not answered, in the order of sending. */
  readonly inFlight: ProducerBatch[] = [];
  /** The leader to whom what is in flight was sent; while it has not answered, nothing goes to another one (P15). */
  inFlightNodeId = -1;
  /** To whom it belongs now; -1 while nobody leads. */
  nodeId = -1;
  /** How large the last batches were: so large is the next one's memory from the beginning. */
  usualBytes = 0;
  /** Since when (monotonic) something could have been sent but was not; 0 for not at all. */
  stuckSinceMs = 0;
  /** In the order of sending, those that were told of excepted. */
  readonly #unsettled: ProducerBatch[] = [];

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  get open(): ProducerBatch | undefined {
    const { waiting } = this;
    const last = waiting.length === 0 ? undefined : waiting[waiting.length - 1];
    return last?.isOpen === true ? last : undefined;
  }

  get unsettled(): readonly ProducerBatch[] {
    return this.#unsettled;
  }

  add(batch: ProducerBatch): void {
    this.waiting.push(batch);
    this.#unsettled.push(batch);
  }

  /** Back to its place among those that wait: before all that were sent later. */
  putBack(batch: ProducerBatch): void {
    this.#remove(this.inFlight, batch);
    const order = this.#unsettled.indexOf(batch);
    const behind = this.waiting.findIndex((other) => this.#unsettled.indexOf(other) > order);
    if (behind === -1) this.waiting.push(batch);
    else this.waiting.splice(behind, 0, batch);
  }

  /** The parts take the place of the whole, and wait to be sent. */
  replace(whole: ProducerBatch, parts: readonly ProducerBatch[]): void {
    this.#remove(this.inFlight, whole);
    this.#unsettled.splice(this.#unsettled.indexOf(whole), 1, ...parts);
    for (const part of parts) this.putBack(part);
  }

  /** Whether one that was given a sequence before it is still to be answered. */
  hasStampedBefore(batch: ProducerBatch): boolean {
    // P17: told of already, and yet on its way.
    for (const earlier of this.inFlight) {
      if (earlier === batch) break;
      if (earlier.outcome !== undefined) return true;
    }
    for (const earlier of this.#unsettled) {
      if (earlier === batch) return false;
      if (earlier.stamp !== undefined && earlier.outcome === undefined) return true;
    }
    return false;
  }

  /** It is sent no more. */
  take(batch: ProducerBatch): void {
    this.#remove(this.waiting, batch);
    this.#remove(this.inFlight, batch);
  }

  /** Those whose outcome may be told now, because everything before them has been told (P23). */
  takeSettled(): readonly ProducerBatch[] {
    let count = 0;
    while (this.#unsettled[count]?.outcome !== undefined) count++;
    return count === 0 ? [] : this.#unsettled.splice(0, count);
  }

  #remove(list: ProducerBatch[], batch: ProducerBatch): void {
    const at = list.indexOf(batch);
    if (at !== -1) list.splice(at, 1);
  }
}
