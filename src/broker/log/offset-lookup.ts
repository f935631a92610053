/** Finds offsets by time: what ListOffsets asks for. */
import { RecordBatch } from "../../protocol/index.ts";
import { brokerCodecs, MAX_UNFOLDED_BYTES } from "./produce/broker-codecs.ts";
import type { Segment } from "./segment.ts";
import type { BatchPlace, Segments } from "./segments.ts";

export interface FoundOffset {
  readonly timestamp: number;
  readonly offset: number;
  readonly leaderEpoch: number;
}

/** The first record of that time or later, at or behind `startOffset`. */
export function offsetOfTimestamp(segments: Segments, timestamp: number, startOffset: number): FoundOffset | undefined {
  for (const segment of segments.all) {
    const { index } = segment;
    for (let batch = index.indexOfTimestamp(timestamp); batch < index.count; batch++) {
      if (index.maxTimestampOf(batch) < timestamp) continue;
      const found = firstRecord({ segment, index: batch }, (at, offset) => at >= timestamp && offset >= startOffset);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The first record with the greatest timestamp of all (KIP-734). */
export function offsetOfMaxTimestamp(segments: Segments): FoundOffset | undefined {
  let latest: Segment | undefined;
  for (const segment of segments.all) {
    if (latest === undefined || segment.index.maxTimestamp > latest.index.maxTimestamp) latest = segment;
  }
  if (latest === undefined) return undefined;
  const { maxTimestamp } = latest.index;
  return firstRecord({ segment: latest, index: latest.index.indexOfTimestamp(maxTimestamp) }, (at) => at === maxTimestamp);
}

/**
 * What ListOffsets v0 answers: where segments begin, the latest first, of those that were last written before a time. The end of
 * the log counts as one more segment, written now.
 */
export function legacyOffsetsBefore(
  segments: Segments,
  asked: {
    readonly timestamp: number;
    readonly maxOffsets: number;
    readonly logStartOffset: number;
    readonly endOffset: number;
    readonly nowMs: number;
  },
): number[] {
  const { logStartOffset, endOffset } = asked;
  const begins = segments.all.map((segment) => ({
    offset: Math.max(segment.baseOffset, logStartOffset),
    atMs: segment.lastAppendMs,
  }));
  begins.push({ offset: endOffset, atMs: asked.nowMs });
  const found = begins.filter(({ atMs }, index) => {
    if (asked.timestamp === LATEST) return true;
    return asked.timestamp === EARLIEST ? index === 0 : atMs <= asked.timestamp;
  });
  return found
    .reverse()
    .slice(0, Math.max(0, asked.maxOffsets))
    .map(({ offset }) => offset);
}

const LATEST = -1;
const EARLIEST = -2;

function firstRecord(
  { segment, index }: BatchPlace,
  matches: (timestamp: number, offset: number) => boolean,
): FoundOffset | undefined {
  const batch = RecordBatch.decode(segment.slice(index, index + 1), {
    checkCrc: false,
    codecs: brokerCodecs,
    maxOutputBytes: MAX_UNFOLDED_BYTES,
  });
  const cursor = batch.cursor();
  while (cursor.next()) {
    const { timestamp, offset } = cursor;
    if (matches(timestamp, offset)) return { timestamp, offset, leaderEpoch: segment.index.leaderEpoch(index) };
  }
  return undefined;
}
