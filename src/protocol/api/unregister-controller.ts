/**
 * UnregisterController (key 94): makes the cluster forget a controller that was shut down for good, whose registration would go on
 * blocking feature upgrades. Sent to any broker, which forwards it, or to the active controller; from Kafka 4.4 on.
 *
 * Registration is not the vote: a voter of a dynamic quorum is removed with RemoveRaftVoter. Stop the controller first, because
 * one that still runs registers again.
 *
 * v0  flexible (KIP-1312)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface UnregisterControllerRequest {
  /** The controller to forget. */
  readonly controllerId: number;
}

export interface UnregisterControllerResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** CONTROLLER_ID_NOT_REGISTERED when there is no such controller, or not any more. */
  readonly errorCode: number;
  /** Null or empty when there was no error. */
  readonly errorMessage: string | null;
}

const request: Layout<UnregisterControllerRequest> = struct((wire, it) => ({
  controllerId: wire.int32(it.controllerId),
}));

const response: Layout<UnregisterControllerResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
}));

export const UnregisterController: Api<UnregisterControllerRequest, UnregisterControllerResponse> = defineApi({
  name: "UnregisterController",
  key: 94,
  versions: [0, 0],
  flexibleSince: 0,
  request,
  response,
});
