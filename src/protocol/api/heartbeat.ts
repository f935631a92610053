/**
 * Heartbeat (key 12): keeps a member of a classic group alive, and tells it when the group rebalances. Sent to the group's
 * coordinator several times per session timeout. Groups of the newer protocol have their own: ConsumerGroupHeartbeat.
 *
 * v0  the oldest version
 * v1  throttle time in the answer (KIP-124)
 * v2  as v1; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v3  group instance id, which fences the older of two static members of the same name (KIP-345)
 * v4  flexible
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface HeartbeatRequest {
  readonly groupId: string;
  /** The generation that JoinGroup answered. */
  readonly generationId: number;
  /** The id that JoinGroup answered. */
  readonly memberId: string;
  /** The name of a static member, null for dynamic members. */
  readonly groupInstanceId: string | null;
}

export interface HeartbeatResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /**
   * REBALANCE_IN_PROGRESS: join again, within the rebalance timeout. ILLEGAL_GENERATION and UNKNOWN_MEMBER_ID: the membership
   * is lost, join anew. FENCED_INSTANCE_ID: another process took over the instance id, stop.
   */
  readonly errorCode: number;
}

const request: Layout<HeartbeatRequest> = struct((wire, it) => ({
  groupId: wire.string(it.groupId),
  generationId: wire.int32(it.generationId),
  memberId: wire.string(it.memberId),
  groupInstanceId: wire.since(3).nullableString(it.groupInstanceId),
}));

const response: Layout<HeartbeatResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.since(1).ignorable.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
}));

export const Heartbeat: Api<HeartbeatRequest, HeartbeatResponse> = defineApi({
  name: "Heartbeat",
  key: 12,
  versions: [0, 4],
  flexibleSince: 4,
  request,
  response,
});
