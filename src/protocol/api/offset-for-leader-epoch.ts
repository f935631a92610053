/**
 * OffsetForLeaderEpoch (key 23): where the records of a leader epoch end in the leader's log. Sent to the partition's leader by
 * a reader that wants to know whether what it has read is still there: consumers after a change of leader, and followers.
 *
 * When the end lies before the reader's position, the log was truncated: everything after the end was replaced or lost.
 *
 * v0  between brokers only (KIP-101)
 * v1  which epoch the end belongs to (KIP-279)
 * v2  current leader epoch and throttle time: consumers may ask, too (KIP-320); the oldest version that Kafka 4 accepts
 * v3  replica id (KIP-392)
 * v4  flexible
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `replicaId` of a tool that looks into a log. Requests up to v2, which do not say, count as one. */
export const DEBUGGING_REPLICA_ID = -2;

export interface OffsetForLeaderEpochRequest {
  /** The asking broker; consumers send -1. */
  readonly replicaId: number;
  readonly topics: readonly OffsetForLeaderEpochTopic[];
}

export interface OffsetForLeaderEpochTopic {
  readonly topic: string;
  readonly partitions: readonly OffsetForLeaderEpochPartition[];
}

export interface OffsetForLeaderEpochPartition {
  readonly partition: number;
  /** The leader epoch that the client knows, -1 for "do not check". An older one is fenced, a newer one is not known yet. */
  readonly currentLeaderEpoch: number;
  /** The epoch in question: that of the last record that was read. */
  readonly leaderEpoch: number;
}

export interface OffsetForLeaderEpochResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  readonly topics: readonly OffsetForLeaderEpochTopicResult[];
}

export interface OffsetForLeaderEpochTopicResult {
  readonly topic: string;
  readonly partitions: readonly LeaderEpochEndOffset[];
}

export interface LeaderEpochEndOffset {
  /** FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, NOT_LEADER_OR_FOLLOWER: get new metadata and ask again. */
  readonly errorCode: number;
  readonly partition: number;
  /** The largest epoch in the leader's log that is not above the one in question; -1 if that is yet unknown, and on errors. */
  readonly leaderEpoch: number;
  /** The offset after the last record of that epoch; -1 likewise. */
  readonly endOffset: number;
}

const request: Layout<OffsetForLeaderEpochRequest> = struct((wire, it) => ({
  replicaId: wire.since(3).ignorable.int32(it.replicaId, DEBUGGING_REPLICA_ID),
  topics: wire.array(it.topics, topic),
}));

const topic: Layout<OffsetForLeaderEpochTopic> = struct((wire, it) => ({
  topic: wire.string(it.topic),
  partitions: wire.array(it.partitions, partition),
}));

const partition: Layout<OffsetForLeaderEpochPartition> = struct((wire, it) => ({
  partition: wire.int32(it.partition),
  currentLeaderEpoch: wire.since(2).ignorable.int32(it.currentLeaderEpoch, -1),
  leaderEpoch: wire.int32(it.leaderEpoch),
}));

const response: Layout<OffsetForLeaderEpochResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.since(2).ignorable.int32(it.throttleTimeMs),
  topics: wire.array(it.topics, topicResult),
}));

const topicResult: Layout<OffsetForLeaderEpochTopicResult> = struct((wire, it) => ({
  topic: wire.string(it.topic),
  partitions: wire.array(it.partitions, epochEndOffset),
}));

const epochEndOffset: Layout<LeaderEpochEndOffset> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  partition: wire.int32(it.partition),
  leaderEpoch: wire.since(1).ignorable.int32(it.leaderEpoch, -1),
  endOffset: wire.offset(it.endOffset, -1),
}));

export const OffsetForLeaderEpoch: Api<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse> = defineApi({
  name: "OffsetForLeaderEpoch",
  key: 23,
  versions: [0, 4],
  flexibleSince: 4,
  request,
  response,
});
