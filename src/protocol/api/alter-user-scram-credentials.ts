/**
 * AlterUserScramCredentials (key 51): sets and deletes the credentials with which users authenticate by SCRAM. Sent to any broker,
 * which forwards it to the controller; needs ALTER on the cluster.
 *
 * The password never travels, but what does is as good as one to whoever sees it: send it over TLS.
 *
 * v0  flexible (KIP-554)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** A user may appear once in all of a request, even for different mechanisms; otherwise its answer is DUPLICATE_RESOURCE. */
export interface AlterUserScramCredentialsRequest {
  readonly deletions: readonly ScramCredentialDeletion[];
  /** What to add or to replace. */
  readonly upsertions: readonly ScramCredentialUpsertion[];
}

export interface ScramCredentialDeletion {
  /** The user's name as it is, without SCRAM's escapes and without the "User:" of a principal. */
  readonly name: string;
  /** 1 SCRAM-SHA-256, 2 SCRAM-SHA-512. */
  readonly mechanism: number;
}

export interface ScramCredentialUpsertion {
  /** The user's name as it is, without SCRAM's escapes and without the "User:" of a principal. Never empty. */
  readonly name: string;
  /** 1 SCRAM-SHA-256, 2 SCRAM-SHA-512. A user can have both. */
  readonly mechanism: number;
  /** How often the password was hashed for `saltedPassword`: Kafka takes 4096 to 16384. */
  readonly iterations: number;
  /** Random bytes of the client's choosing, fresh for every credential. */
  readonly salt: Uint8Array;
  /** SCRAM's SaltedPassword: PBKDF2 of password, `salt` and `iterations`. A secret that must not be logged. */
  readonly saltedPassword: Uint8Array;
}

export interface AlterUserScramCredentialsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** One for each user, in no particular order. Each succeeds or fails by itself. */
  readonly results: readonly AlterUserScramCredentialsResult[];
}

export interface AlterUserScramCredentialsResult {
  /** The user's name. */
  readonly user: string;
  /**
   * RESOURCE_NOT_FOUND for deleting what is not there, UNACCEPTABLE_CREDENTIAL for a wrong number of iterations or an empty name,
   * UNSUPPORTED_SASL_MECHANISM, DUPLICATE_RESOURCE.
   */
  readonly errorCode: number;
  /** Null or empty when there was no error. */
  readonly errorMessage: string | null;
}

const request: Layout<AlterUserScramCredentialsRequest> = struct((wire, it) => ({
  deletions: wire.array(it.deletions, deletion),
  upsertions: wire.array(it.upsertions, upsertion),
}));

const deletion: Layout<ScramCredentialDeletion> = struct((wire, it) => ({
  name: wire.string(it.name),
  mechanism: wire.int8(it.mechanism),
}));

const upsertion: Layout<ScramCredentialUpsertion> = struct((wire, it) => ({
  name: wire.string(it.name),
  mechanism: wire.int8(it.mechanism),
  iterations: wire.int32(it.iterations),
  salt: wire.bytes(it.salt),
  saltedPassword: wire.bytes(it.saltedPassword),
}));

const response: Layout<AlterUserScramCredentialsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  results: wire.array(it.results, result),
}));

const result: Layout<AlterUserScramCredentialsResult> = struct((wire, it) => ({
  user: wire.string(it.user),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
}));

export const AlterUserScramCredentials: Api<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse> = defineApi({
  name: "AlterUserScramCredentials",
  key: 51,
  versions: [0, 0],
  flexibleSince: 0,
  request,
  response,
});
