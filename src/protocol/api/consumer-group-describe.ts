/**
 * ConsumerGroupDescribe (key 69): state and members of consumer groups of the newer protocol. Administrators send it to the
 * coordinator of these groups; a classic group is answered with GROUP_ID_NOT_FOUND, and described by DescribeGroups.
 *
 * v0  the oldest version, flexible (KIP-848)
 * v1  member type: tells which members still use the classic protocol, as they may while a group migrates (KIP-1099)
 */
import { int32, type Layout, string, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `authorizedOperations` of a group when nobody asked for them. */
export const CONSUMER_GROUP_OPERATIONS_NOT_ASKED = -0x8000_0000;
/** `memberType` in v0, which does not tell. */
export const UNKNOWN_MEMBER_TYPE = -1;
/** `memberType` of a member that uses JoinGroup, SyncGroup and Heartbeat. */
export const CLASSIC_MEMBER_TYPE = 0;
/** `memberType` of a member that uses ConsumerGroupHeartbeat. */
export const CONSUMER_MEMBER_TYPE = 1;

export interface ConsumerGroupDescribeRequest {
  readonly groupIds: readonly string[];
  /** Whether the answer shall say what the client may do with each group. */
  readonly includeAuthorizedOperations: boolean;
}

export interface ConsumerGroupDescribeResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  readonly groups: readonly DescribedConsumerGroup[];
}

export interface DescribedConsumerGroup {
  /** Concerns this group. TOPIC_AUTHORIZATION_FAILED: it reads topics that the client may not describe. */
  readonly errorCode: number;
  /** More about the error, null for nothing to add. */
  readonly errorMessage: string | null;
  readonly groupId: string;
  /** `Empty`, `Assigning`, `Reconciling`, `Stable` or `Dead`. Empty on errors. */
  readonly groupState: string;
  /** Grows whenever members, subscriptions or topics change, so that a new target assignment is needed. */
  readonly groupEpoch: number;
  /** The group epoch that the target assignment was computed for; smaller than `groupEpoch` while it is `Assigning`. */
  readonly assignmentEpoch: number;
  /** The assignor that the broker chose for the group, e.g. `uniform`. */
  readonly assignorName: string;
  readonly members: readonly DescribedConsumerGroupMember[];
  /** What the client may do with the group: bit n stands for the ACL operation with code n. -2^31 when not asked for. */
  readonly authorizedOperations: number;
}

export interface DescribedConsumerGroupMember {
  readonly memberId: string;
  /** The name of a static member, null for dynamic members. */
  readonly instanceId: string | null;
  /** The member's rack, null for none. */
  readonly rackId: string | null;
  /** The assignment epoch that the member has reached; it lags behind until it gave up what it has to. */
  readonly memberEpoch: number;
  readonly clientId: string;
  /** Where the member's heartbeats come from, e.g. `/127.0.0.1`. */
  readonly clientHost: string;
  /** The topics that it subscribed to by name. */
  readonly subscribedTopicNames: readonly string[];
  /** The regular expression that it subscribed with, null or empty for none. */
  readonly subscribedTopicRegex: string | null;
  /** What the member holds, or is still about to give up. */
  readonly assignment: ConsumerGroupDescribeAssignment;
  /** What the member shall hold in the end. */
  readonly targetAssignment: ConsumerGroupDescribeAssignment;
  /** The protocol that the member uses. 0: classic; 1: the newer one; -1: unknown. */
  readonly memberType: number;
}

export interface ConsumerGroupDescribeAssignment {
  readonly topicPartitions: readonly ConsumerGroupDescribeTopicPartitions[];
}

export interface ConsumerGroupDescribeTopicPartitions {
  readonly topicId: string;
  readonly topicName: string;
  readonly partitions: readonly number[];
}

const request: Layout<ConsumerGroupDescribeRequest> = struct((wire, it) => ({
  groupIds: wire.array(it.groupIds, string),
  includeAuthorizedOperations: wire.boolean(it.includeAuthorizedOperations),
}));

const response: Layout<ConsumerGroupDescribeResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  groups: wire.array(it.groups, group),
}));

const group: Layout<DescribedConsumerGroup> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage),
  groupId: wire.string(it.groupId),
  groupState: wire.string(it.groupState),
  groupEpoch: wire.int32(it.groupEpoch),
  assignmentEpoch: wire.int32(it.assignmentEpoch),
  assignorName: wire.string(it.assignorName),
  members: wire.array(it.members, member),
  authorizedOperations: wire.int32(it.authorizedOperations, CONSUMER_GROUP_OPERATIONS_NOT_ASKED),
}));

const member: Layout<DescribedConsumerGroupMember> = struct((wire, it) => ({
  memberId: wire.string(it.memberId),
  instanceId: wire.nullableString(it.instanceId),
  rackId: wire.nullableString(it.rackId),
  memberEpoch: wire.int32(it.memberEpoch),
  clientId: wire.string(it.clientId),
  clientHost: wire.string(it.clientHost),
  subscribedTopicNames: wire.array(it.subscribedTopicNames, string),
  subscribedTopicRegex: wire.nullableString(it.subscribedTopicRegex),
  assignment: wire.struct(it.assignment, assignment),
  targetAssignment: wire.struct(it.targetAssignment, assignment),
  memberType: wire.since(1).ignorable.int8(it.memberType, UNKNOWN_MEMBER_TYPE),
}));

const assignment: Layout<ConsumerGroupDescribeAssignment> = struct((wire, it) => ({
  topicPartitions: wire.array(it.topicPartitions, topicPartitions),
}));

const topicPartitions: Layout<ConsumerGroupDescribeTopicPartitions> = struct((wire, it) => ({
  topicId: wire.uuid(it.topicId),
  topicName: wire.string(it.topicName),
  partitions: wire.array(it.partitions, int32),
}));

export const ConsumerGroupDescribe: Api<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse> = defineApi({
  name: "ConsumerGroupDescribe",
  key: 69,
  versions: [0, 1],
  flexibleSince: 0,
  request,
  response,
});
