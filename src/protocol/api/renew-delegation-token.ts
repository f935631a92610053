/**
 * RenewDelegationToken (key 39): moves a delegation token's expiry into the future, up to its maximum. Sent by the token's owner
 * or one of its renewers to any broker, which forwards it to the controller; not over a connection authenticated by a token.
 *
 * v0  the token is named by its HMAC (KIP-48)
 * v1  as v0; on throttling the broker answers at once and mutes the connection (KIP-219); the oldest version that Kafka 4 accepts
 * v2  flexible
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface RenewDelegationTokenRequest {
  /** The token, as CreateDelegationToken gave it. A secret that must not be logged. */
  readonly hmac: Uint8Array;
  /** How long from now on the token shall live; -1 for the broker's period, which also caps other values. */
  readonly renewPeriodMs: number;
}

export interface RenewDelegationTokenResponse {
  /** DELEGATION_TOKEN_NOT_FOUND, _EXPIRED (make a new one) or _OWNER_MISMATCH (neither owner nor renewer), among others. */
  readonly errorCode: number;
  /** When the token now stops working, never after its maximum. Means nothing when there was an error. */
  readonly expiryTimestampMs: number;
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
}

const request: Layout<RenewDelegationTokenRequest> = struct((wire, it) => ({
  hmac: wire.bytes(it.hmac),
  renewPeriodMs: wire.int53(it.renewPeriodMs),
}));

const response: Layout<RenewDelegationTokenResponse> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  expiryTimestampMs: wire.timestamp(it.expiryTimestampMs),
  throttleTimeMs: wire.int32(it.throttleTimeMs),
}));

export const RenewDelegationToken: Api<RenewDelegationTokenRequest, RenewDelegationTokenResponse> = defineApi({
  name: "RenewDelegationToken",
  key: 39,
  versions: [0, 2],
  flexibleSince: 2,
  request,
  response,
});
