import { type BatchEntry, BatchIndex } from "./batch-index.ts";

/** Where a segment is sealed, unless `segment.bytes` says less: far below Kafka's 1 GiB, so that retention frees memory in time. */
export const SEGMENT_BYTES = 1_048_576;
const FIRST_BUFFER_BYTES = 4096;

/**
 * A stretch of the log: batches one after the other in one buffer. Bytes are only ever added behind the last one. What was handed
 * out stays as it is: growing and cutting copy into a buffer of their own.
 */
export class Segment {
  readonly baseOffset: number;
  /** Bytes of the log before this segment, counted since it began. */
  readonly basePosition: number;
  readonly index: BatchIndex = new BatchIndex();
  #bytes: Uint8Array;
  #size = 0;
  /** Of the last append: what a segment counts as when its records have no timestamps. */
  lastAppendMs: number;

  constructor(init: {
    readonly baseOffset: number;
    readonly basePosition: number;
    readonly capacity: number;
    readonly nowMs: number;
  }) {
    this.baseOffset = init.baseOffset;
    this.basePosition = init.basePosition;
    this.lastAppendMs = init.nowMs;
    this.#bytes = emptyBuffer(init.capacity);
  }

  get size(): number {
    return this.#size;
  }

  get isEmpty(): boolean {
    return this.index.count === 0;
  }

  /** One behind its last record. */
  get nextOffset(): number {
    return this.isEmpty ? this.baseOffset : this.index.nextOffset(this.index.count - 1);
  }

  /** What retention by time goes by. */
  get largestTimestamp(): number {
    return this.index.maxTimestamp >= 0 ? this.index.maxTimestamp : this.lastAppendMs;
  }

  /**
   * Copies a batch behind the last one.
   * @returns the segment's own bytes of it, whose header may still be rewritten before anybody reads them
   */
  append(batch: Uint8Array, entry: Omit<BatchEntry, "position">, nowMs: number): Uint8Array {
    const position = this.#size;
    this.#reserve(position + batch.length);
    this.#bytes.set(batch, position);
    this.#size = position + batch.length;
    this.index.add({ ...entry, position });
    this.lastAppendMs = nowMs;
    return this.#bytes.subarray(position, this.#size);
  }

  /** The bytes of batches, from that at `from` up to but without that at `to`: a view. */
  slice(from: number, to: number): Uint8Array {
    return this.#bytes.subarray(this.positionOf(from), this.positionOf(to));
  }

  /** Where a batch begins; for `count`, where the segment ends. */
  positionOf(index: number): number {
    return index < this.index.count ? this.index.position(index) : this.#size;
  }

  /** A segment of its own with the first `count` batches. */
  cut(count: number): Segment {
    const { baseOffset, basePosition, lastAppendMs } = this;
    const cut = new Segment({ baseOffset, basePosition, capacity: this.positionOf(count), nowMs: lastAppendMs });
    for (let index = 0; index < count; index++) cut.append(this.slice(index, index + 1), this.index.entry(index), lastAppendMs);
    return cut;
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    const grown = emptyBuffer(Math.max(size, Math.min(2 * this.#bytes.length, SEGMENT_BYTES), FIRST_BUFFER_BYTES));
    grown.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = grown;
  }
}

/** Not zeroed: what is read was written before. Not from Node's pool either, whose pieces keep each other alive. */
function emptyBuffer(size: number): Uint8Array {
  return Buffer.allocUnsafeSlow(size);
}
