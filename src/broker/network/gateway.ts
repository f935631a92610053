import { DEFAULT_MAX_FRAME_BYTES } from "../../protocol/index.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Faults } from "../faults/faults.ts";
import type { Journal } from "../journal/journal.ts";
import { Authentication } from "../security/authentication.ts";
import type { SaslOptions } from "../security/sasl-options.ts";
import type { BrokerSocket } from "./broker-socket.ts";
import { ClientConnection } from "./client-connection.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { Listener } from "./listener.ts";
import type { MemoryNetwork } from "./memory-transport.ts";
import { TcpListener, type TlsOptions } from "./tcp-transport.ts";

export interface GatewayInit {
  readonly cluster: Cluster;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly sasl: SaslOptions | undefined;
  readonly tls: TlsOptions | undefined;
  /** The first node's, or 0 for free ones. */
  readonly firstPort: number;
  /** Undefined where connections come over TCP. */
  readonly network: MemoryNetwork | undefined;
}

/** Where clients come in: makes the listeners of the nodes, and a connection of every socket. */
export class Gateway {
  readonly network: MemoryNetwork | undefined;
  readonly #init: GatewayInit;
  readonly #dispatcher: Dispatcher;
  #connections = 0;

  constructor(init: GatewayInit) {
    this.#init = init;
    this.network = init.network;
    this.#dispatcher = new Dispatcher(init);
  }

  get failures(): readonly Error[] {
    return this.#dispatcher.failures;
  }

  /** The listener of the node with this id, which is the `index`-th. */
  listener(host: string, nodeId: number, index: number): Listener {
    const { firstPort, tls } = this.#init;
    const port = firstPort === 0 ? 0 : firstPort + index;
    const accept = (socket: BrokerSocket): void => this.#accept(socket, nodeId);
    if (this.network !== undefined) return this.network.listener(host, port, accept);
    const onFailedHandshake = (error: Error): void => this.#handshakeFailed(nodeId, error);
    return new TcpListener({ host, port, accept, onFailedHandshake, ...(tls === undefined ? {} : { tls }) });
  }

  /** It never became a connection, and so has no number; still, whoever looks for it must find it. */
  #handshakeFailed(node: number, { message }: Error): void {
    const atMs = this.#init.cluster.clock.now();
    this.#init.journal.write({ kind: "disconnect", atMs, node, text: `the TLS handshake failed: ${message}`, sizeInBytes: 0 });
  }

  #accept(socket: BrokerSocket, nodeId: number): void {
    const { cluster, sasl } = this.#init;
    const node = cluster.node(nodeId);
    if (node === undefined || !node.isRunning) {
      socket.destroy({ reset: true });
      return;
    }
    const connection = new ClientConnection({
      id: ++this.#connections,
      node,
      socket,
      authentication: new Authentication({ cluster, sasl, peerName: socket.peerName }),
      maxFrameBytes: DEFAULT_MAX_FRAME_BYTES,
      serve: (one, frame) => this.#dispatcher.serve(one, frame),
      onClose: (one, reason) => this.#closed(one, reason),
    });
    node.connections.add(connection);
    const name = socket.peerName === undefined ? "" : ` as ${connection.principal}`;
    this.#note("connect", connection, `from ${connection.remote}${name}`);
  }

  #closed(connection: ClientConnection, reason: string): void {
    connection.node.connections.delete(connection);
    this.#note("disconnect", connection, reason);
  }

  #note(kind: "connect" | "disconnect", { id, node }: ClientConnection, text: string): void {
    const atMs = this.#init.cluster.clock.now();
    this.#init.journal.write({ kind, atMs, node: node.id, connection: id, text, sizeInBytes: 0 });
  }
}
