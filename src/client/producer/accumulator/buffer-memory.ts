/**
 * How much of `bufferMemory` is taken. Bytes are counted from the moment a record is put into a batch (or waits for being put there)
 * until the record is settled.
 */
export class BufferMemory {
  readonly totalBytes: number;
  readonly #maxRecords: number;
  readonly #onFreed: () => void;
  #usedBytes = 0;
  #records = 0;

  /** @param onFreed somebody may have been waiting for this */
  constructor(totalBytes: number, maxRecords: number, onFreed: () => void) {
    this.totalBytes = totalBytes;
    this.#maxRecords = maxRecords;
    this.#onFreed = onFreed;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get availableBytes(): number {
    return Math.max(0, this.totalBytes - this.#usedBytes);
  }

  /** Records that are not settled. */
  get records(): number {
    return this.#records;
  }

  /** There is no room for anything. Asked for every record of `produce`. */
  get isFull(): boolean {
    return this.#records >= this.#maxRecords || (this.#usedBytes >= this.totalBytes && this.#records > 0);
  }

  /** A record that would not even fit into an empty buffer is taken when it is empty: its size has been checked against maxRequestSize. */
  hasRoomFor(bytes: number): boolean {
    if (this.#records >= this.#maxRecords) return false;
    return this.#usedBytes + bytes <= this.totalBytes || this.#records === 0;
  }

  take(bytes: number): void {
    this.#usedBytes += bytes;
    this.#records++;
  }

  give(bytes: number, records: number): void {
    this.#usedBytes -= bytes;
    this.#records -= records;
    this.#onFreed();
  }
}
