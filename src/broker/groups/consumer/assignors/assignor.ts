/** What an assignor is: the broker's answer to who reads what (KIP-848). Pure functions of the group. */

/** Partitions by topic id. */
export type Partitions = ReadonlyMap<string, ReadonlySet<number>>;

export interface AssignorMember {
  readonly memberId: string;
  /** Null for a dynamic member. */
  readonly instanceId: string | null;
  /** Only topics that exist. */
  readonly subscribedTopicIds: ReadonlySet<string>;
  /** What the last target assignment gave the member. */
  readonly assigned: Partitions;
}

export interface AssignorGroup {
  /** Where their order decides who gets what, it is this one; see hash-order.ts. */
  readonly members: readonly AssignorMember[];
  /** Whether all members subscribe to the same topics. */
  readonly isHomogeneous: boolean;
  readonly partitionCountOf: (topicId: string) => number;
}

/** By member id. Whoever is not named gets nothing. */
export type TargetPartitions = ReadonlyMap<string, Partitions>;

export type Assignor = (group: AssignorGroup) => TargetPartitions;

/** Partitions that are still being collected. */
export type Collected = Map<string, Set<number>>;

export function collect(into: Collected, topicId: string, partition: number): void {
  const partitions = into.get(topicId);
  if (partitions === undefined) into.set(topicId, new Set([partition]));
  else partitions.add(partition);
}
