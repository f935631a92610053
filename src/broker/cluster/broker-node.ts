import type { Clock } from "../clock.ts";
import { NodeConfigs } from "../configs/broker-configs.ts";
import type { ClientConnection } from "../network/client-connection.ts";
import type { Listener } from "../network/listener.ts";
import type { Cluster } from "./cluster.ts";

/** One broker of the cluster: an address, and the connections that came to it. */
export class BrokerNode {
  readonly id: number;
  readonly rack: string | null;
  /** Configuration of this node alone, on top of the cluster's. */
  readonly configs: NodeConfigs;
  /** Counts the starts, as the controller does when a broker registers. */
  epoch = 0;
  readonly connections: Set<ClientConnection> = new Set();
  /** What this node tells clients of the cluster instead of the truth: a test's stale view. */
  staleView: MetadataView | undefined;
  readonly #listener: Listener;
  #isRunning = false;

  constructor(cluster: Cluster, init: { readonly id: number; readonly rack: string | null; readonly listener: Listener }) {
    this.id = init.id;
    this.rack = init.rack;
    this.configs = new NodeConfigs(cluster.configs);
    this.#listener = init.listener;
  }

  get host(): string {
    return this.#listener.host;
  }

  /** Fixed from the first start on, so that a node comes back where it was. */
  get port(): number {
    return this.#listener.port;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  async start(): Promise<void> {
    if (this.#isRunning) return;
    await this.#listener.open();
    this.#isRunning = true;
    this.epoch++;
  }

  /** Refuses new connections and cuts those that are open. */
  async stop(): Promise<void> {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    for (const connection of this.connections) connection.destroy("the node stops");
    await this.#listener.close();
  }

  /** Cuts the connections that are open; others may come. */
  disconnectAll(): void {
    for (const connection of this.connections) connection.destroy("the node disconnects everybody");
  }
}

/** Leaders as they were at some moment, by topic id and partition. */
export interface MetadataView {
  readonly takenAtMs: ReturnType<Clock["now"]>;
  readonly leaders: ReadonlyMap<string, readonly { readonly leaderId: number; readonly leaderEpoch: number }[]>;
}
