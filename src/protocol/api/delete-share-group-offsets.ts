/**
 * DeleteShareGroupOffsets (key 92): makes a share group forget topics, all partitions of them. Administrators send it to the
 * group's coordinator; the group must be without members. Should it read such a topic again, it begins as a new group would.
 *
 * v0  the only version, flexible (KIP-932)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface DeleteShareGroupOffsetsRequest {
  readonly groupId: string;
  readonly topics: readonly DeleteShareGroupOffsetsRequestTopic[];
}

export interface DeleteShareGroupOffsetsRequestTopic {
  readonly topicName: string;
}

export interface DeleteShareGroupOffsetsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** Concerns the whole request. NON_EMPTY_GROUP: it still has members. GROUP_ID_NOT_FOUND: also a group of another type. */
  readonly errorCode: number;
  /** More about the error, null without one. */
  readonly errorMessage: string | null;
  /** Empty when the whole request failed. */
  readonly responses: readonly DeleteShareGroupOffsetsResponseTopic[];
}

export interface DeleteShareGroupOffsetsResponseTopic {
  readonly topicName: string;
  /** All zero when the broker does not know the topic. */
  readonly topicId: string;
  /** Concerns this topic, e.g. UNKNOWN_TOPIC_OR_PARTITION or TOPIC_AUTHORIZATION_FAILED. */
  readonly errorCode: number;
  /** More about the error, null without one. */
  readonly errorMessage: string | null;
}

const request: Layout<DeleteShareGroupOffsetsRequest> = struct((wire, it) => ({
  groupId: wire.string(it.groupId),
  topics: wire.array(it.topics, requestTopic),
}));

const requestTopic: Layout<DeleteShareGroupOffsetsRequestTopic> = struct((wire, it) => ({
  topicName: wire.string(it.topicName),
}));

const response: Layout<DeleteShareGroupOffsetsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage),
  responses: wire.array(it.responses, responseTopic),
}));

const responseTopic: Layout<DeleteShareGroupOffsetsResponseTopic> = struct((wire, it) => ({
  topicName: wire.string(it.topicName),
  topicId: wire.uuid(it.topicId),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage),
}));

export const DeleteShareGroupOffsets: Api<DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse> = defineApi({
  name: "DeleteShareGroupOffsets",
  key: 92,
  versions: [0, 0],
  flexibleSince: 0,
  request,
  response,
});
