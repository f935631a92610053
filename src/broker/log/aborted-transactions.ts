/** Which transactions were aborted in this partition: what a reader of committed records must drop. */

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
  /** Of the abort marker. */
  readonly lastOffset: number;
  /** As it was when the marker was written: no transaction that ended later can have begun before it. */
  readonly lastStableOffset: number;
}

export class AbortedTransactions {
  /** In the order of their markers. */
  #entries: AbortedTransaction[] = [];

  add(transaction: AbortedTransaction): void {
    this.#entries.push(transaction);
  }

  /** Those that overlap with [fetchOffset, upperBoundOffset). */
  overlapping(fetchOffset: number, upperBoundOffset: number): AbortedTransaction[] {
    const found: AbortedTransaction[] = [];
    for (let index = this.#firstEndingAt(fetchOffset); index < this.#entries.length; index++) {
      const entry = this.#entries[index]!;
      if (entry.firstOffset < upperBoundOffset) found.push(entry);
      if (entry.lastStableOffset >= upperBoundOffset) break;
    }
    return found;
  }

  truncateFromEnd(endOffset: number): void {
    this.#entries = this.#entries.filter((entry) => entry.lastOffset < endOffset);
  }

  truncateFromStart(startOffset: number): void {
    this.#entries = this.#entries.slice(this.#firstEndingAt(startOffset));
  }

  /** Markers stand in the log in this order, so their offsets can be searched. */
  #firstEndingAt(offset: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#entries[middle]!.lastOffset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
