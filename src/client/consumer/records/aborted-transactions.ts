import { parseControlRecord, type RecordBatch } from "../../../protocol/index.ts";

/** A transaction that came to nothing: what this producer wrote from there on, up to its abort marker, is left out. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

/**
 * Which batches of an answer belong to aborted transactions. To be asked for every batch, in the order of the log: a producer is aborted
 * from the first offset of one of its transactions in the list until its abort marker comes by, and perhaps again later.
 */
export class AbortedTransactions {
  /** Not everybody who answers keeps them in order. */
  readonly #byFirstOffset: readonly AbortedTransaction[];
  #next = 0;
  readonly #producers = new Set<bigint>();

  constructor(transactions: readonly AbortedTransaction[]) {
    this.#byFirstOffset = transactions.toSorted((one, other) => one.firstOffset - other.firstOffset);
  }

  /** @throws MalformedMessageError when a marker is no marker */
  isAborted(batch: RecordBatch, lastOffset: number): boolean {
    this.#begin(lastOffset);
    if (this.#producers.size === 0) return false;
    const { producerId, isControl } = batch;
    if (isControl) {
      if (this.#producers.has(producerId) && isAbortMarker(batch)) this.#producers.delete(producerId);
      return false;
    }
    return batch.isTransactional && this.#producers.has(producerId);
  }

  /** The transactions that have begun up to there. */
  #begin(offset: number): void {
    const transactions = this.#byFirstOffset;
    for (; this.#next < transactions.length; this.#next++) {
      const { firstOffset, producerId } = transactions[this.#next]!;
      if (firstOffset > offset) return;
      this.#producers.add(producerId);
    }
  }
}

/** Only the first record counts; compaction may have left none. */
function isAbortMarker(batch: RecordBatch): boolean {
  const cursor = batch.cursor();
  return cursor.next() && parseControlRecord(cursor.key, cursor.value).type === "ABORT";
}
