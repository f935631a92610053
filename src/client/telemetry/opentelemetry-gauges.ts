import { scopeOfGroup } from "./metrics/metric-groups.ts";
import { metricMeanings } from "./metrics/metric-meanings.ts";
import type { MetricsSnapshot } from "./metrics/metrics-registry.ts";
import type { OpenTelemetryMeter, OpenTelemetryObservable, OpenTelemetryObservableResult } from "./opentelemetry-api.ts";

/** Whoever has metrics: Admin, Producer, Consumer. */
export interface MeteredClient {
  metrics(): MetricsSnapshot;
  readonly clientId?: string;
}

interface Instrument {
  readonly observable: OpenTelemetryObservable;
  readonly callback: (result: OpenTelemetryObservableResult) => void;
}

/**
 * The metrics of clients as observable instruments, `kafkawire.admin.request_rate`: one for each name, with the node or the topic as an
 * attribute. Names may come later (a client connects to its first broker): they are looked for whenever the others are observed.
 */
export class SnapshotGauges {
  readonly #meter: OpenTelemetryMeter;
  readonly #clients: readonly MeteredClient[];
  readonly #instruments = new Map<string, Instrument>();
  /** One reading is many callbacks, within one turn of the event loop; all of them look at the same snapshots. */
  #reading: readonly MetricsSnapshot[] | undefined;
  #isClosed = false;

  constructor(meter: OpenTelemetryMeter, clients: readonly MeteredClient[]) {
    this.#meter = meter;
    this.#clients = clients;
    this.#addMissing();
  }

  close(): void {
    this.#isClosed = true;
    for (const { observable, callback } of this.#instruments.values()) observable.removeCallback(callback);
    this.#instruments.clear();
  }

  #snapshots(): readonly MetricsSnapshot[] {
    if (this.#reading === undefined) {
      this.#reading = this.#clients.map((client) => client.metrics());
      queueMicrotask(() => {
        this.#reading = undefined;
        if (!this.#isClosed) this.#addMissing();
      });
    }
    return this.#reading;
  }

  #addMissing(): void {
    for (const snapshot of this.#clients.map((client) => client.metrics())) {
      for (const [group, values] of Object.entries(snapshot)) {
        const { base } = scopeOfGroup(group);
        for (const metric of Object.keys(values)) if (!this.#instruments.has(nameOf(base, metric))) this.#add(base, metric);
      }
    }
  }

  #add(base: string, metric: string): void {
    const name = nameOf(base, metric);
    const description = metricMeanings.get(metric) ?? `Kafka's metric ${metric}.`;
    const observable = metric.endsWith("-total")
      ? this.#meter.createObservableCounter(name, { description })
      : this.#meter.createObservableGauge(name, { description });
    const callback = (result: OpenTelemetryObservableResult): void => this.#observe(base, metric, result);
    observable.addCallback(callback);
    this.#instruments.set(name, { observable, callback });
  }

  #observe(base: string, metric: string, result: OpenTelemetryObservableResult): void {
    this.#snapshots().forEach((snapshot, index) => {
      const clientId = this.#clients[index]?.clientId;
      const client = clientId === undefined ? {} : { "messaging.client.id": clientId };
      for (const [group, values] of Object.entries(snapshot)) {
        const scope = scopeOfGroup(group);
        const value = values[metric];
        if (scope.base === base && value !== undefined) result.observe(value, { ...client, ...scope.labels });
      }
    });
  }
}

function nameOf(base: string, metric: string): string {
  return `kafkawire.${base.replace(/-metrics$/, "")}.${metric}`.replaceAll("-", "_");
}
