import type { DescribedTopic, MetadataTopic } from "../../protocol/index.ts";
import { type AclOperation, operationsFromBits } from "./acl-operation.ts";
import { topicIdOrUndefined } from "./topic-reference.ts";

export interface TopicDescription {
  readonly name: string;
  /** Undefined with brokers before 2.8. */
  readonly topicId: string | undefined;
  /** Whether Kafka itself keeps its books in the topic. */
  readonly isInternal: boolean;
  /** By ascending number. */
  readonly partitions: readonly PartitionDescription[];
  /** What the client may do with the topic; undefined unless asked for. */
  readonly authorizedOperations: readonly AclOperation[] | undefined;
}

export interface PartitionDescription {
  readonly partition: number;
  /** -1 while there is none. */
  readonly leaderId: number;
  /** -1 with brokers before 2.1. */
  readonly leaderEpoch: number;
  /** The preferred leader first. */
  readonly replicas: readonly number[];
  readonly inSyncReplicas: readonly number[];
  readonly offlineReplicas: readonly number[];
  /**
   * Replicas that are out of sync and could lead without loss all the same, and the last resort after them (KIP-966). Undefined with
   * brokers before 3.8.
   */
  readonly eligibleLeaderReplicas: readonly number[] | undefined;
  readonly lastKnownEligibleLeaderReplicas: readonly number[] | undefined;
}

export function descriptionFromMetadata(topic: MetadataTopic, name: string): TopicDescription {
  const partitions = topic.partitions.map(({ partitionIndex, leaderId, leaderEpoch, replicaNodes, isrNodes, offlineReplicas }) => ({
    partition: partitionIndex,
    leaderId,
    leaderEpoch,
    replicas: replicaNodes,
    inSyncReplicas: isrNodes,
    offlineReplicas,
    eligibleLeaderReplicas: undefined,
    lastKnownEligibleLeaderReplicas: undefined,
  }));
  return {
    name,
    topicId: topicIdOrUndefined(topic.topicId),
    isInternal: topic.isInternal,
    partitions: partitions.sort((one, other) => one.partition - other.partition),
    authorizedOperations: operationsFromBits(topic.topicAuthorizedOperations),
  };
}

/** @param pages the same topic, as far as it was told on each page */
export function descriptionFromPages(
  pages: readonly DescribedTopic[],
  name: string,
  { includeAuthorizedOperations }: { readonly includeAuthorizedOperations: boolean },
): TopicDescription {
  const [first] = pages;
  const partitions = pages
    .flatMap((page) => page.partitions)
    .map((partition) => ({
      partition: partition.partitionIndex,
      leaderId: partition.leaderId,
      leaderEpoch: partition.leaderEpoch,
      replicas: partition.replicaNodes,
      inSyncReplicas: partition.isrNodes,
      offlineReplicas: partition.offlineReplicas,
      eligibleLeaderReplicas: partition.eligibleLeaderReplicas ?? [],
      lastKnownEligibleLeaderReplicas: partition.lastKnownElr ?? [],
    }));
  const operations =
    first === undefined || !includeAuthorizedOperations ? undefined : operationsFromBits(first.topicAuthorizedOperations);
  return {
    name,
    topicId: first === undefined ? undefined : topicIdOrUndefined(first.topicId),
    isInternal: first?.isInternal ?? false,
    partitions: partitions.sort((one, other) => one.partition - other.partition),
    authorizedOperations: operations,
  };
}
