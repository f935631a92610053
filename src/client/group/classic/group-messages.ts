/** What members of a classic group tell each other through their coordinator, in our words. */
import {
  type DescribedGroupMember,
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeCooperativeStickyUserData,
  encodeStickyUserData,
  encodeSubscription,
  type JoinGroupMember,
  type JoinGroupProtocol,
  MalformedMessageError,
  type SyncGroupAssignment,
} from "../../../protocol/index.ts";
import { PartitionMap, type TopicPartition } from "../../consumer/topic-partition.ts";
import { type Assignment, compareTexts, type GroupMember, type PartitionAssignor } from "../assignors/assignor.ts";

/** What a member says of itself when it joins. */
export interface JoiningMember {
  readonly topics: Iterable<string>;
  /** What it keeps while it joins; nothing in an eager group. */
  readonly ownedPartitions: readonly TopicPartition[];
  /** The generation that it is in; -1 for none, or if it was lost. */
  readonly generationId: number;
  /** What it was assigned last, kept or not, and in which generation; -1 for never. */
  readonly lastAssignment: readonly TopicPartition[];
  readonly lastGenerationId: number;
  readonly rackId: string | undefined;
}

interface ByTopic {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** For each assignor what its leader wants to know, the preferred one first. */
export function protocolsOf(assignors: readonly PartitionAssignor[], member: JoiningMember): readonly JoinGroupProtocol[] {
  const { generationId, rackId } = member;
  const topics = new Set([...member.topics].sort(compareTexts));
  const common = {
    topics: [...topics],
    ownedPartitions: byTopic(member.ownedPartitions),
    generationId,
    rackId: rackId ?? null,
  };
  return assignors.map(({ name, userData }) => ({
    name,
    metadata: encodeSubscription({ ...common, userData: userData === undefined ? userDataFor(name, member) : userData(topics) }),
  }));
}

/** As Java's two sticky assignors have it; others of Java's say nothing. */
function userDataFor(assignor: string, { lastGenerationId, lastAssignment }: JoiningMember): Uint8Array | null {
  if (assignor === "cooperative-sticky") return encodeCooperativeStickyUserData(lastGenerationId);
  if (assignor !== "sticky" || lastGenerationId < 0) return null;
  return encodeStickyUserData({ previousAssignment: byTopic(lastAssignment), generation: lastGenerationId });
}

/**
 * Who is in the group, as its leader hears it.
 *
 * @param onUnreadable G21: what a member sends is no reason not to serve the others; it gets nothing
 */
export function membersFrom(
  members: readonly JoinGroupMember[],
  onUnreadable: (memberId: string, error: MalformedMessageError) => void,
): readonly GroupMember[] {
  const found = new Map<string, GroupMember>();
  for (const { memberId, groupInstanceId, metadata } of members) {
    if (found.has(memberId)) continue;
    const instanceId = groupInstanceId ?? undefined;
    found.set(memberId, { memberId, instanceId, ...subscriptionIn(metadata, (error) => onUnreadable(memberId, error)) });
  }
  return [...found.values()];
}

type Said = Omit<GroupMember, "memberId" | "instanceId">;

const NOTHING_SAID: Said = { topics: [], ownedPartitions: [], generationId: -1, rackId: undefined, userData: null };

function subscriptionIn(metadata: Uint8Array, onUnreadable: (error: MalformedMessageError) => void): Said {
  try {
    const { topics, ownedPartitions, generationId, rackId, userData } = decodeSubscription(metadata).value;
    return { topics, ownedPartitions: flat(ownedPartitions), generationId, rackId: rackId ?? undefined, userData };
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error;
    onUnreadable(error);
    return NOTHING_SAID;
  }
}

/** What the leader sends: something for everybody, or the coordinator would take it for forgotten. */
export function assignmentsOf(assignment: Assignment): readonly SyncGroupAssignment[] {
  return [...assignment].map(([memberId, partitions]) => ({
    memberId,
    assignment: encodeAssignment({ assignedPartitions: byTopic(partitions), userData: null }),
  }));
}

/**
 * What we get. Nothing, where the leader has left us out. Partitions that cannot be are left out, and those that come twice come once.
 *
 * @throws MalformedMessageError
 */
export function assignedIn(bytes: Uint8Array): readonly TopicPartition[] {
  if (bytes.length === 0) return [];
  const found = new PartitionMap<TopicPartition>();
  for (const partition of flat(decodeAssignment(bytes).value.assignedPartitions)) {
    if (partition.partition >= 0) found.set(partition.topic, partition.partition, partition);
  }
  return [...found.values()];
}

/**
 * G20: whether somebody has each of these, or keeps it from others until he has let go of it, and joins again for them then: what he has kept
 * he has said when he joined.
 *
 * @throws MalformedMessageError
 */
export function areSeenTo(
  partitions: readonly TopicPartition[],
  members: readonly Pick<DescribedGroupMember, "memberMetadata" | "memberAssignment">[],
): boolean {
  const seenTo = new PartitionMap<true>();
  for (const { memberMetadata, memberAssignment } of members) {
    const kept = subscriptionIn(memberMetadata, () => undefined).ownedPartitions;
    for (const { topic, partition } of [...assignedIn(memberAssignment), ...kept]) seenTo.set(topic, partition, true);
  }
  return partitions.every(({ topic, partition }) => seenTo.has(topic, partition));
}

function flat(topics: readonly ByTopic[]): readonly TopicPartition[] {
  return topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
}

/** Sorted, as Java does it. */
function byTopic(partitions: readonly TopicPartition[]): readonly ByTopic[] {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const known = topics.get(topic);
    if (known === undefined) topics.set(topic, [partition]);
    else known.push(partition);
  }
  return [...topics]
    .sort(([one], [other]) => compareTexts(one, other))
    .map(([topic, of]) => ({ topic, partitions: of.sort((one, other) => one - other) }));
}
