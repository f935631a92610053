/**
 * LeaveGroup (key 13): removes members from a classic group, so that it rebalances at once instead of waiting for their session
 * timeouts. Sent to the group's coordinator by a dynamic member that shuts down, or by an administrator.
 *
 * v0  the oldest version
 * v1  throttle time in the answer (KIP-124)
 * v2  as v1; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v3  several members at once, static ones by their instance ids (KIP-345)
 * v4  flexible
 * v5  reason for leaving (KIP-800)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `memberId` of a static member that is removed by its `groupInstanceId`, whichever id it has at the moment. */
export const LEAVE_GROUP_BY_INSTANCE_ID = "";

export interface LeaveGroupRequest {
  readonly groupId: string;
  /** The member that leaves, up to v2. From v3 on, `members` takes its place. */
  readonly memberId: string;
  /** The members that leave, from v3 on. */
  readonly members: readonly LeaveGroupMember[];
}

export interface LeaveGroupMember {
  /** The id that JoinGroup answered; empty to go by `groupInstanceId` alone. */
  readonly memberId: string;
  /** The name of a static member, null for dynamic members. */
  readonly groupInstanceId: string | null;
  /** Why the member leaves, for the broker's log; the Java client cuts it after 255 characters. Null for no reason. */
  readonly reason: string | null;
}

export interface LeaveGroupResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** Concerns the whole request; what befell a single member stands in `members`, up to v2 here. */
  readonly errorCode: number;
  /** One result for each member of the request. */
  readonly members: readonly LeaveGroupMemberResponse[];
}

export interface LeaveGroupMemberResponse {
  /** As in the request. */
  readonly memberId: string;
  /** As in the request. */
  readonly groupInstanceId: string | null;
  /** UNKNOWN_MEMBER_ID: not in the group, so as good as gone. FENCED_INSTANCE_ID: the instance id belongs to another member. */
  readonly errorCode: number;
}

const request: Layout<LeaveGroupRequest> = struct((wire, it) => ({
  groupId: wire.string(it.groupId),
  memberId: wire.until(2).string(it.memberId),
  members: wire.since(3).array(it.members, member),
}));

const member: Layout<LeaveGroupMember> = struct((wire, it) => ({
  memberId: wire.string(it.memberId, LEAVE_GROUP_BY_INSTANCE_ID),
  groupInstanceId: wire.nullableString(it.groupInstanceId),
  reason: wire.since(5).ignorable.nullableString(it.reason),
}));

const response: Layout<LeaveGroupResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.since(1).ignorable.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  members: wire.since(3).array(it.members, memberResponse),
}));

const memberResponse: Layout<LeaveGroupMemberResponse> = struct((wire, it) => ({
  memberId: wire.string(it.memberId),
  groupInstanceId: wire.nullableString(it.groupInstanceId, ""),
  errorCode: wire.int16(it.errorCode),
}));

export const LeaveGroup: Api<LeaveGroupRequest, LeaveGroupResponse> = defineApi({
  name: "LeaveGroup",
  key: 13,
  versions: [0, 5],
  flexibleSince: 4,
  request,
  response,
});
