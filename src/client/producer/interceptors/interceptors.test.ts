import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EmbeddedBroker } from "../../../broker/index.ts";
import type { ProducerOptions } from "../../config/producer-config.ts";
import { ConfigError } from "../../errors.ts";
import { type OpenTelemetryTracer, openTelemetryBridge } from "../../telemetry/opentelemetry.ts";
import { Producer } from "../producer.ts";
import type { ProducerRecord } from "../producer-record.ts";
import type { ProducerInterceptor } from "./producer-interceptor.ts";

let broker: EmbeddedBroker;
let topics = 0;

beforeAll(async () => {
  broker = await EmbeddedBroker.start({ autoCreateTopics: false });
});

afterAll(async () => {
  await broker.close();
});

function newTopic(): string {
  const name = `topic-${++topics}`;
  broker.createTopic(name, 1);
  return name;
}

function producerWith(interceptors: readonly ProducerInterceptor[], more: ProducerOptions = {}): Producer {
  return new Producer({ bootstrapServers: broker.bootstrapServers, interceptors, ...more });
}

/** What was sent, and what became of it, each by its value. */
function auditor() {
  const sent: unknown[] = [];
  const settled: (readonly [value: unknown, end: unknown])[] = [];
  const interceptor: ProducerInterceptor = {
    onSend: (_topic, { value }) => void sent.push(value),
    onAcknowledgement: (metadata, error, _topic, { value }) =>
      void settled.push([value, error === null ? metadata?.offset : `${error.code}, ${error.verdict}`]),
  };
  return { sent, settled, interceptor };
}

const headersIn = (topic: string): readonly unknown[] =>
  broker.records(topic, 0).map(({ headers }) => headers.map(([name, value]) => [name, value && Buffer.from(value).toString()]));

describe("the interceptors of a producer", () => {
  it("change what is written, in all ways of sending, and leave the caller's record alone", async () => {
    const topic = newTopic();
    const stamp: ProducerInterceptor = { onSend: (_topic, record) => ({ ...record, headers: [["by", "us"]] }) };
    await using producer = producerWith([stamp]);
    const record = Object.freeze({ value: "one" });
    await producer.send(topic, record);
    await producer.sendBatch(topic, [record, record]);
    expect(producer.produce(topic, record)).toBe(true);
    await producer.flush();
    expect(headersIn(topic)).toEqual(Array.from({ length: 4 }, () => [["by", "us"]]));
    expect(record).toEqual({ value: "one" });
  });

  it("hear of every record once: written, refused before it had a batch, and failed at the broker", async () => {
    const topic = newTopic();
    const { interceptor, sent, settled } = auditor();
    await using producer = producerWith([interceptor], { maxRequestSize: 1000, bufferMemory: 10_000 });
    await producer.send(topic, { value: "written" });
    await expect(producer.send(topic, { value: "x".repeat(2000) })).rejects.toMatchObject({ code: "MESSAGE_TOO_LARGE" });
    broker.faults.failNext({ api: "Produce", topic, error: "INVALID_RECORD" });
    await expect(producer.send(topic, { value: "refused" })).rejects.toMatchObject({ code: "INVALID_RECORD" });
    expect(sent).toEqual(["written", "x".repeat(2000), "refused"]);
    expect(settled).toEqual([
      ["written", 0],
      ["x".repeat(2000), "MESSAGE_TOO_LARGE, not persisted"],
      ["refused", "INVALID_RECORD, not persisted"],
    ]);
  });

  it("hear of what closing leaves behind, and nothing of what was never taken", async () => {
    const topic = newTopic();
    const { interceptor, sent, settled } = auditor();
    const producer = producerWith([interceptor]);
    broker.faults.neverAnswer({ api: "Metadata", topic, times: Number.POSITIVE_INFINITY });
    const sending = producer.send(topic, { value: "waits for metadata" });
    const failing = expect(sending).rejects.toMatchObject({ code: "CLOSED", verdict: "not persisted" });
    await producer.close({ timeoutMs: 0 });
    await failing;
    broker.faults.clear();
    await expect(producer.send(topic, { value: "too late" })).rejects.toMatchObject({ code: "CLOSED" });
    expect(sent).toEqual(["waits for metadata"]);
    expect(settled).toEqual([["waits for metadata", "CLOSED, not persisted"]]);
  });

  it("see a record once that `produce` turned away and took the next time", async () => {
    const topic = newTopic();
    const { interceptor, sent, settled } = auditor();
    await using producer = producerWith([interceptor], { bufferMemory: 20_000, maxRequestSize: 10_000, batchSize: 1000 });
    const payload = "x".repeat(1000);
    const values = Array.from({ length: 50 }, (_, index) => String(index));
    let refusals = 0;
    for (const value of values) {
      while (!producer.produce(topic, { key: payload, value })) {
        refusals++;
        await producer.ready();
      }
    }
    await producer.flush();
    expect(refusals).toBeGreaterThan(0);
    expect(sent).toEqual(values);
    expect(settled).toEqual(values.map((value, offset) => [value, offset]));
  });

  it("do no harm when they throw", async () => {
    const topic = newTopic();
    const texts: string[] = [];
    const log = (text: string): void => void texts.push(text);
    const thrower: ProducerInterceptor = {
      onSend: () => {
        throw new Error("first hook");
      },
      onAcknowledgement: () => {
        throw new Error("second hook");
      },
    };
    const logger = { level: "warn", debug: log, info: log, warn: log, error: log };
    await using producer = producerWith([thrower], { logger });
    expect(await producer.send(topic, { value: "fine" })).toMatchObject({ offset: 0 });
    expect(texts).toEqual([
      "onSend of an interceptor threw: first hook [INTERCEPTOR_FAILED]",
      expect.stringMatching(/^onAcknowledgement of an interceptor threw: second hook \[INTERCEPTOR_FAILED\]/),
    ]);
  });

  it.each([
    ["no list", "interceptors must be a list of interceptors, not 'no list'"],
    [[{ onSend: 5 }], "interceptors must be a list of objects with onSend() or onAcknowledgement(); number 1 is none"],
    [[{ onSend: () => undefined }, {}], "number 2 is none"],
  ])("are checked: %j", (interceptors, problem) => {
    const options: ProducerOptions = {};
    Object.assign(options, { interceptors });
    expect(() => new Producer(options)).toThrow(ConfigError);
    expect(() => new Producer(options)).toThrow(problem);
  });

  it("may be typed by the producer's keys and values", () => {
    const typed: ProducerInterceptor<string, { readonly id: number }> = {
      onSend: (_topic, record: ProducerRecord<string, { readonly id: number }>) => ({ ...record, key: String(record.value?.id) }),
    };
    expect(() => new Producer({ interceptors: [typed] })).not.toThrow();
  });
});

