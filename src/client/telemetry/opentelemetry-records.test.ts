import { describe, expect, it } from "vitest";
import { ClosedError } from "../errors.ts";
import { InterceptorChain } from "../producer/interceptors/interceptor-chain.ts";
import type { OpenTelemetryApi, OpenTelemetryAttributes, OpenTelemetrySpan, OpenTelemetryTracer } from "./opentelemetry-api.ts";
import { RecordSpans } from "./opentelemetry-records.ts";

interface FakeSpan {
  readonly name: string;
  readonly kind: number | undefined;
  readonly attributes: OpenTelemetryAttributes;
  status: { code: number; message?: string } | undefined;
  ends: number;
}

const TRACE = "0af7651916cd43dd8448eb211c80319c";

/** Shaped like a tracer of the real package; spans are numbered. */
function fakeTracer({ traceId = TRACE, state = "" } = {}) {
  const spans: FakeSpan[] = [];
  const tracer: OpenTelemetryTracer = {
    startSpan: (name, { kind, attributes = {} } = {}) => {
      const span: FakeSpan = { name, kind, attributes: { ...attributes }, status: undefined, ends: 0 };
      const spanId = String(spans.push(span)).padStart(16, "0");
      const traceState = state === "" ? {} : { traceState: { serialize: () => state } };
      return {
        spanContext: () => ({ traceId, spanId, traceFlags: 1, ...traceState }),
        setAttribute: (key, value) => void Object.assign(span.attributes, { [key]: value }),
        setStatus: (status) => {
          span.status = status;
        },
        end: () => void span.ends++,
      };
    },
  };
  return { spans, tracer };
}

const first = `00-${TRACE}-0000000000000001-01`;
const written = { topic: "orders", partition: 3, offset: 42, timestamp: 5, serializedKeySize: -1, serializedValueSize: 1 };

describe("spans of records", () => {
  it("go from sending to acknowledgement, by the semantic conventions, without a record's key or value", () => {
    const { spans, tracer } = fakeTracer();
    const records = new RecordSpans(tracer, undefined);
    const sent = records.onSend("orders", { key: "secret", value: "secret" });
    expect(spans).toMatchObject([{ name: "send orders", kind: 3, ends: 0 }]);
    records.onAcknowledgement(written, null, "orders", sent ?? {});
    expect(spans).toEqual([
      {
        name: "send orders",
        kind: 3,
        attributes: {
          "messaging.system": "kafka",
          "messaging.operation.name": "send",
          "messaging.operation.type": "send",
          "messaging.destination.name": "orders",
          "messaging.destination.partition.id": "3",
          "messaging.kafka.offset": 42,
        },
        status: undefined,
        ends: 1,
      },
    ]);
    expect(JSON.stringify(spans)).not.toContain("secret");
  });

  it("say of what a record failed, and whether it may be written all the same", () => {
    const { spans, tracer } = fakeTracer();
    const records = new RecordSpans(tracer, undefined);
    const error = Object.assign(new ClosedError("producer"), { verdict: "possibly persisted" as const });
    records.onAcknowledgement(undefined, error, "orders", records.onSend("orders", {}) ?? {});
    expect(spans[0]).toMatchObject({
      attributes: {
        "error.type": "CLOSED",
        "kafkawire.verdict": "possibly persisted",
        "messaging.kafka.message.tombstone": true,
      },
      status: { code: 2, message: "producer was closed" },
      ends: 1,
    });
  });

  it("leave out an offset that nobody knows (acks 0)", () => {
    const { spans, tracer } = fakeTracer();
    const records = new RecordSpans(tracer, undefined);
    records.onAcknowledgement({ ...written, offset: -1 }, null, "orders", records.onSend("orders", { value: "v" }) ?? {});
    expect(spans[0]?.attributes).not.toHaveProperty("messaging.kafka.offset");
  });

  it("find back to their records behind interceptors that copy these", () => {
    const { spans, tracer } = fakeTracer();
    const records = new RecordSpans(tracer, undefined);
    const copies = { onSend: (_topic: string, record: object) => ({ ...record, timestampMs: 1 }) };
    const warnings: string[] = [];
    const chain = new InterceptorChain([records, copies], { warning: (_code, text) => void warnings.push(text) });
    chain.onAcknowledgement(written, null, "orders", chain.onSend("orders", { value: "v" }));
    expect(spans.map(({ ends }) => ends)).toEqual([1]);
    expect(warnings).toEqual([]);
  });

  it("begin no more after the bridge is closed, and those that are open end with their records", () => {
    const { spans, tracer } = fakeTracer();
    const records = new RecordSpans(tracer, undefined);
    const sent = records.onSend("orders", { value: "v" });
    records.close();
    expect(records.onSend("orders", { value: "v" })).toBeUndefined();
    records.onAcknowledgement(written, null, "orders", { value: "v" });
    records.onAcknowledgement(written, null, "orders", sent ?? {});
    expect(spans.map(({ ends }) => ends)).toEqual([1]);
  });

  it("end when the record goes on without them, because its headers are none", () => {
    const { spans, tracer } = fakeTracer();
    const warnings: string[] = [];
    const chain = new InterceptorChain([new RecordSpans(tracer, undefined)], {
      warning: (_code, text) => void warnings.push(text),
    });
    const record = {};
    Object.assign(record, { headers: [7] });
    expect(chain.onSend("orders", record)).toBe(record);
    expect([spans.map(({ ends }) => ends), warnings.length]).toEqual([[1], 1]);
  });

  it("are none without a tracer", () => {
    expect(new RecordSpans(undefined, undefined).onSend("orders", { value: "v" })).toBeUndefined();
  });
});

