/**
 * ShareGroupHeartbeat (key 76): the whole membership of a share consumer in one request: joining, staying alive, subscribing,
 * learning the assignment, leaving. Sent to the group's coordinator, which assigns; several members may get the same partition.
 *
 * Both sides only say what changed since the last heartbeat. A member therefore sends everything when it joins, and again after
 * an error or a lost answer, since it cannot know what the coordinator has seen.
 *
 * The broker refuses with UNSUPPORTED_VERSION when share groups are switched off, whatever ApiVersions says. Version 0 was an
 * early access of Kafka 4.0 that no later broker accepts.
 *
 * v1  the oldest version, flexible (KIP-932)
 */
import { int32, type Layout, string, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `memberEpoch` of a member that joins, or joins again after it was fenced. */
export const SHARE_GROUP_JOIN_EPOCH = 0;
/** `memberEpoch` of a member that leaves. */
export const SHARE_GROUP_LEAVE_EPOCH = -1;

export interface ShareGroupHeartbeatRequest {
  readonly groupId: string;
  /** A random UUID that the consumer makes up and keeps for its whole life. ShareFetch and ShareAcknowledge use it too. */
  readonly memberId: string;
  /** The epoch of the last answer; or 0 to join, -1 to leave. */
  readonly memberEpoch: number;
  /** The consumer's rack; null for none, or when unchanged. Never empty. */
  readonly rackId: string | null;
  /** The topics by name; null when unchanged. Required, and not empty, to join. */
  readonly subscribedTopicNames: readonly string[] | null;
}

export interface ShareGroupHeartbeatResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /**
   * FENCED_MEMBER_EPOCH and UNKNOWN_MEMBER_ID: join again with epoch 0. GROUP_ID_NOT_FOUND (a group of another type) and
   * GROUP_MAX_SIZE_REACHED do not mend themselves.
   */
  readonly errorCode: number;
  /** More about the error, null without one. */
  readonly errorMessage: string | null;
  /** The member id of the request, null on errors. */
  readonly memberId: string | null;
  /** The epoch to send from now on. To a member that leaves: its -1. */
  readonly memberEpoch: number;
  /** When to send the next heartbeat; the broker decides. */
  readonly heartbeatIntervalMs: number;
  /** What the member shall read, all of it; null when nothing changed. Empty is not null: read nothing. */
  readonly assignment: ShareGroupHeartbeatAssignment | null;
}

export interface ShareGroupHeartbeatAssignment {
  /** Partitions that can be read at once: nobody has to give them up, since members share them. */
  readonly topicPartitions: readonly ShareGroupHeartbeatTopicPartitions[];
}

export interface ShareGroupHeartbeatTopicPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

const request: Layout<ShareGroupHeartbeatRequest> = struct((wire, it) => ({
  groupId: wire.string(it.groupId),
  memberId: wire.string(it.memberId),
  memberEpoch: wire.int32(it.memberEpoch, SHARE_GROUP_JOIN_EPOCH),
  rackId: wire.nullableString(it.rackId),
  subscribedTopicNames: wire.nullableArray(it.subscribedTopicNames, string),
}));

const response: Layout<ShareGroupHeartbeatResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage),
  memberId: wire.nullableString(it.memberId),
  memberEpoch: wire.int32(it.memberEpoch),
  heartbeatIntervalMs: wire.int32(it.heartbeatIntervalMs),
  assignment: wire.nullableStruct(it.assignment, assignment),
}));

const assignment: Layout<ShareGroupHeartbeatAssignment> = struct((wire, it) => ({
  topicPartitions: wire.array(it.topicPartitions, topicPartitions),
}));

const topicPartitions: Layout<ShareGroupHeartbeatTopicPartitions> = struct((wire, it) => ({
  topicId: wire.uuid(it.topicId),
  partitions: wire.array(it.partitions, int32),
}));

export const ShareGroupHeartbeat: Api<ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse> = defineApi({
  name: "ShareGroupHeartbeat",
  key: 76,
  versions: [1, 1],
  flexibleSince: 0,
  request,
  response,
});
