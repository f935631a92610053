/**
 * A bridge from what clients report to OpenTelemetry, an entry point of its own: `kafkawire/opentelemetry`. It depends on no package; the
 * one that the application has is handed to it.
 */
import type { OpenTelemetryApi, OpenTelemetryMeter, OpenTelemetryTracer } from "./opentelemetry-api.ts";
import { type MeteredClient, SnapshotGauges } from "./opentelemetry-gauges.ts";
import { RequestInstruments } from "./opentelemetry-requests.ts";

export type { MetricsSnapshot } from "./metrics/metrics-registry.ts";
export type * from "./opentelemetry-api.ts";
export type { MeteredClient } from "./opentelemetry-gauges.ts";

export interface OpenTelemetryBridgeOptions {
  /** `import * as api from "@opentelemetry/api"`. Instead of it, or of parts of it: `tracer` and `meter`. */
  readonly api?: OpenTelemetryApi;
  /** Without one (and without `api`) there are no spans. */
  readonly tracer?: OpenTelemetryTracer;
  /** Without one (and without `api`) there are no metrics. */
  readonly meter?: OpenTelemetryMeter;
  /** Whose `metrics()` become observable gauges and counters. */
  readonly clients?: readonly MeteredClient[];
  /** Which requests get a span; all of them by default. `(api) => api !== "Heartbeat"` */
  readonly isTraced?: (api: string) => boolean;
}

export interface OpenTelemetryBridge {
  /** Ends the subscriptions, and the spans that are open. May be called again. */
  close(): void;
}

const SCOPE = "kafkawire";

/** Makes spans and metrics of all clients of this process, from now on until it is closed. */
export function openTelemetryBridge(options: OpenTelemetryBridgeOptions): OpenTelemetryBridge {
  const { api, clients = [], isTraced = () => true } = options;
  const tracer = options.tracer ?? api?.trace.getTracer(SCOPE);
  const meter = options.meter ?? api?.metrics.getMeter(SCOPE);
  const requests = new RequestInstruments(tracer, meter, isTraced);
  const gauges = meter === undefined || clients.length === 0 ? undefined : new SnapshotGauges(meter, clients);
  return {
    close: () => {
      requests.close();
      gauges?.close();
    },
  };
}