describe("traces through a producer", () => {
  it("have a span per record, whose context is in the record's headers", async () => {
    const topic = newTopic();
    const ended: string[] = [];
    const tracer: OpenTelemetryTracer = {
      startSpan: (name) => ({
        spanContext: () => ({ traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 }),
        setAttribute: (key, value) => void ended.push(`${name}: ${key}=${String(value)}`),
        setStatus: () => undefined,
        end: () => void ended.push(`${name}: end`),
      }),
    };
    const bridge = openTelemetryBridge({ tracer, isTraced: () => false });
    try {
      await using producer = producerWith([bridge.interceptor]);
      await producer.send(topic, { value: "traced", headers: { tenant: "a" } });
    } finally {
      bridge.close();
    }
    expect(headersIn(topic)).toEqual([
      [
        ["tenant", "a"],
        ["traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
      ],
    ]);
    const span = `send ${topic}`;
    expect(ended).toEqual([`${span}: messaging.destination.partition.id=0`, `${span}: messaging.kafka.offset=0`, `${span}: end`]);
  });
});

describe("the metrics of a producer at work", () => {
  it("count what was sent, compressed and failed, and how many records shared a request", async () => {
    const topic = newTopic();
    await using producer = producerWith([], { compression: "gzip" });
    await producer.sendBatch(
      topic,
      Array.from({ length: 20 }, () => ({ value: "x".repeat(100) })),
    );
    broker.faults.failNext({ api: "Produce", topic, error: "INVALID_RECORD" });
    await expect(producer.send(topic, { value: "refused" })).rejects.toMatchObject({ code: "INVALID_RECORD" });
    const { "producer-metrics": all, [`producer-topic-metrics.${topic}`]: ofTopic } = producer.metrics();
    expect(all).toMatchObject({
      "record-send-total": 21,
      "records-per-request-avg": 10.5,
      "record-error-total": 1,
      "record-retry-total": 0,
      "buffer-available-bytes": 33_554_432,
      "requests-in-flight": 0,
      "queued-records": 0,
    });
    expect(all?.["compression-rate-avg"]).toBeLessThan(1);
    expect(all?.["record-size-avg"]).toBeGreaterThan(100);
    expect(all?.["record-size-max"]).toBeGreaterThanOrEqual(all?.["record-size-avg"] ?? 0);
    expect(ofTopic).toMatchObject({ "record-send-total": 21, "record-error-total": 1 });
  });
});
