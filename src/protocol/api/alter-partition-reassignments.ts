/**
 * AlterPartitionReassignments (key 45): begins to move partitions to other brokers, or calls such moves off. It is the
 * controller's work: with KRaft any broker passes the request on, with ZooKeeper it must go to the controller itself.
 *
 * Success means that the controller has recorded the goal; the copying goes on for as long as ListPartitionReassignments
 * still names the partition.
 *
 * v0  flexible; the oldest version (KIP-455)
 * v1  may forbid that the number of replicas changes (KIP-860)
 */
import { int32, type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface AlterPartitionReassignmentsRequest {
  /** How long the controller may take to record the goals, not to reach them. */
  readonly timeoutMs: number;
  /** False refuses a partition with INVALID_REPLICATION_FACTOR when it would get more or fewer replicas than it has. */
  readonly allowReplicationFactorChange: boolean;
  readonly topics: readonly ReassignableTopic[];
}

export interface ReassignableTopic {
  readonly name: string;
  readonly partitions: readonly ReassignablePartition[];
}

export interface ReassignablePartition {
  readonly partitionIndex: number;
  /** All brokers that shall hold the partition in the end, the preferred leader first. Null calls off the present move. */
  readonly replicas: readonly number[] | null;
}

export interface AlterPartitionReassignmentsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** As in the request. */
  readonly allowReplicationFactorChange: boolean;
  /** Concerns the whole request, e.g. CLUSTER_AUTHORIZATION_FAILED or NOT_CONTROLLER. */
  readonly errorCode: number;
  /** More about that error, null for nothing to add. */
  readonly errorMessage: string | null;
  readonly responses: readonly ReassignableTopicResult[];
}

export interface ReassignableTopicResult {
  readonly name: string;
  readonly partitions: readonly ReassignablePartitionResult[];
}

export interface ReassignablePartitionResult {
  readonly partitionIndex: number;
  /** E.g. INVALID_REPLICA_ASSIGNMENT, UNKNOWN_TOPIC_OR_PARTITION, or NO_REASSIGNMENT_IN_PROGRESS for nothing to call off. */
  readonly errorCode: number;
  /** More about the error, null for nothing to add. */
  readonly errorMessage: string | null;
}

const request: Layout<AlterPartitionReassignmentsRequest> = struct((wire, it) => ({
  timeoutMs: wire.int32(it.timeoutMs, 60_000),
  allowReplicationFactorChange: wire.since(1).boolean(it.allowReplicationFactorChange, true),
  topics: wire.array(it.topics, topic),
}));

const topic: Layout<ReassignableTopic> = struct((wire, it) => ({
  name: wire.string(it.name),
  partitions: wire.array(it.partitions, partition),
}));

const partition: Layout<ReassignablePartition> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  replicas: wire.nullableArray(it.replicas, int32),
}));

const response: Layout<AlterPartitionReassignmentsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  allowReplicationFactorChange: wire.since(1).ignorable.boolean(it.allowReplicationFactorChange, true),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
  responses: wire.array(it.responses, topicResult),
}));

const topicResult: Layout<ReassignableTopicResult> = struct((wire, it) => ({
  name: wire.string(it.name),
  partitions: wire.array(it.partitions, partitionResult),
}));

const partitionResult: Layout<ReassignablePartitionResult> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
}));

export const AlterPartitionReassignments: Api<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse> = defineApi({
  name: "AlterPartitionReassignments",
  key: 45,
  versions: [0, 1],
  flexibleSince: 0,
  request,
  response,
});
