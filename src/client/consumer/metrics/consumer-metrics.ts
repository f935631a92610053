import type { Clock } from "../../async/clock.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-options.ts";
import { topicGroup } from "../../telemetry/metrics/metric-groups.ts";
import type { MetricsGroup, MetricsRegistry } from "../../telemetry/metrics/metrics-registry.ts";
import type { Sensor } from "../../telemetry/metrics/sensor.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import { ConsumedRecords, type OpenBatch } from "./consumed-records.ts";
import type { ConsumerGauges } from "./consumer-gauges.ts";
import { FetchSensors } from "./fetch-sensors.ts";
import { MembershipMetrics } from "./membership-metrics.ts";
import { PartitionMetrics } from "./partition-metrics.ts";
import { PollMetrics } from "./poll-metrics.ts";

export interface ConsumerMetricsInit {
  readonly registry: MetricsRegistry;
  readonly gauges: ConsumerGauges;
  readonly clock: Pick<Clock, "monotonic">;
  readonly isolationLevel: ResolvedConsumerConfig["isolationLevel"];
}

/** What one answer brought of a topic. */
export interface FetchedBytes {
  readonly topic: string;
  readonly bytes: number;
}

/** Whoever reads a topic per tenant or per day has them all in one process, and nobody looks at so many. */
const MOST_TOPICS = 1000;
/** Topics that are idle are looked for no more often. */
const SWEEP_MS = 1000;

/** The metrics of a consumer. Each call costs a few additions, and is made per poll, per batch or per request. */
export class ConsumerMetrics {
  readonly membership: MembershipMetrics;
  readonly #registry: MetricsRegistry;
  readonly #gauges: ConsumerGauges;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #polls: PollMetrics;
  readonly #partitions: PartitionMetrics;
  readonly #consumed: ConsumedRecords;
  readonly #all: FetchSensors;
  readonly #latencyMs: Sensor;
  readonly #throttleMs: Sensor;
  readonly #commitMs: Sensor;
  readonly #topics = new Map<string, FetchSensors>();
  #lastReadMs: number | undefined;
  #sweptMs = Number.NEGATIVE_INFINITY;

  private constructor({ registry, gauges, clock, isolationLevel }: ConsumerMetricsInit) {
    this.#registry = registry;
    this.#gauges = gauges;
    this.#clock = clock;
    this.#polls = new PollMetrics(registry);
    this.membership = new MembershipMetrics(registry, clock);
    this.#partitions = new PartitionMetrics(registry, isolationLevel);
    this.#all = new FetchSensors(registry);
    this.#consumed = new ConsumedRecords((topic, records, nowMs) => this.#topic(topic, nowMs).records.record(records, nowMs));
    this.#latencyMs = registry.sensor();
    this.#throttleMs = registry.sensor();
    this.#commitMs = registry.sensor();
    this.#polls.describe(registry.group("consumer-metrics"), (now) => this.#readAtMs(now));
    this.#describeFetches(registry.group("consumer-fetch-manager-metrics"));
    this.#describeCommits(registry.group("consumer-coordinator-metrics"));
    this.membership.describe(registry.group("consumer-coordinator-metrics"));
  }

  /** Undefined when nothing is measured: then nobody has anybody to tell. */
  static of(init: ConsumerMetricsInit): ConsumerMetrics | undefined {
    return init.registry.enabled ? new ConsumerMetrics(init) : undefined;
  }

  /** Somebody asks for records, and has to look for them. */
  polled(): void {
    this.#polls.polled(this.#clock.monotonic());
  }

  /** They are not there, or not ready. */
  waitBegan(): void {
    this.#polls.waitBegan(this.#clock.monotonic());
  }

  waitEnded(): void {
    this.#polls.waitEnded(this.#clock.monotonic());
  }

