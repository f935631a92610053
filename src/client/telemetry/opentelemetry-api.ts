/**
 * The part of `@opentelemetry/api` that the bridge calls, by its shape: whoever has the package hands it over, and whoever has not needs
 * none.
 */
export type OpenTelemetryAttributes = Record<string, string | number | boolean>;

/** Which span of which trace. */
export interface OpenTelemetrySpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly traceState?: { serialize(): string };
}

export interface OpenTelemetrySpan {
  spanContext(): OpenTelemetrySpanContext;
  setAttribute(name: string, value: string | number | boolean): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  end(): void;
}

export interface OpenTelemetryTracer {
  startSpan(name: string, options?: { kind?: number; attributes?: OpenTelemetryAttributes }): OpenTelemetrySpan;
}

export interface OpenTelemetryHistogram {
  record(value: number, attributes?: OpenTelemetryAttributes): void;
}

export interface OpenTelemetryObservableResult {
  observe(value: number, attributes?: OpenTelemetryAttributes): void;
}

export interface OpenTelemetryObservable {
  addCallback(callback: (result: OpenTelemetryObservableResult) => void): void;
  removeCallback(callback: (result: OpenTelemetryObservableResult) => void): void;
}

interface InstrumentOptions {
  description?: string;
  unit?: string;
}

export interface OpenTelemetryMeter {
  createHistogram(
    name: string,
    options?: InstrumentOptions & { advice?: { explicitBucketBoundaries?: number[] } },
  ): OpenTelemetryHistogram;
  createObservableGauge(name: string, options?: InstrumentOptions): OpenTelemetryObservable;
  createObservableCounter(name: string, options?: InstrumentOptions): OpenTelemetryObservable;
}

/** The package as a whole. */
export interface OpenTelemetryApi {
  readonly trace: {
    getTracer(name: string): OpenTelemetryTracer;
    setSpan?(context: unknown, span: OpenTelemetrySpan): unknown;
  };
  readonly metrics: { getMeter(name: string): OpenTelemetryMeter };
  readonly context?: { active(): unknown };
  /** Writes what goes with a message, by the propagators that the application has registered. */
  readonly propagation?: { inject(context: unknown, carrier: Record<string, string>): void };
}

/** `SpanKind.CLIENT` */
export const SPAN_KIND_CLIENT = 2;
/** `SpanKind.PRODUCER` */
export const SPAN_KIND_PRODUCER = 3;
/** `SpanStatusCode.ERROR` */
export const SPAN_STATUS_ERROR = 2;
