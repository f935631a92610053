/**
 * PushTelemetry (key 72): hands a client's own metrics to a plugin of the broker. Clients send it at the interval that
 * GetTelemetrySubscriptions told, preferably to one broker for as long as it lives, and once more when they close.
 *
 * v0  flexible; the only version (KIP-714)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface PushTelemetryRequest {
  /** The id from GetTelemetrySubscriptions; all zero is an INVALID_REQUEST. */
  readonly clientInstanceId: string;
  /** The subscription that these metrics answer. */
  readonly subscriptionId: number;
  /** Whether this is the last push. It need not wait for the interval to pass, and no other is accepted after it. */
  readonly terminating: boolean;
  /** Codec of `metrics`, numbered as in record batches: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly compressionType: number;
  /** A `MetricsData` message of OpenTelemetry (protobuf, v1), compressed as a whole, in the framing of record batches. */
  readonly metrics: Uint8Array;
}

export interface PushTelemetryResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /**
   * UNKNOWN_SUBSCRIPTION_ID, UNSUPPORTED_COMPRESSION_TYPE: ask for the subscription at once. TELEMETRY_TOO_LARGE,
   * THROTTLING_QUOTA_EXCEEDED: go on at the next interval. INVALID_REQUEST, INVALID_RECORD and all else: give up telemetry.
   */
  readonly errorCode: number;
}

const request: Layout<PushTelemetryRequest> = struct((wire, it) => ({
  clientInstanceId: wire.uuid(it.clientInstanceId),
  subscriptionId: wire.int32(it.subscriptionId),
  terminating: wire.boolean(it.terminating),
  compressionType: wire.int8(it.compressionType),
  metrics: wire.bytes(it.metrics),
}));

const response: Layout<PushTelemetryResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
}));

export const PushTelemetry: Api<PushTelemetryRequest, PushTelemetryResponse> = defineApi({
  name: "PushTelemetry",
  key: 72,
  versions: [0, 0],
  flexibleSince: 0,
  request,
  response,
});
