import { describe, expect, it } from "vitest";
import { metricMeanings } from "../../telemetry/metrics/metric-meanings.ts";
import { defaultMetricsSettings, MetricsRegistry } from "../../telemetry/metrics/metrics-registry.ts";
import { prometheusText } from "../../telemetry/metrics/prometheus-text.ts";
import { Assignment } from "../assignment/assignment.ts";
import type { ConsumerGauges } from "./consumer-gauges.ts";
import { ConsumerMetrics } from "./consumer-metrics.ts";

interface Setting {
  readonly enabled?: boolean;
  readonly isolationLevel?: "read_uncommitted" | "read_committed";
}

function measured({ enabled = true, isolationLevel = "read_uncommitted" }: Setting = {}) {
  const clock = { nowMs: 0, monotonic: () => clock.nowMs };
  const assignment = new Assignment();
  const gauges = {
    get assignedPartitions() {
      return assignment.size;
    },
    partitions: () => assignment.all(),
    bufferedBytes: 300,
    fetchesInFlight: 2,
    stalledPartitions: 1,
  } satisfies ConsumerGauges;
  const registry = new MetricsRegistry(clock, { ...defaultMetricsSettings, enabled });
  const metrics = ConsumerMetrics.of({ registry, gauges, clock, isolationLevel });
  const group = (name: string): Readonly<Record<string, number>> | undefined => registry.snapshot()[name];
  const assign = (...indexes: readonly number[]) => {
    assignment.replace(indexes.map((partition) => ({ topic: "eu.orders", partition })));
    metrics?.assignmentChanged();
    return [...assignment.all()];
  };
  return { clock, registry, metrics, group, assign };
}

function began() {
  const stage = measured();
  if (stage.metrics === undefined) throw new Error("nothing is measured");
  return { ...stage, metrics: stage.metrics };
}

const FETCHES = "consumer-fetch-manager-metrics";

