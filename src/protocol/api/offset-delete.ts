/**
 * OffsetDelete (key 47): makes a group forget what it committed for some partitions. Administrators send it to the group's
 * coordinator; topics that a living group still subscribes to are spared.
 *
 * v0  the only version, never flexible (KIP-496)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi, NEVER_FLEXIBLE } from "./api.ts";

export interface OffsetDeleteRequest {
  readonly groupId: string;
  readonly topics: readonly OffsetDeleteTopic[];
}

export interface OffsetDeleteTopic {
  readonly name: string;
  readonly partitions: readonly OffsetDeletePartition[];
}

export interface OffsetDeletePartition {
  readonly partitionIndex: number;
}

export interface OffsetDeleteResponse {
  /**
   * Concerns the whole group, e.g. GROUP_ID_NOT_FOUND, or NON_EMPTY_GROUP: it has members, and what they subscribe to is not
   * known to the coordinator. Nothing is deleted then, and `topics` is empty.
   */
  readonly errorCode: number;
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  readonly topics: readonly OffsetDeleteTopicResult[];
}

export interface OffsetDeleteTopicResult {
  readonly name: string;
  readonly partitions: readonly OffsetDeletePartitionResult[];
}

export interface OffsetDeletePartitionResult {
  readonly partitionIndex: number;
  /** GROUP_SUBSCRIBED_TO_TOPIC: a member reads the topic. That nothing was committed is no error. */
  readonly errorCode: number;
}

const request: Layout<OffsetDeleteRequest> = struct((wire, it) => ({
  groupId: wire.string(it.groupId),
  topics: wire.array(it.topics, topic),
}));

const topic: Layout<OffsetDeleteTopic> = struct((wire, it) => ({
  name: wire.string(it.name),
  partitions: wire.array(it.partitions, partition),
}));

const partition: Layout<OffsetDeletePartition> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
}));

const response: Layout<OffsetDeleteResponse> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  topics: wire.array(it.topics, topicResult),
}));

const topicResult: Layout<OffsetDeleteTopicResult> = struct((wire, it) => ({
  name: wire.string(it.name),
  partitions: wire.array(it.partitions, partitionResult),
}));

const partitionResult: Layout<OffsetDeletePartitionResult> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  errorCode: wire.int16(it.errorCode),
}));

export const OffsetDelete: Api<OffsetDeleteRequest, OffsetDeleteResponse> = defineApi({
  name: "OffsetDelete",
  key: 47,
  versions: [0, 0],
  flexibleSince: NEVER_FLEXIBLE,
  request,
  response,
});
