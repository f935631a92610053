import type { ProducerIdentity } from "../producer-identity.ts";
import type { BatchStamp } from "./producer-batch.ts";

const MAX_SEQUENCE = 0x7fff_ffff;
const HALF = 0x4000_0000;

/** Behind the greatest comes 0 again. */
export function sequenceAfter(base: number, records: number): number {
  return base > MAX_SEQUENCE - records ? base + records - MAX_SEQUENCE - 1 : base + records;
}

/** How far it is from one to the other; more than half of all numbers when the other comes first. */
function distance(from: number, to: number): number {
  return (to - from) & MAX_SEQUENCE;
}

/**
 * The sequence numbers of one partition: given out in one place, in the order in which batches leave (P26). A gap that can no longer be
 * filled is overcome by a new epoch, in which counting begins at 0.
 */
export class PartitionSequences {
  #identity: ProducerIdentity | undefined;
  #next = 0;
  /** Behind the last batch that was acknowledged; where the next one must begin. */
  #expected = 0;
  /** The broker has taken a batch of this producer id. Until then it takes any sequence for the first, even if one before it was refused. */
  #isKnownToBroker = false;
  #isBroken = false;
  /** Of the records that were acknowledged; -1 for none. */
  #lastOffset = -1;
  /** In a transaction: of one that was given up nobody knows whether it is in the log. */
  isInDoubt = false;

  get identity(): ProducerIdentity | undefined {
    return this.#identity;
  }

  get isKnownToBroker(): boolean {
    return this.#isKnownToBroker;
  }

  /** A batch that had been given a sequence will never arrive: what comes behind it would be refused. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Whether everything is acknowledged that was given a sequence. */
  get isComplete(): boolean {
    return this.#next === this.#expected;
  }

  /** Whether a batch stands at the place where the broker expects the next. */
  isNext(stamp: BatchStamp): boolean {
    return this.#isCurrent(stamp) && stamp.baseSequence === this.#expected;
  }

  /** Whether a batch behind it is acknowledged already. */
  isBehind(stamp: BatchStamp): boolean {
    return this.#isCurrent(stamp) && distance(this.#expected, stamp.baseSequence) >= HALF;
  }

  /** Whether all that was acknowledged has left the log for its age: old brokers forget the producer with it. */
  isOutlivedBy(logStartOffset: number): boolean {
    return this.#lastOffset >= 0 && this.#lastOffset < logStartOffset;
  }

  /** Begins to count at 0, with another identity or a new epoch. */
  restart(identity: ProducerIdentity): void {
    if (identity.producerId !== this.#identity?.producerId) this.#isKnownToBroker = false;
    this.#identity = identity;
    this.#next = 0;
    this.#expected = 0;
    this.#isBroken = false;
    this.isInDoubt = false;
  }

  /** Counts on behind what was acknowledged last. */
  rewind(): void {
    this.#next = this.#expected;
    this.#isBroken = false;
  }

  /** The broker knows nothing of it any more: when nothing is in flight, it counts from 0 again, in the same epoch. */
  forgotten(): void {
    this.#isKnownToBroker = false;
    this.#expected = 0;
    this.broken();
  }

  /** @throws Error when there is no identity yet */
  assign(records: number): BatchStamp {
    const identity = this.#identity;
    if (identity === undefined) throw new Error("sequences need a producer id");
    const stamp = { ...identity, baseSequence: this.#next };
    this.#next = sequenceAfter(this.#next, records);
    return stamp;
  }

  /** A batch is in the log, and so is everything before it. */
  acknowledged(stamp: BatchStamp, records: number, lastOffset = -1): void {
    this.#lastOffset = Math.max(this.#lastOffset, lastOffset);
    this.#isKnownToBroker ||= stamp.producerId === this.#identity?.producerId;
    if (!this.#isCurrent(stamp)) return;
    const end = sequenceAfter(stamp.baseSequence, records);
    // One that was in doubt may be acknowledged after those behind it.
    if (distance(this.#expected, end) < HALF) this.#expected = end;
    if (this.isComplete) this.#isBroken = false;
  }

  broken(): void {
    if (!this.isComplete) this.#isBroken = true;
  }

  #isCurrent({ producerId, producerEpoch }: BatchStamp): boolean {
    return producerId === this.#identity?.producerId && producerEpoch === this.#identity.producerEpoch;
  }
}