  /** A broker has answered a fetch, after so long; with records of these topics, each of them once. */
  fetchAnswered(
    { latencyMs, throttleMs }: { readonly latencyMs: number; readonly throttleMs: number },
    fetched: Iterable<FetchedBytes>,
  ): void {
    const nowMs = this.#clock.monotonic();
    this.#latencyMs.record(latencyMs, nowMs);
    this.#throttleMs.record(throttleMs, nowMs);
    let sum = 0;
    for (const { topic, bytes } of fetched) {
      this.#topic(topic, nowMs).answerBytes.record(bytes, nowMs);
      sum += bytes;
    }
    if (sum > 0) this.#all.answerBytes.record(sum, nowMs);
  }

  /** Records of it are about to be handed out. */
  batchOpened(batch: OpenBatch): void {
    this.#consumed.opened(batch, this.#clock.monotonic());
  }

  /** What one answer had of a partition is read. */
  partRead({ partition, sizeInBytes }: { readonly partition: AssignedPartition; readonly sizeInBytes: number }): void {
    const nowMs = this.#clock.monotonic();
    this.#consumed.closed(partition, nowMs);
    this.#topic(partition.topic, nowMs).readBytes.record(sizeInBytes, nowMs);
    this.#partitions.sample(partition, nowMs);
  }

  /** What was fetched of it is thrown away. */
  dropped(partition: AssignedPartition): void {
    this.#consumed.closed(partition, this.#clock.monotonic());
  }

  /** A coordinator has answered a commit, after so long, whatever it said. */
  commitAnswered(latencyMs: number): void {
    this.#commitMs.record(latencyMs, this.#clock.monotonic());
  }

  /** What is assigned is different. */
  assignmentChanged(): void {
    this.#partitions.follow(this.#gauges.partitions());
  }

  #topic(topic: string, nowMs: number): FetchSensors {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    this.#makeRoom(nowMs);
    const sensors = new FetchSensors(this.#registry, this.#all);
    this.#topics.set(topic, sensors);
    sensors.describe(this.#registry.group(topicGroup("consumer", topic)));
    return sensors;
  }

  #makeRoom(nowMs: number): void {
    // Whoever follows a pattern meets many at once.
    if (nowMs - this.#sweptMs >= SWEEP_MS) this.#sweep(nowMs);
    const [first] = this.#topics.keys();
    if (first !== undefined && this.#topics.size >= MOST_TOPICS) this.#forget(first);
  }

  #sweep(nowMs: number): void {
    this.#sweptMs = nowMs;
    for (const [topic, sensors] of this.#topics) if (sensors.isIdle(nowMs)) this.#forget(topic);
  }

  #forget(topic: string): void {
    this.#topics.delete(topic);
    this.#registry.removeGroup(topicGroup("consumer", topic));
  }

  /** When records were seen to be handed out, at the latest. */
  #readAtMs(nowMs: number): number | undefined {
    if (this.#consumed.settle(nowMs)) this.#lastReadMs = nowMs;
    return this.#lastReadMs;
  }

  #describeFetches(group: MetricsGroup): void {
    this.#all.describe(group);
    this.#partitions.describe(group, () => this.#gauges.partitions());
    group
      .add("fetch-latency-avg", (now) => this.#latencyMs.average(now))
      .add("fetch-latency-max", (now) => this.#latencyMs.maximum(now))
      .add("fetch-rate", (now) => this.#latencyMs.countRate(now))
      .add("fetch-total", () => this.#latencyMs.totalCount)
      .add("fetch-throttle-time-avg", (now) => this.#throttleMs.average(now))
      .add("fetch-throttle-time-max", (now) => this.#throttleMs.maximum(now))
      .add("buffered-bytes", () => this.#gauges.bufferedBytes)
      .add("fetches-in-flight", () => this.#gauges.fetchesInFlight)
      .add("stalled-partitions", () => this.#gauges.stalledPartitions);
  }

  #describeCommits(group: MetricsGroup): void {
    group
      .add("commit-latency-avg", (now) => this.#commitMs.average(now))
      .add("commit-latency-max", (now) => this.#commitMs.maximum(now))
      .add("commit-rate", (now) => this.#commitMs.countRate(now))
      .add("commit-total", () => this.#commitMs.totalCount)
      .add("assigned-partitions", () => this.#gauges.assignedPartitions);
  }
}
