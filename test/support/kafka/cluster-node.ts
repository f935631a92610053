// One node of a cluster, as far as its provider lets tests have their way with it.

import type { TcpFaultProxy } from "../tcp-fault-proxy.ts";
import type { KafkaNode } from "./kafka-node.ts";
import { type KafkaProvider, NotOfferedError } from "./kafka-provider.ts";

export interface NodeLocation {
  readonly host: string;
  readonly port: number;
}

export interface ClusterNode {
  readonly id: number;
  /** For clients: where the proxy listens, if there is one. */
  readonly host: string;
  readonly port: number;
  /** Where the broker itself listens. */
  readonly direct: NodeLocation;
  /** Of the process that runs, or ran last; undefined if it is none of ours. */
  readonly pid: number | undefined;
  readonly state: "stopped" | "running" | "frozen";
  /** Throws unless the cluster was started with `proxied`. */
  readonly proxy: TcpFaultProxy;
  /** SIGKILL. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM, a controlled shutdown. Rejects, and kills, if it takes half a minute: a majority of controllers must be left for it. */
  terminate(): Promise<void>;
  /** SIGSTOP: connections stay open, new ones are even accepted, and nothing answers. */
  freeze(): void;
  /** SIGCONT. */
  continue(): void;
  /** Resolves when it answers again, at its ports and with its data. Terminates it first if it runs, kills it if it is frozen. */
  restart(): Promise<void>;
  /** The end of what it has written. */
  output(): string;
}

/** A process of our own. */
export class ProcessNode implements ClusterNode {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly direct: NodeLocation;
  readonly #node: KafkaNode;
  readonly #proxy: TcpFaultProxy | undefined;

  constructor(node: KafkaNode, proxy: TcpFaultProxy | undefined) {
    this.#node = node;
    this.#proxy = proxy;
    this.id = node.id;
    this.host = node.host;
    this.port = node.port;
    this.direct = { host: node.host, port: node.brokerPort };
  }

  get pid(): number | undefined {
    return this.#node.pid;
  }

  get state(): "stopped" | "running" | "frozen" {
    return this.#node.state;
  }

  get proxy(): TcpFaultProxy {
    if (this.#proxy === undefined) throw new Error(`node ${this.id} has no proxy: start the cluster with "proxied: true"`);
    return this.#proxy;
  }

  kill(): Promise<void> {
    return this.#node.kill();
  }

  terminate(): Promise<void> {
    return this.#node.terminate();
  }

  freeze(): void {
    this.#node.freeze();
  }

  continue(): void {
    this.#node.continue();
  }

  restart(): Promise<void> {
    return this.#node.restart();
  }

  output(): string {
    return this.#node.output();
  }
}

/** A node that others have started: it can be talked to, and nothing else. */
export class FixedNode implements ClusterNode {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly direct: NodeLocation;
  readonly pid: undefined = undefined;
  readonly state = "running" as const;
  readonly #provider: KafkaProvider;

  constructor(provider: KafkaProvider, { id, host, port }: NodeLocation & { readonly id: number }) {
    this.#provider = provider;
    this.id = id;
    this.host = host;
    this.port = port;
    this.direct = { host, port };
  }

  get proxy(): TcpFaultProxy {
    throw this.#notOffered("a proxy before a node");
  }

  kill(): Promise<void> {
    return Promise.reject(this.#notOffered("killing a node"));
  }

  terminate(): Promise<void> {
    return Promise.reject(this.#notOffered("terminating a node"));
  }

  freeze(): void {
    throw this.#notOffered("freezing a node");
  }

  continue(): void {
    throw this.#notOffered("continuing a frozen node");
  }

  restart(): Promise<void> {
    return Promise.reject(this.#notOffered("restarting a node"));
  }

  output(): string {
    return "";
  }

  #notOffered(what: string): NotOfferedError {
    return new NotOfferedError(this.#provider, what);
  }
}
