import type { BatchEntry } from "./batch-index.ts";
import { SEGMENT_BYTES, Segment } from "./segment.ts";

/** What the next batch brings along, for the question whether it begins a segment. */
export interface RollRules {
  readonly segmentBytes: number;
  readonly segmentMs: number;
  readonly nowMs: number;
}

/** A batch and where it is. */
export interface BatchPlace {
  readonly segment: Segment;
  readonly index: number;
}

/** The segments of a log, in order and without gaps. There is none before the first append: most partitions stay empty. */
export class Segments {
  #segments: Segment[] = [];
  /** Bytes appended since the log began, deleted or not: positions in the log count on. */
  #endPosition = 0;

  get all(): readonly Segment[] {
    return this.#segments;
  }

  get active(): Segment | undefined {
    return this.#segments.at(-1);
  }

  get sizeInBytes(): number {
    return this.#endPosition - (this.#segments[0]?.basePosition ?? this.#endPosition);
  }

  get endPosition(): number {
    return this.#endPosition;
  }

  /** @returns the segment's own bytes of the batch, whose header may still be rewritten */
  append(batch: Uint8Array, entry: Omit<BatchEntry, "position">, rules: RollRules): Uint8Array {
    const segment = this.#segmentFor(batch.length, entry, rules);
    const stored = segment.append(batch, entry, rules.nowMs);
    this.#endPosition += batch.length;
    return stored;
  }

  /** The batch that holds the offset, or the first behind it; undefined when there is none. */
  find(offset: number): BatchPlace | undefined {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#segments[middle]!.nextOffset <= offset) low = middle + 1;
      else high = middle;
    }
    const segment = this.#segments[low];
    return segment === undefined ? undefined : { segment, index: segment.index.indexOfOffset(offset) };
  }

  /** Where the batch of this offset begins, counted from the beginning of the log; the end for an offset behind all. */
  positionOf(offset: number): number {
    const place = this.find(offset);
    return place === undefined ? this.#endPosition : place.segment.basePosition + place.segment.positionOf(place.index);
  }

  /** Every batch that ends behind `from`, in order. */
  *batches(from = 0): Generator<BatchPlace, undefined> {
    const first = this.find(from);
    if (first === undefined) return undefined;
    let { index } = first;
    for (const segment of this.#segments.slice(this.#segments.indexOf(first.segment))) {
      for (; index < segment.index.count; index++) yield { segment, index };
      index = 0;
    }
    return undefined;
  }

  /** Drops the oldest `count` segments. */
  dropFirst(count: number): void {
    this.#segments = this.#segments.slice(count);
  }

  /** Drops every batch that ends behind the offset. */
  truncateTo(offset: number): void {
    const place = this.find(offset);
    if (place === undefined) return;
    const { segment, index } = place;
    this.#segments = this.#segments.slice(0, this.#segments.indexOf(segment));
    if (index > 0) this.#segments.push(segment.cut(index));
    this.#endPosition = segment.basePosition + segment.positionOf(index);
  }

  clear(): void {
    this.#segments = [];
  }

  #segmentFor(size: number, entry: Omit<BatchEntry, "position">, rules: RollRules): Segment {
    const { active } = this;
    if (active !== undefined && !mustRoll(active, size, entry, rules)) return active;
    // The first segment grows as it is needed. Where one has been filled, the next will be, too.
    const capacity = active === undefined ? size : Math.max(size, Math.min(rules.segmentBytes, SEGMENT_BYTES));
    const segment = new Segment({ baseOffset: entry.baseOffset, basePosition: this.#endPosition, capacity, nowMs: rules.nowMs });
    this.#segments.push(segment);
    return segment;
  }
}

function mustRoll(active: Segment, size: number, entry: Omit<BatchEntry, "position">, rules: RollRules): boolean {
  if (active.isEmpty) return false;
  if (active.size + size > Math.min(rules.segmentBytes, SEGMENT_BYTES)) return true;
  const first = active.index.maxTimestampOf(0);
  return first >= 0 && entry.maxTimestamp - first > rules.segmentMs;
}
