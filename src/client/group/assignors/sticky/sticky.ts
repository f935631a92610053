/** Java's two sticky assignors: who has something keeps it, as far as everybody gets as much as the others. */
import { decodeCooperativeStickyUserData, decodeStickyUserData, MalformedMessageError } from "../../../../protocol/index.ts";
import type { TopicPartition } from "../../../consumer/topic-partition.ts";
import { type Assignment, type GroupMember, type PartitionAssignor, subscribedTopics, type TopicRacks } from "../assignor.ts";
import { inHashOrder, textHash } from "../java-hash-order.ts";
import { KnownPartitions } from "../partitions.ts";
import { type Claim, type ClaimOf, judgeClaims } from "./claims.ts";
import { shareAmongEquals } from "./equal-members.ts";
import { RackView } from "./rack-view.ts";
import type { Shared } from "./sharing.ts";
import { shareAmongUnequals } from "./unequal-members.ts";

/** Members let go of everything before they join, and tell in their user data what it was. */
export const stickyAssignor: PartitionAssignor = {
  name: "sticky",
  assign: (topics, members) => share(topics, members, claimInUserData).assignment,
};

/** Members keep what they have. What is to go to somebody else is nobody's until who has it has let go, and they join once more. */
export const cooperativeStickyAssignor: PartitionAssignor = {
  name: "cooperative-sticky",
  assign(topics, members) {
    const { assignment, moving } = share(topics, members, claimInSubscription);
    return withoutMoving(assignment, moving ?? movingBetween(members, assignment));
  },
};

const NO_GENERATION = -1;
const NOTHING: Claim = { partitions: [], generationId: NO_GENERATION };

function claimInUserData({ userData }: GroupMember): Claim {
  if (userData === null || userData.length === 0) return NOTHING;
  const { previousAssignment, generation } = readable(() => decodeStickyUserData(userData)) ?? { previousAssignment: [] };
  const partitions = previousAssignment.flatMap(({ topic, partitions: of }) => of.map((partition) => ({ topic, partition })));
  return { partitions, generationId: generation ?? NO_GENERATION };
}

function claimInSubscription({ ownedPartitions, generationId, userData }: GroupMember): Claim {
  // Members of old releases say their generation in the user data.
  const older = generationId >= 0 || userData === null ? undefined : readable(() => decodeCooperativeStickyUserData(userData));
  return { partitions: ownedPartitions, generationId: older ?? generationId };
}

/** G21: what a member makes up is no reason not to serve the others. */
function readable<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof MalformedMessageError) return undefined;
    throw error;
  }
}

function share(topics: TopicRacks, all: readonly GroupMember[], claimOf: ClaimOf): Shared {
  const members = inHashOrder(all, ({ memberId }) => textHash(memberId));
  const subscribed = subscribedTopics(topics, members);
  const known = new KnownPartitions(subscribed);
  const claims = judgeClaims(members, claimOf, known);
  const sharing = { known, members, claims, racks: new RackView(subscribed, members) };
  return areEqual(members) ? shareAmongEquals(sharing) : shareAmongUnequals(sharing);
}

function areEqual([first, ...others]: readonly GroupMember[]): boolean {
  const topics = new Set(first?.topics);
  return others.every((other) => {
    const own = new Set(other.topics);
    return own.size === topics.size && other.topics.every((topic) => topics.has(topic));
  });
}

/** What somebody gets that somebody else has to let go of first. */
function movingBetween(members: readonly GroupMember[], assignment: Assignment): ReadonlyMap<TopicPartition, string> {
  const nameOf = ({ topic, partition }: TopicPartition): string => `${partition} ${topic}`;
  const lost = new Set<string>();
  const gained = new Map<TopicPartition, string>();
  for (const { memberId, ownedPartitions } of members) {
    const assigned = assignment.get(memberId) ?? [];
    const before = new Set(ownedPartitions.map(nameOf));
    const after = new Set(assigned.map(nameOf));
    for (const partition of assigned) if (!before.has(nameOf(partition))) gained.set(partition, memberId);
    for (const name of before) if (!after.has(name)) lost.add(name);
  }
  return new Map([...gained].filter(([partition]) => lost.has(nameOf(partition))));
}

function withoutMoving(assignment: Assignment, moving: ReadonlyMap<TopicPartition, string>): Assignment {
  const kept = [...assignment].map(
    ([memberId, partitions]) => [memberId, partitions.filter((partition) => moving.get(partition) !== memberId)] as const,
  );
  return new Map(kept);
}
