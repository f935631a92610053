import type { MetricsGroup, MetricsRegistry } from "../../telemetry/metrics/metrics-registry.ts";
import type { Sensor } from "../../telemetry/metrics/sensor.ts";

/** How somebody reads: what of his time he waits for records, and what he takes for them. */
export class PollMetrics {
  readonly #waitedMs: Sensor;
  readonly #betweenMs: Sensor;
  #waitingSinceMs: number | undefined;
  /** The last poll, or the end of its last wait. */
  #lastMs: number | undefined;

  constructor(registry: MetricsRegistry) {
    this.#waitedMs = registry.sensor();
    this.#betweenMs = registry.sensor();
  }

  polled(nowMs: number): void {
    if (this.#lastMs !== undefined) this.#betweenMs.record(nowMs - this.#lastMs, nowMs);
    this.#lastMs = nowMs;
  }

  waitBegan(nowMs: number): void {
    this.#waitingSinceMs = nowMs;
  }

  waitEnded(nowMs: number): void {
    if (this.#waitingSinceMs !== undefined) this.#waitedMs.record(nowMs - this.#waitingSinceMs, nowMs);
    this.#waitingSinceMs = undefined;
    this.#lastMs = nowMs;
  }

  /** @param lastReadMs when a loop was last seen to have read on, which asks for nothing as long as records are there */
  describe(group: MetricsGroup, lastReadMs: (nowMs: number) => number | undefined): void {
    group
      .add("last-poll-seconds-ago", (now) => this.#idleSeconds(now, lastReadMs(now)))
      .add("time-between-poll-avg", (now) => this.#betweenMs.average(now))
      .add("time-between-poll-max", (now) => this.#betweenMs.maximum(now))
      .add("poll-idle-ratio-avg", (now) => share(this.#waitedMs.recentSum(now), this.#betweenMs.recentSum(now)));
  }

  #idleSeconds(nowMs: number, lastReadMs: number | undefined): number {
    if (this.#waitingSinceMs !== undefined) return 0;
    if (this.#lastMs === undefined) return -1;
    return (nowMs - Math.max(this.#lastMs, lastReadMs ?? 0)) / 1000;
  }
}

function share(part: number, rest: number): number {
  return part === 0 ? 0 : part / (part + rest);
}
