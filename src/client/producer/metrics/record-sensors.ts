import type { MetricsGroup, MetricsRegistry } from "../../telemetry/metrics/metrics-registry.ts";
import type { Sensor } from "../../telemetry/metrics/sensor.ts";

/** A batch at the moment when it is closed and put into a request for the first time. */
export interface SentBatch {
  readonly topic: string;
  readonly records: number;
  /** As it goes onto the wire. */
  readonly bytes: number;
  /** Before compression; the same as `bytes` without. */
  readonly uncompressedBytes: number;
  /** Of these. */
  readonly largestRecordBytes: number;
  /** Since its first record. */
  readonly queueMs: number;
}

/** What is measured of all records of a producer, and again of each topic's. */
export class RecordSensors {
  readonly records: Sensor;
  readonly bytes: Sensor;
  readonly compression: Sensor;
  readonly retried: Sensor;
  readonly failed: Sensor;

  /** @param parent measures what is recorded here as well */
  constructor(registry: MetricsRegistry, parent?: RecordSensors) {
    this.records = registry.sensor(parent?.records);
    this.bytes = registry.sensor(parent?.bytes);
    this.compression = registry.sensor(parent?.compression);
    this.retried = registry.sensor(parent?.retried);
    this.failed = registry.sensor(parent?.failed);
  }

  sent({ records, bytes, uncompressedBytes }: SentBatch, nowMs: number): void {
    this.records.record(records, nowMs);
    this.bytes.record(bytes, nowMs);
    this.compression.record(uncompressedBytes === 0 ? 1 : bytes / uncompressedBytes, nowMs);
  }

  isIdle(nowMs: number): boolean {
    return this.records.isIdle(nowMs) && this.retried.isIdle(nowMs) && this.failed.isIdle(nowMs);
  }

  /** @param compressionName kafka-python and Java have one name for a producer and another for a topic */
  describe(group: MetricsGroup, compressionName: "compression-rate" | "compression-rate-avg"): void {
    group
      .add("record-send-rate", (now) => this.records.sumRate(now))
      .add("record-send-total", () => this.records.totalSum)
      .add("byte-rate", (now) => this.bytes.sumRate(now))
      .add("byte-total", () => this.bytes.totalSum)
      .add(compressionName, (now) => this.compression.average(now))
      .add("record-retry-rate", (now) => this.retried.sumRate(now))
      .add("record-retry-total", () => this.retried.totalSum)
      .add("record-error-rate", (now) => this.failed.sumRate(now))
      .add("record-error-total", () => this.failed.totalSum);
  }
}
