import type { ErrorName } from "../../protocol/index.ts";
import { type TopicPartition, TransactionPartitions } from "./transaction-partitions.ts";
import { type TransactionState, VALID_PREVIOUS_STATES } from "./transaction-state.ts";

export interface ProducerIdAndEpoch {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

export const NO_PRODUCER_ID = -1n;
export const NO_PRODUCER_EPOCH = -1;
const NO_TIMESTAMP = -1;

/** The timeout of a transaction that has none: somebody else decides when it ends (KIP-939). */
export const NO_TIMEOUT = 0x7fff_ffff;

/** From this level of the feature `transaction.version` on, the end of a transaction takes an epoch (KIP-890). */
export const EPOCH_BUMP_VERSION = 2;

const MAX_EPOCH = 0x7fff;

/** The last epoch that a producer gets to see: one more is kept back, so that it, too, can be fenced. */
export const LAST_VISIBLE_EPOCH: number = MAX_EPOCH - 1;

export function isEpochExhausted(producerEpoch: number): boolean {
  return producerEpoch >= LAST_VISIBLE_EPOCH;
}

/** How a transaction is brought to its end. */
export interface Ending {
  readonly committed: boolean;
  /** Transaction version 2: the end of every transaction takes an epoch, so that nothing late can slip into the next one. */
  readonly bumpsEpoch: boolean;
  /** For when the epochs are used up: the id that the producer goes on with. */
  readonly nextProducerId: bigint;
  readonly nowMs: number;
}

/**
 * What the coordinator knows of a transactional id: who has it, and how far its transaction is. Every change goes through
 * `#moveTo`, which knows the allowed ones; whether a producer may ask for it has been checked.
 */
export class TransactionMetadata {
  readonly transactionalId: string;
  readonly partitions: TransactionPartitions = new TransactionPartitions();
  #state: TransactionState = "Empty";
  #producerId: bigint;
  #producerEpoch = NO_PRODUCER_EPOCH;
  /** Before the last change: by it a repeated request is recognised after the producer id was replaced. */
  #prevProducerId = NO_PRODUCER_ID;
  #nextProducerId = NO_PRODUCER_ID;
  /** The epoch from which this producer came to the present one; -1 when it began anew, which fences those before it. */
  #lastProducerEpoch = NO_PRODUCER_EPOCH;
  #timeoutMs: number;
  #startMs = NO_TIMESTAMP;
  #bumpsEpoch = false;
  #lastUpdateMs: number;

  constructor(init: {
    readonly transactionalId: string;
    readonly producerId: bigint;
    readonly timeoutMs: number;
    readonly nowMs: number;
  }) {
    this.transactionalId = init.transactionalId;
    this.#producerId = init.producerId;
    this.#timeoutMs = init.timeoutMs;
    this.#lastUpdateMs = init.nowMs;
  }

  get state(): TransactionState {
    return this.#state;
  }

  get producerId(): bigint {
    return this.#producerId;
  }

  get producerEpoch(): number {
    return this.#producerEpoch;
  }

  get prevProducerId(): bigint {
    return this.#prevProducerId;
  }

  get lastProducerEpoch(): number {
    return this.#lastProducerEpoch;
  }

  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  /** When the present or last transaction began; -1 before the first of this producer. */
  get startMs(): number {
    return this.#startMs;
  }

  /** Whether the end of the present or last transaction took an epoch (transaction version 2). */
  get bumpsEpoch(): boolean {
    return this.#bumpsEpoch;
  }

  get lastUpdateMs(): number {
    return this.#lastUpdateMs;
  }

