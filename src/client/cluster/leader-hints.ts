/**
 * KIP-951: a broker that is not (any longer) a partition's leader says in its answer who is, and where. That saves the detour over
 * Metadata, and a second of not producing.
 */
import { type FetchResponse, type ProduceResponse, ZERO_UUID } from "../../protocol/index.ts";
import type { ClusterMetadata } from "./cluster-metadata.ts";
import { sameBroker } from "./metadata-cache.ts";
import type { ClusterBroker, PartitionMetadata, TopicMetadata } from "./metadata-snapshot.ts";

export interface LeaderHint {
  /** Empty where the answer names the topic by its id. */
  readonly topic: string;
  /** All zero where it names it by its name. */
  readonly topicId: string;
  readonly partition: number;
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

export interface LeaderHints {
  readonly leaders: readonly LeaderHint[];
  readonly endpoints: readonly {
    readonly nodeId: number;
    readonly host: string;
    readonly port: number;
    readonly rack: string | null;
  }[];
}

/** From Produce v10 on; none in what is older. */
export function leaderHintsOfProduce({ responses, nodeEndpoints }: ProduceResponse): LeaderHints {
  return {
    leaders: responses.flatMap(({ name, topicId, partitionResponses }) =>
      partitionResponses
        .filter(({ currentLeader }) => currentLeader.leaderId >= 0)
        .map(({ index, currentLeader }) => ({ topic: name, topicId, partition: index, ...currentLeader })),
    ),
    endpoints: nodeEndpoints,
  };
}

/** From Fetch v16 on; between v12 and v15 leaders without addresses, which help when they are known already. */
export function leaderHintsOfFetch({ responses, nodeEndpoints }: FetchResponse): LeaderHints {
  return {
    leaders: responses.flatMap(({ topic, topicId, partitions }) =>
      partitions
        .filter(({ currentLeader }) => currentLeader.leaderId >= 0)
        .map(({ partitionIndex, currentLeader }) => ({ topic, topicId, partition: partitionIndex, ...currentLeader })),
    ),
    endpoints: nodeEndpoints,
  };
}

/** The view with those leaders that are newer than the known ones and whose address is known; itself when there are none. */
export function withLeaderHints(known: ClusterMetadata, hints: LeaderHints): ClusterMetadata {
  const endpoints = new Map(hints.endpoints.map((endpoint) => [endpoint.nodeId, endpoint]));
  const brokers = new Map<number, ClusterBroker>(known.brokers);
  const partitions = new Map<TopicMetadata, PartitionMetadata[]>();
  let areBrokersChanged = false;
  for (const hint of hints.leaders) {
    const topic = topicOf(hint, known);
    const partition = topic?.partitions[hint.partition];
    if (topic === undefined || partition === undefined || hint.leaderEpoch <= partition.leaderEpoch) continue;
    const endpoint = endpoints.get(hint.leaderId);
    const before = known.brokers.get(hint.leaderId);
    const broker = endpoint === undefined ? before : sameBroker(before, endpoint);
    if (broker === undefined) continue;
    if (broker !== before) areBrokersChanged = true;
    brokers.set(broker.nodeId, broker);
    const changed = partitions.get(topic) ?? [...topic.partitions];
    partitions.set(topic, changed);
    // Two hints for one partition: the newer one holds.
    if (hint.leaderEpoch <= (changed[hint.partition]?.leaderEpoch ?? -1)) continue;
    changed[hint.partition] = { ...partition, leaderId: hint.leaderId, leaderEpoch: hint.leaderEpoch };
  }
  if (partitions.size === 0) return known;
  const topics = new Map(known.topics);
  for (const [topic, changed] of partitions) topics.set(topic.name, { ...topic, partitions: changed });
  return known.with({ topics, brokers: areBrokersChanged ? brokers : known.brokers });
}

/** None when the name belongs to another topic by now: epochs of two topics cannot be compared. */
function topicOf({ topic, topicId }: LeaderHint, known: ClusterMetadata): TopicMetadata | undefined {
  const found = known.topics.get(topic) ?? known.topicById(topicId);
  const isOther = found?.topicId !== undefined && topicId !== ZERO_UUID && found.topicId !== topicId;
  return isOther ? undefined : found;
}
