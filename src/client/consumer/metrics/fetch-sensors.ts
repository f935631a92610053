import type { MetricsGroup, MetricsRegistry } from "../../telemetry/metrics/metrics-registry.ts";
import type { Sensor } from "../../telemetry/metrics/sensor.ts";

/** What is measured of all that a consumer fetches and reads, and again of each topic. */
export class FetchSensors {
  /** Of each answer that has records. An answer is one for all, and one for each of its topics. */
  readonly answerBytes: Sensor;
  readonly readBytes: Sensor;
  readonly records: Sensor;

  /** @param parent measures what is read here as well */
  constructor(registry: MetricsRegistry, parent?: FetchSensors) {
    this.answerBytes = registry.sensor();
    this.readBytes = registry.sensor(parent?.readBytes);
    this.records = registry.sensor(parent?.records);
  }

  isIdle(nowMs: number): boolean {
    return this.answerBytes.isIdle(nowMs) && this.readBytes.isIdle(nowMs) && this.records.isIdle(nowMs);
  }

  describe(group: MetricsGroup): void {
    group
      .add("fetch-size-avg", (now) => this.answerBytes.average(now))
      .add("fetch-size-max", (now) => this.answerBytes.maximum(now))
      .add("bytes-consumed-rate", (now) => this.readBytes.sumRate(now))
      .add("bytes-consumed-total", () => this.readBytes.totalSum)
      .add("records-consumed-rate", (now) => this.records.sumRate(now))
      .add("records-consumed-total", () => this.records.totalSum)
      .add("records-per-request-avg", (now) => ratio(this.records.recentSum(now), this.answerBytes.recentCount(now)));
  }
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
