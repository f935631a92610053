import type { DecodedRequest } from "../../protocol/index.ts";
import type { Handler } from "../api-handler.ts";
import type { BrokerNode } from "../cluster/broker-node.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { FaultSubject } from "../faults/fault-target.ts";
import type { Faults } from "../faults/faults.ts";
import type { InjectedFault, RequestContext } from "../request-context.ts";
import type { ClientConnection } from "./client-connection.ts";

export interface ServedRequestInit {
  readonly cluster: Cluster;
  readonly faults: Faults;
  readonly connection: ClientConnection;
  readonly handler: Handler;
  readonly request: DecodedRequest;
  /** Tells the journal of a fault that struck a part of the request. */
  readonly note: (request: ServedRequest, text: string) => void;
}

/** A request on its way through the broker: what its handler sees of it, and what faults go by. */
export class ServedRequest implements RequestContext {
  readonly cluster: Cluster;
  readonly connection: ClientConnection;
  readonly handler: Handler;
  readonly version: number;
  readonly correlationId: number;
  readonly clientId: string;
  readonly body: unknown;
  readonly #faults: Faults;
  readonly #note: ServedRequestInit["note"];
  #subject: FaultSubject | undefined;
  #remark: string | undefined;

  constructor({ cluster, faults, connection, handler, request, note }: ServedRequestInit) {
    this.cluster = cluster;
    this.connection = connection;
    this.handler = handler;
    this.version = request.version;
    this.correlationId = request.correlationId;
    this.clientId = request.clientId ?? "";
    this.body = request.body;
    this.#faults = faults;
    this.#note = note;
  }

  get node(): BrokerNode {
    return this.connection.node;
  }

  get faultSubject(): FaultSubject {
    this.#subject ??= {
      api: this.handler.api.name,
      node: this.node.id,
      clientId: this.clientId,
      connection: this.connection.id,
      body: this.body,
      topicName: (topicId) => this.cluster.topics.byId(topicId)?.name,
      unnamed: () => this.handler.unnamedPlaces(this.body, this),
    };
    return this.#subject;
  }

  /** What the handler remarked. */
  get text(): string | undefined {
    return this.#remark;
  }

  remark(text: string): void {
    this.#remark = text;
  }

  faultAt(topic: string, partition?: number): InjectedFault | undefined {
    if (this.#faults.pending === 0) return undefined;
    const action = this.#faults.strikeAt(this.faultSubject, topic, partition)?.action;
    if (action?.kind !== "error") return undefined;
    this.#note(this, `${action.error} for ${topic}${partition === undefined ? "" : `-${partition}`}`);
    return action;
  }
}
