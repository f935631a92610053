import { describe, expect, it } from "vitest";
import { metricMeanings } from "../../telemetry/metrics/metric-meanings.ts";
import { defaultMetricsSettings, MetricsRegistry } from "../../telemetry/metrics/metrics-registry.ts";
import { prometheusText } from "../../telemetry/metrics/prometheus-text.ts";
import type { ProducerGauges } from "./producer-gauges.ts";
import { ProducerMetrics } from "./producer-metrics.ts";

function measured({ enabled = true } = {}) {
  const clock = { nowMs: 0, monotonic: () => clock.nowMs };
  const gauges = { bufferTotalBytes: 1000, bufferBytes: 400, queuedRecords: 7, waitingThreads: 2, inFlightRequests: 3 };
  const registry = new MetricsRegistry(clock, { ...defaultMetricsSettings, enabled });
  const metrics = new ProducerMetrics(registry, gauges satisfies ProducerGauges, clock);
  const client = (): Readonly<Record<string, number>> => registry.snapshot()["producer-metrics"] ?? {};
  const topic = (name: string) => registry.snapshot()[`producer-topic-metrics.${name}`];
  return { clock, gauges, registry, metrics, client, topic };
}

const batch = { topic: "orders", records: 10, bytes: 500, uncompressedBytes: 1000, largestRecordBytes: 161, queueMs: 4 };

describe("the metrics of a producer", () => {
  it("measure batches when they are sent: records, bytes, compression, and how long they waited", () => {
    const { metrics, client, topic, clock } = measured();
    metrics.batchSent(batch);
    const other = { records: 30, bytes: 1000, uncompressedBytes: 1000, largestRecordBytes: 120, queueMs: 8 };
    metrics.batchSent({ topic: "payments", ...other });
    metrics.requestSent(40);
    clock.nowMs = 30_000;
    expect(client()).toMatchObject({
      "record-send-total": 40,
      "byte-total": 1500,
      "compression-rate-avg": 0.75,
      "batch-size-avg": 750,
      "batch-size-max": 1000,
      "record-size-avg": expect.closeTo(50),
      "record-size-max": 161,
      "record-queue-time-avg": 6,
      "record-queue-time-max": 8,
      "records-per-request-avg": 40,
    });
    expect(client()["record-send-rate"]).toBeCloseTo(40 / 30);
    expect(topic("orders")).toMatchObject({ "record-send-total": 10, "byte-total": 500, "compression-rate": 0.5 });
    expect(topic("payments")).toMatchObject({ "record-send-total": 30, "byte-total": 1000, "compression-rate": 1 });
  });

  it("count records that are sent again or fail, of all and by topic", () => {
    const { metrics, client, topic } = measured();
    metrics.batchRetried({ topic: "orders", records: 10 });
    metrics.batchRetried({ topic: "orders", records: 10 });
    metrics.batchFailed({ topic: "payments", records: 3 });
    expect(client()).toMatchObject({ "record-retry-total": 20, "record-error-total": 3, "record-send-total": 0 });
    expect(topic("orders")).toMatchObject({ "record-retry-total": 20, "record-error-total": 0 });
    expect(topic("payments")).toMatchObject({ "record-retry-total": 0, "record-error-total": 3 });
  });

  it("measure deliveries, splits and throttling", () => {
    const { metrics, client } = measured();
    metrics.batchDelivered({ topic: "orders", records: 10, latencyMs: 5 });
    metrics.batchDelivered({ topic: "orders", records: 1, latencyMs: 15 });
    metrics.batchSplit({ topic: "orders" });
    metrics.produceThrottled(0);
    metrics.produceThrottled(50);
    expect(client()).toMatchObject({
      "record-delivery-time-avg": 10,
      "record-delivery-time-max": 15,
      "batch-split-total": 1,
      "produce-throttle-time-avg": 25,
      "produce-throttle-time-max": 50,
    });
  });

  it("show the buffer as it is when it is looked at, and what waiting for it has cost", () => {
    const { metrics, client, gauges, clock } = measured();
    metrics.blocked(600);
    metrics.blocked(900);
    metrics.bufferExhausted(2);
    clock.nowMs = 30_000;
    expect(client()).toMatchObject({
      "buffer-total-bytes": 1000,
      "buffer-available-bytes": 600,
      "bufferpool-wait-time-ms-total": 1500,
      "bufferpool-wait-ratio": 0.05,
      "buffer-exhausted-total": 2,
      "waiting-threads": 2,
      "queued-records": 7,
      "requests-in-flight": 3,
    });
    // A record that is larger than the rest may be let in, so that it is not shut out for good.
    gauges.bufferBytes = 1100;
    expect(client()["buffer-available-bytes"]).toBe(0);
  });

  it("are numbers before anything was sent", () => {
    expect(Object.values(measured().client()).every(Number.isFinite)).toBe(true);
  });

  it("forget topics that are idle when a new one is met, and keep what all have in sum", () => {
    const { metrics, client, topic, clock } = measured();
    metrics.batchSent({ ...batch, topic: "yesterday" });
    clock.nowMs = 50_000;
    metrics.batchSent({ ...batch, topic: "busy" });
    clock.nowMs = 70_000;
    metrics.batchSent({ ...batch, topic: "today" });
    expect([topic("yesterday"), topic("busy"), topic("today")].map((one) => one?.["record-send-total"])).toEqual([
      undefined,
      10,
      10,
    ]);
    metrics.batchSent({ ...batch, topic: "yesterday" });
    expect(topic("yesterday")?.["record-send-total"]).toBe(10);
    expect(client()["record-send-total"]).toBe(40);
  });

  it("never have more than a thousand topics", () => {
    const { metrics, registry } = measured();
    for (let number = 0; number < 1005; number++) metrics.batchSent({ ...batch, topic: `topic-${number}` });
    const topics = Object.keys(registry.snapshot()).filter((group) => group.startsWith("producer-topic-metrics."));
    expect(topics).toHaveLength(1000);
    expect(topics[0]).toBe("producer-topic-metrics.topic-5");
  });

  it("have a meaning each, and topics as a label, also those with dots", () => {
    const { metrics, registry, client, topic } = measured();
    metrics.batchSent({ ...batch, topic: "eu.orders" });
    const names = [...Object.keys(client()), ...Object.keys(topic("eu.orders") ?? {})];
    expect(names.filter((name) => !metricMeanings.has(name))).toEqual([]);
    const text = prometheusText(registry.snapshot());
    expect(text).toContain('kafkawire_producer_topic_record_send_total{topic="eu.orders"} 10\n');
    expect(text).toContain("# TYPE kafkawire_producer_topic_record_send_total counter\n");
    expect(text).toContain("kafkawire_producer_buffer_available_bytes 600\n");
  });

  it("measure nothing when they are switched off", () => {
    const { metrics, registry } = measured({ enabled: false });
    metrics.batchSent(batch);
    metrics.batchFailed(batch);
    expect(registry.snapshot()).toEqual({});
    expect(Reflect.get(registry.group("producer-topic-metrics.orders"), "size")).toBe(0);
  });
});
