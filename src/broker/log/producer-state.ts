/** What a partition remembers of one idempotent producer: enough to know a batch that was sent twice, and one that is missing. */

export const NO_PRODUCER_EPOCH = -1;
export const NO_SEQUENCE = -1;
/** "No transaction is open", where an offset is expected. */
export const NO_TRANSACTION = -1;
/** As many as a producer may have in flight. */
const BATCHES_TO_RETAIN = 5;
const MAX_SEQUENCE = 0x7fff_ffff;

export interface AppendedBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly timestamp: number;
}

export class ProducerState {
  readonly producerId: bigint;
  producerEpoch: number = NO_PRODUCER_EPOCH;
  coordinatorEpoch = -1;
  lastTimestamp = -1;
  currentTxnFirstOffset: number = NO_TRANSACTION;
  /** The latest of this epoch, oldest first. */
  #batches: readonly AppendedBatch[] = [];

  constructor(producerId: bigint) {
    this.producerId = producerId;
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  get lastSequence(): number {
    return this.#batches.at(-1)?.lastSequence ?? NO_SEQUENCE;
  }

  get hasOpenTransaction(): boolean {
    return this.currentTxnFirstOffset !== NO_TRANSACTION;
  }

  /** The batch with exactly these sequence numbers, if it is one of the last five of its epoch. */
  duplicateOf(producerEpoch: number, firstSequence: number, lastSequence: number): AppendedBatch | undefined {
    if (producerEpoch !== this.producerEpoch) return undefined;
    return this.#batches.find((batch) => batch.firstSequence === firstSequence && batch.lastSequence === lastSequence);
  }

  addBatch(producerEpoch: number, batch: AppendedBatch): void {
    this.#enterEpoch(producerEpoch);
    this.#batches = [...this.#batches, batch].slice(-BATCHES_TO_RETAIN);
    this.lastTimestamp = batch.timestamp;
  }

  /** A marker ended the transaction, if one was open. Sequence numbers go on after it, except in a new epoch. */
  endTransaction(marker: { readonly producerEpoch: number; readonly coordinatorEpoch: number; readonly timestamp: number }): void {
    this.#enterEpoch(marker.producerEpoch);
    this.coordinatorEpoch = marker.coordinatorEpoch;
    this.lastTimestamp = marker.timestamp;
    this.currentTxnFirstOffset = NO_TRANSACTION;
  }

  #enterEpoch(producerEpoch: number): void {
    if (producerEpoch === this.producerEpoch) return;
    this.#batches = [];
    this.producerEpoch = producerEpoch;
  }
}

/** Sequence numbers wrap from 2^31-1 to 0. */
export function follows(lastSequence: number, nextSequence: number): boolean {
  return nextSequence === lastSequence + 1 || (nextSequence === 0 && lastSequence === MAX_SEQUENCE);
}
