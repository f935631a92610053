import type { TopicPartition } from "../../consumer/topic-partition.ts";

/** What a member of a classic group says when it joins. */
export interface GroupMember {
  readonly memberId: string;
  /** Of a static member. */
  readonly instanceId: string | undefined;
  /** Where it runs, if it says so. */
  readonly rackId: string | undefined;
  readonly topics: readonly string[];
  /** What it holds, as far as the protocol lets it keep something. */
  readonly ownedPartitions: readonly TopicPartition[];
  /** In which it got them; -1 for none. */
  readonly generationId: number;
  /** For assignors that have something else to say. */
  readonly userData: Uint8Array | null;
}

/** Of every topic that is known: the racks of each partition's replicas, by partition. Without racks, an empty list for each. */
export type TopicRacks = ReadonlyMap<string, readonly (readonly string[])[]>;

/** Who gets what, by member id. */
export type Assignment = ReadonlyMap<string, readonly TopicPartition[]>;

/**
 * Shares the partitions of a group's topics among its members. Who is the group's leader runs it for all of them, whatever client they
 * are: the same facts give the same result as Java's assignor of that name.
 */
export interface PartitionAssignor {
  readonly name: string;
  /** What a member with these topics tells its leader besides; the built-in ones have their own. */
  readonly userData?: ((topics: ReadonlySet<string>) => Uint8Array | null) | undefined;
  /** Everyone is in the result, perhaps with nothing. */
  assign(topics: TopicRacks, members: readonly GroupMember[]): Assignment;
}

/** As Java sorts texts: by their UTF-16 units. */
export function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Static members first, by the names that stay theirs when member ids change. */
export function byMemberName(one: GroupMember, other: GroupMember): number {
  if (one.instanceId !== undefined && other.instanceId !== undefined) return compareTexts(one.instanceId, other.instanceId);
  if (one.instanceId !== undefined) return -1;
  if (other.instanceId !== undefined) return 1;
  return compareTexts(one.memberId, other.memberId);
}

/** Of the topics that anybody has subscribed to, those that are known and have partitions. */
export function subscribedTopics(topics: TopicRacks, members: readonly GroupMember[]): TopicRacks {
  const found = new Map<string, readonly (readonly string[])[]>();
  for (const member of members) {
    for (const topic of member.topics) {
      const partitions = topics.get(topic);
      if (partitions !== undefined && partitions.length > 0) found.set(topic, partitions);
    }
  }
  return found;
}

/** Whether looking at racks can bring anything: somebody has one that some partition's replicas are in, and others are not. */
export function racksMatter(memberRacks: ReadonlySet<string>, partitions: Iterable<readonly string[]>): boolean {
  const all = [...partitions].map((racks) => new Set(racks));
  const racks = new Set(all.flatMap((of) => [...of]));
  if (![...memberRacks].some((rack) => racks.has(rack))) return false;
  return all.some((of) => of.size !== racks.size);
}
