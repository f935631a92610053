/**
 * ConsumerGroupHeartbeat (key 68): the whole membership of a consumer of the newer protocol (KIP-848) in one request: joining,
 * staying alive, subscribing, learning and acknowledging assignments, leaving. Sent to the group's coordinator, which assigns.
 *
 * Both sides only say what changed since the last heartbeat. A member therefore sends everything when it joins, and again after
 * an error or a lost answer, since it cannot know what the coordinator has seen.
 *
 * The broker refuses with UNSUPPORTED_VERSION when this protocol is switched off, whatever ApiVersions says.
 *
 * v0  the oldest version, flexible; the coordinator may choose the member id (KIP-848)
 * v1  subscription by regular expression (KIP-848); the consumer makes up its member id itself (KIP-1082)
 */
import { int32, type Layout, string, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `memberEpoch` of a member that joins, or joins again after it was fenced. */
export const CONSUMER_GROUP_JOIN_EPOCH = 0;
/** `memberEpoch` of a member that leaves for good. */
export const CONSUMER_GROUP_LEAVE_EPOCH = -1;
/** `memberEpoch` of a static member that leaves but will be back: its partitions wait for it until its session times out. */
export const CONSUMER_GROUP_STATIC_LEAVE_EPOCH = -2;

export interface ConsumerGroupHeartbeatRequest {
  readonly groupId: string;
  /**
   * The consumer's id. From v1 on the consumer makes up a random UUID and keeps it for its whole life; in v0 it may join with
   * an empty one and gets one from the coordinator.
   */
  readonly memberId: string;
  /** The epoch of the last answer; or 0 to join, -1 to leave, -2 to leave as a static member that comes back. */
  readonly memberEpoch: number;
  /** The name of a static member; null for dynamic members, or when unchanged. Never empty. */
  readonly instanceId: string | null;
  /** The consumer's rack; null for none, or when unchanged. Never empty. */
  readonly rackId: string | null;
  /** How long the member may take to give partitions up before it is dropped; -1 when unchanged. Required to join. */
  readonly rebalanceTimeoutMs: number;
  /** The topics by name, empty for none of them; null when unchanged. To join, these or the expression must be there. */
  readonly subscribedTopicNames: readonly string[] | null;
  /** The topics by a regular expression (RE2/J syntax, matched by the broker), empty to end it; null when unchanged. */
  readonly subscribedTopicRegex: string | null;
  /** The assignor that the member prefers, e.g. `uniform` or `range`; null to leave it to the broker, or when unchanged. */
  readonly serverAssignor: string | null;
  /** The partitions that the member holds now, empty to join; null when unchanged. This is how it says that it gave some up. */
  readonly topicPartitions: readonly ConsumerGroupHeartbeatTopicPartitions[] | null;
}

/** Partitions of a topic; the member held them, or shall hold them. */
export interface ConsumerGroupHeartbeatTopicPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export interface ConsumerGroupHeartbeatResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /**
   * FENCED_MEMBER_EPOCH and UNKNOWN_MEMBER_ID: drop all partitions and join again with epoch 0. UNRELEASED_INSTANCE_ID: the
   * static member of this name has not left yet. UNSUPPORTED_ASSIGNOR, INVALID_REGULAR_EXPRESSION, GROUP_MAX_SIZE_REACHED
   * and GROUP_ID_NOT_FOUND (a group of another type) do not mend themselves.
   */
  readonly errorCode: number;
  /** More about the error, null without one. */
  readonly errorMessage: string | null;
  /** The member's id, null on errors. News only in v0, where the coordinator may have chosen it. */
  readonly memberId: string | null;
  /** The epoch to send from now on. To a member that leaves: its -1 or -2. */
  readonly memberEpoch: number;
  /** When to send the next heartbeat; the broker decides. */
  readonly heartbeatIntervalMs: number;
  /** What the member shall hold, all of it; null when nothing changed. Empty is not null: give everything up. */
  readonly assignment: ConsumerGroupHeartbeatAssignment | null;
}

export interface ConsumerGroupHeartbeatAssignment {
  /** Partitions that no other member holds any more: they can be read at once. */
  readonly topicPartitions: readonly ConsumerGroupHeartbeatTopicPartitions[];
}

const request: Layout<ConsumerGroupHeartbeatRequest> = struct((wire, it) => ({
  groupId: wire.string(it.groupId),
  memberId: wire.string(it.memberId),
  memberEpoch: wire.int32(it.memberEpoch, CONSUMER_GROUP_JOIN_EPOCH),
  instanceId: wire.nullableString(it.instanceId),
  rackId: wire.nullableString(it.rackId),
  rebalanceTimeoutMs: wire.int32(it.rebalanceTimeoutMs, -1),
  subscribedTopicNames: wire.nullableArray(it.subscribedTopicNames, string),
  subscribedTopicRegex: wire.since(1).nullableString(it.subscribedTopicRegex),
  serverAssignor: wire.nullableString(it.serverAssignor),
  topicPartitions: wire.nullableArray(it.topicPartitions, topicPartitions),
}));

const topicPartitions: Layout<ConsumerGroupHeartbeatTopicPartitions> = struct((wire, it) => ({
  topicId: wire.uuid(it.topicId),
  partitions: wire.array(it.partitions, int32),
}));

const response: Layout<ConsumerGroupHeartbeatResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage),
  memberId: wire.nullableString(it.memberId),
  memberEpoch: wire.int32(it.memberEpoch),
  heartbeatIntervalMs: wire.int32(it.heartbeatIntervalMs),
  assignment: wire.nullableStruct(it.assignment, assignment),
}));

const assignment: Layout<ConsumerGroupHeartbeatAssignment> = struct((wire, it) => ({
  topicPartitions: wire.array(it.topicPartitions, topicPartitions),
}));

export const ConsumerGroupHeartbeat: Api<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse> = defineApi({
  name: "ConsumerGroupHeartbeat",
  key: 68,
  versions: [0, 1],
  flexibleSince: 0,
  request,
  response,
});
