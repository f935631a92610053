/**
 * ListConfigResources (key 74): names what DescribeConfigs can describe, groups and client metrics subscriptions above all, which
 * may have settings without existing otherwise. Administrators send it to any broker. Before v1 it was called
 * ListClientMetricsResources.
 *
 * v0  flexible; the oldest version; lists client metrics subscriptions only (KIP-1000)
 * v1  lists resources of every type, or of the types that are asked for (KIP-1142)
 */
import { int8, type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `resourceType` of client metrics subscriptions, the only type that v0 knows. */
export const CLIENT_METRICS_CONFIG_RESOURCE = 16;

export interface ListConfigResourcesRequest {
  /** Numbered as `resourceType`; empty for all. A type that the broker does not know fails with UNSUPPORTED_VERSION. */
  readonly resourceTypes: readonly number[];
}

export interface ListConfigResourcesResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** E.g. CLUSTER_AUTHORIZATION_FAILED: one must be allowed to describe the settings of the cluster. */
  readonly errorCode: number;
  readonly configResources: readonly ListedConfigResource[];
}

export interface ListedConfigResource {
  /** Name of the topic, subscription or group, or id of the broker in decimal. */
  readonly resourceName: string;
  /** 2 topic, 4 broker, 8 the loggers of a broker, 16 a client metrics subscription, 32 group. */
  readonly resourceType: number;
}

const request: Layout<ListConfigResourcesRequest> = struct((wire, it) => ({
  resourceTypes: wire.since(1).array(it.resourceTypes, int8),
}));

const response: Layout<ListConfigResourcesResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  configResources: wire.array(it.configResources, configResource),
}));

const configResource: Layout<ListedConfigResource> = struct((wire, it) => ({
  resourceName: wire.string(it.resourceName),
  resourceType: wire.since(1).ignorable.int8(it.resourceType, CLIENT_METRICS_CONFIG_RESOURCE),
}));

export const ListConfigResources: Api<ListConfigResourcesRequest, ListConfigResourcesResponse> = defineApi({
  name: "ListConfigResources",
  key: 74,
  versions: [0, 1],
  flexibleSince: 0,
  request,
  response,
});
