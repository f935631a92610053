import type { ByteViews, TimestampType } from "../../../protocol/index.ts";

/** What all records of a batch have in common, in one object, so that each of them needs only one reference. */
export interface BatchOrigin {
  readonly topic: string;
  readonly partition: number;
  /** -1 for unknown. */
  readonly leaderEpoch: number;
  readonly timestampType: TimestampType;
  /** What offsets and timestamps are counted from. */
  readonly baseOffset: number;
  readonly baseTimestamp: number;
  /** Of the bytes in which the records stand. They are the batch's own: whoever keeps a record keeps these, and no more. */
  readonly views: ByteViews;
  /** Formats 0 and 1 have none. */
  readonly hasHeaders: boolean;
  /** The timestamp that the batch counts from is beyond 2^53. */
  readonly isFarFuture: boolean;
}
