/**
 * CreateDelegationToken (key 38): makes a token with which others can authenticate as its owner, by SCRAM, without the owner's
 * own credentials. Sent to any broker, which forwards it to the controller.
 *
 * The asker must be authenticated, over SASL or mutual TLS, and not by a delegation token itself; otherwise the answer is
 * DELEGATION_TOKEN_REQUEST_NOT_ALLOWED. A token expires unless it is renewed, and cannot be renewed beyond its maximum.
 *
 * v0  one's own tokens (KIP-48)
 * v1  as v0; on throttling the broker answers at once and mutes the connection (KIP-219); the oldest version that Kafka 4 accepts
 * v2  flexible
 * v3  tokens owned by somebody else, and who asked for them (KIP-373)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface CreateDelegationTokenRequest {
  /** Type of the token's owner, in practice "User". Read only when the name is there. */
  readonly ownerPrincipalType: string | null;
  /** The token's owner; null or empty for the asker. Anybody else needs CREATE_TOKENS on that user. */
  readonly ownerPrincipalName: string | null;
  /** Who may renew and expire the token, besides its owner. */
  readonly renewers: readonly CreateDelegationTokenRenewer[];
  /** How long the token can live at most, renewals included; -1 for the broker's maximum, which also caps other values. */
  readonly maxLifetimeMs: number;
}

export interface CreateDelegationTokenRenewer {
  /** "User"; anything else is answered with INVALID_PRINCIPAL_TYPE. */
  readonly principalType: string;
  readonly principalName: string;
}

export interface CreateDelegationTokenResponse {
  /** DELEGATION_TOKEN_AUTH_DISABLED, _REQUEST_NOT_ALLOWED or _AUTHORIZATION_FAILED, or INVALID_PRINCIPAL_TYPE. */
  readonly errorCode: number;
  /** Type of the token's owner, also when there was an error. */
  readonly principalType: string;
  /** The token's owner, also when there was an error. */
  readonly principalName: string;
  /** Type of the asker. */
  readonly tokenRequesterPrincipalType: string;
  /** The asker, who need not be the owner. */
  readonly tokenRequesterPrincipalName: string;
  /** When the token was made. This and the other times mean nothing when there was an error. */
  readonly issueTimestampMs: number;
  /** When the token stops working unless it is renewed. */
  readonly expiryTimestampMs: number;
  /** When the token stops working whatever happens. */
  readonly maxTimestampMs: number;
  /** The token's name: the user name of a SCRAM exchange by token. */
  readonly tokenId: string;
  /** The token itself; its base64 is the password of a SCRAM exchange by token. A secret that must not be logged. */
  readonly hmac: Uint8Array;
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
}

const request: Layout<CreateDelegationTokenRequest> = struct((wire, it) => ({
  ownerPrincipalType: wire.since(3).nullableString(it.ownerPrincipalType, ""),
  ownerPrincipalName: wire.since(3).nullableString(it.ownerPrincipalName, ""),
  renewers: wire.array(it.renewers, renewer),
  maxLifetimeMs: wire.int53(it.maxLifetimeMs),
}));

const renewer: Layout<CreateDelegationTokenRenewer> = struct((wire, it) => ({
  principalType: wire.string(it.principalType),
  principalName: wire.string(it.principalName),
}));

const response: Layout<CreateDelegationTokenResponse> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  principalType: wire.string(it.principalType),
  principalName: wire.string(it.principalName),
  tokenRequesterPrincipalType: wire.since(3).string(it.tokenRequesterPrincipalType),
  tokenRequesterPrincipalName: wire.since(3).string(it.tokenRequesterPrincipalName),
  issueTimestampMs: wire.timestamp(it.issueTimestampMs),
  expiryTimestampMs: wire.timestamp(it.expiryTimestampMs),
  maxTimestampMs: wire.timestamp(it.maxTimestampMs),
  tokenId: wire.string(it.tokenId),
  hmac: wire.bytes(it.hmac),
  throttleTimeMs: wire.int32(it.throttleTimeMs),
}));

export const CreateDelegationToken: Api<CreateDelegationTokenRequest, CreateDelegationTokenResponse> = defineApi({
  name: "CreateDelegationToken",
  key: 38,
  versions: [0, 3],
  flexibleSince: 2,
  request,
  response,
});
