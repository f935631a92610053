import { type AssignorGroup, type AssignorMember, type Collected, collect, type TargetPartitions } from "./assignor.ts";
import { bucketsWhenCopied, hashOrder, topicIdHash } from "./hash-order.ts";

interface FreePartition {
  readonly topicId: string;
  readonly partition: number;
}

interface Unfilled {
  readonly collected: Collected;
  readonly missing: number;
}

/**
 * All members subscribe to the same topics, so only numbers count: everybody keeps what fits into the fair share, and what is left
 * fills up those who have less.
 */
export function assignToEqualMembers(group: AssignorGroup): TargetPartitions {
  const topicIds = hashOrder(group.members[0]?.subscribedTopicIds ?? [], topicIdHash, bucketsWhenCopied);
  if (topicIds.length === 0) return new Map();
  const free = unassignedPartitions(group, topicIds);
  const share = new FairShare(
    topicIds.reduce((sum, topicId) => sum + group.partitionCountOf(topicId), 0),
    group.members.length,
  );
  const subscribed = new Set(topicIds);
  const target = new Map<string, Collected>();
  const unfilled: Unfilled[] = [];
  for (const member of group.members) {
    const allowed = share.offer();
    const { collected, room } = keepWithin(allowed, member, subscribed, free);
    const missing = share.settle(room);
    target.set(member.memberId, collected);
    if (missing > 0) unfilled.push({ collected, missing });
  }
  fillUp(unfilled, free);
  return target;
}

/** So many for everybody, and one more for some of them. */
class FairShare {
  readonly #least: number;
  #extras: number;
  #membersLeft: number;

  constructor(partitionCount: number, memberCount: number) {
    this.#least = Math.floor(partitionCount / memberCount);
    this.#extras = partitionCount % memberCount;
    this.#membersLeft = memberCount;
  }

  /** How many the next member may keep: one more than the rest as long as there are extras. */
  offer(): number {
    return this.#least + (this.#extras > 0 ? 1 : 0);
  }

  /**
   * The member could take `room` more. If that is because of an extra that it has no partition for yet, and there are members
   * enough for all extras, then the extra stays for somebody who already has one partition too many.
   */
  settle(room: number): number {
    const hadExtra = this.#extras > 0;
    const givesItBack = hadExtra && room > 0 && this.#membersLeft > this.#extras;
    if (hadExtra && !givesItBack) this.#extras--;
    this.#membersLeft--;
    return givesItBack ? room - 1 : room;
  }
}

function keepWithin(
  allowed: number,
  { assigned }: AssignorMember,
  subscribed: ReadonlySet<string>,
  free: FreePartition[],
): { readonly collected: Collected; readonly room: number } {
  const collected: Collected = new Map();
  let room = allowed;
  for (const [topicId, partitions] of assigned) {
    if (!subscribed.has(topicId)) continue;
    for (const partition of partitions) {
      if (room > 0) {
        collect(collected, topicId, partition);
        room--;
      } else {
        free.push({ topicId, partition });
      }
    }
  }
  return { collected, room };
}

function fillUp(unfilled: readonly Unfilled[], free: readonly FreePartition[]): void {
  let next = 0;
  for (const { collected, missing } of unfilled) {
    for (const { topicId, partition } of free.slice(next, next + missing)) collect(collected, topicId, partition);
    next += missing;
  }
}

function unassignedPartitions({ members, partitionCountOf }: AssignorGroup, topicIds: readonly string[]): FreePartition[] {
  const assigned: Collected = new Map();
  for (const member of members) {
    for (const [topicId, partitions] of member.assigned) for (const partition of partitions) collect(assigned, topicId, partition);
  }
  const free: FreePartition[] = [];
  for (const topicId of topicIds) {
    for (let partition = 0; partition < partitionCountOf(topicId); partition++) {
      if (assigned.get(topicId)?.has(partition) !== true) free.push({ topicId, partition });
    }
  }
  return free;
}
