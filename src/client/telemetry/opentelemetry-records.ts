import type { KafkaError } from "../../protocol/index.ts";
import type { ProducerInterceptor } from "../producer/interceptors/producer-interceptor.ts";
import type { ProducerRecord, RecordHeaders } from "../producer/producer-record.ts";
import type { RecordMetadata } from "../producer/record-metadata.ts";
import {
  type OpenTelemetryApi,
  type OpenTelemetrySpan,
  type OpenTelemetryTracer,
  SPAN_KIND_PRODUCER,
  SPAN_STATUS_ERROR,
} from "./opentelemetry-api.ts";

/** Goes with a record through the interceptors behind this one: copying a record copies it too. */
const SPAN: unique symbol = Symbol("kafkawire.span");

interface TracedRecord extends ProducerRecord<unknown, unknown> {
  readonly [SPAN]: OpenTelemetrySpan;
}

/** What a trace's headers are called, and what they say. */
type TraceFields = Readonly<Record<string, string>>;

/**
 * A span for each record from sending to acknowledgement, and headers by which whoever reads the record goes on with the trace. Spans
 * carry names and numbers: no keys, no values.
 */
export class RecordSpans implements ProducerInterceptor {
  readonly #tracer: OpenTelemetryTracer | undefined;
  readonly #fieldsOf: (span: OpenTelemetrySpan) => TraceFields;
  #isClosed = false;

  /** @param api whose propagators write the headers; without them it is W3C's trace context */
  constructor(tracer: OpenTelemetryTracer | undefined, api: OpenTelemetryApi | undefined) {
    this.#tracer = tracer;
    this.#fieldsOf = propagationOf(api) ?? traceContextOf;
  }

  /** Records that are on their way keep their spans until they are acknowledged. */
  close(): void {
    this.#isClosed = true;
  }

  onSend(topic: string, record: ProducerRecord<unknown, unknown>): ProducerRecord<unknown, unknown> | undefined {
    if (this.#tracer === undefined || this.#isClosed) return undefined;
    // The tracer makes it a child of the span that is active where `send` is called.
    const span = this.#tracer.startSpan(`send ${topic}`, {
      kind: SPAN_KIND_PRODUCER,
      attributes: {
        "messaging.system": "kafka",
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
        "messaging.destination.name": topic,
        ...(record.value === undefined || record.value === null ? { "messaging.kafka.message.tombstone": true } : {}),
      },
    });
    try {
      const traced: TracedRecord = { ...record, headers: withFields(record.headers ?? [], this.#fieldsOf(span)), [SPAN]: span };
      return traced;
    } catch (error) {
      // A propagator, or headers that are none: nobody would end it.
      span.end();
      throw error;
    }
  }

  onAcknowledgement(
    metadata: RecordMetadata | undefined,
    error: KafkaError | null,
    _topic: string,
    record: ProducerRecord<unknown, unknown>,
  ): void {
    if (!isTraced(record)) return;
    const span = record[SPAN];
    if (metadata !== undefined) {
      span.setAttribute("messaging.destination.partition.id", String(metadata.partition));
      if (metadata.offset >= 0) span.setAttribute("messaging.kafka.offset", metadata.offset);
    }
    if (error !== null) {
      span.setAttribute("error.type", error.code);
      if (error.verdict !== undefined) span.setAttribute("kafkawire.verdict", error.verdict);
      span.setStatus({ code: SPAN_STATUS_ERROR, message: error.message });
    }
    span.end();
  }
}

function isTraced(record: ProducerRecord<unknown, unknown>): record is TracedRecord {
  return SPAN in record;
}

/** In the form that the headers have; what they said of a trace is replaced. */
function withFields(headers: RecordHeaders, fields: TraceFields): RecordHeaders {
  if (headers instanceof Map) return new Map([...headers, ...Object.entries(fields)]);
  if (!(Symbol.iterator in headers)) return { ...headers, ...fields };
  return [...[...headers].filter(([name]) => !Object.hasOwn(fields, name)), ...Object.entries(fields)];
}

function propagationOf(api: OpenTelemetryApi | undefined): ((span: OpenTelemetrySpan) => TraceFields) | undefined {
  const { context, propagation, trace } = api ?? {};
  if (context === undefined || propagation === undefined || trace === undefined) return undefined;
  return (span) => {
    const fields: Record<string, string> = {};
    const within = trace.setSpan?.(context.active(), span) ?? context.active();
    propagation.inject(within, fields);
    return fields;
  };
}

const NO_TRACE = /^0*$/;

/** https://www.w3.org/TR/trace-context */
function traceContextOf(span: OpenTelemetrySpan): TraceFields {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  if (NO_TRACE.test(traceId) || NO_TRACE.test(spanId)) return {};
  const state = traceState?.serialize() ?? "";
  return {
    traceparent: `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, "0")}`,
    ...(state === "" ? {} : { tracestate: state }),
  };
}
