/**
 * TxnOffsetCommit (key 28): commits offsets of a group as part of a transaction: they count when, and only if, it commits.
 * Producers send it to the group's coordinator (not the transaction's), after AddOffsetsToTxn.
 *
 * v0  the oldest version (KIP-98)
 * v1  as v0; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v2  leader epoch of the last record read (KIP-320)
 * v3  flexible; the group's generation and the member, which fences consumers that lost their partitions (KIP-447)
 * v4  as v3; the broker may answer TRANSACTION_ABORTABLE (KIP-890)
 * v5  as v4; the broker does AddOffsetsToTxn itself, so the feature `transaction.version` must be 2 (KIP-890)
 * v6  topic ids instead of names; the broker may answer GROUP_ID_NOT_FOUND and STALE_MEMBER_EPOCH (KIP-1319)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface TxnOffsetCommitRequest {
  /** Whose transaction it is. */
  readonly transactionalId: string;
  /** The group whose offsets these are. */
  readonly groupId: string;
  /** The producer's id, from InitProducerId or the last EndTxn. */
  readonly producerId: bigint;
  /** The producer's epoch. */
  readonly producerEpoch: number;
  /**
   * The classic group's generation, or the member's epoch in the newer protocol, as the consumer had it when it read; -1 for
   * "do not check", with which a consumer that lost its partitions goes unnoticed.
   */
  readonly generationIdOrMemberEpoch: number;
  /** The consumer that read; empty for "do not check". */
  readonly memberId: string;
  /** The name of a static member, null for dynamic members. */
  readonly groupInstanceId: string | null;
  readonly topics: readonly TxnOffsetCommitTopic[];
}

export interface TxnOffsetCommitTopic {
  /** The topic's name, up to v5. */
  readonly name: string;
  /** The topic's id, from v6 on. */
  readonly topicId: string;
  readonly partitions: readonly TxnOffsetCommitPartition[];
}

export interface TxnOffsetCommitPartition {
  readonly partitionIndex: number;
  /** Where to go on: the offset after the last record that was dealt with. */
  readonly committedOffset: number;
  /** Epoch of that last record, -1 when unknown. */
  readonly committedLeaderEpoch: number;
  /** A note of the application's, kept with the offset; null is kept as an empty one. At most `offset.metadata.max.bytes`. */
  readonly committedMetadata: string | null;
}

export interface TxnOffsetCommitResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** Each partition of the request. There is no error for the whole: one that concerns the group is found at each partition. */
  readonly topics: readonly TxnOffsetCommitTopicResult[];
}

export interface TxnOffsetCommitTopicResult {
  /** The topic's name, up to v5. */
  readonly name: string;
  /** The topic's id, from v6 on. */
  readonly topicId: string;
  readonly partitions: readonly TxnOffsetCommitPartitionResult[];
}

export interface TxnOffsetCommitPartitionResult {
  readonly partitionIndex: number;
  /**
   * ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID: the consumer lost its partitions, so abort. Up to v5
   * ILLEGAL_GENERATION also stands for a group that does not exist and for a stale member epoch.
   */
  readonly errorCode: number;
}

const request: Layout<TxnOffsetCommitRequest> = struct((wire, it) => ({
  transactionalId: wire.string(it.transactionalId),
  groupId: wire.string(it.groupId),
  producerId: wire.int64(it.producerId),
  producerEpoch: wire.int16(it.producerEpoch),
  generationIdOrMemberEpoch: wire.since(3).int32(it.generationIdOrMemberEpoch, -1),
  memberId: wire.since(3).string(it.memberId),
  groupInstanceId: wire.since(3).nullableString(it.groupInstanceId),
  topics: wire.array(it.topics, topic),
}));

const topic: Layout<TxnOffsetCommitTopic> = struct((wire, it) => ({
  name: wire.until(5).ignorable.string(it.name),
  topicId: wire.since(6).ignorable.uuid(it.topicId),
  partitions: wire.array(it.partitions, partition),
}));

const partition: Layout<TxnOffsetCommitPartition> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  committedOffset: wire.offset(it.committedOffset),
  committedLeaderEpoch: wire.since(2).ignorable.int32(it.committedLeaderEpoch, -1),
  committedMetadata: wire.nullableString(it.committedMetadata, ""),
}));

const response: Layout<TxnOffsetCommitResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  topics: wire.array(it.topics, topicResult),
}));

const topicResult: Layout<TxnOffsetCommitTopicResult> = struct((wire, it) => ({
  name: wire.until(5).ignorable.string(it.name),
  topicId: wire.since(6).ignorable.uuid(it.topicId),
  partitions: wire.array(it.partitions, partitionResult),
}));

const partitionResult: Layout<TxnOffsetCommitPartitionResult> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  errorCode: wire.int16(it.errorCode),
}));

export const TxnOffsetCommit: Api<TxnOffsetCommitRequest, TxnOffsetCommitResponse> = defineApi({
  name: "TxnOffsetCommit",
  key: 28,
  versions: [0, 6],
  flexibleSince: 3,
  request,
  response,
});
