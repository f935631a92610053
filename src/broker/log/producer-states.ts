/**
 * The producers of a partition and their open transactions: the rules by which a leader accepts batches of idempotent and
 * transactional producers (KIP-98, KIP-360, KIP-890), and the offset before which every transaction is decided.
 */
import { AppendRefusal } from "./append-refusal.ts";
import { type AppendedBatch, follows, NO_PRODUCER_EPOCH, NO_SEQUENCE, NO_TRANSACTION, ProducerState } from "./producer-state.ts";

/** The part of a batch that concerns its producer. */
export interface ProducerBatch extends AppendedBatch {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly isTransactional: boolean;
}

/** As DescribeProducers shows it. */
export interface ActiveProducerState {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly lastSequence: number;
  readonly lastTimestamp: number;
  readonly coordinatorEpoch: number;
  readonly currentTxnStartOffset: number;
}

export interface MarkerOfProducer {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  /** Level of `transaction.version` that the transaction ran under. */
  readonly transactionVersion: number;
}

/** From this level of `transaction.version` on, every transaction ends by raising the producer's epoch. */
const EPOCH_BUMP_VERSION = 2;
const MAX_PRODUCER_EPOCH = 0x7fff;

/** A transactional batch that came before the partition was known to belong to the transaction. */
interface Attempt {
  readonly producerEpoch: number;
  readonly lowestSequence: number;
  readonly atMs: number;
}

export class ProducerStates {
  readonly #partition: string;
  readonly #producers = new Map<bigint, ProducerState>();
  /** First offsets of open transactions, by producer id. Transactions are added as they begin, so the first has the lowest. */
  readonly #open = new Map<bigint, number>();
  readonly #attempts = new Map<bigint, Attempt>();

  constructor(partition: string) {
    this.#partition = partition;
  }

