/**
 * DescribeAcls (key 29): lists the access control entries that match a filter. Sent to any broker, which answers from its own
 * copy of the metadata; needs DESCRIBE on the cluster.
 *
 * v0  resources by their literal name only (KIP-140)
 * v1  pattern type, which brings prefixes (KIP-290); throttled after the answer (KIP-219); the oldest version that Kafka 4 accepts
 * v2  flexible
 * v3  as v2; users as resources (KIP-373)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";
import { LITERAL_ACL_PATTERN } from "./create-acls.ts";

/** An entry is listed when it matches all seven. The code 0 (unknown) is not a filter: send 1 for "any". */
export interface DescribeAclsRequest {
  /** 1 any, 2 topic, 3 group, 4 cluster, 5 transactional id, 6 delegation token, 7 user. */
  readonly resourceTypeFilter: number;
  /** Null for any name. */
  readonly resourceNameFilter: string | null;
  /**
   * 3 or 4: entries of exactly this name that are literal, or a prefix; 1: either of them; 2: every entry that applies to the
   * resource of this name, "*" and its prefixes included.
   */
  readonly patternTypeFilter: number;
  /** Type and name, e.g. "User:alice"; null for any. "User:*" finds the entries for everybody, not those of each user. */
  readonly principalFilter: string | null;
  /** Null for any. "*" finds the entries for all addresses, not those of each address. */
  readonly hostFilter: string | null;
  /**
   * 1 any, 2 all, 3 read, 4 write, 5 create, 6 delete, 7 alter, 8 describe, 9 cluster action, 10 describe configs,
   * 11 alter configs, 12 idempotent write, 13 create tokens, 14 describe tokens, 15 two-phase commit.
   */
  readonly operation: number;
  /** 1 any, 2 deny, 3 allow. */
  readonly permissionType: number;
}

export interface DescribeAclsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** SECURITY_DISABLED when no authorizer is configured, CLUSTER_AUTHORIZATION_FAILED when the asker may not know. */
  readonly errorCode: number;
  /** Null or empty when there was no error. */
  readonly errorMessage: string | null;
  /** The entries found, grouped by resource pattern. */
  readonly resources: readonly DescribeAclsResource[];
}

/** A resource pattern and its entries. */
export interface DescribeAclsResource {
  /** As in the request, but never "any". */
  readonly resourceType: number;
  /** Name or prefix; "*" for every resource of the type. */
  readonly resourceName: string;
  /** 3 literal, 4 prefix. */
  readonly patternType: number;
  readonly acls: readonly DescribedAcl[];
}

export interface DescribedAcl {
  /** Type and name; "User:*" for everybody. */
  readonly principal: string;
  /** Address of the client, "*" for any. */
  readonly host: string;
  /** As in the request, but never "any". */
  readonly operation: number;
  /** 2 deny, 3 allow. */
  readonly permissionType: number;
}

const request: Layout<DescribeAclsRequest> = struct((wire, it) => ({
  resourceTypeFilter: wire.int8(it.resourceTypeFilter),
  resourceNameFilter: wire.nullableString(it.resourceNameFilter, ""),
  patternTypeFilter: wire.since(1).int8(it.patternTypeFilter, LITERAL_ACL_PATTERN),
  principalFilter: wire.nullableString(it.principalFilter, ""),
  hostFilter: wire.nullableString(it.hostFilter, ""),
  operation: wire.int8(it.operation),
  permissionType: wire.int8(it.permissionType),
}));

const response: Layout<DescribeAclsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
  resources: wire.array(it.resources, resource),
}));

const resource: Layout<DescribeAclsResource> = struct((wire, it) => ({
  resourceType: wire.int8(it.resourceType),
  resourceName: wire.string(it.resourceName),
  patternType: wire.since(1).int8(it.patternType, LITERAL_ACL_PATTERN),
  acls: wire.array(it.acls, acl),
}));

const acl: Layout<DescribedAcl> = struct((wire, it) => ({
  principal: wire.string(it.principal),
  host: wire.string(it.host),
  operation: wire.int8(it.operation),
  permissionType: wire.int8(it.permissionType),
}));

export const DescribeAcls: Api<DescribeAclsRequest, DescribeAclsResponse> = defineApi({
  name: "DescribeAcls",
  key: 29,
  versions: [0, 3],
  flexibleSince: 2,
  request,
  response,
});
