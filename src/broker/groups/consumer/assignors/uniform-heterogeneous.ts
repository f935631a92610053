import { type AssignorGroup, type Collected, collect, type TargetPartitions } from "./assignor.ts";
import { compareTopicIds } from "./hash-order.ts";
import { SubscriberBalance } from "./subscriber-balance.ts";

/** In pathological groups balancing one topic unbalances another, forever. */
const MAX_ROUNDS = 16;

const NOBODY = -1;

interface SubscribedTopic {
  readonly topicId: string;
  /** Indexes of members, ascending. */
  readonly subscribers: number[];
  /** The index of the member that each partition goes to. */
  readonly owners: number[];
}

/**
 * Members subscribe to different topics. Everybody keeps what is still subscribed; what has no owner goes to the least loaded
 * subscriber; then partitions move from the most to the least loaded subscribers of each topic, topic by topic, until no topic
 * gains by it.
 */
export function assignToUnequalMembers(group: AssignorGroup): TargetPartitions {
  const topics = subscribedTopics(group);
  if (topics.length === 0) return new Map();
  // Few choices first: topics with many partitions for each subscriber, then those with few subscribers.
  topics.sort(
    (one, other) =>
      other.owners.length / other.subscribers.length - one.owners.length / one.subscribers.length ||
      one.subscribers.length - other.subscribers.length ||
      compareTopicIds(one.topicId, other.topicId),
  );
  const loads = keepSubscribed(group, topics);
  assignUnowned(topics, loads);
  balance(
    topics.filter(({ subscribers }) => subscribers.length > 1),
    loads,
  );
  return targetOf(group, topics);
}

function subscribedTopics({ members, partitionCountOf }: AssignorGroup): SubscribedTopic[] {
  const topics = new Map<string, SubscribedTopic>();
  for (const [index, { subscribedTopicIds }] of members.entries()) {
    for (const topicId of subscribedTopicIds) {
      let topic = topics.get(topicId);
      if (topic === undefined) {
        topic = { topicId, subscribers: [], owners: Array.from({ length: partitionCountOf(topicId) }, () => NOBODY) };
        topics.set(topicId, topic);
      }
      topic.subscribers.push(index);
    }
  }
  return [...topics.values()];
}

/** @returns how many partitions each member has, by its index */
function keepSubscribed({ members }: AssignorGroup, topics: readonly SubscribedTopic[]): number[] {
  const byId = new Map(topics.map((topic) => [topic.topicId, topic]));
  return members.map(({ assigned, subscribedTopicIds }, index) => {
    let load = 0;
    for (const [topicId, partitions] of assigned) {
      const owners = subscribedTopicIds.has(topicId) ? byId.get(topicId)?.owners : undefined;
      if (owners === undefined) continue;
      for (const partition of partitions) owners[partition] = index;
      load += partitions.size;
    }
    return load;
  });
}

function assignUnowned(topics: readonly SubscribedTopic[], loads: number[]): void {
  for (const topic of topics) {
    const subscribers = new SubscriberBalance(topic.subscribers, loads);
    for (const [partition, owner] of topic.owners.entries()) {
      if (owner === NOBODY) give(topic, partition, subscribers.nextLeastLoaded(), loads);
    }
  }
}

function balance(topics: readonly SubscribedTopic[], loads: number[]): void {
  let lastChanged = NOBODY;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    for (const [index, topic] of topics.entries()) {
      if (index === lastChanged) return;
      if (balanceTopic(topic, loads) || lastChanged === NOBODY) lastChanged = index;
    }
  }
}

/** @returns whether a partition moved */
function balanceTopic(topic: SubscribedTopic, loads: number[]): boolean {
  const subscribers = new SubscriberBalance(topic.subscribers, loads);
  if (subscribers.isBalancedAtFirst) return false;
  const owned = partitionsByOwner(topic);
  let hasMoved = false;
  while (!subscribers.isBalanced) {
    const giver = subscribers.nextMostLoaded((member) => (owned.get(member)?.length ?? 0) > 0);
    if (giver === undefined) break;
    const partition = owned.get(giver)!.pop()!;
    const taker = subscribers.nextLeastLoaded();
    // The last look at the least loaded ones may have shown that they have caught up.
    if (subscribers.isBalanced) break;
    give(topic, partition, taker, loads);
    hasMoved = true;
  }
  return hasMoved;
}

function partitionsByOwner({ owners }: SubscribedTopic): Map<number, number[]> {
  const owned = new Map<number, number[]>();
  for (const [partition, owner] of owners.entries()) {
    const partitions = owned.get(owner);
    if (partitions === undefined) owned.set(owner, [partition]);
    else partitions.push(partition);
  }
  return owned;
}

function give({ owners }: SubscribedTopic, partition: number, member: number, loads: number[]): void {
  const owner = owners[partition] ?? NOBODY;
  if (owner !== NOBODY) loads[owner]!--;
  owners[partition] = member;
  loads[member]!++;
}

function targetOf({ members }: AssignorGroup, topics: readonly SubscribedTopic[]): TargetPartitions {
  const target = members.map((): Collected => new Map());
  for (const { topicId, owners } of topics) {
    for (const [partition, owner] of owners.entries()) if (owner !== NOBODY) collect(target[owner]!, topicId, partition);
  }
  return new Map(members.map(({ memberId }, index) => [memberId, target[index]!]));
}
