// A cluster of real Apache Kafka brokers for tests, whose nodes can be killed, frozen, restarted, and cut off by proxies.

import { setTimeout as pause } from "node:timers/promises";
import type { ApiName, apis, Draft, RequestOf, ResponseOf } from "../../../src/protocol/index.ts";
import { askAt } from "./ask-at.ts";
import { type ClusterNode, FixedNode } from "./cluster-node.ts";
import { ClusterProcesses } from "./cluster-processes.ts";
import type { ClusterTimeouts } from "./cluster-properties.ts";
import { bootstrapAddresses, type KafkaProvider, NotOfferedError, requiredProvider, runningBootstrap } from "./kafka-provider.ts";
import { KAFKA_VERSION } from "./kafka-version.ts";

const READY_MS = 60_000;
const RETRY_MS = 20;
/** The oldest with which no topics can be asked for: old releases have it too. */
const METADATA_VERSION = 1;
const METADATA_LOG = "__cluster_metadata";

type Named<Name extends ApiName> = (typeof apis)[Name];

export interface KafkaClusterOptions {
  /** 1 unless said otherwise. */
  readonly nodes?: 1 | 2 | 3;
  readonly version?: string;
  /** Broker properties of every node, over ours. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Clients reach each node through a fault proxy; brokers reach each other directly. */
  readonly proxied?: boolean;
  readonly timeouts?: ClusterTimeouts;
  /** A cluster that nobody else uses. Any of `version`, `properties`, `proxied`, `timeouts` asks for that as well. */
  readonly own?: boolean;
}

export class KafkaCluster {
  readonly provider: KafkaProvider;
  /** In the order of their ids, which begin with 1 where the cluster is our own. */
  readonly nodes: readonly ClusterNode[];
  readonly #release: () => Promise<void>;
  #closing: Promise<void> | undefined;

  private constructor(provider: KafkaProvider, { nodes, release }: ClusterParts) {
    this.provider = provider;
    this.nodes = nodes;
    this.#release = release;
  }

  /**
   * Resolves when every node answers and knows of all others. Where the cluster cannot be had as it is wanted, it rejects with a
   * NotOfferedError; nothing is left running then, nor after any other failure.
   */
  static async start(options: KafkaClusterOptions = {}): Promise<KafkaCluster> {
    const { version, properties, proxied, timeouts, nodes = 1 } = options;
    const own = options.own === true || [version, properties, proxied, timeouts].some((wish) => wish !== undefined);
    const provider = requiredProvider({ ...(version === undefined ? {} : { version }), own });
    const cluster = new KafkaCluster(provider, await START[provider](options));
    try {
      if (cluster.nodes.length < nodes) throw new NotOfferedError(provider, `a cluster of ${nodes} nodes`);
      await cluster.awaitReady();
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** For clients: `host:port,…`. */
  get bootstrapServers(): string {
    return this.nodes.map(({ host, port }) => `${host}:${port}`).join(",");
  }

  node(id: number): ClusterNode {
    const found = this.nodes.find((node) => node.id === id);
    if (found === undefined) throw new Error(`no node ${id} among ${this.nodes.map((node) => node.id).join(", ")}`);
    return found;
  }

  /** Resolves when every running node lists exactly so many brokers: all of them unless said otherwise. */
  async awaitReady(brokers: number = this.nodes.length, timeoutMs: number = READY_MS): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const running = this.nodes.filter(({ state }) => state === "running");
      const seen = await Promise.all(running.map((node) => brokersKnownTo(node)));
      if (running.length > 0 && seen.every((known) => known === brokers)) return;
      if (Date.now() > deadline) {
        const views = running.map(({ id }, index) => `node ${id}: ${seen[index]}`).join(", ");
        throw new Error(`expected ${brokers} brokers in ${timeoutMs} ms, the running nodes list: ${views || "none runs"}`);
      }
      await pause(RETRY_MS);
    }
  }

  /** One request on a connection of its own, past the proxies, to the first node that runs. */
  ask<Name extends ApiName>(api: Name, version: number, body: Draft<RequestOf<Named<Name>>>): Promise<ResponseOf<Named<Name>>> {
    const node = this.nodes.find(({ state }) => state === "running");
    if (node === undefined) return Promise.reject(new Error(`no node runs that could be asked for ${api}`));
    return askAt(node.direct, api, version, body);
  }

  /** The active controller. Resolves when there is one among the running nodes. */
  async controller(timeoutMs: number = READY_MS): Promise<ClusterNode> {
    const asked = { topics: [{ topicName: METADATA_LOG, partitions: [{ partitionIndex: 0 }] }] };
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const { topics } = await this.ask("DescribeQuorum", 0, asked);
      const leaderId = topics[0]?.partitions[0]?.leaderId;
      const leader = this.nodes.find(({ id, state }) => id === leaderId && state === "running");
      if (leader !== undefined) return leader;
      if (Date.now() > deadline) throw new Error(`no controller in ${timeoutMs} ms; the last answer named node ${leaderId}`);
      await pause(RETRY_MS);
    }
  }

  /** Ends every process of ours by its id, and removes its files. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

interface ClusterParts {
  readonly nodes: readonly ClusterNode[];
  readonly release: () => Promise<void>;
}

const START: Readonly<Record<KafkaProvider, (options: KafkaClusterOptions) => Promise<ClusterParts>>> = {
  jars: processesOf,
  running: runningNodes,
  container: containerOf,
};

async function processesOf(options: KafkaClusterOptions): Promise<ClusterParts> {
  const { nodes = 1, version = KAFKA_VERSION, properties = {}, proxied = false, timeouts = "tuned" } = options;
  const processes = await ClusterProcesses.start({ nodes, version, properties, proxied, timeouts });
  return { nodes: processes.nodes(), release: () => processes.close() };
}

async function runningNodes(): Promise<ClusterParts> {
  const addresses = bootstrapAddresses(runningBootstrap() ?? "");
  // As clients do: whichever answers first.
  const answers = addresses.map((address) => askAt(address, "Metadata", METADATA_VERSION, { topics: [] }));
  const { brokers } = await Promise.any(answers);
  const nodes = brokers.map(({ nodeId, host, port }) => new FixedNode("running", { id: nodeId, host, port }));
  return { nodes: nodes.sort((one, other) => one.id - other.id), release: async () => {} };
}

async function containerOf(options: KafkaClusterOptions): Promise<ClusterParts> {
  const { nodes = 1, proxied = false, timeouts } = options;
  if (nodes > 1) throw new NotOfferedError("container", `a cluster of ${nodes} nodes`);
  if (proxied) throw new NotOfferedError("container", "a proxy before each node");
  if (timeouts !== undefined) throw new NotOfferedError("container", "a choice of timeouts");
  // Loaded only here: it brings many packages with it.
  const { startKafkaContainer } = await import("./kafka-container.ts");
  const kafka = await startKafkaContainer(options);
  const node = new FixedNode("container", { id: 1, host: kafka.host, port: kafka.port });
  return { nodes: [node], release: () => kafka.stop() };
}

/** How many brokers a node lists; undefined if it does not answer. */
async function brokersKnownTo(node: ClusterNode): Promise<number | undefined> {
  try {
    return (await askAt(node.direct, "Metadata", METADATA_VERSION, { topics: [] })).brokers.length;
  } catch {
    // It may be starting, or be gone by now: whoever waits asks again until his deadline.
    return undefined;
  }
}
