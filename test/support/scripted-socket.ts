// A socket of a client's connection whose other end is the test itself.

import type { ConnectionSettings } from "../../src/client/connection/connection-settings.ts";
import type { SocketReader, Transport, TransportSocket, TransportTarget } from "../../src/client/connection/transport.ts";
import { type AnyApi, type DecodedRequest, decodeRequest, encodeResponse } from "../../src/protocol/index.ts";

export class ScriptedSocket implements TransportSocket {
  readonly remote = "192.0.2.1:9092";
  readonly local = "192.0.2.2:50000";
  readonly reader: SocketReader;
  /** Whole frames, each as it was written. */
  readonly frames: Uint8Array[] = [];
  /** What `write` returns. */
  isFree = true;
  /** False: the kernel takes nothing until `takeAll`. */
  takesAtOnce = true;
  isDestroyed = false;
  readonly #untaken: ((error?: Error) => void)[] = [];

  constructor(reader: SocketReader) {
    this.reader = reader;
  }

  get requests(): readonly DecodedRequest[] {
    return this.frames.map((frame) => decodeRequest(frame));
  }

  write(pieces: readonly Uint8Array[], onSent?: (error?: Error) => void): boolean {
    this.frames.push(new Uint8Array(Buffer.concat(pieces)));
    if (onSent !== undefined) this.#untaken.push(onSent);
    if (this.takesAtOnce) queueMicrotask(() => this.takeAll());
    return this.isFree;
  }

  /** The kernel has everything now. */
  takeAll(error?: Error): void {
    for (const onSent of this.#untaken.splice(0)) onSent(error);
  }

  drain(): void {
    this.isFree = true;
    this.reader.onDrain();
  }

  pause(): void {}

  resume(): void {}

  /** As a real one, it is gone a little later, and only then lets go of memory. */
  destroy(): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    setImmediate(() => this.#close());
  }

  /** The other end sends bytes, which arrive in chunks of this size. */
  give(bytes: Uint8Array, chunk: number = bytes.length): void {
    for (let start = 0; start < bytes.length; ) {
      if (this.isDestroyed) return;
      const buffer = this.reader.buffer();
      const part = bytes.subarray(start, start + Math.min(chunk, buffer.length));
      buffer.set(part);
      start += part.length;
      this.reader.onBytes(part.length);
    }
  }

  /** The other end is gone. */
  hangUp(error?: Error): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    this.#close(error);
  }

  #close(error?: Error): void {
    this.takeAll(error ?? new Error("the socket is closed"));
    this.reader.onClose(error);
  }
}

/** An answer as a broker sends it. */
export function answerFrame(api: AnyApi, version: number, correlationId: number, body: object = {}): Uint8Array {
  return encodeResponse({ api, version, correlationId }, body);
}

/** What becomes of the next attempt to connect. */
type Reception = (target: TransportTarget, socket: ScriptedSocket) => Promise<TransportSocket>;

export class ScriptedTransport implements Transport {
  readonly targets: TransportTarget[] = [];
  readonly sockets: ScriptedSocket[] = [];
  /** For the next attempts, in their order; later ones are accepted. */
  readonly script: Reception[] = [];
  /** Sees every socket before it is used. */
  onSocket: (socket: ScriptedSocket) => void = () => undefined;

  connect(target: TransportTarget, reader: SocketReader): Promise<TransportSocket> {
    this.targets.push(target);
    const socket = new ScriptedSocket(reader);
    const reception = this.script.shift();
    if (reception !== undefined) return reception(target, socket);
    this.sockets.push(socket);
    this.onSocket(socket);
    return Promise.resolve(socket);
  }
}

export const connectionSettings: ConnectionSettings = Object.freeze({
  clientId: "test",
  tls: undefined,
  apiVersion: "auto",
  requestTimeoutMs: 30_000,
  setupTimeoutMs: 10_000,
  setupTimeoutMaxMs: 30_000,
  reconnectBackoffMs: 50,
  reconnectBackoffMaxMs: 1000,
  connectionsMaxIdleMs: 540_000,
  maxInFlightRequests: 5,
  maxResponseBytes: 100_000_000,
  clusterCheck: true,
});
