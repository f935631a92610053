/** What a segment remembers of its batches: six numbers each, in one array, because a busy segment holds thousands. */

const FIELDS = 6;
const BASE_OFFSET = 0;
const NEXT_OFFSET = 1;
const POSITION = 2;
const MAX_TIMESTAMP = 3;
/** The greatest timestamp of this batch and all before it: grows, so that it can be searched. */
const RUNNING_MAX_TIMESTAMP = 4;
const LEADER_EPOCH = 5;
const FIRST_CAPACITY = 8;

export interface BatchEntry {
  readonly baseOffset: number;
  /** One behind the last record. */
  readonly nextOffset: number;
  /** First byte of the batch in its segment. */
  readonly position: number;
  readonly maxTimestamp: number;
  readonly leaderEpoch: number;
}

export class BatchIndex {
  #values = new Float64Array(0);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(entry: BatchEntry): void {
    const at = this.#count * FIELDS;
    if (at === this.#values.length) this.#grow();
    const values = this.#values;
    values[at + BASE_OFFSET] = entry.baseOffset;
    values[at + NEXT_OFFSET] = entry.nextOffset;
    values[at + POSITION] = entry.position;
    values[at + MAX_TIMESTAMP] = entry.maxTimestamp;
    values[at + RUNNING_MAX_TIMESTAMP] = Math.max(entry.maxTimestamp, this.maxTimestamp);
    values[at + LEADER_EPOCH] = entry.leaderEpoch;
    this.#count++;
  }

  /** The greatest timestamp of all batches; -1 without any. */
  get maxTimestamp(): number {
    return this.#count === 0 ? -1 : this.#at(this.#count - 1, RUNNING_MAX_TIMESTAMP);
  }

  baseOffset(index: number): number {
    return this.#at(index, BASE_OFFSET);
  }

  nextOffset(index: number): number {
    return this.#at(index, NEXT_OFFSET);
  }

  position(index: number): number {
    return this.#at(index, POSITION);
  }

  maxTimestampOf(index: number): number {
    return this.#at(index, MAX_TIMESTAMP);
  }

  leaderEpoch(index: number): number {
    return this.#at(index, LEADER_EPOCH);
  }

  /** The batch that holds the offset, or the next one if it lies in a gap; `count` when all batches end before it. */
  indexOfOffset(offset: number): number {
    return this.#firstIndex(NEXT_OFFSET, offset + 1);
  }

  /** The first batch with a timestamp of at least this; `count` when there is none. */
  indexOfTimestamp(timestamp: number): number {
    return this.#firstIndex(RUNNING_MAX_TIMESTAMP, timestamp);
  }

  /** The first batch that ends behind this position; `count` when all end before. */
  indexOfPosition(position: number): number {
    const following = this.#firstIndex(POSITION, position + 1);
    return Math.max(0, following - 1);
  }

  entry(index: number): BatchEntry {
    return {
      baseOffset: this.baseOffset(index),
      nextOffset: this.nextOffset(index),
      position: this.position(index),
      maxTimestamp: this.maxTimestampOf(index),
      leaderEpoch: this.leaderEpoch(index),
    };
  }

  #at(index: number, field: number): number {
    return this.#values[index * FIELDS + field]!;
  }

  /** The first batch whose field, which grows from batch to batch, is at least `wanted`. */
  #firstIndex(field: number, wanted: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#at(middle, field) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #grow(): void {
    const grown = new Float64Array(Math.max(FIRST_CAPACITY * FIELDS, this.#values.length * 2));
    grown.set(this.#values);
    this.#values = grown;
  }
}
