import type { PartitionLeader } from "../../cluster/metadata-snapshot.ts";
import type { AssignedPartition, Whereabouts } from "../assignment/assigned-partition.ts";

/** A question about a partition, and what was believed when it was asked: an answer to anything else is nobody's (F3, F25). */
export interface Lookup {
  readonly topic: string;
  readonly partition: number;
  readonly assigned: AssignedPartition;
  readonly course: number;
  readonly whereabouts: Whereabouts;
  readonly fetchOffset: number;
  /** Undefined while nobody is known to lead it. */
  readonly leader: PartitionLeader | undefined;
}

export function lookupOf(assigned: AssignedPartition, leader: PartitionLeader | undefined): Lookup {
  const { topic, partition, course, whereabouts, fetchOffset } = assigned;
  return { topic, partition, assigned, course, whereabouts, fetchOffset, leader };
}

/** Whether the same would be asked now. While the first is true and this is not, records have arrived that were asked for before. */
export function isCurrent(lookup: Lookup): boolean {
  return isUnderWay(lookup) && lookup.assigned.fetchOffset === lookup.fetchOffset;
}

/** Whether its answer is still waited for. */
export function isUnderWay({ assigned, course, whereabouts }: Lookup): boolean {
  return assigned.isAssigned && assigned.course === course && assigned.whereabouts === whereabouts;
}
