/**
 * AlterClientQuotas (key 49): sets and removes quotas of users, client ids and addresses; what is not named stays as it is. Sent
 * to any broker, which forwards it to the controller; needs ALTER_CONFIGS on the cluster.
 *
 * v0  users and client ids (KIP-546); newer brokers know addresses as well (KIP-612)
 * v1  flexible
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface AlterClientQuotasRequest {
  /** What to change, each entity once. */
  readonly entries: readonly AlterClientQuotasEntry[];
  /** True to check the request without changing anything. */
  readonly validateOnly: boolean;
}

export interface AlterClientQuotasEntry {
  /** Whose quotas: a user, a client id, a user together with a client id, or an address. */
  readonly entity: readonly AlterClientQuotasEntity[];
  /** What to set or remove, each key once. Either all are done or, when one is wrong, none. */
  readonly ops: readonly AlterClientQuotasOp[];
}

/** One part of an entity. */
export interface AlterClientQuotasEntity {
  /** "user", "client-id" or "ip". */
  readonly entityType: string;
  /** Null for the default of all that have no quota of their own. */
  readonly entityName: string | null;
}

export interface AlterClientQuotasOp {
  /**
   * "producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate"; "connection_creation_rate" for
   * addresses.
   */
  readonly key: string;
  /** Above 0; per second, and for each broker by itself; `request_percentage` is in percent of one thread. Unused with `remove`. */
  readonly value: number;
  /** True removes the quota, false sets it. */
  readonly remove: boolean;
}

export interface AlterClientQuotasResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** One for each entity, in no particular order. Each succeeds or fails by itself. */
  readonly entries: readonly AlterClientQuotasResult[];
}

export interface AlterClientQuotasResult {
  /** INVALID_REQUEST for an unknown key or entity type, or for a value out of range; CLUSTER_AUTHORIZATION_FAILED. */
  readonly errorCode: number;
  /** Null or empty when there was no error. */
  readonly errorMessage: string | null;
  /** The entity, as it was asked for. */
  readonly entity: readonly AlterClientQuotasEntity[];
}

const request: Layout<AlterClientQuotasRequest> = struct((wire, it) => ({
  entries: wire.array(it.entries, entry),
  validateOnly: wire.boolean(it.validateOnly),
}));

const entry: Layout<AlterClientQuotasEntry> = struct((wire, it) => ({
  entity: wire.array(it.entity, entity),
  ops: wire.array(it.ops, op),
}));

const entity: Layout<AlterClientQuotasEntity> = struct((wire, it) => ({
  entityType: wire.string(it.entityType),
  entityName: wire.nullableString(it.entityName, ""),
}));

const op: Layout<AlterClientQuotasOp> = struct((wire, it) => ({
  key: wire.string(it.key),
  value: wire.float64(it.value),
  remove: wire.boolean(it.remove),
}));

const response: Layout<AlterClientQuotasResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  entries: wire.array(it.entries, result),
}));

const result: Layout<AlterClientQuotasResult> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
  entity: wire.array(it.entity, entity),
}));

export const AlterClientQuotas: Api<AlterClientQuotasRequest, AlterClientQuotasResponse> = defineApi({
  name: "AlterClientQuotas",
  key: 49,
  versions: [0, 1],
  flexibleSince: 1,
  request,
  response,
});
