/**
 * DescribeUserScramCredentials (key 50): tells which users can authenticate by SCRAM, by which mechanism and with how many
 * iterations; never a salt or a key. Sent to any broker; needs DESCRIBE on the cluster.
 *
 * v0  flexible (KIP-554)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface DescribeUserScramCredentialsRequest {
  /** Whom to describe, each once. Null and empty both mean everybody who has a credential. */
  readonly users: readonly DescribeUserScramCredentialsUser[] | null;
}

export interface DescribeUserScramCredentialsUser {
  /** The user's name as it is, without SCRAM's escapes and without the "User:" of a principal. */
  readonly name: string;
}

export interface DescribeUserScramCredentialsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** Concerns the whole request, e.g. CLUSTER_AUTHORIZATION_FAILED. */
  readonly errorCode: number;
  /** Null or empty when there was no error. */
  readonly errorMessage: string | null;
  /** One for each user, in no particular order. */
  readonly results: readonly DescribeUserScramCredentialsResult[];
}

export interface DescribeUserScramCredentialsResult {
  /** The user's name. */
  readonly user: string;
  /** RESOURCE_NOT_FOUND for a user without a credential, DUPLICATE_RESOURCE for one who was asked for twice. */
  readonly errorCode: number;
  /** Null or empty when there was no error. */
  readonly errorMessage: string | null;
  /** One for each mechanism that the user can use. */
  readonly credentialInfos: readonly ScramCredentialInfo[];
}

export interface ScramCredentialInfo {
  /** 1 SCRAM-SHA-256, 2 SCRAM-SHA-512; 0 for one that is not known. */
  readonly mechanism: number;
  /** How often the password is hashed; SCRAM tells the client again when it authenticates. */
  readonly iterations: number;
}

const request: Layout<DescribeUserScramCredentialsRequest> = struct((wire, it) => ({
  users: wire.nullableArray(it.users, user, []),
}));

const user: Layout<DescribeUserScramCredentialsUser> = struct((wire, it) => ({
  name: wire.string(it.name),
}));

const response: Layout<DescribeUserScramCredentialsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
  results: wire.array(it.results, result),
}));

const result: Layout<DescribeUserScramCredentialsResult> = struct((wire, it) => ({
  user: wire.string(it.user),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
  credentialInfos: wire.array(it.credentialInfos, credentialInfo),
}));

const credentialInfo: Layout<ScramCredentialInfo> = struct((wire, it) => ({
  mechanism: wire.int8(it.mechanism),
  iterations: wire.int32(it.iterations),
}));

export const DescribeUserScramCredentials: Api<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse> =
  defineApi({
    name: "DescribeUserScramCredentials",
    key: 50,
    versions: [0, 0],
    flexibleSince: 0,
    request,
    response,
  });
