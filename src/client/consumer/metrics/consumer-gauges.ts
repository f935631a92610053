import type { AssignedPartition } from "../assignment/assigned-partition.ts";

/** What can be read of a consumer at any moment, by whoever keeps it. Getters: they are read when metrics are. */
export interface ConsumerGauges {
  readonly assignedPartitions: number;
  partitions(): Iterable<AssignedPartition>;
  /** Fetched and not read yet. */
  readonly bufferedBytes: number;
  /** Fetch requests that are sent and not answered. */
  readonly fetchesInFlight: number;
  /** Partitions that should make progress, and do not. */
  readonly stalledPartitions: number;
}
