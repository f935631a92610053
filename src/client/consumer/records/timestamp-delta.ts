import type { RecordCursor } from "../../../protocol/index.ts";
import type { BatchOrigin } from "./batch-origin.ts";

/**
 * What the timestamp of the record that a cursor stands on adds to that of its batch. Times beyond 2^53 (the year 287396) are rounded:
 * nobody means them, and a record that throws when it is printed helps nobody.
 */
export function timestampDeltaAt({ baseTimestamp, isFarFuture }: BatchOrigin, cursor: RecordCursor): number {
  const { timestampDelta } = cursor;
  return isFarFuture || Number.isNaN(timestampDelta) ? Number(cursor.timestampBig) - baseTimestamp : timestampDelta;
}
