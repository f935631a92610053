// Starts the processes of a cluster, all of them or none.

import { TcpFaultProxy } from "../tcp-fault-proxy.ts";
import { brokerRuntime } from "./broker-runtime.ts";
import { ProcessNode } from "./cluster-node.ts";
import { type ClusterAddress, type ClusterTimeouts, clusterProperties } from "./cluster-properties.ts";
import { KafkaNode } from "./kafka-node.ts";
import { type ReservedPort, reservePort } from "./ports.ts";

const HOST = "127.0.0.1";

export interface ClusterProcessesOptions {
  readonly nodes: number;
  readonly version: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly proxied: boolean;
  readonly timeouts: ClusterTimeouts;
}

/** What a cluster has, and gives back when it is closed or could not be started. */
export class ClusterProcesses {
  readonly #options: ClusterProcessesOptions;
  readonly #nodes: KafkaNode[] = [];
  readonly #proxies = new Map<number, TcpFaultProxy>();
  readonly #ports: ReservedPort[] = [];

  private constructor(options: ClusterProcessesOptions) {
    this.#options = options;
  }

  /** Resolves when each node answers; it may still not know of all others. */
  static async start(options: ClusterProcessesOptions): Promise<ClusterProcesses> {
    const processes = new ClusterProcesses(options);
    try {
      await processes.#prepare();
      const starts = await Promise.allSettled(processes.#nodes.map((node) => node.start()));
      for (const start of starts) if (start.status === "rejected") throw start.reason;
      return processes;
    } catch (error) {
      await processes.close();
      throw error;
    }
  }

  nodes(): readonly ProcessNode[] {
    return this.#nodes.map((node) => new ProcessNode(node, this.#proxies.get(node.id)));
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.stop()));
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.close()));
    for (const { release } of this.#ports) release();
  }

  async #prepare(): Promise<void> {
    const { nodes, version, properties, timeouts } = this.#options;
    const runtime = await brokerRuntime(version);
    const addresses = new Map<number, ClusterAddress>();
    for (let id = 1; id <= nodes; id += 1) addresses.set(id, await this.#address(id));
    for (const [id, { port: brokerPort, proxied }] of addresses) {
      const node = await KafkaNode.prepare({
        id,
        runtime,
        brokerPort,
        port: proxied?.port ?? brokerPort,
        // All ports are given back together.
        reserved: [],
        properties: (dataFolder) => ({ ...clusterProperties(id, addresses, dataFolder, timeouts), ...properties }),
      });
      this.#nodes.push(node);
    }
  }

  async #address(id: number): Promise<ClusterAddress> {
    const address = { host: HOST, port: await this.#port(), controllerPort: await this.#port() };
    if (!this.#options.proxied) return address;
    const proxy = await TcpFaultProxy.start({ host: HOST, port: address.port });
    this.#proxies.set(id, proxy);
    return { ...address, proxied: { port: proxy.port, brokersPort: await this.#port() } };
  }

  async #port(): Promise<number> {
    const reserved = await reservePort();
    this.#ports.push(reserved);
    return reserved.port;
  }
}
