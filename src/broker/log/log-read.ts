import type { Segments } from "./segments.ts";

export interface LogReadLimits {
  /** The first offset to read. */
  readonly offset: number;
  /** The reader sees nothing from here on: high watermark or last stable offset. */
  readonly endOffset: number;
  readonly maxBytes: number;
  /** Return the first batch even when it is larger than `maxBytes`: else its reader would never get on. */
  readonly minOneBatch: boolean;
}

export interface LogRead {
  /** Whole batches, a view of the log. The first one may begin before the asked offset. */
  readonly records: Uint8Array;
  /** One behind the last record in them; the asked offset when there are none. */
  readonly nextOffset: number;
}

const NOTHING = new Uint8Array(0);

/** Batches of one segment, as many as fit. A fetch never crosses from one segment to the next, as in Kafka. */
export function readLog(segments: Segments, limits: LogReadLimits): LogRead {
  const nothing = { records: NOTHING, nextOffset: limits.offset };
  const place = segments.find(limits.offset);
  if (place === undefined) return nothing;
  const { segment, index: from } = place;
  const { index } = segment;
  const visible = index.indexOfOffset(limits.endOffset);
  const lastByte = segment.positionOf(from) + limits.maxBytes;
  const fitting = lastByte >= segment.size ? index.count : index.indexOfPosition(lastByte);
  const to = Math.min(visible, Math.max(fitting, limits.minOneBatch ? from + 1 : 0));
  if (to <= from) return nothing;
  return { records: segment.slice(from, to), nextOffset: index.nextOffset(to - 1) };
}
