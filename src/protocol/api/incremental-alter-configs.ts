/**
 * IncrementalAlterConfigs (key 44): changes single settings of topics, brokers, groups and the like, and leaves the others as
 * they are. What concerns one broker (its settings, its loggers) must be sent to that broker; any broker takes the rest.
 *
 * The changes of one resource happen all or not at all.
 *
 * v0  the oldest version (KIP-339)
 * v1  flexible
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `configOperation` that gives the setting a value. */
export const CONFIG_OPERATION_SET = 0;
/** `configOperation` that takes the setting away, so that the default is in force again. */
export const CONFIG_OPERATION_DELETE = 1;
/** `configOperation` that adds elements to a list. */
export const CONFIG_OPERATION_APPEND = 2;
/** `configOperation` that removes elements from a list. */
export const CONFIG_OPERATION_SUBTRACT = 3;

export interface IncrementalAlterConfigsRequest {
  /** What to change. A resource that occurs twice fails with INVALID_REQUEST. */
  readonly resources: readonly IncrementalAlterConfigsResource[];
  /** Only check everything and change nothing. */
  readonly validateOnly: boolean;
}

export interface IncrementalAlterConfigsResource {
  /** 2 topic, 4 broker, 8 the loggers of a broker, 16 a client metrics subscription (KIP-714), 32 group. */
  readonly resourceType: number;
  /** Name of the topic, subscription or group; id of the broker in decimal, empty for the defaults of all brokers. */
  readonly resourceName: string;
  /** One change per setting; a name that occurs twice fails with INVALID_REQUEST. */
  readonly configs: readonly IncrementalAlterConfigsChange[];
}

export interface IncrementalAlterConfigsChange {
  /** E.g. `retention.ms`, or the name of a logger. */
  readonly name: string;
  /** 0 set, 1 delete, 2 append, 3 subtract. The last two are for settings that are lists, others fail with INVALID_CONFIG. */
  readonly configOperation: number;
  /** Always as text; elements of a list are separated by commas. Null is only for delete, which does not look at it. */
  readonly value: string | null;
}

export interface IncrementalAlterConfigsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** One result per resource. */
  readonly responses: readonly IncrementalAlterConfigsResult[];
}

export interface IncrementalAlterConfigsResult {
  /** E.g. INVALID_CONFIG, POLICY_VIOLATION, UNKNOWN_TOPIC_OR_PARTITION or CLUSTER_AUTHORIZATION_FAILED. */
  readonly errorCode: number;
  /** More about the error, null for nothing to add. */
  readonly errorMessage: string | null;
  /** As in the request. */
  readonly resourceType: number;
  /** As in the request. */
  readonly resourceName: string;
}

const request: Layout<IncrementalAlterConfigsRequest> = struct((wire, it) => ({
  resources: wire.array(it.resources, resource),
  validateOnly: wire.boolean(it.validateOnly),
}));

const resource: Layout<IncrementalAlterConfigsResource> = struct((wire, it) => ({
  resourceType: wire.int8(it.resourceType),
  resourceName: wire.string(it.resourceName),
  configs: wire.array(it.configs, change),
}));

const change: Layout<IncrementalAlterConfigsChange> = struct((wire, it) => ({
  name: wire.string(it.name),
  configOperation: wire.int8(it.configOperation, CONFIG_OPERATION_SET),
  value: wire.nullableString(it.value, ""),
}));

const response: Layout<IncrementalAlterConfigsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  responses: wire.array(it.responses, result),
}));

const result: Layout<IncrementalAlterConfigsResult> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
  resourceType: wire.int8(it.resourceType),
  resourceName: wire.string(it.resourceName),
}));

export const IncrementalAlterConfigs: Api<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse> = defineApi({
  name: "IncrementalAlterConfigs",
  key: 44,
  versions: [0, 1],
  flexibleSince: 1,
  request,
  response,
});
