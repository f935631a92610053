/**
 * GetTelemetrySubscriptions (key 71): which of its own metrics a client shall push to the brokers, and how often. Clients ask any
 * broker before their first PushTelemetry, and again whenever a push is answered with UNKNOWN_SUBSCRIPTION_ID.
 *
 * Brokers without a plugin that receives metrics do not advertise this API.
 *
 * v0  flexible; the only version (KIP-714)
 */
import { int8, type Layout, string, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface GetTelemetrySubscriptionsRequest {
  /** All zero in the first request of a client, later the id from the answer; the same towards all brokers. */
  readonly clientInstanceId: string;
}

export interface GetTelemetrySubscriptionsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** THROTTLING_QUOTA_EXCEEDED for asking too early; INVALID_REQUEST and UNSUPPORTED_VERSION mean to give up telemetry. */
  readonly errorCode: number;
  /** The id of this client, which the broker has made up when the request had none. Otherwise not to be looked at. */
  readonly clientInstanceId: string;
  /** Stands for all that the answer says; it comes with every push, so that the broker notices an outdated one. */
  readonly subscriptionId: number;
  /** Codecs for pushes, numbered as in record batches (1 gzip, 2 snappy, 3 lz4, 4 zstd), best first; empty for none. */
  readonly acceptedCompressionTypes: readonly number[];
  /** Time between two pushes; with no metrics to push, time until to ask again. */
  readonly pushIntervalMs: number;
  /** The most bytes of metrics that one push may carry. */
  readonly telemetryMaxBytes: number;
  /** How to report counters: true for the change since the last push, false for the total since the start. */
  readonly deltaTemporality: boolean;
  /** Prefixes of the metrics to push. Empty for none; a single `*`, or a single empty string, for all. */
  readonly requestedMetrics: readonly string[];
}

const request: Layout<GetTelemetrySubscriptionsRequest> = struct((wire, it) => ({
  clientInstanceId: wire.uuid(it.clientInstanceId),
}));

const response: Layout<GetTelemetrySubscriptionsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  clientInstanceId: wire.uuid(it.clientInstanceId),
  subscriptionId: wire.int32(it.subscriptionId),
  acceptedCompressionTypes: wire.array(it.acceptedCompressionTypes, int8),
  pushIntervalMs: wire.int32(it.pushIntervalMs),
  telemetryMaxBytes: wire.int32(it.telemetryMaxBytes),
  deltaTemporality: wire.boolean(it.deltaTemporality),
  requestedMetrics: wire.array(it.requestedMetrics, string),
}));

export const GetTelemetrySubscriptions: Api<GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse> = defineApi({
  name: "GetTelemetrySubscriptions",
  key: 71,
  versions: [0, 0],
  flexibleSince: 0,
  request,
  response,
});
