import type { Clock } from "../../async/clock.ts";
import { type SampleSettings, Sensor } from "./sensor.ts";

/** By group, then by name. A plain object of finite numbers: it can be printed, sent and stored as JSON. */
export type MetricsSnapshot = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface MetricsSettings extends SampleSettings {
  /** False: nothing is measured, and snapshots are empty. */
  readonly enabled: boolean;
}

/** Kafka's defaults. */
export const defaultMetricsSettings: MetricsSettings = Object.freeze({ enabled: true, numSamples: 2, sampleWindowMs: 30_000 });

/** The value at a moment of monotonic time; NaN while there is none: then the name is left out. */
export type Measure = (nowMs: number) => number;

/** All metrics of a client, in groups. The parts of a client add theirs, and take them away when what they measure is gone. */
export class MetricsRegistry {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #settings: MetricsSettings;
  readonly #groups = new Map<string, MetricsGroup>();

  constructor(clock: Pick<Clock, "monotonic">, settings: MetricsSettings = defaultMetricsSettings) {
    this.#clock = clock;
    this.#settings = settings;
    this.group("kafka-metrics-count").add("count", () => this.#count());
  }

  /** False: whoever measures may leave it. */
  get enabled(): boolean {
    return this.#settings.enabled;
  }

  sensor(parent?: Sensor): Sensor {
    return new Sensor(this.#settings, parent);
  }

  /** The group of that name; a new one if there is none. What belongs to a node or a topic says so in its name: see `metric-groups.ts`. */
  group(name: string): MetricsGroup {
    const existing = this.#groups.get(name);
    if (existing !== undefined) return existing;
    const group = new MetricsGroup();
    this.#groups.set(name, group);
    return group;
  }

  removeGroup(name: string): void {
    this.#groups.delete(name);
  }

  snapshot(): MetricsSnapshot {
    if (!this.enabled) return {};
    const nowMs = this.#clock.monotonic();
    return Object.fromEntries([...this.#groups].map(([name, group]) => [name, group.snapshot(nowMs)]));
  }

  #count(): number {
    let count = 0;
    for (const group of this.#groups.values()) count += group.size;
    return count;
  }
}

export class MetricsGroup {
  readonly #measures = new Map<string, Measure>();

  get size(): number {
    return this.#measures.size;
  }

  /** A name that is there already is measured anew. */
  add(name: string, measure: Measure): this {
    this.#measures.set(name, measure);
    return this;
  }

  remove(name: string): void {
    this.#measures.delete(name);
  }

  snapshot(nowMs: number): Readonly<Record<string, number>> {
    const values = [...this.#measures].map(([name, measure]): [string, number] => [name, measure(nowMs)]);
    return Object.fromEntries(values.filter(([, value]) => !Number.isNaN(value)));
  }
}