  /** In the order in which they first wrote here. */
  active(): readonly ActiveProducerState[] {
    return Array.from(this.#producers.values(), (state) => ({
      producerId: state.producerId,
      producerEpoch: state.producerEpoch,
      lastSequence: state.lastSequence,
      lastTimestamp: state.lastTimestamp,
      coordinatorEpoch: state.coordinatorEpoch,
      currentTxnStartOffset: state.currentTxnFirstOffset,
    }));
  }

  get isEmpty(): boolean {
    return this.#producers.size === 0 && this.#attempts.size === 0;
  }

  /** First offset of the oldest open transaction. */
  get firstUndecidedOffset(): number | undefined {
    return this.#open.values().next().value;
  }

  hasOpenTransaction(producerId: bigint, producerEpoch: number): boolean {
    const state = this.#producers.get(producerId);
    return state?.hasOpenTransaction === true && state.producerEpoch === producerEpoch;
  }

  /**
   * A producer wants to write its first batch of a transaction here. Until one succeeds, none with a higher sequence number may:
   * it would be one that overtook the first.
   */
  noteAttempt(producerId: bigint, producerEpoch: number, sequence: number, atMs: number): void {
    const known = this.#attempts.get(producerId);
    if (
      known !== undefined &&
      (producerEpoch < known.producerEpoch || (producerEpoch === known.producerEpoch && sequence >= known.lowestSequence))
    ) {
      return;
    }
    this.#attempts.set(producerId, { producerEpoch, lowestSequence: sequence, atMs: known?.atMs ?? atMs });
  }

  /** The batch that this one repeats, if it is still remembered. */
  duplicateOf(batch: ProducerBatch): AppendedBatch | undefined {
    const state = this.#producers.get(batch.producerId);
    return state?.duplicateOf(batch.producerEpoch, batch.firstSequence, batch.lastSequence);
  }

  /** @throws AppendRefusal when the batch cannot come next */
  check(batch: ProducerBatch, isEpochBumping: boolean): void {
    const state = this.#producers.get(batch.producerId);
    this.#checkEpoch(state, batch);
    this.#checkSequence(state, batch, isEpochBumping);
    if (state?.hasOpenTransaction === true && !batch.isTransactional) {
      throw new AppendRefusal("INVALID_TXN_STATE", `Expected transactional write from ${this.#where(batch)}`);
    }
  }

  /** A batch is in the log. */
  add(batch: ProducerBatch): void {
    const state = this.#obtain(batch.producerId);
    state.addBatch(batch.producerEpoch, batch);
    if (!batch.isTransactional) return;
    this.#attempts.delete(batch.producerId);
    if (state.hasOpenTransaction) return;
    state.currentTxnFirstOffset = batch.firstOffset;
    this.#open.set(batch.producerId, batch.firstOffset);
  }

  /** @throws AppendRefusal when the marker comes from a coordinator or for an epoch that is history */
  checkMarker(marker: MarkerOfProducer): void {
    const state = this.#producers.get(marker.producerId);
    if (state === undefined) return;
    if (isStaleMarker(state, marker)) {
      throw new AppendRefusal(
        "INVALID_PRODUCER_EPOCH",
        `the marker's epoch ${marker.producerEpoch} of producer ${marker.producerId} in ${this.#partition} is behind ${state.producerEpoch}`,
      );
    }
    if (marker.coordinatorEpoch < state.coordinatorEpoch) {
      throw new AppendRefusal(
        "TRANSACTION_COORDINATOR_FENCED",
        `Invalid coordinator epoch for producerId ${marker.producerId} in partition ${this.#partition}: ` +
          `${marker.coordinatorEpoch} (zombie), ${state.coordinatorEpoch} (current)`,
      );
    }
  }

  /** A marker is in the log. @returns where the transaction that it ended began; undefined when there was none */
  addMarker(marker: Omit<MarkerOfProducer, "transactionVersion">, timestamp: number): number | undefined {
    const state = this.#obtain(marker.producerId);
    const first = state.currentTxnFirstOffset;
    state.endTransaction({ ...marker, timestamp });
    this.#attempts.delete(marker.producerId);
    this.#open.delete(marker.producerId);
    return first === NO_TRANSACTION ? undefined : first;
  }

  /** Forgets producers that have been silent for so long, unless they have a transaction open. */
  expire(now: number, expirationMs: number): void {
    for (const [producerId, state] of this.#producers) {
      if (!state.hasOpenTransaction && now - state.lastTimestamp >= expirationMs) this.#producers.delete(producerId);
    }
    for (const [producerId, { atMs }] of this.#attempts) if (now - atMs >= expirationMs) this.#attempts.delete(producerId);
  }

  clear(): void {
    this.#producers.clear();
    this.#open.clear();
  }

  #obtain(producerId: bigint): ProducerState {
    let state = this.#producers.get(producerId);
    if (state === undefined) {
      state = new ProducerState(producerId);
      this.#producers.set(producerId, state);
    }
    return state;
  }

  #checkEpoch(state: ProducerState | undefined, batch: ProducerBatch): void {
    if (state === undefined || batch.producerEpoch >= state.producerEpoch) return;
    throw new AppendRefusal(
      "INVALID_PRODUCER_EPOCH",
      `Epoch of ${this.#where(batch)} is ${batch.producerEpoch}, which is smaller than the last seen epoch ${state.producerEpoch}`,
    );
  }

  #checkSequence(state: ProducerState | undefined, batch: ProducerBatch, isEpochBumping: boolean): void {
    const { firstSequence } = batch;
    // A transactional producer starts at 0 in every epoch, and so in every transaction: anything else means that a batch was lost.
    if (isEpochBumping && firstSequence !== 0 && (state === undefined || state.isEmpty)) {
      this.#outOfOrder(batch, "Expected sequence 0 for transactions v2 idempotent producer with no existing state");
    }
    const attempt = this.#attempts.get(batch.producerId);
    if (attempt !== undefined && firstSequence > attempt.lowestSequence) {
      this.#outOfOrder(batch, `${attempt.lowestSequence} (earliest seen sequence)`);
    }
    // Whoever is not known may begin anywhere: its records may have been deleted in the meantime.
    if (state === undefined || state.producerEpoch === NO_PRODUCER_EPOCH) return;
    if (batch.producerEpoch !== state.producerEpoch) {
      if (firstSequence !== 0) this.#outOfOrder(batch, `${state.producerEpoch} (current producer epoch)`);
      return;
    }
    const last = state.isEmpty ? NO_SEQUENCE : state.lastSequence;
    if (!follows(last, firstSequence)) this.#outOfOrder(batch, `${last} (current end sequence number)`);
  }

  #outOfOrder(batch: ProducerBatch, detail: string): never {
    throw new AppendRefusal(
      "OUT_OF_ORDER_SEQUENCE_NUMBER",
      `Out of order sequence number for ${this.#where(batch)}: ${batch.firstSequence} (incoming seq. number), ${detail}`,
    );
  }

  #where(batch: ProducerBatch): string {
    return `producer ${batch.producerId} at offset ${batch.firstOffset} in partition ${this.#partition}`;
  }
}

/** Under the newer rule a marker must raise the epoch; only the repetition of one that has done its work may have the same. */
function isStaleMarker(state: ProducerState, marker: MarkerOfProducer): boolean {
  if (marker.transactionVersion < EPOCH_BUMP_VERSION) return marker.producerEpoch < state.producerEpoch;
  const isRepeated =
    marker.producerEpoch === state.producerEpoch && (!state.hasOpenTransaction || marker.producerEpoch === MAX_PRODUCER_EPOCH);
  return marker.producerEpoch <= state.producerEpoch && !isRepeated;
}
