/**
 * A bridge from what clients report to OpenTelemetry, an entry point of its own: `kafkawire/opentelemetry`. It depends on no package; the
 * one that the application has is handed to it.
 */
import type { ProducerInterceptor } from "../producer/interceptors/producer-interceptor.ts";
import type { OpenTelemetryApi, OpenTelemetryMeter, OpenTelemetryTracer } from "./opentelemetry-api.ts";
import { type MeteredClient, SnapshotGauges } from "./opentelemetry-gauges.ts";
import { RecordSpans } from "./opentelemetry-records.ts";
import { RequestInstruments } from "./opentelemetry-requests.ts";

export type { ProducerInterceptor } from "../producer/interceptors/producer-interceptor.ts";
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
  /**
   * For the option `interceptors` of producers: a span for each record, and headers by which consumers go on with the trace
   * (`traceparent`, or what the registered propagators write). Without a tracer it does nothing.
   */
  readonly interceptor: ProducerInterceptor;
  /** Ends the subscriptions, and the spans of requests that are open; records get no more spans. May be called again. */
  close(): void;
}

const SCOPE = "kafkawire";

/** Makes spans and metrics of all clients of this process, from now on until it is closed. */
export function openTelemetryBridge(options: OpenTelemetryBridgeOptions): OpenTelemetryBridge {
  const { api, clients = [], isTraced = () => true } = options;
  const tracer = options.tracer ?? api?.trace.getTracer(SCOPE);
  const meter = options.meter ?? api?.metrics.getMeter(SCOPE);
  const requests = new RequestInstruments(tracer, meter, isTraced);
  const records = new RecordSpans(tracer, api);
  const gauges = meter === undefined || clients.length === 0 ? undefined : new SnapshotGauges(meter, clients);
  return {
    interceptor: records,
    close: () => {
      requests.close();
      records.close();
      gauges?.close();
    },
  };
}
