import type { Clock } from "../../async/clock.ts";
import { topicGroup } from "../../telemetry/metrics/metric-groups.ts";
import type { MetricsGroup, MetricsRegistry } from "../../telemetry/metrics/metrics-registry.ts";
import type { Sensor } from "../../telemetry/metrics/sensor.ts";
import type { ProducerGauges } from "./producer-gauges.ts";
import { RecordSensors, type SentBatch } from "./record-sensors.ts";

/** Some of a topic's records. */
interface TopicRecords {
  readonly topic: string;
  readonly records: number;
}

/** Whoever sends to a topic per tenant or per day has them all in one process, and nobody looks at so many. */
const MOST_TOPICS = 1000;

/** The metrics of a producer. Each call costs a few additions, and is made per batch or request. */
export class ProducerMetrics {
  readonly #registry: MetricsRegistry;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #all: RecordSensors;
  readonly #batchBytes: Sensor;
  readonly #recordBytes: Sensor;
  readonly #largestRecordBytes: Sensor;
  readonly #queueMs: Sensor;
  readonly #deliveryMs: Sensor;
  readonly #recordsPerRequest: Sensor;
  readonly #splits: Sensor;
  readonly #throttleMs: Sensor;
  readonly #exhausted: Sensor;
  readonly #blockedMs: Sensor;
  readonly #topics = new Map<string, RecordSensors>();

  constructor(registry: MetricsRegistry, gauges: ProducerGauges, clock: Pick<Clock, "monotonic">) {
    this.#registry = registry;
    this.#clock = clock;
    this.#all = new RecordSensors(registry);
    this.#batchBytes = registry.sensor();
    this.#recordBytes = registry.sensor();
    this.#largestRecordBytes = registry.sensor();
    this.#queueMs = registry.sensor();
    this.#deliveryMs = registry.sensor();
    this.#recordsPerRequest = registry.sensor();
    this.#splits = registry.sensor();
    this.#throttleMs = registry.sensor();
    this.#exhausted = registry.sensor();
    this.#blockedMs = registry.sensor();
    const group = registry.group("producer-metrics");
    this.#all.describe(group, "compression-rate-avg");
    this.#describeBatches(group);
    this.#describeBuffer(group, gauges);
  }

  /** A Produce request goes out with so many records in all. */
  requestSent(records: number): void {
    if (this.#registry.enabled) this.#recordsPerRequest.record(records, this.#clock.monotonic());
  }

  /** A batch goes out for the first time. */
  batchSent(batch: SentBatch): void {
    if (!this.#registry.enabled) return;
    const nowMs = this.#clock.monotonic();
    this.#batchBytes.record(batch.bytes, nowMs);
    this.#recordBytes.record(batch.uncompressedBytes, nowMs);
    this.#largestRecordBytes.record(batch.largestRecordBytes, nowMs);
    this.#queueMs.record(batch.queueMs, nowMs);
    this.#topic(batch.topic, nowMs).sent(batch, nowMs);
  }

  /** The broker has said that it is written; with acks 0, it has left. `latencyMs`: since its first record. */
  batchDelivered({ latencyMs }: TopicRecords & { readonly latencyMs: number }): void {
    if (this.#registry.enabled) this.#deliveryMs.record(latencyMs, this.#clock.monotonic());
  }

  /** It will be sent once more. */
  batchRetried({ topic, records }: TopicRecords): void {
    if (!this.#registry.enabled) return;
    const nowMs = this.#clock.monotonic();
    this.#topic(topic, nowMs).retried.record(records, nowMs);
  }

  /** These records will not be sent any more, or never were: the buffer had no room, or the topic no partition. */
  batchFailed({ topic, records }: TopicRecords): void {
    if (!this.#registry.enabled) return;
    const nowMs = this.#clock.monotonic();
    this.#topic(topic, nowMs).failed.record(records, nowMs);
  }

  /** The broker found it too large; it goes on as several. */
  batchSplit(_batch: { readonly topic: string }): void {
    if (this.#registry.enabled) this.#splits.record(1, this.#clock.monotonic());
  }

  /** Of every answer to Produce, also when it is 0. */
  produceThrottled(ms: number): void {
    if (this.#registry.enabled) this.#throttleMs.record(ms, this.#clock.monotonic());
  }

  /** So many records were turned away because the buffer was full for `maxBlockMs`. */
  bufferExhausted(records: number): void {
    if (this.#registry.enabled) this.#exhausted.record(records, this.#clock.monotonic());
  }

  /** A send has waited so long for memory. */
  blocked(ms: number): void {
    if (this.#registry.enabled) this.#blockedMs.record(ms, this.#clock.monotonic());
  }

  #topic(topic: string, nowMs: number): RecordSensors {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    this.#makeRoom(nowMs);
    const sensors = new RecordSensors(this.#registry, this.#all);
    this.#topics.set(topic, sensors);
    sensors.describe(this.#registry.group(topicGroup("producer", topic)), "compression-rate");
    return sensors;
  }

  #makeRoom(nowMs: number): void {
    for (const [topic, sensors] of this.#topics) if (sensors.isIdle(nowMs)) this.#forget(topic);
    const [first] = this.#topics.keys();
    if (first !== undefined && this.#topics.size >= MOST_TOPICS) this.#forget(first);
  }

  #forget(topic: string): void {
    this.#topics.delete(topic);
    this.#registry.removeGroup(topicGroup("producer", topic));
  }

  #describeBatches(group: MetricsGroup): void {
    group
      .add("batch-size-avg", (now) => this.#batchBytes.average(now))
      .add("batch-size-max", (now) => this.#batchBytes.maximum(now))
      .add("record-size-avg", (now) => ratio(this.#recordBytes.sumRate(now), this.#all.records.sumRate(now)))
      .add("record-size-max", (now) => this.#largestRecordBytes.maximum(now))
      .add("record-queue-time-avg", (now) => this.#queueMs.average(now))
      .add("record-queue-time-max", (now) => this.#queueMs.maximum(now))
      .add("record-delivery-time-avg", (now) => this.#deliveryMs.average(now))
      .add("record-delivery-time-max", (now) => this.#deliveryMs.maximum(now))
      .add("records-per-request-avg", (now) => this.#recordsPerRequest.average(now))
      .add("batch-split-rate", (now) => this.#splits.countRate(now))
      .add("batch-split-total", () => this.#splits.totalCount)
      .add("produce-throttle-time-avg", (now) => this.#throttleMs.average(now))
      .add("produce-throttle-time-max", (now) => this.#throttleMs.maximum(now));
  }

  #describeBuffer(group: MetricsGroup, gauges: ProducerGauges): void {
    group
      .add("buffer-total-bytes", () => gauges.bufferTotalBytes)
      .add("buffer-available-bytes", () => Math.max(0, gauges.bufferTotalBytes - gauges.bufferBytes))
      .add("buffer-exhausted-rate", (now) => this.#exhausted.sumRate(now))
      .add("buffer-exhausted-total", () => this.#exhausted.totalSum)
      .add("bufferpool-wait-ratio", (now) => this.#blockedMs.sumRate(now) / 1000)
      .add("bufferpool-wait-time-ms-total", () => this.#blockedMs.totalSum)
      .add("waiting-threads", () => gauges.waitingThreads)
      .add("queued-records", () => gauges.queuedRecords)
      .add("requests-in-flight", () => gauges.inFlightRequests);
  }
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
