/**
 * AlterConfigs (key 33): replaces all settings of a resource: what is not named falls back to its default. Because two writers
 * undo each other's work that way, IncrementalAlterConfigs (brokers since 2.3) should be used instead.
 *
 * Settings of one broker must be sent to that broker; any broker takes the rest.
 *
 * v0  the oldest version (KIP-133)
 * v1  as v0; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v2  flexible
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface AlterConfigsRequest {
  /** What to change. A resource that occurs twice fails with INVALID_REQUEST. */
  readonly resources: readonly AlterConfigsResource[];
  /** Only check everything and change nothing. */
  readonly validateOnly: boolean;
}

export interface AlterConfigsResource {
  /** 2 topic, 4 broker, 16 a client metrics subscription (KIP-714), 32 group. Loggers (8) need IncrementalAlterConfigs. */
  readonly resourceType: number;
  /** Name of the topic, subscription or group; id of the broker in decimal, empty for the defaults of all brokers. */
  readonly resourceName: string;
  /** All that shall be set from now on; empty to go back to the defaults. */
  readonly configs: readonly AlterConfigsSetting[];
}

export interface AlterConfigsSetting {
  /** E.g. `retention.ms`. */
  readonly name: string;
  /** Always as text. Null is refused with INVALID_REQUEST. */
  readonly value: string | null;
}

export interface AlterConfigsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** One result per resource. */
  readonly responses: readonly AlterConfigsResult[];
}

export interface AlterConfigsResult {
  /** E.g. INVALID_CONFIG, POLICY_VIOLATION, UNKNOWN_TOPIC_OR_PARTITION or CLUSTER_AUTHORIZATION_FAILED. */
  readonly errorCode: number;
  /** More about the error, null for nothing to add. */
  readonly errorMessage: string | null;
  /** As in the request. */
  readonly resourceType: number;
  /** As in the request. */
  readonly resourceName: string;
}

const request: Layout<AlterConfigsRequest> = struct((wire, it) => ({
  resources: wire.array(it.resources, resource),
  validateOnly: wire.boolean(it.validateOnly),
}));

const resource: Layout<AlterConfigsResource> = struct((wire, it) => ({
  resourceType: wire.int8(it.resourceType),
  resourceName: wire.string(it.resourceName),
  configs: wire.array(it.configs, setting),
}));

const setting: Layout<AlterConfigsSetting> = struct((wire, it) => ({
  name: wire.string(it.name),
  value: wire.nullableString(it.value, ""),
}));

const response: Layout<AlterConfigsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  responses: wire.array(it.responses, result),
}));

const result: Layout<AlterConfigsResult> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
  resourceType: wire.int8(it.resourceType),
  resourceName: wire.string(it.resourceName),
}));

export const AlterConfigs: Api<AlterConfigsRequest, AlterConfigsResponse> = defineApi({
  name: "AlterConfigs",
  key: 33,
  versions: [0, 2],
  flexibleSince: 2,
  request,
  response,
});
