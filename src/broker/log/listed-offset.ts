import type { Partition } from "../cluster/partition.ts";
import type { FoundOffset } from "./offset-lookup.ts";

/** What may stand in the place of a timestamp, and since which version of ListOffsets. */
const LATEST = -1;
const EARLIEST = -2;
const MAX_TIMESTAMP = -3;
const EARLIEST_LOCAL = -4;
const LATEST_TIERED = -5;
const EARLIEST_PENDING_UPLOAD = -6;

const FIRST_VERSIONS: ReadonlyMap<number, number> = new Map([
  [LATEST, 0],
  [EARLIEST, 0],
  [MAX_TIMESTAMP, 7],
  [EARLIEST_LOCAL, 8],
  [LATEST_TIERED, 9],
  [EARLIEST_PENDING_UPLOAD, 11],
]);

const UNKNOWN = -1;
const NOTHING_TIERED: FoundOffset = { timestamp: UNKNOWN, offset: UNKNOWN, leaderEpoch: UNKNOWN };

/** Negative numbers are kept for names of places in the log. */
export function isTimestampSupported(timestamp: number, version: number): boolean {
  return timestamp >= 0 || version >= (FIRST_VERSIONS.get(timestamp) ?? Number.POSITIVE_INFINITY);
}

/** Undefined when there is no such record among those that the reader may see. */
export function listedOffset(
  { log, leaderEpoch }: Partition,
  timestamp: number,
  isReadCommitted: boolean,
): FoundOffset | undefined {
  const end = isReadCommitted ? log.lastStableOffset : log.highWatermark;
  switch (timestamp) {
    case LATEST:
      return { timestamp: UNKNOWN, offset: end, leaderEpoch };
    case EARLIEST:
    case EARLIEST_LOCAL:
      return { timestamp: UNKNOWN, offset: log.logStartOffset, leaderEpoch: log.earliestEpoch ?? UNKNOWN };
    // Nothing is ever moved to other storage.
    case LATEST_TIERED:
    case EARLIEST_PENDING_UPLOAD:
      return NOTHING_TIERED;
    default: {
      const found = timestamp === MAX_TIMESTAMP ? log.offsetOfMaxTimestamp() : log.offsetOfTimestamp(timestamp);
      return found !== undefined && found.offset < end ? found : undefined;
    }
  }
}
