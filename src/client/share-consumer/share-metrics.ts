import type { Clock } from "../async/clock.ts";
import type { MetricsRegistry } from "../telemetry/metrics/metrics-registry.ts";
import type { Sensor } from "../telemetry/metrics/sensor.ts";

export interface ShareMetricsInit {
  readonly registry: MetricsRegistry;
  readonly clock: Pick<Clock, "monotonic">;
  readonly assignedPartitions: () => number;
  readonly bufferedBytes: () => number;
}

/** The metrics of a share consumer, by Java's names where it has them. Each call is made per poll, request or acknowledgement. */
export class ShareMetrics {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #records: Sensor;
  readonly #bytes: Sensor;
  readonly #latencyMs: Sensor;
  readonly #acknowledged: Sensor;
  readonly #failed: Sensor;

  private constructor({ registry, clock, assignedPartitions, bufferedBytes }: ShareMetricsInit) {
    this.#clock = clock;
    this.#records = registry.sensor();
    this.#bytes = registry.sensor();
    this.#latencyMs = registry.sensor();
    this.#acknowledged = registry.sensor();
    this.#failed = registry.sensor();
    registry
      .group("consumer-share-fetch-manager-metrics")
      .add("fetch-latency-avg", (now) => this.#latencyMs.average(now))
      .add("fetch-latency-max", (now) => this.#latencyMs.maximum(now))
      .add("fetch-total", () => this.#latencyMs.totalCount)
      .add("bytes-fetched-total", () => this.#bytes.totalSum)
      .add("records-consumed-rate", (now) => this.#records.sumRate(now))
      .add("records-consumed-total", () => this.#records.totalSum)
      .add("acknowledgements-send-rate", (now) => this.#acknowledged.sumRate(now))
      .add("acknowledgements-send-total", () => this.#acknowledged.totalSum)
      .add("acknowledgements-error-rate", (now) => this.#failed.sumRate(now))
      .add("acknowledgements-error-total", () => this.#failed.totalSum)
      .add("buffered-bytes", bufferedBytes);
    registry.group("consumer-share-metrics").add("assigned-partitions", assignedPartitions);
  }

  /** Undefined when nothing is measured. */
  static of(init: ShareMetricsInit): ShareMetrics | undefined {
    return init.registry.enabled ? new ShareMetrics(init) : undefined;
  }

  handedOut(records: number): void {
    if (records > 0) this.#records.record(records, this.#clock.monotonic());
  }

  /** A broker has answered a fetch, after so long, with so many bytes of records. */
  fetchAnswered(latencyMs: number, bytes: number): void {
    const now = this.#clock.monotonic();
    this.#latencyMs.record(latencyMs, now);
    if (bytes > 0) this.#bytes.record(bytes, now);
  }

  /** It is known what became of acknowledgements of so many records, or that it is not. */
  acknowledged(records: number, isDone: boolean): void {
    const now = this.#clock.monotonic();
    this.#acknowledged.record(records, now);
    if (!isDone) this.#failed.record(records, now);
  }
}
