/**
 * UnregisterBroker (key 64): makes the cluster forget a broker that was shut down for good. Until then its registration remains
 * and, for one thing, blocks feature upgrades that it does not support. Sent to any broker, which forwards it to the controller;
 * needs ALTER on the cluster.
 *
 * The controller does not check that the broker is gone or that its replicas have moved away: reassign its partitions and stop
 * it first.
 *
 * v0  flexible (KIP-631)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface UnregisterBrokerRequest {
  /** The broker to forget. */
  readonly brokerId: number;
}

export interface UnregisterBrokerResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** BROKER_ID_NOT_REGISTERED when there is no such broker, or not any more. */
  readonly errorCode: number;
  /** Null or empty when there was no error, and often when there was one. */
  readonly errorMessage: string | null;
}

const request: Layout<UnregisterBrokerRequest> = struct((wire, it) => ({
  brokerId: wire.int32(it.brokerId),
}));

const response: Layout<UnregisterBrokerResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
}));

export const UnregisterBroker: Api<UnregisterBrokerRequest, UnregisterBrokerResponse> = defineApi({
  name: "UnregisterBroker",
  key: 64,
  versions: [0, 0],
  flexibleSince: 0,
  request,
  response,
});
