/**
 * ShareGroupDescribe (key 77): state and members of share groups. Administrators send it to the coordinator of these groups;
 * a group of another type is answered with GROUP_ID_NOT_FOUND. Where the groups stand is told by DescribeShareGroupOffsets.
 *
 * Version 0 was an early access of Kafka 4.0 that no later broker accepts.
 *
 * v1  the oldest version, flexible (KIP-932)
 */
import { int32, type Layout, string, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `authorizedOperations` of a group when nobody asked for them. */
export const SHARE_GROUP_OPERATIONS_NOT_ASKED = -0x8000_0000;

export interface ShareGroupDescribeRequest {
  readonly groupIds: readonly string[];
  /** Whether the answer shall say what the client may do with each group. */
  readonly includeAuthorizedOperations: boolean;
}

export interface ShareGroupDescribeResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  readonly groups: readonly DescribedShareGroup[];
}

export interface DescribedShareGroup {
  /** Concerns this group. TOPIC_AUTHORIZATION_FAILED: it reads topics that the client may not describe. */
  readonly errorCode: number;
  /** More about the error, null for nothing to add. */
  readonly errorMessage: string | null;
  readonly groupId: string;
  /** `Empty`, `Stable` or `Dead`. Empty on errors. */
  readonly groupState: string;
  /** Grows whenever members, subscriptions or topics change, so that a new assignment is needed. */
  readonly groupEpoch: number;
  /** The group epoch that the assignment was computed for. */
  readonly assignmentEpoch: number;
  /** The assignor that the broker uses, e.g. `simple`. */
  readonly assignorName: string;
  readonly members: readonly DescribedShareGroupMember[];
  /** What the client may do with the group: bit n stands for the ACL operation with code n. -2^31 when not asked for. */
  readonly authorizedOperations: number;
}

export interface DescribedShareGroupMember {
  readonly memberId: string;
  /** The member's rack, null for none. */
  readonly rackId: string | null;
  /** The assignment epoch that the member has reached. */
  readonly memberEpoch: number;
  readonly clientId: string;
  /** Where the member's heartbeats come from, e.g. `/127.0.0.1`. */
  readonly clientHost: string;
  /** The topics that it subscribed to by name. */
  readonly subscribedTopicNames: readonly string[];
  /** What the member reads, perhaps together with others. */
  readonly assignment: ShareGroupDescribeAssignment;
}

export interface ShareGroupDescribeAssignment {
  readonly topicPartitions: readonly ShareGroupDescribeTopicPartitions[];
}

export interface ShareGroupDescribeTopicPartitions {
  readonly topicId: string;
  readonly topicName: string;
  readonly partitions: readonly number[];
}

const request: Layout<ShareGroupDescribeRequest> = struct((wire, it) => ({
  groupIds: wire.array(it.groupIds, string),
  includeAuthorizedOperations: wire.boolean(it.includeAuthorizedOperations),
}));

const response: Layout<ShareGroupDescribeResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  groups: wire.array(it.groups, group),
}));

const group: Layout<DescribedShareGroup> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage),
  groupId: wire.string(it.groupId),
  groupState: wire.string(it.groupState),
  groupEpoch: wire.int32(it.groupEpoch),
  assignmentEpoch: wire.int32(it.assignmentEpoch),
  assignorName: wire.string(it.assignorName),
  members: wire.array(it.members, member),
  authorizedOperations: wire.int32(it.authorizedOperations, SHARE_GROUP_OPERATIONS_NOT_ASKED),
}));

const member: Layout<DescribedShareGroupMember> = struct((wire, it) => ({
  memberId: wire.string(it.memberId),
  rackId: wire.nullableString(it.rackId),
  memberEpoch: wire.int32(it.memberEpoch),
  clientId: wire.string(it.clientId),
  clientHost: wire.string(it.clientHost),
  subscribedTopicNames: wire.array(it.subscribedTopicNames, string),
  assignment: wire.struct(it.assignment, assignment),
}));

const assignment: Layout<ShareGroupDescribeAssignment> = struct((wire, it) => ({
  topicPartitions: wire.array(it.topicPartitions, topicPartitions),
}));

const topicPartitions: Layout<ShareGroupDescribeTopicPartitions> = struct((wire, it) => ({
  topicId: wire.uuid(it.topicId),
  topicName: wire.string(it.topicName),
  partitions: wire.array(it.partitions, int32),
}));

export const ShareGroupDescribe: Api<ShareGroupDescribeRequest, ShareGroupDescribeResponse> = defineApi({
  name: "ShareGroupDescribe",
  key: 77,
  versions: [1, 1],
  flexibleSince: 0,
  request,
  response,
});
