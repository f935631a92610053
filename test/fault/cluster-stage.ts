// A client's cluster on an embedded one, in memory and on a held clock: time passes only while somebody waits for something.

import { EmbeddedBroker, type EmbeddedBrokerOptions, HeldClock } from "../../src/broker/index.ts";
import type { Clock, Timer } from "../../src/client/async/clock.ts";
import { Deadline } from "../../src/client/async/deadline.ts";
import { Cluster } from "../../src/client/cluster/cluster.ts";
import type { ClusterSettings } from "../../src/client/cluster/cluster-settings.ts";
import { ConnectionPool } from "../../src/client/connection/connection-pool.ts";
import type { ConnectionSettings } from "../../src/client/connection/connection-settings.ts";
import { ClosedError } from "../../src/client/errors.ts";
import type { Runtime } from "../../src/client/runtime.ts";
import { silentTelemetry } from "../../src/client/telemetry/silent.ts";
import type { Telemetry } from "../../src/client/telemetry/telemetry.ts";
import { memoryRuntime } from "../support/client-runtime.ts";

export const connectionSettings: ConnectionSettings = {
  clientId: "stage",
  tls: undefined,
  apiVersion: "auto",
  requestTimeoutMs: 30_000,
  setupTimeoutMs: 10_000,
  setupTimeoutMaxMs: 30_000,
  reconnectBackoffMs: 50,
  reconnectBackoffMaxMs: 1_000,
  connectionsMaxIdleMs: 540_000,
  maxInFlightRequests: 5,
  maxResponseBytes: 100_000_000,
  clusterCheck: false,
};

export const clusterSettings: Omit<ClusterSettings, "bootstrapServers"> = {
  clientDnsLookup: "use_all_dns_ips",
  bootstrapTimeoutMs: 30_000,
  metadataMaxAgeMs: 300_000,
  retryBackoffMs: 100,
  retryBackoffMaxMs: 1_000,
  defaultApiTimeoutMs: 60_000,
  metadataRecoveryStrategy: "rebootstrap",
  rebootstrapTriggerMs: 300_000,
  allowAutoCreateTopics: false,
};

export interface StageOptions {
  readonly broker?: EmbeddedBrokerOptions;
  readonly cluster?: Partial<ClusterSettings>;
  readonly connection?: Partial<ConnectionSettings>;
  readonly runtime?: (runtime: Runtime) => Runtime;
  readonly telemetry?: Partial<Telemetry>;
}

export class ClusterStage {
  readonly clock: HeldClock;
  readonly broker: EmbeddedBroker;
  readonly pool: ConnectionPool;
  readonly cluster: Cluster;
  readonly #timers = new Set<Timer>();

  private constructor(clock: HeldClock, broker: EmbeddedBroker, options: StageOptions) {
    this.clock = clock;
    this.broker = broker;
    const memory = { ...memoryRuntime(broker, { clock, random: 7 }), clock: this.#countingClock() };
    const runtime = options.runtime?.(memory) ?? memory;
    const telemetry = { ...silentTelemetry, ...options.telemetry };
    this.pool = new ConnectionPool({ settings: { ...connectionSettings, ...options.connection }, runtime, telemetry });
    const bootstrapServers = broker.nodes.map(({ host, port }) => ({ host, port }));
    const settings = { ...clusterSettings, bootstrapServers, ...options.cluster };
    this.cluster = new Cluster({ settings, pool: this.pool, runtime, telemetry });
  }

  static async start(options: StageOptions = {}): Promise<ClusterStage> {
    const clock = new HeldClock();
    const broker = await EmbeddedBroker.start({
      nodes: 3,
      topics: { orders: 3 },
      autoCreateTopics: false,
      ...options.broker,
      transport: "memory",
      clock,
      seed: 11,
    });
    return new ClusterStage(clock, broker, options);
  }

  deadline(timeoutMs = 60_000, signal?: AbortSignal): Deadline {
    return new Deadline(this.clock, timeoutMs, signal);
  }

  /** Lets time pass until it is settled. */
  async settle<T>(promise: Promise<T>, limitMs = 600_000): Promise<PromiseSettledResult<T>> {
    let result: PromiseSettledResult<T> | undefined;
    promise.then(
      (value) => (result = { status: "fulfilled", value }),
      (reason: unknown) => (result = { status: "rejected", reason }),
    );
    await this.clock.runUntil(() => result !== undefined, limitMs);
    if (result === undefined) throw new Error(`nothing came of it within ${limitMs} ms`);
    return result;
  }

  async value<T>(promise: Promise<T>): Promise<T> {
    const result = await this.settle(promise);
    if (result.status === "rejected") throw result.reason;
    return result.value;
  }

  async failure(promise: Promise<unknown>): Promise<unknown> {
    const result = await this.settle(promise);
    if (result.status === "fulfilled") throw new Error("it did not fail");
    return result.reason;
  }

  /** How long it takes, by the clock that is held. */
  async took<T>(promise: Promise<T>): Promise<{ readonly result: PromiseSettledResult<T>; readonly ms: number }> {
    const before = this.clock.now();
    const result = await this.settle(promise);
    return { result, ms: this.clock.now() - before };
  }

  requests(api: string): number {
    return this.broker.journal.requests(api).length;
  }

  /** Closes the client. Timers that it leaves are returned. */
  async closeClient(): Promise<number> {
    const reason = new ClosedError("the client");
    this.cluster.close(reason);
    this.pool.close(reason);
    await this.clock.advance(0);
    return this.#timers.size;
  }

  /** The broker's timers are on the same clock, and none of the client's. */
  #countingClock(): Clock {
    const { clock } = this;
    const timers = this.#timers;
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      schedule(delayMs, run) {
        const timer: Timer = {
          cancel() {
            timers.delete(timer);
            inner.cancel();
          },
        };
        const inner = clock.schedule(delayMs, () => {
          timers.delete(timer);
          run();
        });
        timers.add(timer);
        return timer;
      },
    };
  }

  async close(): Promise<void> {
    await this.closeClient();
    await this.broker.close();
  }
}
