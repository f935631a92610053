/**
 * AlterShareGroupOffsets (key 91): moves a share group to other offsets, forward or back. Administrators send it to the group's
 * coordinator; the group must be without members. Newer brokers (since 4.2) create a group that does not exist yet.
 *
 * v0  the only version, flexible (KIP-932)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface AlterShareGroupOffsetsRequest {
  readonly groupId: string;
  readonly topics: readonly AlterShareGroupOffsetsRequestTopic[];
}

export interface AlterShareGroupOffsetsRequestTopic {
  readonly topicName: string;
  readonly partitions: readonly AlterShareGroupOffsetsRequestPartition[];
}

export interface AlterShareGroupOffsetsRequestPartition {
  readonly partitionIndex: number;
  /** The first offset that the group shall deliver. What it knew of single records is forgotten. */
  readonly startOffset: number;
}

export interface AlterShareGroupOffsetsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** Concerns the whole request. NON_EMPTY_GROUP: it still has members. GROUP_ID_NOT_FOUND: also a group of another type. */
  readonly errorCode: number;
  /** More about the error, null without one. */
  readonly errorMessage: string | null;
  /** Empty when the whole request failed. */
  readonly responses: readonly AlterShareGroupOffsetsResponseTopic[];
}

export interface AlterShareGroupOffsetsResponseTopic {
  readonly topicName: string;
  /** All zero when the broker does not know the topic. */
  readonly topicId: string;
  readonly partitions: readonly AlterShareGroupOffsetsResponsePartition[];
}

export interface AlterShareGroupOffsetsResponsePartition {
  readonly partitionIndex: number;
  /** Concerns this partition, e.g. UNKNOWN_TOPIC_OR_PARTITION or TOPIC_AUTHORIZATION_FAILED. */
  readonly errorCode: number;
  /** More about the error, null without one. */
  readonly errorMessage: string | null;
}

const request: Layout<AlterShareGroupOffsetsRequest> = struct((wire, it) => ({
  groupId: wire.string(it.groupId),
  topics: wire.array(it.topics, requestTopic),
}));

const requestTopic: Layout<AlterShareGroupOffsetsRequestTopic> = struct((wire, it) => ({
  topicName: wire.string(it.topicName),
  partitions: wire.array(it.partitions, requestPartition),
}));

const requestPartition: Layout<AlterShareGroupOffsetsRequestPartition> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  startOffset: wire.offset(it.startOffset),
}));

const response: Layout<AlterShareGroupOffsetsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage),
  responses: wire.array(it.responses, responseTopic),
}));

const responseTopic: Layout<AlterShareGroupOffsetsResponseTopic> = struct((wire, it) => ({
  topicName: wire.string(it.topicName),
  topicId: wire.uuid(it.topicId),
  partitions: wire.array(it.partitions, responsePartition),
}));

const responsePartition: Layout<AlterShareGroupOffsetsResponsePartition> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage),
}));

export const AlterShareGroupOffsets: Api<AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse> = defineApi({
  name: "AlterShareGroupOffsets",
  key: 91,
  versions: [0, 0],
  flexibleSince: 0,
  request,
  response,
});