describe("the trace's headers", () => {
  it("are W3C's with a tracer alone, each record its own, in the form that its headers have", () => {
    const { tracer } = fakeTracer({ state: "vendor=1" });
    const records = new RecordSpans(tracer, undefined);
    const fields = { traceparent: first, tracestate: "vendor=1" };
    expect(records.onSend("orders", { value: "v" })?.headers).toEqual(Object.entries(fields));
    const second = { ...fields, traceparent: first.replace("01-01", "02-01") };
    expect(records.onSend("orders", { headers: { a: ["1", "2"], traceparent: "old" } })?.headers).toEqual({
      a: ["1", "2"],
      ...second,
    });
    const third = { ...fields, traceparent: first.replace("01-01", "03-01") };
    expect(records.onSend("orders", { headers: new Map([["traceparent", "old"]]) })?.headers).toEqual(
      new Map(Object.entries(third)),
    );
  });

  it("replace those of another trace, and keep all else in order", () => {
    const { tracer } = fakeTracer();
    const headers = Object.freeze([
      ["a", "1"],
      ["traceparent", "old"],
      ["a", "2"],
    ] as const);
    expect(new RecordSpans(tracer, undefined).onSend("orders", { headers })?.headers).toEqual([
      ["a", "1"],
      ["a", "2"],
      ["traceparent", first],
    ]);
    expect(headers).toHaveLength(3);
  });

  it("are none where there is no trace", () => {
    const { tracer } = fakeTracer({ traceId: "0".repeat(32) });
    expect(new RecordSpans(tracer, undefined).onSend("orders", { value: "v" })?.headers).toEqual([]);
  });

  it("are written by the application's propagators, in the context of the record's span", () => {
    const { tracer } = fakeTracer();
    const active = { name: "active" };
    const api: OpenTelemetryApi = {
      trace: {
        getTracer: () => tracer,
        setSpan: (context, span: OpenTelemetrySpan) => ({ context, spanId: span.spanContext().spanId }),
      },
      metrics: { getMeter: () => expect.fail("no metrics are wanted") },
      context: { active: () => active },
      propagation: {
        inject: (context, carrier) => {
          carrier["b3"] = JSON.stringify(context);
        },
      },
    };
    expect(new RecordSpans(tracer, api).onSend("orders", { value: "v" })?.headers).toEqual([
      ["b3", '{"context":{"name":"active"},"spanId":"0000000000000001"}'],
    ]);
  });
});
