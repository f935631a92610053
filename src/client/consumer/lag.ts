import type { ResolvedConsumerConfig } from "../config/consumer-options.ts";
import type { AssignedPartition } from "./assignment/assigned-partition.ts";

type IsolationLevel = ResolvedConsumerConfig["isolationLevel"];

/** As far as can be read of the log; undefined while no answer has told. */
export function knownEnd(
  { highWatermark, lastStableOffset }: AssignedPartition,
  isolationLevel: IsolationLevel,
): number | undefined {
  return isolationLevel === "read_committed" ? lastStableOffset : highWatermark;
}

/** How many offsets the position is behind what can be read; undefined while that is not known. */
export function lagOf(partition: AssignedPartition, isolationLevel: IsolationLevel): number | undefined {
  const { position } = partition;
  const end = knownEnd(partition, isolationLevel);
  return position === undefined || end === undefined ? undefined : Math.max(0, end - position);
}

/** How many offsets the position is ahead of what the log forgets next (KIP-223); undefined while that is not known. */
export function leadOf({ position, logStartOffset }: AssignedPartition): number | undefined {
  return position === undefined || logStartOffset === undefined ? undefined : Math.max(0, position - logStartOffset);
}
