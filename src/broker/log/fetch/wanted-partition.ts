import { type FetchRequest, ZERO_UUID } from "../../../protocol/index.ts";
import type { Topics } from "../../cluster/topics.ts";

/** From this version on, requests name topics by id. */
export const FIRST_VERSION_WITH_TOPIC_IDS = 13;

/** One partition that a client wants to read, as it asked for it. */
export interface WantedPartition {
  /** Undefined while no topic has the id. */
  readonly topic: string | undefined;
  /** `ZERO_UUID` where the client named the topic. */
  readonly topicId: string;
  readonly partition: number;
  readonly currentLeaderEpoch: number;
  readonly fetchOffset: number;
  /** -1 for "do not check". */
  readonly lastFetchedEpoch: number;
  readonly maxBytes: number;
}

/** What a partition is known by within a request or a session; the same for both ways to name it never mix. */
export type PartitionKey = string;

/** In the order of the request; of what is named twice, the later counts, at the place of the first. */
export function wantedPartitions(request: FetchRequest, version: number, topics: Topics): Map<PartitionKey, WantedPartition> {
  const wanted = new Map<PartitionKey, WantedPartition>();
  for (const { topic: name, topicId, partitions } of request.topics) {
    const isById = version >= FIRST_VERSION_WITH_TOPIC_IDS;
    const topic = isById ? topics.byId(topicId)?.name : name;
    for (const asked of partitions) {
      const { partition, currentLeaderEpoch, fetchOffset, lastFetchedEpoch, partitionMaxBytes: maxBytes } = asked;
      wanted.set(partitionKey(isById ? topicId : name, partition), {
        topic,
        topicId: isById ? topicId : ZERO_UUID,
        partition,
        currentLeaderEpoch,
        fetchOffset,
        lastFetchedEpoch,
        maxBytes,
      });
    }
  }
  return wanted;
}

export function forgottenPartitions({ forgottenTopicsData }: FetchRequest, version: number): PartitionKey[] {
  const isById = version >= FIRST_VERSION_WITH_TOPIC_IDS;
  return forgottenTopicsData.flatMap(({ topic, topicId, partitions }) =>
    partitions.map((partition) => partitionKey(isById ? topicId : topic, partition)),
  );
}

export function partitionKey(topic: string, partition: number): PartitionKey {
  return `${partition}/${topic}`;
}
