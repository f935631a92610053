import { type DiagnosticsClient, type DiagnosticsMessages, onDiagnostics } from "./diagnostics.ts";
import {
  type OpenTelemetryAttributes,
  type OpenTelemetryHistogram,
  type OpenTelemetryMeter,
  type OpenTelemetrySpan,
  type OpenTelemetryTracer,
  SPAN_KIND_CLIENT,
  SPAN_STATUS_ERROR,
} from "./opentelemetry-api.ts";

type Sent = DiagnosticsMessages["kafkawire:request:sent"];

/** In seconds, as the semantic conventions say. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Makes spans and the histogram of durations from what clients publish about their requests. */
export class RequestInstruments {
  readonly #tracer: OpenTelemetryTracer | undefined;
  readonly #durations: OpenTelemetryHistogram | undefined;
  readonly #isTraced: (api: string) => boolean;
  /** By client, and by connection and correlation id. What is here is in flight, or its connection is about to say that it failed. */
  readonly #spans = new Map<DiagnosticsClient, Map<string, OpenTelemetrySpan>>();
  readonly #subscriptions: readonly (() => void)[];

  constructor(tracer: OpenTelemetryTracer | undefined, meter: OpenTelemetryMeter | undefined, isTraced: (api: string) => boolean) {
    this.#tracer = tracer;
    this.#durations = meter?.createHistogram("messaging.client.operation.duration", {
      description: "Duration of requests to Kafka brokers.",
      unit: "s",
      advice: { explicitBucketBoundaries: BUCKETS },
    });
    this.#isTraced = isTraced;
    this.#subscriptions = [
      onDiagnostics("kafkawire:request:sent", (message) => this.#sent(message)),
      onDiagnostics("kafkawire:request:response", (message) => this.#answered(message)),
      onDiagnostics("kafkawire:request:error", (message) => this.#failed(message)),
      onDiagnostics("kafkawire:connection:closed", ({ client, connection }) => {
        // Its requests are told to have failed right behind.
        queueMicrotask(() => this.#endAll(client, `${connection.connection}/`));
      }),
    ];
  }

  close(): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    for (const client of this.#spans.keys()) this.#endAll(client, "");
  }

  #sent(message: Sent): void {
    if (this.#tracer === undefined || !this.#isTraced(message.request.api)) return;
    // The tracer makes it a child of the span that is active where the request is sent.
    const span = this.#tracer.startSpan(message.request.api, { kind: SPAN_KIND_CLIENT, attributes: spanAttributes(message) });
    if (message.request.expectsAnswer === false) {
      span.end();
      return;
    }
    const spans = this.#spans.get(message.client) ?? new Map<string, OpenTelemetrySpan>();
    this.#spans.set(message.client, spans.set(keyOf(message), span));
  }

  #answered(message: DiagnosticsMessages["kafkawire:request:response"]): void {
    const { responseBytes, durationMs, throttleMs } = message.response;
    this.#durations?.record(durationMs / 1000, operationAttributes(message));
    const span = this.#take(message);
    span?.setAttribute("kafkawire.response.bytes", responseBytes);
    if (throttleMs > 0) span?.setAttribute("kafkawire.response.throttle_ms", throttleMs);
    span?.end();
  }

  #failed(message: DiagnosticsMessages["kafkawire:request:error"]): void {
    const type = errorType(message.error);
    this.#durations?.record(message.durationMs / 1000, { ...operationAttributes(message), "error.type": type });
    const span = this.#take(message);
    span?.setAttribute("error.type", type);
    span?.setStatus({ code: SPAN_STATUS_ERROR, message: message.error.message });
    span?.end();
  }

  #take(message: Sent): OpenTelemetrySpan | undefined {
    const spans = this.#spans.get(message.client);
    const span = spans?.get(keyOf(message));
    spans?.delete(keyOf(message));
    if (spans?.size === 0) this.#spans.delete(message.client);
    return span;
  }

  /** Nobody will tell how these ended. */
  #endAll(client: DiagnosticsClient, prefix: string): void {
    const spans = this.#spans.get(client);
    for (const [key, span] of spans ?? []) {
      if (!key.startsWith(prefix)) continue;
      span.end();
      spans?.delete(key);
    }
    if (spans?.size === 0) this.#spans.delete(client);
  }
}

function keyOf({ connection, request }: Sent): string {
  return `${connection.connection}/${request.correlationId}`;
}

/** Few values each: what a metric's time series are made of. */
function operationAttributes({ connection, request }: Sent): OpenTelemetryAttributes {
  return { "messaging.system": "kafka", "messaging.operation.name": request.api, ...serverAttributes(connection.broker) };
}

function spanAttributes(message: Sent): OpenTelemetryAttributes {
  const { client, connection, request } = message;
  return {
    ...operationAttributes(message),
    "messaging.client.id": client.clientId,
    "kafkawire.client.kind": client.kind,
    "kafkawire.broker.id": connection.nodeId,
    "kafkawire.request.version": request.version,
    "kafkawire.request.correlation_id": request.correlationId,
    "kafkawire.request.bytes": request.requestBytes,
  };
}

/** @param broker `host:port`, `[::1]:9092` */
function serverAttributes(broker: string): OpenTelemetryAttributes {
  const { host, port } = /^\[?(?<host>.*?)\]?:(?<port>\d+)$/.exec(broker)?.groups ?? {};
  return host === undefined ? { "server.address": broker } : { "server.address": host, "server.port": Number(port) };
}

function errorType(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
