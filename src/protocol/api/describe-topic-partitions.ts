/**
 * DescribeTopicPartitions (key 75): what Metadata tells of topics, page by page and with the replicas that could become leader
 * after a loss. Administrators send it to any broker of a KRaft cluster; producers and consumers go on with Metadata.
 *
 * Topics come in the order of their names. When the answer holds a cursor, the same request with that cursor asks for more.
 *
 * v0  flexible; the only version (KIP-966)
 */
import { int32, type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `topicAuthorizedOperations` that nobody has filled in. */
export const DESCRIBED_TOPIC_OPERATIONS_UNKNOWN = -0x8000_0000;

export interface DescribeTopicPartitionsRequest {
  /** The topics of interest, empty for all that the client may see. */
  readonly topics: readonly DescribeTopicPartitionsTopic[];
  /** At most so many partitions in one answer. The broker's `max.request.partition.size.limit` (2000) may say fewer. */
  readonly responsePartitionLimit: number;
  /** Where to go on, null to begin. Its topic must be one of `topics`, unless those are empty. */
  readonly cursor: TopicPartitionsCursor | null;
}

export interface DescribeTopicPartitionsTopic {
  readonly name: string;
}

/** The first partition of a page. */
export interface TopicPartitionsCursor {
  readonly topicName: string;
  readonly partitionIndex: number;
}

export interface DescribeTopicPartitionsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** One page. A topic whose partitions do not fit occurs on several pages. */
  readonly topics: readonly DescribedTopic[];
  /** The `cursor` for the next page, null when this is the last one. */
  readonly nextCursor: TopicPartitionsCursor | null;
}

export interface DescribedTopic {
  /** E.g. UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION or TOPIC_AUTHORIZATION_FAILED. */
  readonly errorCode: number;
  /** Brokers always fill it in, though null is allowed. */
  readonly name: string | null;
  /** All zero on errors. */
  readonly topicId: string;
  /** Whether Kafka itself keeps its books in the topic, as in `__consumer_offsets`. */
  readonly isInternal: boolean;
  /** In ascending order. */
  readonly partitions: readonly DescribedTopicPartition[];
  /** What the client may do with the topic: bit n stands for the ACL operation with code n. -2^31 when unknown. */
  readonly topicAuthorizedOperations: number;
}

export interface DescribedTopicPartition {
  /** Brokers leave it 0 even when nobody leads the partition: look at `leaderId`. */
  readonly errorCode: number;
  readonly partitionIndex: number;
  /** The broker that clients read from and write to, -1 for none. */
  readonly leaderId: number;
  /** Counts the leaders of this partition, -1 when unknown. */
  readonly leaderEpoch: number;
  /** The brokers that hold the partition, the preferred leader first. */
  readonly replicaNodes: readonly number[];
  /** Those of them that are in sync with the leader. */
  readonly isrNodes: readonly number[];
  /** Replicas that fell out of sync but hold every committed record, so may lead without loss. Null or empty for none. */
  readonly eligibleLeaderReplicas: readonly number[] | null;
  /** Former eligible replicas that went down uncleanly; the last resort when nothing else is left. Null or empty for none. */
  readonly lastKnownElr: readonly number[] | null;
  /** Replicas on brokers, or in log directories, that are down. */
  readonly offlineReplicas: readonly number[];
}

const request: Layout<DescribeTopicPartitionsRequest> = struct((wire, it) => ({
  topics: wire.array(it.topics, topic),
  responsePartitionLimit: wire.int32(it.responsePartitionLimit, 2000),
  cursor: wire.nullableStruct(it.cursor, cursor),
}));

const topic: Layout<DescribeTopicPartitionsTopic> = struct((wire, it) => ({
  name: wire.string(it.name),
}));

const cursor: Layout<TopicPartitionsCursor> = struct((wire, it) => ({
  topicName: wire.string(it.topicName),
  partitionIndex: wire.int32(it.partitionIndex),
}));

const response: Layout<DescribeTopicPartitionsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  topics: wire.array(it.topics, describedTopic),
  nextCursor: wire.nullableStruct(it.nextCursor, cursor),
}));

const describedTopic: Layout<DescribedTopic> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  name: wire.nullableString(it.name, ""),
  topicId: wire.uuid(it.topicId),
  isInternal: wire.boolean(it.isInternal),
  partitions: wire.array(it.partitions, describedPartition),
  topicAuthorizedOperations: wire.int32(it.topicAuthorizedOperations, DESCRIBED_TOPIC_OPERATIONS_UNKNOWN),
}));

const describedPartition: Layout<DescribedTopicPartition> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  partitionIndex: wire.int32(it.partitionIndex),
  leaderId: wire.int32(it.leaderId),
  leaderEpoch: wire.int32(it.leaderEpoch, -1),
  replicaNodes: wire.array(it.replicaNodes, int32),
  isrNodes: wire.array(it.isrNodes, int32),
  eligibleLeaderReplicas: wire.nullableArray(it.eligibleLeaderReplicas, int32),
  lastKnownElr: wire.nullableArray(it.lastKnownElr, int32),
  offlineReplicas: wire.array(it.offlineReplicas, int32),
}));

export const DescribeTopicPartitions: Api<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse> = defineApi({
  name: "DescribeTopicPartitions",
  key: 75,
  versions: [0, 0],
  flexibleSince: 0,
  request,
  response,
});
