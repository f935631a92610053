/** A member of a consumer group, as the coordinator knows it. Members are values: a heartbeat makes a new one of the old one. */
import type { Partitions } from "./assignors/assignor.ts";

/** By topic id, then partition: the epoch of the target assignment that gave the partition to the member. */
export type HeldPartitions = ReadonlyMap<string, ReadonlyMap<number, number>>;

/**
 * STABLE: it has what it shall have, of the target assignment that it has seen. UNREVOKED_PARTITIONS: it still has to give some up.
 * UNRELEASED_PARTITIONS: it waits for some that others still have to give up.
 */
export type MemberState = "STABLE" | "UNREVOKED_PARTITIONS" | "UNRELEASED_PARTITIONS";

/** A static member that left, but will be back: its partitions wait for it. */
export const STATIC_LEAVE_EPOCH = -2;
export const LEAVE_EPOCH = -1;
export const JOIN_EPOCH = 0;

export interface ConsumerMember {
  readonly memberId: string;
  /** The target assignment that the member has reached, as far as it depends on the member. */
  readonly memberEpoch: number;
  /** Accepted once more, for the answer with the newer one may have been lost. */
  readonly previousMemberEpoch: number;
  readonly state: MemberState;
  /** Null for a dynamic member. */
  readonly instanceId: string | null;
  readonly rackId: string | null;
  /** How long it may take to give partitions up. */
  readonly rebalanceTimeoutMs: number;
  readonly clientId: string;
  readonly clientHost: string;
  readonly subscribedTopicNames: ReadonlySet<string>;
  /** "" for none. */
  readonly subscribedTopicRegex: string;
  /** Null for no preference. */
  readonly serverAssignor: string | null;
  readonly assigned: HeldPartitions;
  /** Taken away from it, but not yet given up. */
  readonly pendingRevocation: HeldPartitions;
}

/** What a heartbeat can say of its sender; null and -1 for "as before". */
export interface MemberNews {
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly rebalanceTimeoutMs: number;
  readonly subscribedTopicNames: readonly string[] | null;
  readonly subscribedTopicRegex: string | null;
  readonly serverAssignor: string | null;
  readonly clientId: string;
  readonly clientHost: string;
}

export const UNCHANGED_TIMEOUT = -1;

export function newMember(memberId: string): ConsumerMember {
  return {
    memberId,
    memberEpoch: JOIN_EPOCH,
    previousMemberEpoch: -1,
    state: "STABLE",
    instanceId: null,
    rackId: null,
    rebalanceTimeoutMs: UNCHANGED_TIMEOUT,
    clientId: "",
    clientHost: "",
    subscribedTopicNames: new Set(),
    subscribedTopicRegex: "",
    serverAssignor: null,
    assigned: new Map(),
    pendingRevocation: new Map(),
  };
}

export function updatedMember(member: ConsumerMember, news: MemberNews): ConsumerMember {
  return {
    ...member,
    instanceId: news.instanceId ?? member.instanceId,
    rackId: news.rackId ?? member.rackId,
    rebalanceTimeoutMs: news.rebalanceTimeoutMs === UNCHANGED_TIMEOUT ? member.rebalanceTimeoutMs : news.rebalanceTimeoutMs,
    subscribedTopicNames: news.subscribedTopicNames === null ? member.subscribedTopicNames : new Set(news.subscribedTopicNames),
    subscribedTopicRegex: news.subscribedTopicRegex ?? member.subscribedTopicRegex,
    serverAssignor: news.serverAssignor ?? member.serverAssignor,
    clientId: news.clientId,
    clientHost: news.clientHost,
  };
}

/** The member that comes back under the name of a static one that left: another id, everything else as it was. */
export function replacementOf(member: ConsumerMember, memberId: string): ConsumerMember {
  return { ...member, memberId, memberEpoch: JOIN_EPOCH, previousMemberEpoch: JOIN_EPOCH };
}

/** A static member that leaves for a while: what it still had to give up is free, what it has waits. */
export function leftForAWhile(member: ConsumerMember): ConsumerMember {
  return {
    ...member,
    memberEpoch: STATIC_LEAVE_EPOCH,
    assigned: heldSince(partitionsOf(member.assigned), 0),
    pendingRevocation: new Map(),
  };
}

/** Whether the member has all that it shall have in this target assignment. */
export function isReconciledTo(member: ConsumerMember, targetEpoch: number): boolean {
  return member.state === "STABLE" && member.memberEpoch === targetEpoch;
}

export function partitionsOf(held: HeldPartitions): Partitions {
  return new Map(Array.from(held, ([topicId, partitions]) => [topicId, new Set(partitions.keys())]));
}

export function heldSince(partitions: Partitions, epoch: number): HeldPartitions {
  return new Map(
    Array.from(partitions, ([topicId, numbers]) => [topicId, new Map(Array.from(numbers, (number) => [number, epoch]))]),
  );
}

export function isSameHeld(one: HeldPartitions, other: HeldPartitions): boolean {
  if (one.size !== other.size) return false;
  for (const [topicId, partitions] of one) {
    const others = other.get(topicId);
    if (others === undefined || others.size !== partitions.size) return false;
    for (const [partition, epoch] of partitions) if (others.get(partition) !== epoch) return false;
  }
  return true;
}
