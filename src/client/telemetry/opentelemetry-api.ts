/**
 * The part of `@opentelemetry/api` that the bridge calls, by its shape: whoever has the package hands it over, and whoever has not needs
 * none.
 */
export type OpenTelemetryAttributes = Record<string, string | number | boolean>;

export interface OpenTelemetrySpan {
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
  readonly trace: { getTracer(name: string): OpenTelemetryTracer };
  readonly metrics: { getMeter(name: string): OpenTelemetryMeter };
}

/** `SpanKind.CLIENT` */
export const SPAN_KIND_CLIENT = 2;
/** `SpanStatusCode.ERROR` */
export const SPAN_STATUS_ERROR = 2;