describe("the metrics of a consumer", () => {
  it("measure fetches: how long they take, how many bytes their answers have, of all and by topic", () => {
    const { metrics, group, clock } = began();
    metrics.fetchAnswered({ latencyMs: 40, throttleMs: 0 }, [
      { topic: "orders", bytes: 100 },
      { topic: "payments", bytes: 300 },
    ]);
    metrics.fetchAnswered({ latencyMs: 60, throttleMs: 10 }, [{ topic: "orders", bytes: 200 }]);
    // Nothing has happened: that says nothing of the size of answers.
    metrics.fetchAnswered({ latencyMs: 500, throttleMs: 0 }, []);
    clock.nowMs = 30_000;
    expect(group(FETCHES)).toMatchObject({
      "fetch-latency-avg": 200,
      "fetch-latency-max": 500,
      "fetch-rate": 0.1,
      "fetch-total": 3,
      "fetch-throttle-time-max": 10,
      "fetch-size-avg": 300,
      "fetch-size-max": 400,
    });
    expect(group("consumer-topic-metrics.orders")).toMatchObject({ "fetch-size-avg": 150, "fetch-size-max": 200 });
    expect(group("consumer-topic-metrics.payments")).toMatchObject({ "fetch-size-avg": 300, "fetch-size-max": 300 });
  });

  it("count records as they are handed out, though nobody is told of each", () => {
    const { metrics, group, assign } = began();
    const [partition] = assign(0);
    const batch = { partition: partition!, remaining: 10, isDone: false };
    metrics.fetchAnswered({ latencyMs: 1, throttleMs: 0 }, [{ topic: "eu.orders", bytes: 500 }]);
    metrics.batchOpened(batch);
    expect(group(FETCHES)).toMatchObject({ "records-consumed-total": 0, "bytes-consumed-total": 0 });
    batch.remaining = 7;
    expect(group(FETCHES)).toMatchObject({ "records-consumed-total": 3, "records-per-request-avg": 3 });
    batch.remaining = 0;
    batch.isDone = true;
    metrics.batchOpened({ partition: partition!, remaining: 5, isDone: false });
    metrics.partRead({ partition: partition!, sizeInBytes: 500 });
    expect(group(FETCHES)).toMatchObject({ "records-consumed-total": 10, "bytes-consumed-total": 500 });
    expect(group("consumer-topic-metrics.eu.orders")).toMatchObject({
      "records-consumed-total": 10,
      "records-per-request-avg": 10,
    });
  });

  it("count what was handed out of a batch before the rest was thrown away", () => {
    const { metrics, group, assign } = began();
    const [partition] = assign(0);
    const batch = { partition: partition!, remaining: 10, isDone: false };
    metrics.batchOpened(batch);
    batch.remaining = 6;
    metrics.dropped(partition!);
    batch.remaining = 0;
    expect(group(FETCHES)).toMatchObject({ "records-consumed-total": 4 });
  });

  it("count no record that cannot be read, nor what was thrown away", () => {
    const { metrics, group, assign } = began();
    const [one, other] = assign(0, 1);
    metrics.batchOpened({ partition: one!, remaining: 10, isDone: false });
    metrics.dropped(one!);
    const poisoned = { partition: other!, remaining: 10, isDone: false };
    metrics.batchOpened(poisoned);
    poisoned.remaining = 0;
    metrics.dropped(other!);
    expect(group(FETCHES)).toMatchObject({ "records-consumed-total": 0 });
  });

  it("know each partition's lag and lead, now and in the last minute, and the worst of them", () => {
    const { metrics, group, assign, clock } = began();
    const [one, other] = assign(0, 1);
    for (const partition of [one!, other!]) {
      partition.moveTo(50);
      partition.highWatermark = 100;
      partition.logStartOffset = 10;
    }
    metrics.partRead({ partition: one!, sizeInBytes: 1 });
    one!.advance(90, 0);
    metrics.partRead({ partition: one!, sizeInBytes: 1 });
    one!.preferredReplica = { nodeId: 3, untilMs: 1 };
    expect(group("consumer-partition-metrics.eu.orders-0")).toEqual({
      "records-lag": 10,
      "records-lag-avg": 30,
      "records-lag-max": 50,
      "records-lead": 80,
      "records-lead-avg": 60,
      "records-lead-min": 40,
      "preferred-read-replica": 3,
    });
    other!.highWatermark = 1000;
    expect(group(FETCHES)).toMatchObject({ "records-lag-max": 950, "records-lead-min": 40 });
    clock.nowMs = 100_000;
    expect(group("consumer-partition-metrics.eu.orders-1")).toMatchObject({ "records-lag-max": 950, "records-lag-avg": 950 });
  });

  it("say nothing of a lag that is not known", () => {
    const { group, assign } = began();
    assign(0);
    expect(group("consumer-partition-metrics.eu.orders-0")).toEqual({ "preferred-read-replica": -1 });
    expect(group(FETCHES)).not.toHaveProperty("records-lead-min");
    expect(group(FETCHES)).toHaveProperty("records-lag-max", 0);
  });

  it("read committed: what is not committed is no lag", () => {
    const { registry, assign } = measured({ isolationLevel: "read_committed" });
    const [one] = assign(0);
    one!.moveTo(5);
    one!.highWatermark = 100;
    one!.lastStableOffset = 7;
    expect(registry.snapshot()["consumer-partition-metrics.eu.orders-0"]).toMatchObject({ "records-lag": 2 });
  });

  it("forget partitions that are no longer assigned, and topics that are idle when a new one is met", () => {
    const { metrics, group, assign, clock } = began();
    assign(0, 1);
    assign(1);
    expect(group("consumer-partition-metrics.eu.orders-0")).toBeUndefined();
    expect(group("consumer-partition-metrics.eu.orders-1")).toBeDefined();
    metrics.fetchAnswered({ latencyMs: 1, throttleMs: 0 }, [{ topic: "yesterday", bytes: 1 }]);
    clock.nowMs = 61_000;
    metrics.fetchAnswered({ latencyMs: 1, throttleMs: 0 }, [{ topic: "today", bytes: 1 }]);
    expect(group("consumer-topic-metrics.yesterday")).toBeUndefined();
    expect(group("consumer-topic-metrics.today")).toBeDefined();
  });

  it("never have more than a thousand topics and five thousand partitions", () => {
    const { metrics, registry, assign } = began();
    assign(...Array.from({ length: 5005 }, (_, index) => index));
    const topics = Array.from({ length: 1005 }, (_, index) => ({ topic: `topic-${index}`, bytes: 1 }));
    metrics.fetchAnswered({ latencyMs: 1, throttleMs: 0 }, topics);
    const groups = Object.keys(registry.snapshot());
    expect(groups.filter((name) => name.startsWith("consumer-partition-metrics."))).toHaveLength(5000);
    expect(groups.filter((name) => name.startsWith("consumer-topic-metrics."))).toHaveLength(1000);
  });

  it("measure how a reader divides his time, and when he was seen last", () => {
    const { metrics, group, clock } = began();
    const polls = () => group("consumer-metrics") ?? {};
    expect(polls()["last-poll-seconds-ago"]).toBe(-1);
    metrics.polled();
    metrics.waitBegan();
    clock.nowMs = 300;
    expect(polls()["last-poll-seconds-ago"]).toBe(0);
    metrics.waitEnded();
    clock.nowMs = 1000;
    metrics.polled();
    clock.nowMs = 1200;
    metrics.polled();
    clock.nowMs = 3200;
    expect(polls()).toMatchObject({
      "last-poll-seconds-ago": 2,
      "time-between-poll-avg": 450,
      "time-between-poll-max": 700,
      "poll-idle-ratio-avg": 0.25,
    });
  });

  it("see a loop read on that finds its records in the buffer, and asks for nothing", () => {
    const { metrics, group, assign, clock } = began();
    const [partition] = assign(0);
    const idle = () => group("consumer-metrics")?.["last-poll-seconds-ago"];
    metrics.polled();
    const batch = { partition: partition!, remaining: 10, isDone: false };
    metrics.batchOpened(batch);
    clock.nowMs = 60_000;
    batch.remaining = 9;
    expect(idle()).toBe(0);
    clock.nowMs = 90_000;
    expect(idle()).toBe(30);
  });

  it("measure commits, and know what is assigned", () => {
    const { metrics, group, assign, clock } = began();
    assign(0, 1, 2);
    metrics.commitAnswered(10);
    metrics.commitAnswered(30);
    clock.nowMs = 30_000;
    const expected = { "commit-latency-avg": 20, "commit-latency-max": 30, "commit-total": 2, "assigned-partitions": 3 };
    expect(group("consumer-coordinator-metrics")).toMatchObject(expected);
    expect(group(FETCHES)).toMatchObject({ "buffered-bytes": 300, "fetches-in-flight": 2, "stalled-partitions": 1 });
  });

  it("are finite numbers with a meaning each, and have topics and partitions as labels, also those with dots", () => {
    const { metrics, registry, assign } = began();
    const [partition] = assign(12);
    partition!.moveTo(1);
    partition!.highWatermark = 3;
    partition!.logStartOffset = 0;
    metrics.fetchAnswered({ latencyMs: 1, throttleMs: 0 }, [{ topic: "eu.orders", bytes: 1 }]);
    const snapshot = registry.snapshot();
    const entries = Object.values(snapshot).flatMap((values) => Object.entries(values));
    expect(entries.filter(([name, value]) => !metricMeanings.has(name) || !Number.isFinite(value))).toEqual([]);
    const text = prometheusText(snapshot);
    expect(text).toContain('kafkawire_consumer_partition_records_lag{partition="12",topic="eu.orders"} 2\n');
    expect(text).toContain('kafkawire_consumer_topic_records_consumed_total{topic="eu.orders"} 0\n');
    expect(text).toContain("# TYPE kafkawire_consumer_fetch_manager_records_consumed_total counter\n");
  });

  it("are not there at all when they are switched off: nobody is told of anything", () => {
    const { metrics, registry } = measured({ enabled: false });
    expect(metrics).toBeUndefined();
    expect(registry.snapshot()).toEqual({});
  });
});
