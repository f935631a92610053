/**
 * DescribeShareGroupOffsets (key 90): how far share groups have come in their partitions. Administrators send it to the
 * coordinator of these groups.
 *
 * v0  the oldest version, flexible (KIP-932)
 * v1  lag (KIP-1226)
 */
import { int32, type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `startOffset` of a partition that the group has not begun to read. */
export const SHARE_START_OFFSET_UNSET = -1;
/** `lag` that cannot be computed (yet), and of every partition in v0. */
export const UNKNOWN_SHARE_LAG = -1;

export interface DescribeShareGroupOffsetsRequest {
  readonly groups: readonly DescribeShareGroupOffsetsRequestGroup[];
}

export interface DescribeShareGroupOffsetsRequestGroup {
  readonly groupId: string;
  /** The partitions to describe; null for all that the group has a state for. Empty means none. */
  readonly topics: readonly DescribeShareGroupOffsetsRequestTopic[] | null;
}

export interface DescribeShareGroupOffsetsRequestTopic {
  readonly topicName: string;
  readonly partitions: readonly number[];
}

export interface DescribeShareGroupOffsetsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  readonly groups: readonly DescribeShareGroupOffsetsResponseGroup[];
}

export interface DescribeShareGroupOffsetsResponseGroup {
  readonly groupId: string;
  /** Empty when the group has an error. */
  readonly topics: readonly DescribeShareGroupOffsetsResponseTopic[];
  /** Concerns the whole group, e.g. GROUP_ID_NOT_FOUND, also for a group of another type. */
  readonly errorCode: number;
  /** More about the error, null without one. */
  readonly errorMessage: string | null;
}

export interface DescribeShareGroupOffsetsResponseTopic {
  readonly topicName: string;
  /** All zero when the broker does not know the topic. */
  readonly topicId: string;
  readonly partitions: readonly DescribeShareGroupOffsetsResponsePartition[];
}

export interface DescribeShareGroupOffsetsResponsePartition {
  readonly partitionIndex: number;
  /** The first offset whose delivery is not completed; some after it may be. -1 when the group has not begun here. */
  readonly startOffset: number;
  /** The partition's leader epoch when the group's state was last written. */
  readonly leaderEpoch: number;
  /** How many records, from `startOffset` to the end, are still to be delivered or acknowledged. -1 when unknown. */
  readonly lag: number;
  /** Concerns this partition, e.g. UNKNOWN_TOPIC_OR_PARTITION or TOPIC_AUTHORIZATION_FAILED. */
  readonly errorCode: number;
  /** More about the error, null without one. */
  readonly errorMessage: string | null;
}

const request: Layout<DescribeShareGroupOffsetsRequest> = struct((wire, it) => ({
  groups: wire.array(it.groups, requestGroup),
}));

const requestGroup: Layout<DescribeShareGroupOffsetsRequestGroup> = struct((wire, it) => ({
  groupId: wire.string(it.groupId),
  topics: wire.nullableArray(it.topics, requestTopic, []),
}));

const requestTopic: Layout<DescribeShareGroupOffsetsRequestTopic> = struct((wire, it) => ({
  topicName: wire.string(it.topicName),
  partitions: wire.array(it.partitions, int32),
}));

const response: Layout<DescribeShareGroupOffsetsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  groups: wire.array(it.groups, responseGroup),
}));

const responseGroup: Layout<DescribeShareGroupOffsetsResponseGroup> = struct((wire, it) => ({
  groupId: wire.string(it.groupId),
  topics: wire.array(it.topics, responseTopic),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage),
}));

const responseTopic: Layout<DescribeShareGroupOffsetsResponseTopic> = struct((wire, it) => ({
  topicName: wire.string(it.topicName),
  topicId: wire.uuid(it.topicId),
  partitions: wire.array(it.partitions, responsePartition),
}));

const responsePartition: Layout<DescribeShareGroupOffsetsResponsePartition> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  startOffset: wire.offset(it.startOffset),
  leaderEpoch: wire.int32(it.leaderEpoch),
  lag: wire.since(1).ignorable.int53(it.lag, UNKNOWN_SHARE_LAG),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage),
}));

export const DescribeShareGroupOffsets: Api<DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse> = defineApi({
  name: "DescribeShareGroupOffsets",
  key: 90,
  versions: [0, 1],
  flexibleSince: 0,
  request,
  response,
});
