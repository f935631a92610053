/**
 * DescribeDelegationToken (key 41): lists delegation tokens, secrets included. Sent to any broker, but not over a connection
 * authenticated by a token.
 *
 * The asker sees the tokens it owns or may renew. It sees others with DESCRIBE on the token or DESCRIBE_TOKENS on its owner; the
 * rest is left out silently.
 *
 * v0  tokens by owner (KIP-48)
 * v1  as v0; on throttling the broker answers at once and mutes the connection (KIP-219); the oldest version that Kafka 4 accepts
 * v2  flexible
 * v3  who asked for each token (KIP-373)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface DescribeDelegationTokenRequest {
  /** Whose tokens to list: those that they own or may renew. Null for everybody's, empty for none. */
  readonly owners: readonly DescribeDelegationTokenOwner[] | null;
}

export interface DescribeDelegationTokenOwner {
  /** In practice "User". */
  readonly principalType: string;
  readonly principalName: string;
}

export interface DescribeDelegationTokenResponse {
  /** DELEGATION_TOKEN_AUTH_DISABLED or DELEGATION_TOKEN_REQUEST_NOT_ALLOWED. */
  readonly errorCode: number;
  readonly tokens: readonly DescribedDelegationToken[];
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
}

export interface DescribedDelegationToken {
  /** Type of the token's owner. */
  readonly principalType: string;
  /** The token's owner: who a connection authenticated by it acts as. */
  readonly principalName: string;
  /** Type of whoever asked for the token. */
  readonly tokenRequesterPrincipalType: string;
  /** Whoever asked for the token; need not be the owner. */
  readonly tokenRequesterPrincipalName: string;
  /** When the token was made, in milliseconds as the other times. */
  readonly issueTimestamp: number;
  /** When the token stops working unless it is renewed. */
  readonly expiryTimestamp: number;
  /** When the token stops working whatever happens. */
  readonly maxTimestamp: number;
  /** The token's name: the user name of a SCRAM exchange by token. */
  readonly tokenId: string;
  /** The token itself; its base64 is the password of a SCRAM exchange by token. A secret that must not be logged. */
  readonly hmac: Uint8Array;
  /** Who may renew and expire the token, besides its owner. */
  readonly renewers: readonly DescribedDelegationTokenRenewer[];
}

export interface DescribedDelegationTokenRenewer {
  /** In practice "User". */
  readonly principalType: string;
  readonly principalName: string;
}

const request: Layout<DescribeDelegationTokenRequest> = struct((wire, it) => ({
  owners: wire.nullableArray(it.owners, owner, []),
}));

const owner: Layout<DescribeDelegationTokenOwner> = struct((wire, it) => ({
  principalType: wire.string(it.principalType),
  principalName: wire.string(it.principalName),
}));

const response: Layout<DescribeDelegationTokenResponse> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  tokens: wire.array(it.tokens, token),
  throttleTimeMs: wire.int32(it.throttleTimeMs),
}));

const token: Layout<DescribedDelegationToken> = struct((wire, it) => ({
  principalType: wire.string(it.principalType),
  principalName: wire.string(it.principalName),
  tokenRequesterPrincipalType: wire.since(3).string(it.tokenRequesterPrincipalType),
  tokenRequesterPrincipalName: wire.since(3).string(it.tokenRequesterPrincipalName),
  issueTimestamp: wire.timestamp(it.issueTimestamp),
  expiryTimestamp: wire.timestamp(it.expiryTimestamp),
  maxTimestamp: wire.timestamp(it.maxTimestamp),
  tokenId: wire.string(it.tokenId),
  hmac: wire.bytes(it.hmac),
  renewers: wire.array(it.renewers, renewer),
}));

const renewer: Layout<DescribedDelegationTokenRenewer> = struct((wire, it) => ({
  principalType: wire.string(it.principalType),
  principalName: wire.string(it.principalName),
}));

export const DescribeDelegationToken: Api<DescribeDelegationTokenRequest, DescribeDelegationTokenResponse> = defineApi({
  name: "DescribeDelegationToken",
  key: 41,
  versions: [0, 3],
  flexibleSince: 2,
  request,
  response,
});
