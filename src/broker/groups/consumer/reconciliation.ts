/**
 * How a member gets from what it has to what it shall have: first it gives up, and says so; only then does it advance to the new
 * epoch and get what nobody holds any more.
 */
import type { Partitions } from "./assignors/assignor.ts";
import type { ConsumerMember, HeldPartitions } from "./member.ts";

export interface Reconciliation {
  readonly targetEpoch: number;
  readonly target: Partitions;
  readonly hasSubscriptionChanged: boolean;
  /** The topics that the member subscribes to now, whatever the target says. */
  readonly subscribedTopicIds: ReadonlySet<string>;
  /** What the member says it has; null if it does not say. */
  readonly owned: readonly OwnedPartitions[] | null;
  /** Whether some member holds the partition, or has not said yet that it gave it up. */
  readonly isHeld: (topicId: string, partition: number) => boolean;
}

export interface OwnedPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

type MutableHeld = Map<string, Map<number, number>>;

/** The same member if nothing changes for it. */
export function reconcile(member: ConsumerMember, to: Reconciliation): ConsumerMember {
  switch (member.state) {
    case "STABLE":
      if (member.memberEpoch !== to.targetEpoch) return advance(member, to);
      return to.hasSubscriptionChanged ? dropUnsubscribed(member, to) : member;
    case "UNREVOKED_PARTITIONS":
      if (!owns(member.pendingRevocation, to.owned)) return advance(member, to);
      return to.hasSubscriptionChanged ? dropUnsubscribed(member, to) : member;
    case "UNRELEASED_PARTITIONS":
      return advance(member, to);
  }
}

/** Who does not say what it has may still have it. */
function owns(partitions: HeldPartitions, owned: readonly OwnedPartitions[] | null): boolean {
  if (owned === null) return true;
  return owned.some(({ topicId, partitions: numbers }) => numbers.some((number) => partitions.get(topicId)?.has(number) === true));
}

/** A topic that is not subscribed any more is given up at once, without waiting for the next target assignment. */
function dropUnsubscribed(member: ConsumerMember, { subscribedTopicIds, owned }: Reconciliation): ConsumerMember {
  const assigned = new Map(member.assigned);
  const pendingRevocation = new Map(member.pendingRevocation);
  for (const [topicId, partitions] of member.assigned) {
    if (subscribedTopicIds.has(topicId)) continue;
    assigned.delete(topicId);
    pendingRevocation.set(topicId, new Map([...(pendingRevocation.get(topicId) ?? []), ...partitions]));
  }
  if (assigned.size === member.assigned.size) return member;
  const { memberEpoch } = member;
  const dropped: ConsumerMember = { ...member, previousMemberEpoch: memberEpoch, assigned };
  return owns(pendingRevocation, owned) ? { ...dropped, state: "UNREVOKED_PARTITIONS", pendingRevocation } : dropped;
}

function advance(member: ConsumerMember, to: Reconciliation): ConsumerMember {
  const { kept, revoked, free, isAnyUnreleased } = compareWithTarget(member, to);
  if (revoked.size > 0 && owns(revoked, to.owned)) {
    const { memberEpoch } = member;
    return {
      ...member,
      state: "UNREVOKED_PARTITIONS",
      previousMemberEpoch: memberEpoch,
      assigned: kept,
      pendingRevocation: revoked,
    };
  }
  return {
    ...member,
    state: isAnyUnreleased ? "UNRELEASED_PARTITIONS" : "STABLE",
    memberEpoch: to.targetEpoch,
    previousMemberEpoch: member.memberEpoch,
    assigned: withFree(kept, free, to.targetEpoch),
    pendingRevocation: new Map(),
  };
}

interface Comparison {
  readonly kept: MutableHeld;
  readonly revoked: MutableHeld;
  readonly free: MutableHeld;
  readonly isAnyUnreleased: boolean;
}

function compareWithTarget(
  member: ConsumerMember,
  { target, targetEpoch, subscribedTopicIds, isHeld }: Reconciliation,
): Comparison {
  const kept: MutableHeld = new Map();
  const revoked: MutableHeld = new Map();
  const free: MutableHeld = new Map();
  const wanted = (topicId: string): ReadonlySet<number> | undefined =>
    subscribedTopicIds.has(topicId) ? target.get(topicId) : undefined;
  for (const [topicId, partitions] of member.assigned) {
    for (const [partition, epoch] of partitions) put(wanted(topicId)?.has(partition) ? kept : revoked, topicId, partition, epoch);
  }
  let isAnyUnreleased = false;
  for (const topicId of target.keys()) {
    for (const partition of wanted(topicId) ?? []) {
      if (member.assigned.get(topicId)?.has(partition)) continue;
      // What the member itself was about to give up, it may as well keep.
      const isOwn = member.pendingRevocation.get(topicId)?.has(partition) === true;
      if (isOwn || !isHeld(topicId, partition)) put(free, topicId, partition, targetEpoch);
      else isAnyUnreleased = true;
    }
  }
  return { kept, revoked, free, isAnyUnreleased };
}

function withFree(kept: MutableHeld, free: HeldPartitions, epoch: number): HeldPartitions {
  for (const [topicId, partitions] of free) for (const partition of partitions.keys()) put(kept, topicId, partition, epoch);
  return kept;
}

function put(into: MutableHeld, topicId: string, partition: number, epoch: number): void {
  const partitions = into.get(topicId);
  if (partitions === undefined) into.set(topicId, new Map([[partition, epoch]]));
  else partitions.set(partition, epoch);
}
