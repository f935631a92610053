/**
 * DescribeClientQuotas (key 48): lists the quotas that are set for users, client ids and addresses. Sent to any broker; needs
 * DESCRIBE_CONFIGS on the cluster.
 *
 * A quota belongs to an entity: a user, a client id, a user together with a client id, or an address; each part may be a default
 * for all that have no quota of their own.
 *
 * v0  users and client ids (KIP-546); newer brokers know addresses as well (KIP-612)
 * v1  flexible
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface DescribeClientQuotasRequest {
  /** An entity is listed when it matches all of them; empty for every entity. */
  readonly components: readonly DescribeClientQuotasComponent[];
  /** True leaves out entities with parts that no component asks for: of user "a", not user "a" together with client id "b". */
  readonly strict: boolean;
}

/** What one part of an entity must look like. Each type at most once; an address goes with nothing else. */
export interface DescribeClientQuotasComponent {
  /** "user", "client-id" or "ip". */
  readonly entityType: string;
  /** 0 the name `match`, 1 the default, 2 anything of this type, the default included. */
  readonly matchType: number;
  /** The name to match with match type 0; null with the others. */
  readonly match: string | null;
}

export interface DescribeClientQuotasResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** CLUSTER_AUTHORIZATION_FAILED, INVALID_REQUEST, or UNSUPPORTED_VERSION for an unknown entity type. */
  readonly errorCode: number;
  /** Null or empty when there was no error. */
  readonly errorMessage: string | null;
  /** The entities found, in no particular order. Null when there was an error. */
  readonly entries: readonly DescribeClientQuotasEntry[] | null;
}

export interface DescribeClientQuotasEntry {
  /** The parts of the entity. */
  readonly entity: readonly DescribeClientQuotasEntity[];
  /** Its quotas. */
  readonly values: readonly DescribeClientQuotasValue[];
}

/** One part of an entity. */
export interface DescribeClientQuotasEntity {
  /** "user", "client-id" or "ip". */
  readonly entityType: string;
  /** Null for the default of this type. */
  readonly entityName: string | null;
}

export interface DescribeClientQuotasValue {
  /**
   * "producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate"; "connection_creation_rate" for
   * addresses.
   */
  readonly key: string;
  /** Per second, and for each broker by itself; `request_percentage` is in percent of one thread. */
  readonly value: number;
}

const request: Layout<DescribeClientQuotasRequest> = struct((wire, it) => ({
  components: wire.array(it.components, component),
  strict: wire.boolean(it.strict),
}));

const component: Layout<DescribeClientQuotasComponent> = struct((wire, it) => ({
  entityType: wire.string(it.entityType),
  matchType: wire.int8(it.matchType),
  match: wire.nullableString(it.match, ""),
}));

const response: Layout<DescribeClientQuotasResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
  entries: wire.nullableArray(it.entries, entry, []),
}));

const entry: Layout<DescribeClientQuotasEntry> = struct((wire, it) => ({
  entity: wire.array(it.entity, entity),
  values: wire.array(it.values, value),
}));

const entity: Layout<DescribeClientQuotasEntity> = struct((wire, it) => ({
  entityType: wire.string(it.entityType),
  entityName: wire.nullableString(it.entityName, ""),
}));

const value: Layout<DescribeClientQuotasValue> = struct((wire, it) => ({
  key: wire.string(it.key),
  value: wire.float64(it.value),
}));

export const DescribeClientQuotas: Api<DescribeClientQuotasRequest, DescribeClientQuotasResponse> = defineApi({
  name: "DescribeClientQuotas",
  key: 48,
  versions: [0, 1],
  flexibleSince: 1,
  request,
  response,
});
