/**
 * OffsetFetch (key 9): how far groups have read, as they committed it. Sent to the coordinator of the groups, by members that
 * begin with a partition and by everybody who computes lag.
 *
 * v0  offsets that ZooKeeper keeps; the oldest version
 * v1  offsets that Kafka itself keeps, not ZooKeeper; the oldest version that Kafka 4 accepts
 * v2  all partitions of a group; an error that concerns the group (KIP-88)
 * v3  throttle time in the answer (KIP-124)
 * v4  as v3; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v5  leader epoch of the last record read (KIP-320)
 * v6  flexible
 * v7  the client may refuse offsets that an open transaction is about to change (KIP-447)
 * v8  many groups at once (KIP-709)
 * v9  member id and epoch, which are checked in groups of the newer consumer protocol (KIP-848)
 * v10 topic ids instead of names (KIP-848)
 */
import { int32, type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `committedOffset` of a partition for which the group has committed nothing, or nothing that was kept. */
export const NO_COMMITTED_OFFSET = -1;

export interface OffsetFetchRequest {
  /** The group, up to v7; then `groups`. */
  readonly groupId: string;
  /** The partitions of interest, up to v7; then in `groups`. From v2 on null for all that the group has committed. */
  readonly topics: readonly OffsetFetchTopic[] | null;
  /** The groups, from v8 on. All must have this coordinator. */
  readonly groups: readonly OffsetFetchGroup[];
  /** While a transaction that commits an offset is undecided: true to get UNSTABLE_OFFSET_COMMIT, false to get the old offset. */
  readonly requireStable: boolean;
}

export interface OffsetFetchGroup {
  readonly groupId: string;
  /** The asking member of a group of the newer protocol; null for anybody else. */
  readonly memberId: string | null;
  /** Its epoch; -1 for anybody else, who is not checked. */
  readonly memberEpoch: number;
  /** The partitions of interest, null for all that the group has committed. */
  readonly topics: readonly OffsetFetchTopic[] | null;
}

export interface OffsetFetchTopic {
  /** The topic's name, up to v9. */
  readonly name: string;
  /** The topic's id, from v10 on. */
  readonly topicId: string;
  readonly partitionIndexes: readonly number[];
}

export interface OffsetFetchResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** Up to v7; then in `groups`. */
  readonly topics: readonly OffsetFetchTopicResult[];
  /** Concerns the whole group, up to v7; then in `groups`. In v1 such an error is found at each partition. */
  readonly errorCode: number;
  /** From v8 on. */
  readonly groups: readonly OffsetFetchGroupResult[];
}

export interface OffsetFetchGroupResult {
  readonly groupId: string;
  /** Empty on an error that concerns the whole group. */
  readonly topics: readonly OffsetFetchTopicResult[];
  /** Concerns the whole group, e.g. NOT_COORDINATOR, or STALE_MEMBER_EPOCH from v9 on. */
  readonly errorCode: number;
}

export interface OffsetFetchTopicResult {
  /** The topic's name, up to v9. */
  readonly name: string;
  /** The topic's id, from v10 on. */
  readonly topicId: string;
  readonly partitions: readonly OffsetFetchPartitionResult[];
}

export interface OffsetFetchPartitionResult {
  readonly partitionIndex: number;
  /** Where to go on, -1 when nothing is committed (which is no error) and on errors. */
  readonly committedOffset: number;
  /** Epoch of the record before `committedOffset`, -1 when unknown. */
  readonly committedLeaderEpoch: number;
  /** The note that was committed with the offset. Empty for none; brokers do not send null. */
  readonly metadata: string | null;
  /** UNSTABLE_OFFSET_COMMIT: ask again, the transaction will be decided soon. */
  readonly errorCode: number;
}

const request: Layout<OffsetFetchRequest> = struct((wire, it) => ({
  groupId: wire.until(7).string(it.groupId),
  topics: wire.until(7).nullableArray(it.topics, topic, [], 2),
  groups: wire.since(8).array(it.groups, group),
  requireStable: wire.since(7).boolean(it.requireStable),
}));

const group: Layout<OffsetFetchGroup> = struct((wire, it) => ({
  groupId: wire.string(it.groupId),
  memberId: wire.since(9).ignorable.nullableString(it.memberId),
  memberEpoch: wire.since(9).ignorable.int32(it.memberEpoch, -1),
  topics: wire.nullableArray(it.topics, topic, []),
}));

const topic: Layout<OffsetFetchTopic> = struct((wire, it) => ({
  name: wire.until(9).ignorable.string(it.name),
  topicId: wire.since(10).ignorable.uuid(it.topicId),
  partitionIndexes: wire.array(it.partitionIndexes, int32),
}));

const response: Layout<OffsetFetchResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.since(3).ignorable.int32(it.throttleTimeMs),
  topics: wire.until(7).array(it.topics, topicResult),
  errorCode: wire.since(2).until(7).ignorable.int16(it.errorCode),
  groups: wire.since(8).array(it.groups, groupResult),
}));

const groupResult: Layout<OffsetFetchGroupResult> = struct((wire, it) => ({
  groupId: wire.string(it.groupId),
  topics: wire.array(it.topics, topicResult),
  errorCode: wire.int16(it.errorCode),
}));

const topicResult: Layout<OffsetFetchTopicResult> = struct((wire, it) => ({
  name: wire.until(9).ignorable.string(it.name),
  topicId: wire.since(10).ignorable.uuid(it.topicId),
  partitions: wire.array(it.partitions, partitionResult),
}));

const partitionResult: Layout<OffsetFetchPartitionResult> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  committedOffset: wire.offset(it.committedOffset),
  committedLeaderEpoch: wire.since(5).ignorable.int32(it.committedLeaderEpoch, -1),
  metadata: wire.nullableString(it.metadata, ""),
  errorCode: wire.int16(it.errorCode),
}));

export const OffsetFetch: Api<OffsetFetchRequest, OffsetFetchResponse> = defineApi({
  name: "OffsetFetch",
  key: 9,
  versions: [0, 10],
  // Version 0 reads from ZooKeeper.
  clientVersions: [1, 10],
  flexibleSince: 6,
  request,
  response,
});
