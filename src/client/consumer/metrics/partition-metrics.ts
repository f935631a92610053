import type { ResolvedConsumerConfig } from "../../config/consumer-options.ts";
import { partitionGroup } from "../../telemetry/metrics/metric-groups.ts";
import type { MetricsGroup, MetricsRegistry } from "../../telemetry/metrics/metrics-registry.ts";
import type { Sensor } from "../../telemetry/metrics/sensor.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import { lagOf, leadOf } from "../lag.ts";

interface Measured {
  readonly group: string;
  readonly lag: Sensor;
  readonly lead: Sensor;
}

/** Each has a group of metrics: a snapshot must stay something that can be looked at. */
const MOST_PARTITIONS = 5000;
const NO_REPLICA = -1;

/** Of each partition that is assigned: how far it is behind the end of its log, and ahead of what the log forgets next. */
export class PartitionMetrics {
  readonly #registry: MetricsRegistry;
  readonly #isolationLevel: ResolvedConsumerConfig["isolationLevel"];
  readonly #lag: Sensor;
  readonly #lead: Sensor;
  readonly #measured = new Map<AssignedPartition, Measured>();

  constructor(registry: MetricsRegistry, isolationLevel: ResolvedConsumerConfig["isolationLevel"]) {
    this.#registry = registry;
    this.#isolationLevel = isolationLevel;
    this.#lag = registry.sensor();
    this.#lead = registry.sensor();
  }

  /** These are assigned now. */
  follow(partitions: Iterable<AssignedPartition>): void {
    for (const [partition, { group }] of this.#measured) {
      if (partition.isAssigned) continue;
      this.#measured.delete(partition);
      this.#registry.removeGroup(group);
    }
    for (const partition of partitions) {
      if (this.#measured.size >= MOST_PARTITIONS) return;
      if (!this.#measured.has(partition)) this.#add(partition);
    }
  }

  /** Some of it was read: a moment to look how far it is. */
  sample(partition: AssignedPartition, nowMs: number): void {
    const measured = this.#measured.get(partition);
    const lag = this.#lagOf(partition);
    const lead = leadOf(partition);
    if (lag !== undefined) (measured?.lag ?? this.#lag).record(lag, nowMs);
    if (lead !== undefined) (measured?.lead ?? this.#lead).record(lead, nowMs);
  }

  /** Of all together; `partitions` are those that are assigned. */
  describe(group: MetricsGroup, partitions: () => Iterable<AssignedPartition>): void {
    group
      .add("records-lag-max", (now) => this.#mostLag(partitions(), this.#lag.maximum(now)))
      .add("records-lead-min", (now) =>
        this.#leastLead(partitions(), this.#lead.isIdle(now) ? Number.NaN : this.#lead.minimum(now)),
      );
  }

  #lagOf(partition: AssignedPartition): number | undefined {
    return lagOf(partition, this.#isolationLevel);
  }

  /** Also of those of which nothing is read: theirs is the lag that somebody should know of. */
  #mostLag(partitions: Iterable<AssignedPartition>, sampled: number): number {
    let most = sampled;
    for (const partition of partitions) most = Math.max(most, this.#lagOf(partition) ?? 0);
    return most;
  }

  #leastLead(partitions: Iterable<AssignedPartition>, sampled: number): number {
    let least = sampled;
    for (const partition of partitions) {
      const lead = leadOf(partition);
      if (lead !== undefined && !(lead >= least)) least = lead;
    }
    return least;
  }

  #add(partition: AssignedPartition): void {
    const name = partitionGroup("consumer", partition.topic, partition.partition);
    const measured = { group: name, lag: this.#registry.sensor(this.#lag), lead: this.#registry.sensor(this.#lead) };
    this.#measured.set(partition, measured);
    const { lag, lead } = measured;
    const one = (): readonly AssignedPartition[] => [partition];
    const lagNow = (): number => this.#lagOf(partition) ?? Number.NaN;
    const leadNow = (): number => leadOf(partition) ?? Number.NaN;
    this.#registry
      .group(name)
      .add("records-lag", lagNow)
      .add("records-lag-avg", (now) => (lag.isIdle(now) ? lagNow() : lag.average(now)))
      .add("records-lag-max", (now) => (lag.isIdle(now) ? lagNow() : this.#mostLag(one(), lag.maximum(now))))
      .add("records-lead", leadNow)
      .add("records-lead-avg", (now) => (lead.isIdle(now) ? leadNow() : lead.average(now)))
      .add("records-lead-min", (now) => (lead.isIdle(now) ? leadNow() : this.#leastLead(one(), lead.minimum(now))))
      .add("preferred-read-replica", () => partition.preferredReplica?.nodeId ?? NO_REPLICA);
  }
}
