/**
 * SyncGroup (key 14): ends the rebalance of a classic group. Every member asks the group's coordinator for its assignment; the
 * leader's request brings the assignments of all, and the others are answered as soon as it is there.
 *
 * v0  the oldest version
 * v1  throttle time in the answer (KIP-124)
 * v2  as v1; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v3  group instance id, which fences the older of two static members of the same name (KIP-345)
 * v4  flexible
 * v5  protocol type and name, which both sides check (KIP-559)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface SyncGroupRequest {
  readonly groupId: string;
  /** The generation that JoinGroup answered. */
  readonly generationId: number;
  /** The id that JoinGroup answered. */
  readonly memberId: string;
  /** The name of a static member, null for dynamic members. */
  readonly groupInstanceId: string | null;
  /** The kind of group as JoinGroup answered it; null leaves it unchecked. If it differs: INCONSISTENT_GROUP_PROTOCOL. */
  readonly protocolType: string | null;
  /** The assignor as JoinGroup answered it; null leaves it unchecked. If it differs: INCONSISTENT_GROUP_PROTOCOL. */
  readonly protocolName: string | null;
  /** What each member gets. Only the leader fills it; empty for the others, and for a leader that skips the assignment. */
  readonly assignments: readonly SyncGroupAssignment[];
}

export interface SyncGroupAssignment {
  readonly memberId: string;
  /** Passed on to the member as it is. In consumer groups an assignment, see `group/`. */
  readonly assignment: Uint8Array;
}

export interface SyncGroupResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** REBALANCE_IN_PROGRESS: the next rebalance has begun, join again. */
  readonly errorCode: number;
  /** The kind of group as the coordinator knows it, null on errors. */
  readonly protocolType: string | null;
  /** The assignor as the coordinator knows it, null on errors. */
  readonly protocolName: string | null;
  /** What the leader assigned to this member; no bytes at all when it left this member out, and on errors. */
  readonly assignment: Uint8Array;
}

const request: Layout<SyncGroupRequest> = struct((wire, it) => ({
  groupId: wire.string(it.groupId),
  generationId: wire.int32(it.generationId),
  memberId: wire.string(it.memberId),
  groupInstanceId: wire.since(3).nullableString(it.groupInstanceId),
  protocolType: wire.since(5).ignorable.nullableString(it.protocolType),
  protocolName: wire.since(5).ignorable.nullableString(it.protocolName),
  assignments: wire.array(it.assignments, assignment),
}));

const assignment: Layout<SyncGroupAssignment> = struct((wire, it) => ({
  memberId: wire.string(it.memberId),
  assignment: wire.bytes(it.assignment),
}));

const response: Layout<SyncGroupResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.since(1).ignorable.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  protocolType: wire.since(5).ignorable.nullableString(it.protocolType),
  protocolName: wire.since(5).ignorable.nullableString(it.protocolName),
  assignment: wire.bytes(it.assignment),
}));

export const SyncGroup: Api<SyncGroupRequest, SyncGroupResponse> = defineApi({
  name: "SyncGroup",
  key: 14,
  versions: [0, 5],
  flexibleSince: 4,
  request,
  response,
});
