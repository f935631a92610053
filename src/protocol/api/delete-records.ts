/**
 * DeleteRecords (key 21): gives up the beginning of partitions, by moving their log start offset forward. Administrators send
 * it to the leader of each partition, which answers when all its living replicas have followed.
 *
 * v0  the oldest version (KIP-107)
 * v1  as v0; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v2  flexible
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `offset` that stands for the high watermark: deletes every record that is replicated. */
export const DELETE_RECORDS_HIGH_WATERMARK = -1;

export interface DeleteRecordsRequest {
  readonly topics: readonly DeleteRecordsTopic[];
  /** How long the leader may wait for the replicas; after REQUEST_TIMED_OUT its own records are gone all the same. */
  readonly timeoutMs: number;
}

export interface DeleteRecordsTopic {
  readonly name: string;
  readonly partitions: readonly DeleteRecordsPartition[];
}

export interface DeleteRecordsPartition {
  readonly partitionIndex: number;
  /** The first record to keep, -1 for the high watermark. One beyond the high watermark is OFFSET_OUT_OF_RANGE. */
  readonly offset: number;
}

export interface DeleteRecordsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  readonly topics: readonly DeleteRecordsTopicResult[];
}

export interface DeleteRecordsTopicResult {
  readonly name: string;
  readonly partitions: readonly DeleteRecordsPartitionResult[];
}

export interface DeleteRecordsPartitionResult {
  readonly partitionIndex: number;
  /** The smallest log start offset among the living replicas; nothing before it can be read. -1 when the leader refused. */
  readonly lowWatermark: number;
  /** E.g. NOT_LEADER_OR_FOLLOWER, OFFSET_OUT_OF_RANGE, or POLICY_VIOLATION for a topic that is only compacted. */
  readonly errorCode: number;
}

const request: Layout<DeleteRecordsRequest> = struct((wire, it) => ({
  topics: wire.array(it.topics, topic),
  timeoutMs: wire.int32(it.timeoutMs),
}));

const topic: Layout<DeleteRecordsTopic> = struct((wire, it) => ({
  name: wire.string(it.name),
  partitions: wire.array(it.partitions, partition),
}));

const partition: Layout<DeleteRecordsPartition> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  offset: wire.offset(it.offset),
}));

const response: Layout<DeleteRecordsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  topics: wire.array(it.topics, topicResult),
}));

const topicResult: Layout<DeleteRecordsTopicResult> = struct((wire, it) => ({
  name: wire.string(it.name),
  partitions: wire.array(it.partitions, partitionResult),
}));

const partitionResult: Layout<DeleteRecordsPartitionResult> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  lowWatermark: wire.offset(it.lowWatermark),
  errorCode: wire.int16(it.errorCode),
}));

export const DeleteRecords: Api<DeleteRecordsRequest, DeleteRecordsResponse> = defineApi({
  name: "DeleteRecords",
  key: 21,
  versions: [0, 2],
  flexibleSince: 2,
  request,
  response,
});
