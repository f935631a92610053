/**
 * OffsetCommit (key 8): stores how far a group has read. Sent to the group's coordinator, by members and by administrators who
 * set a group's place; commits that belong to a transaction are made with TxnOffsetCommit.
 *
 * The coordinator checks that the sender is a member of the present generation, and keeps only the last commit per partition.
 *
 * v0  into ZooKeeper, by consumers of long ago; the oldest version
 * v1  into Kafka; generation, member id, and a timestamp per partition
 * v2  retention time instead of the timestamps; the oldest version that Kafka 4 accepts
 * v3  throttle time in the answer (KIP-124)
 * v4  as v3; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v5  no more retention time: the broker's `offsets.retention.minutes` holds for all (KIP-211)
 * v6  leader epoch of the last record read (KIP-320)
 * v7  group instance id of static members (KIP-345)
 * v8  flexible
 * v9  as v8; members of the newer consumer protocol may commit, and GROUP_ID_NOT_FOUND may be answered (KIP-848)
 * v10 topic ids instead of names (KIP-848)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `generationIdOrMemberEpoch` of somebody who is no member: the coordinator agrees as long as the group has no members. */
export const COMMIT_WITHOUT_MEMBERSHIP = -1;
/** `retentionTimeMs` that leaves it to the broker. */
export const BROKER_OFFSET_RETENTION = -1;

export interface OffsetCommitRequest {
  readonly groupId: string;
  /** The classic group's generation, or the member's epoch in the newer protocol; -1 for somebody who is no member. */
  readonly generationIdOrMemberEpoch: number;
  /** Empty for somebody who is no member. */
  readonly memberId: string;
  /** The name of a static member, null for dynamic members. */
  readonly groupInstanceId: string | null;
  /** How long to keep the offsets, -1 to leave it to the broker. */
  readonly retentionTimeMs: number;
  readonly topics: readonly OffsetCommitTopic[];
}

export interface OffsetCommitTopic {
  /** The topic's name, up to v9. */
  readonly name: string;
  /** The topic's id, from v10 on. */
  readonly topicId: string;
  readonly partitions: readonly OffsetCommitPartition[];
}

export interface OffsetCommitPartition {
  readonly partitionIndex: number;
  /** Where to go on: the offset after the last record that was dealt with. */
  readonly committedOffset: number;
  /** Epoch of that last record, -1 when unknown: who goes on from here can tell whether the log was truncated since. */
  readonly committedLeaderEpoch: number;
  /** Only in v1: when the commit was made, from which its retention counts; -1 for now. */
  readonly commitTimestamp: number;
  /** A note of the application's, kept with the offset; null is kept as an empty one. At most `offset.metadata.max.bytes`. */
  readonly committedMetadata: string | null;
}

export interface OffsetCommitResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** Each partition of the request. There is no error for the whole: one that concerns the group is found at each partition. */
  readonly topics: readonly OffsetCommitTopicResult[];
}

export interface OffsetCommitTopicResult {
  /** The topic's name, up to v9. */
  readonly name: string;
  /** The topic's id, from v10 on. */
  readonly topicId: string;
  readonly partitions: readonly OffsetCommitPartitionResult[];
}

export interface OffsetCommitPartitionResult {
  readonly partitionIndex: number;
  /**
   * REBALANCE_IN_PROGRESS: join again. ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID: the partitions may be somebody else's by now.
   * STALE_MEMBER_EPOCH (from v9 on): heartbeat, then commit with the new epoch.
   */
  readonly errorCode: number;
}

const request: Layout<OffsetCommitRequest> = struct((wire, it) => ({
  groupId: wire.string(it.groupId),
  generationIdOrMemberEpoch: wire.since(1).ignorable.int32(it.generationIdOrMemberEpoch, COMMIT_WITHOUT_MEMBERSHIP),
  memberId: wire.since(1).ignorable.string(it.memberId),
  groupInstanceId: wire.since(7).nullableString(it.groupInstanceId),
  retentionTimeMs: wire.since(2).until(4).ignorable.int53(it.retentionTimeMs, BROKER_OFFSET_RETENTION),
  topics: wire.array(it.topics, topic),
}));

const topic: Layout<OffsetCommitTopic> = struct((wire, it) => ({
  name: wire.until(9).ignorable.string(it.name),
  topicId: wire.since(10).ignorable.uuid(it.topicId),
  partitions: wire.array(it.partitions, partition),
}));

const partition: Layout<OffsetCommitPartition> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  committedOffset: wire.offset(it.committedOffset),
  committedLeaderEpoch: wire.since(6).ignorable.int32(it.committedLeaderEpoch, -1),
  commitTimestamp: wire.since(1).until(1).timestamp(it.commitTimestamp, -1),
  committedMetadata: wire.nullableString(it.committedMetadata, ""),
}));

const response: Layout<OffsetCommitResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.since(3).ignorable.int32(it.throttleTimeMs),
  topics: wire.array(it.topics, topicResult),
}));

const topicResult: Layout<OffsetCommitTopicResult> = struct((wire, it) => ({
  name: wire.until(9).ignorable.string(it.name),
  topicId: wire.since(10).ignorable.uuid(it.topicId),
  partitions: wire.array(it.partitions, partitionResult),
}));

const partitionResult: Layout<OffsetCommitPartitionResult> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  errorCode: wire.int16(it.errorCode),
}));

export const OffsetCommit: Api<OffsetCommitRequest, OffsetCommitResponse> = defineApi({
  name: "OffsetCommit",
  key: 8,
  versions: [0, 10],
  // Version 0 writes to ZooKeeper, version 1 has timestamps that nobody reads any more.
  clientVersions: [2, 10],
  flexibleSince: 8,
  request,
  response,
});