  /** What the producer is to use once the transaction has ended. */
  get next(): ProducerIdAndEpoch {
    if (this.#nextProducerId !== NO_PRODUCER_ID) return { producerId: this.#nextProducerId, producerEpoch: 0 };
    return { producerId: this.#producerId, producerEpoch: this.#producerEpoch };
  }

  /**
   * A producer starts (no expected epoch), or goes on after an error (KIP-360: it says which epoch it has). Asking twice because
   * the first answer was lost gives the same epoch twice.
   */
  incrementEpoch(timeoutMs: number, expectedEpoch: number | undefined, nowMs: number): ErrorName | undefined {
    // As Kafka, which has no better answer: the id is used up, and the producer does not hold its last epoch.
    if (isEpochExhausted(this.#producerEpoch)) return "UNKNOWN_SERVER_ERROR";
    if (expectedEpoch === undefined) {
      this.#producerEpoch++;
      this.#lastProducerEpoch = NO_PRODUCER_EPOCH;
    } else if (this.#producerEpoch === NO_PRODUCER_EPOCH || expectedEpoch === this.#producerEpoch) {
      this.#lastProducerEpoch = this.#producerEpoch++;
    } else if (expectedEpoch !== this.#lastProducerEpoch) {
      return "PRODUCER_FENCED";
    }
    this.#begin(timeoutMs, nowMs);
    return undefined;
  }

  /** The epochs are used up: the producer goes on with another id. */
  rotateProducerId(producerId: bigint, timeoutMs: number, isSameProducer: boolean, nowMs: number): void {
    this.#begin(timeoutMs, nowMs);
    this.#lastProducerEpoch = isSameProducer ? this.#producerEpoch : NO_PRODUCER_EPOCH;
    this.#producerId = producerId;
    this.#producerEpoch = 0;
  }

  addPartitions(added: Iterable<TopicPartition>, nowMs: number): void {
    const isNew = this.#state !== "Ongoing";
    this.#moveTo("Ongoing", nowMs);
    if (isNew) this.#startMs = nowMs;
    for (const partition of added) this.partitions.add(partition);
  }

  /** The decision is taken. */
  end({ committed, bumpsEpoch, nextProducerId, nowMs }: Ending): void {
    const isEmpty = this.#state !== "Ongoing";
    this.#moveTo(committed ? "PrepareCommit" : "PrepareAbort", nowMs);
    if (isEmpty) this.#startMs = nowMs;
    this.#bumpsEpoch = bumpsEpoch;
    if (!bumpsEpoch) return;
    this.#lastProducerEpoch = this.#producerEpoch;
    this.#producerEpoch = Math.min(this.#producerEpoch + 1, MAX_EPOCH);
    this.#nextProducerId = nextProducerId;
  }

  /** Aborts for another producer's or for the clock's sake: the epoch goes up in any case, so that the producer cannot go on. */
  fence({ bumpsEpoch, nextProducerId, nowMs }: Omit<Ending, "committed">): void {
    this.#moveTo("PrepareEpochFence", nowMs);
    this.#moveTo("PrepareAbort", nowMs);
    this.#bumpsEpoch = bumpsEpoch;
    this.#lastProducerEpoch = bumpsEpoch ? this.#producerEpoch : NO_PRODUCER_EPOCH;
    this.#producerEpoch = Math.min(this.#producerEpoch + 1, MAX_EPOCH);
    if (bumpsEpoch) this.#nextProducerId = nextProducerId;
  }

  /** Every partition has its marker. */
  complete(nowMs: number): void {
    const { producerId, producerEpoch } = this.next;
    this.#moveTo(this.#state === "PrepareCommit" ? "CompleteCommit" : "CompleteAbort", nowMs);
    this.#producerId = producerId;
    this.#producerEpoch = producerEpoch;
    this.#nextProducerId = NO_PRODUCER_ID;
    this.partitions.clear();
  }

  expire(nowMs: number): void {
    this.#moveTo("Dead", nowMs);
  }

  #begin(timeoutMs: number, nowMs: number): void {
    this.#moveTo("Empty", nowMs);
    this.#timeoutMs = timeoutMs;
    this.#startMs = NO_TIMESTAMP;
  }

  #moveTo(state: TransactionState, nowMs: number): void {
    if (!VALID_PREVIOUS_STATES[state].includes(this.#state)) {
      throw new TypeError(`a transaction cannot go from ${this.#state} to ${state}`);
    }
    this.#state = state;
    this.#prevProducerId = this.#producerId;
    this.#lastUpdateMs = nowMs;
  }
}
