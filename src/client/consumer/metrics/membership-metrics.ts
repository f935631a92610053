import type { AnsweredRequest } from "../../group/classic/group-calls.ts";
import type { MetricsGroup, MetricsRegistry } from "../../telemetry/metrics/metrics-registry.ts";
import type { Sensor } from "../../telemetry/metrics/sensor.ts";

const SECONDS_PER_HOUR = 3600;

/** What being a member of a group takes. */
export class MembershipMetrics {
  readonly #clock: { monotonic(): number };
  readonly #rebalanceMs: Sensor;
  readonly #failures: Sensor;
  readonly #answeredMs: Readonly<Record<AnsweredRequest, Sensor>>;
  #rebalancedAtMs: number | undefined;
  #heartbeatAtMs: number | undefined;

  constructor(registry: MetricsRegistry, clock: { monotonic(): number }) {
    this.#clock = clock;
    this.#rebalanceMs = registry.sensor();
    this.#failures = registry.sensor();
    this.#answeredMs = { join: registry.sensor(), sync: registry.sensor(), heartbeat: registry.sensor() };
  }

  /** The coordinator has answered, after so long. */
  answered(request: AnsweredRequest, latencyMs: number): void {
    const nowMs = this.#clock.monotonic();
    this.#answeredMs[request].record(latencyMs, nowMs);
    if (request === "heartbeat") this.#heartbeatAtMs = nowMs;
  }

  rebalanced(durationMs: number): void {
    this.#rebalancedAtMs = this.#clock.monotonic();
    this.#rebalanceMs.record(durationMs, this.#rebalancedAtMs);
  }

  /** Something went wrong in one, however it ends. */
  failed(): void {
    this.#failures.record(1, this.#clock.monotonic());
  }

  describe(group: MetricsGroup): void {
    const { join, sync, heartbeat } = this.#answeredMs;
    const rebalances = this.#rebalanceMs;
    const failures = this.#failures;
    group
      .add("rebalance-latency-avg", (now) => rebalances.average(now))
      .add("rebalance-latency-max", (now) => rebalances.maximum(now))
      .add("rebalance-latency-total", () => rebalances.totalSum)
      .add("rebalance-total", () => rebalances.totalCount)
      .add("rebalance-rate-per-hour", (now) => rebalances.countRate(now) * SECONDS_PER_HOUR)
      .add("failed-rebalance-total", () => failures.totalCount)
      .add("failed-rebalance-rate-per-hour", (now) => failures.countRate(now) * SECONDS_PER_HOUR)
      .add("last-rebalance-seconds-ago", (now) => secondsSince(this.#rebalancedAtMs, now))
      .add("heartbeat-response-time-max", (now) => heartbeat.maximum(now))
      .add("heartbeat-rate", (now) => heartbeat.countRate(now))
      .add("heartbeat-total", () => heartbeat.totalCount)
      .add("last-heartbeat-seconds-ago", (now) => secondsSince(this.#heartbeatAtMs, now));
    describeRequests(group, "join", join);
    describeRequests(group, "sync", sync);
  }
}

function describeRequests(group: MetricsGroup, name: "join" | "sync", sensor: Sensor): void {
  group
    .add(`${name}-time-avg`, (now) => sensor.average(now))
    .add(`${name}-time-max`, (now) => sensor.maximum(now))
    .add(`${name}-rate`, (now) => sensor.countRate(now))
    .add(`${name}-total`, () => sensor.totalCount);
}

function secondsSince(atMs: number | undefined, nowMs: number): number {
  return atMs === undefined ? -1 : (nowMs - atMs) / 1000;
}
