import type { AssignedPartition } from "../assignment/assigned-partition.ts";

/** A batch that is handed out, little by little. */
export interface OpenBatch {
  readonly partition: AssignedPartition;
  /** How many records are left. */
  readonly remaining: number;
  /** Nothing is left, and nothing is wrong with it. */
  readonly isDone: boolean;
}

interface Counted {
  batch: OpenBatch;
  /** What was left when it was last looked at. */
  remaining: number;
}

/**
 * Counts records that were handed out, without being told of each: of every batch that is open it looks how many are left, when the next
 * one is opened, and when somebody wants to know.
 */
export class ConsumedRecords {
  readonly #open = new Map<AssignedPartition, Counted>();
  readonly #onConsumed: (topic: string, records: number, nowMs: number) => void;

  constructor(onConsumed: (topic: string, records: number, nowMs: number) => void) {
    this.#onConsumed = onConsumed;
  }

  /** The one before of its partition, if there was one, is over. */
  opened(batch: OpenBatch, nowMs: number): void {
    const known = this.#open.get(batch.partition);
    if (known === undefined) this.#open.set(batch.partition, { batch, remaining: batch.remaining });
    else {
      this.#settle(known, nowMs);
      known.batch = batch;
      known.remaining = batch.remaining;
    }
  }

  /** Nothing more of its batch is handed out, whose memory is not held any longer. */
  closed(partition: AssignedPartition, nowMs: number): void {
    const known = this.#open.get(partition);
    if (known === undefined) return;
    this.#settle(known, nowMs);
    this.#open.delete(partition);
  }

  /** True: records were handed out since the last look. */
  settle(nowMs: number): boolean {
    let isAny = false;
    for (const counted of this.#open.values()) if (this.#settle(counted, nowMs)) isAny = true;
    return isAny;
  }

  #settle(counted: Counted, nowMs: number): boolean {
    const { batch, remaining: before } = counted;
    const { remaining } = batch;
    // What cannot be read is not handed out.
    if (remaining === 0 && !batch.isDone) return false;
    counted.remaining = remaining;
    // A deserializer that has failed goes back to its record.
    if (remaining >= before) return false;
    this.#onConsumed(batch.partition.topic, before - remaining, nowMs);
    return true;
  }
}
