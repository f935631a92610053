/**
 * JoinGroup (key 11): enters a classic group, or enters it again when it rebalances. Sent by every member to the group's
 * coordinator, which holds the answer back until all members have joined or their time is up, and names one of them leader.
 *
 * The leader then computes the assignment, and all members fetch theirs with SyncGroup. Since a join may take as long as
 * `rebalanceTimeoutMs`, it needs a longer request timeout than other requests.
 *
 * v0  the oldest version; Kafka 4.0.0 begins at v2, later releases accept v0 and v1 again
 * v1  rebalance timeout, apart from the session timeout (KIP-62)
 * v2  throttle time in the answer (KIP-124)
 * v3  as v2; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v4  as v3; a first join is answered with MEMBER_ID_REQUIRED and the id to join with (KIP-394)
 * v5  group instance ids, for static members (KIP-345)
 * v6  flexible
 * v7  protocol type in the answer, where the protocol name becomes nullable (KIP-559)
 * v8  reason for joining (KIP-800)
 * v9  the broker may tell the leader to keep the assignment as it is (KIP-814)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `memberId` of a member that has none yet, and of the answer to a join that failed. */
export const JOIN_GROUP_NO_MEMBER_ID = "";
/** `generationId` of an answer that brings no membership: the join failed, or only handed out a member id. */
export const JOIN_GROUP_NO_GENERATION = -1;

export interface JoinGroupRequest {
  readonly groupId: string;
  /**
   * The member is dropped after this time without a heartbeat. Outside the bounds that the broker sets, the answer is
   * INVALID_SESSION_TIMEOUT.
   */
  readonly sessionTimeoutMs: number;
  /** How long a rebalance waits for this member to join again; in v0 the broker takes the session timeout for it. */
  readonly rebalanceTimeoutMs: number;
  /** The id that the coordinator gave out, empty on the first join. After UNKNOWN_MEMBER_ID, start again with an empty one. */
  readonly memberId: string;
  /** The name that a static member keeps across restarts, null for dynamic members. */
  readonly groupInstanceId: string | null;
  /** The kind of group: `consumer`, `connect`. All members must agree, else INCONSISTENT_GROUP_PROTOCOL. */
  readonly protocolType: string;
  /** The assignors that the member can work with, preferred first. The group settles on one that all its members know. */
  readonly protocols: readonly JoinGroupProtocol[];
  /** Why the member joins, for the broker's log; the Java client cuts it after 255 characters. Null for no reason. */
  readonly reason: string | null;
}

export interface JoinGroupProtocol {
  /** The assignor's name, e.g. `range` or `cooperative-sticky`. */
  readonly name: string;
  /** What the leader has to know about the member. In consumer groups it is a subscription, see `group/`. */
  readonly metadata: Uint8Array;
}

export interface JoinGroupResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** MEMBER_ID_REQUIRED is no failure: join again with the `memberId` of this answer. */
  readonly errorCode: number;
  /** The round of the group that began with this join, -1 for none. Later requests prove their membership with it. */
  readonly generationId: number;
  /** The kind of group, null on errors. */
  readonly protocolType: string | null;
  /** The assignor that the group settled on. On errors it is null, up to v6 empty. */
  readonly protocolName: string | null;
  /** The leader's member id. Whoever finds its own id here computes the assignment. */
  readonly leader: string;
  /** The leader came back as a static member and must not assign anew: it sends a SyncGroup without assignments. */
  readonly skipAssignment: boolean;
  /** This member's id, to be sent from now on. */
  readonly memberId: string;
  /** Everybody in the group, with the metadata of `protocolName`. Only the leader is told; empty for the others. */
  readonly members: readonly JoinGroupMember[];
}

export interface JoinGroupMember {
  readonly memberId: string;
  /** The name of a static member, null for dynamic members. */
  readonly groupInstanceId: string | null;
  /** What the member sent for the protocol that was chosen. */
  readonly metadata: Uint8Array;
}

const request: Layout<JoinGroupRequest> = struct((wire, it) => ({
  groupId: wire.string(it.groupId),
  sessionTimeoutMs: wire.int32(it.sessionTimeoutMs),
  rebalanceTimeoutMs: wire.since(1).ignorable.int32(it.rebalanceTimeoutMs, -1),
  memberId: wire.string(it.memberId, JOIN_GROUP_NO_MEMBER_ID),
  groupInstanceId: wire.since(5).nullableString(it.groupInstanceId),
  protocolType: wire.string(it.protocolType),
  protocols: wire.array(it.protocols, protocol),
  reason: wire.since(8).ignorable.nullableString(it.reason),
}));

const protocol: Layout<JoinGroupProtocol> = struct((wire, it) => ({
  name: wire.string(it.name),
  metadata: wire.bytes(it.metadata),
}));

const response: Layout<JoinGroupResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.since(2).ignorable.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  generationId: wire.int32(it.generationId, JOIN_GROUP_NO_GENERATION),
  protocolType: wire.since(7).ignorable.nullableString(it.protocolType),
  protocolName: wire.nullableString(it.protocolName, "", 7),
  leader: wire.string(it.leader),
  skipAssignment: wire.since(9).boolean(it.skipAssignment),
  memberId: wire.string(it.memberId, JOIN_GROUP_NO_MEMBER_ID),
  members: wire.array(it.members, member),
}));

const member: Layout<JoinGroupMember> = struct((wire, it) => ({
  memberId: wire.string(it.memberId),
  groupInstanceId: wire.since(5).ignorable.nullableString(it.groupInstanceId),
  metadata: wire.bytes(it.metadata),
}));

export const JoinGroup: Api<JoinGroupRequest, JoinGroupResponse> = defineApi({
  name: "JoinGroup",
  key: 11,
  versions: [0, 9],
  flexibleSince: 6,
  request,
  response,
});
