// A client of the embedded broker that does what a test says and nothing else: one connection, requests as they are written.

import type { BrokerSocket, EmbeddedBroker } from "../../src/broker/index.ts";
import {
  type ApiName,
  apis,
  type Draft,
  decodeResponse,
  encodeRequest,
  FrameSplitter,
  type RequestOf,
  type ResponseOf,
} from "../../src/protocol/index.ts";

type Named<Name extends ApiName> = (typeof apis)[Name];

interface Waiting {
  readonly api: ApiName;
  readonly version: number;
  readonly resolve: (body: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** How the connection ended. */
export class ConnectionEnded extends Error {}

export class BrokerClient {
  /** What came that was no answer to anything: garbage, frames with wrong ids. */
  readonly strays: Uint8Array[] = [];
  /** Every chunk as it came. */
  readonly chunks: Uint8Array[] = [];
  readonly #socket: BrokerSocket;
  readonly #splitter = new FrameSplitter();
  readonly #waiting = new Map<number, Waiting>();
  readonly #clientId: string;
  #correlationId = 0;
  #ended: ConnectionEnded | undefined;

  private constructor(socket: BrokerSocket, clientId: string) {
    this.#socket = socket;
    this.#clientId = clientId;
    socket.listen({
      onChunk: (chunk) => this.#take(chunk),
      onDrain: () => undefined,
      onEnd: () => this.#end(new ConnectionEnded("the broker ended the connection")),
      onClose: (error) => this.#end(new ConnectionEnded(error?.message ?? "closed")),
    });
  }

  /** Connects in memory to a node: the first, unless said otherwise. The broker must run with `transport: "memory"`. */
  static async connect(
    broker: EmbeddedBroker,
    { node = 1, clientId = "test" }: { readonly node?: number; readonly clientId?: string } = {},
  ): Promise<BrokerClient> {
    const { host, port } = broker.nodes.find(({ id }) => id === node)!;
    return new BrokerClient(await broker.network.connect({ host, port }), clientId);
  }

  get isEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** Sends a request of an API, at its newest version unless said otherwise, and resolves to the body of the answer. */
  ask<Name extends ApiName>(
    name: Name,
    body: Draft<RequestOf<Named<Name>>>,
    version: number = apis[name].clientVersions[1],
  ): Promise<ResponseOf<Named<Name>>> {
    const correlationId = ++this.#correlationId;
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(correlationId, { api: name, version, resolve, reject });
    });
    const head = { api: name as ApiName, version, correlationId, clientId: this.#clientId };
    this.#socket.write(encodeRequest(head, body as object));
    return answer as Promise<ResponseOf<Named<Name>>>;
  }

  /** Sends a request that gets no answer. */
  tell<Name extends ApiName>(
    name: Name,
    body: Draft<RequestOf<Named<Name>>>,
    version: number = apis[name].clientVersions[1],
  ): void {
    const head = { api: name as ApiName, version, correlationId: ++this.#correlationId, clientId: this.#clientId };
    this.#socket.write(encodeRequest(head, body as object));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.end();
  }

  #take(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    let frames: readonly Uint8Array[];
    try {
      frames = this.#splitter.push(chunk);
    } catch {
      this.strays.push(chunk);
      return;
    }
    for (const frame of frames) this.#answer(frame);
  }

  #answer(frame: Uint8Array): void {
    // A bare SASL token may be shorter than any answer.
    const correlationId = frame.length < 8 ? 0 : new DataView(frame.buffer, frame.byteOffset).getInt32(4);
    const waiting = this.#waiting.get(correlationId);
    if (waiting === undefined) {
      this.strays.push(frame);
      return;
    }
    this.#waiting.delete(correlationId);
    const { api, version, resolve, reject } = waiting;
    try {
      resolve(decodeResponse({ api, version }, frame).body);
    } catch (error) {
      reject(error as Error);
    }
  }

  #end(ended: ConnectionEnded): void {
    this.#ended ??= ended;
    for (const { reject } of this.#waiting.values()) reject(ended);
    this.#waiting.clear();
  }
}
