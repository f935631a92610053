import type { BrokerSocket, EmbeddedBroker } from "../broker/index.ts";
import {
  type ApiName,
  type apis,
  type Draft,
  decodeResponse,
  encodeRequest,
  FrameSplitter,
  type RequestOf,
  type ResponseOf,
} from "../protocol/index.ts";

type Named<Name extends ApiName> = (typeof apis)[Name];

/** A connection to one node of an embedded broker that runs in memory: one request, one answer. */
export class DemoConnection {
  readonly #socket: BrokerSocket;
  readonly #splitter = new FrameSplitter();
  #correlationId = 0;
  #waiting: { readonly resolve: (frame: Uint8Array) => void; readonly reject: (error: Error) => void } | undefined;

  private constructor(socket: BrokerSocket) {
    this.#socket = socket;
    socket.listen({
      onChunk: (chunk) => {
        for (const frame of this.#splitter.push(chunk)) this.#waiting?.resolve(frame);
      },
      onDrain: () => undefined,
      onEnd: () => this.#socket.end(),
      onClose: (error) => this.#waiting?.reject(error ?? new Error("the connection was closed")),
    });
  }

  static async to(broker: EmbeddedBroker, nodeId: number): Promise<DemoConnection> {
    const node = broker.nodes.find(({ id }) => id === nodeId);
    if (node === undefined) throw new Error(`there is no node ${nodeId}`);
    return new DemoConnection(await broker.network.connect(node));
  }

  async ask<Name extends ApiName>(
    api: Name,
    version: number,
    body: Draft<RequestOf<Named<Name>>>,
  ): Promise<ResponseOf<Named<Name>>> {
    const head = { api: api as ApiName, version, correlationId: ++this.#correlationId, clientId: "demo" };
    const answer = new Promise<Uint8Array>((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    this.#socket.write(encodeRequest(head, body as object));
    return decodeResponse({ api: api as ApiName, version }, await answer).body as ResponseOf<Named<Name>>;
  }

  close(): void {
    this.#socket.end();
  }
}
