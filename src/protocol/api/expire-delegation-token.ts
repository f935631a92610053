/**
 * ExpireDelegationToken (key 40): changes when a delegation token stops working, or revokes it at once. Sent by the token's owner
 * or one of its renewers to any broker, which forwards it to the controller; not over a connection authenticated by a token.
 *
 * v0  the token is named by its HMAC (KIP-48)
 * v1  as v0; on throttling the broker answers at once and mutes the connection (KIP-219); the oldest version that Kafka 4 accepts
 * v2  flexible
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `expiryTimePeriodMs` that revokes the token at once; works for a token that has expired as well. */
export const REVOKE_DELEGATION_TOKEN = -1;

export interface ExpireDelegationTokenRequest {
  /** The token, as CreateDelegationToken gave it. A secret that must not be logged. */
  readonly hmac: Uint8Array;
  /** How long from now on the token shall still work, never beyond its maximum; -1 to revoke it at once. */
  readonly expiryTimePeriodMs: number;
}

export interface ExpireDelegationTokenResponse {
  /** DELEGATION_TOKEN_NOT_FOUND, _EXPIRED (already, and no revocation was asked) or _OWNER_MISMATCH, among others. */
  readonly errorCode: number;
  /** When the token now stops working; the time of the answer when it was revoked. Means nothing when there was an error. */
  readonly expiryTimestampMs: number;
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
}

const request: Layout<ExpireDelegationTokenRequest> = struct((wire, it) => ({
  hmac: wire.bytes(it.hmac),
  expiryTimePeriodMs: wire.int53(it.expiryTimePeriodMs),
}));

const response: Layout<ExpireDelegationTokenResponse> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  expiryTimestampMs: wire.timestamp(it.expiryTimestampMs),
  throttleTimeMs: wire.int32(it.throttleTimeMs),
}));

export const ExpireDelegationToken: Api<ExpireDelegationTokenRequest, ExpireDelegationTokenResponse> = defineApi({
  name: "ExpireDelegationToken",
  key: 40,
  versions: [0, 2],
  flexibleSince: 2,
  request,
  response,
});
