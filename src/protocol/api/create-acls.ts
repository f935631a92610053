/**
 * CreateAcls (key 30): adds access control entries. Sent to any broker, which forwards it to the controller; needs ALTER on
 * the cluster. Creating an entry that exists already succeeds and changes nothing.
 *
 * v0  resources by their literal name only (KIP-140)
 * v1  pattern type, which brings prefixes (KIP-290); throttled after the answer (KIP-219); the oldest version that Kafka 4 accepts
 * v2  flexible
 * v3  as v2; users as resources, on which CREATE_TOKENS and DESCRIBE_TOKENS are granted (KIP-373)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** Pattern type of an entry for the resource of exactly this name ("*" for all of the type); the only one that v0 knows. */
export const LITERAL_ACL_PATTERN = 3;

export interface CreateAclsRequest {
  /** What to add. The order matters: it is the order of the answer. */
  readonly creations: readonly AclCreation[];
}

/** One entry: whom it concerns, what they may or may not do, and with which resource. Only concrete codes are accepted. */
export interface AclCreation {
  /** 2 topic, 3 group, 4 cluster, 5 transactional id, 6 delegation token, 7 user. */
  readonly resourceType: number;
  /** Name or prefix, never empty: "*" for every resource of the type, "kafka-cluster" for the cluster, "User:alice" for a user. */
  readonly resourceName: string;
  /** How `resourceName` is meant: 3 literally, 4 as the prefix of names. */
  readonly resourcePatternType: number;
  /** Type and name, e.g. "User:alice"; "User:*" for everybody. */
  readonly principal: string;
  /** Address of the client, "*" for any. */
  readonly host: string;
  /**
   * 2 all, 3 read, 4 write, 5 create, 6 delete, 7 alter, 8 describe, 9 cluster action, 10 describe configs, 11 alter configs,
   * 12 idempotent write, 13 create tokens, 14 describe tokens, 15 two-phase commit.
   */
  readonly operation: number;
  /** 2 deny, 3 allow. A deny overrules every allow. */
  readonly permissionType: number;
}

export interface CreateAclsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** One for each creation, in the request's order: nothing else tells which is which. */
  readonly results: readonly AclCreationResult[];
}

export interface AclCreationResult {
  /** INVALID_REQUEST for a code or name that is not concrete, SECURITY_DISABLED when no authorizer is configured. */
  readonly errorCode: number;
  /** Null or empty when there was no error. */
  readonly errorMessage: string | null;
}

const request: Layout<CreateAclsRequest> = struct((wire, it) => ({
  creations: wire.array(it.creations, creation),
}));

const creation: Layout<AclCreation> = struct((wire, it) => ({
  resourceType: wire.int8(it.resourceType),
  resourceName: wire.string(it.resourceName),
  resourcePatternType: wire.since(1).int8(it.resourcePatternType, LITERAL_ACL_PATTERN),
  principal: wire.string(it.principal),
  host: wire.string(it.host),
  operation: wire.int8(it.operation),
  permissionType: wire.int8(it.permissionType),
}));

const response: Layout<CreateAclsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  results: wire.array(it.results, creationResult),
}));

const creationResult: Layout<AclCreationResult> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
}));

export const CreateAcls: Api<CreateAclsRequest, CreateAclsResponse> = defineApi({
  name: "CreateAcls",
  key: 30,
  versions: [0, 3],
  flexibleSince: 2,
  request,
  response,
});
