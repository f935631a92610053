/**
 * DescribeGroups (key 15): state and members of classic groups. Administrators send it to the coordinator of these groups;
 * groups of the newer protocols are described by ConsumerGroupDescribe, ShareGroupDescribe and StreamsGroupDescribe.
 *
 * v0  the oldest version; a group that does not exist, or is no classic group, looks like one in the state `Dead`
 * v1  throttle time in the answer (KIP-124)
 * v2  as v1; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v3  operations that the client may perform on the group (KIP-430)
 * v4  group instance ids of static members (KIP-345)
 * v5  flexible
 * v6  error message; GROUP_ID_NOT_FOUND for groups that do not exist or are no classic groups (KIP-1043)
 */
import { type Layout, string, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `authorizedOperations` of a group when nobody asked for them. */
export const GROUP_OPERATIONS_NOT_ASKED = -0x8000_0000;

export interface DescribeGroupsRequest {
  /** Ids of the groups. */
  readonly groups: readonly string[];
  /** Whether the answer shall say what the client may do with each group. */
  readonly includeAuthorizedOperations: boolean;
}

export interface DescribeGroupsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  readonly groups: readonly DescribedGroup[];
}

export interface DescribedGroup {
  /** Concerns this group, e.g. NOT_COORDINATOR, GROUP_AUTHORIZATION_FAILED or, from v6 on, GROUP_ID_NOT_FOUND. */
  readonly errorCode: number;
  /** More about the error, null for nothing to add. */
  readonly errorMessage: string | null;
  readonly groupId: string;
  /** `PreparingRebalance`, `CompletingRebalance`, `Stable`, `Empty`; `Dead` when there is none such; no text on other errors. */
  readonly groupState: string;
  /** The kind of group, e.g. `consumer`. Empty for a group that only stores offsets, and on errors. */
  readonly protocolType: string;
  /** The assignor in use. Only known while the group is `Stable`, otherwise empty. */
  readonly protocolData: string;
  readonly members: readonly DescribedGroupMember[];
  /** What the client may do with the group: bit n stands for the ACL operation with code n. -2^31 when not asked for. */
  readonly authorizedOperations: number;
}

export interface DescribedGroupMember {
  readonly memberId: string;
  /** The name of a static member, null for dynamic members. */
  readonly groupInstanceId: string | null;
  /** As of the member's last JoinGroup. */
  readonly clientId: string;
  /** Where that request came from, e.g. `/127.0.0.1`. */
  readonly clientHost: string;
  /** What the member joined with for the assignor in use, see `group/`. No bytes unless the group is `Stable`. */
  readonly memberMetadata: Uint8Array;
  /** What the leader assigned to the member, see `group/`. No bytes unless the group is `Stable`. */
  readonly memberAssignment: Uint8Array;
}

const request: Layout<DescribeGroupsRequest> = struct((wire, it) => ({
  groups: wire.array(it.groups, string),
  includeAuthorizedOperations: wire.since(3).boolean(it.includeAuthorizedOperations),
}));

const response: Layout<DescribeGroupsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.since(1).ignorable.int32(it.throttleTimeMs),
  groups: wire.array(it.groups, group),
}));

const group: Layout<DescribedGroup> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.since(6).nullableString(it.errorMessage),
  groupId: wire.string(it.groupId),
  groupState: wire.string(it.groupState),
  protocolType: wire.string(it.protocolType),
  protocolData: wire.string(it.protocolData),
  members: wire.array(it.members, member),
  authorizedOperations: wire.since(3).int32(it.authorizedOperations, GROUP_OPERATIONS_NOT_ASKED),
}));

const member: Layout<DescribedGroupMember> = struct((wire, it) => ({
  memberId: wire.string(it.memberId),
  groupInstanceId: wire.since(4).ignorable.nullableString(it.groupInstanceId),
  clientId: wire.string(it.clientId),
  clientHost: wire.string(it.clientHost),
  memberMetadata: wire.bytes(it.memberMetadata),
  memberAssignment: wire.bytes(it.memberAssignment),
}));

export const DescribeGroups: Api<DescribeGroupsRequest, DescribeGroupsResponse> = defineApi({
  name: "DescribeGroups",
  key: 15,
  versions: [0, 6],
  flexibleSince: 5,
  request,
  response,
});
