import { FrameSplitter, MalformedMessageError } from "../../protocol/index.ts";
import type { BrokerNode } from "../cluster/broker-node.ts";
import type { Authentication } from "../security/authentication.ts";
import type { BrokerSocket } from "./broker-socket.ts";

/** Carries one request out and writes its answer. Resolves when the next request may come. */
export type ServeFrame = (connection: ClientConnection, frame: Uint8Array) => void | Promise<void>;

export interface ConnectionInit {
  readonly id: number;
  readonly node: BrokerNode;
  readonly socket: BrokerSocket;
  readonly authentication: Authentication;
  readonly maxFrameBytes: number;
  readonly serve: ServeFrame;
  readonly onClose: (connection: ClientConnection, reason: string) => void;
}

/** Producers send requests of up to a megabyte (`max.request.size`); growing a buffer up to that would copy it twice more. */
const TRUSTED_BYTES = (1 << 20) + 4096;

/**
 * A client's connection to a node. Requests are carried out one at a time, in their order: what a client sends ahead waits here, as
 * it waits in the socket of a real broker, which mutes the connection meanwhile.
 */
export class ClientConnection {
  readonly id: number;
  readonly node: BrokerNode;
  readonly authentication: Authentication;
  /** What the client says it is (KIP-511); empty until it asked for ApiVersions. */
  softwareName = "";
  softwareVersion = "";
  readonly #init: ConnectionInit;
  readonly #socket: BrokerSocket;
  readonly #splitter: FrameSplitter;
  /** Frames that came; those before `#nextIndex` have been served. Taking them off the front would move all that wait, each time. */
  readonly #waiting: Uint8Array[] = [];
  #nextIndex = 0;
  readonly #closeListeners = new Set<() => void>();
  /** Set when nothing may follow the answer that is about to be sent, and why. */
  #closesAfterAnswer: string | undefined;
  #isBusy = false;
  #isBlocked = false;
  #isClosed = false;
  #hasEnded = false;
  #closeReason = "the client closed";

  constructor(init: ConnectionInit) {
    this.#init = init;
    this.id = init.id;
    this.node = init.node;
    this.authentication = init.authentication;
    this.#socket = init.socket;
    // Zeroing a megabyte for each large request would cost as much as checking its CRC.
    const allocate = (bytes: number): Uint8Array => Buffer.allocUnsafeSlow(bytes);
    this.#splitter = new FrameSplitter({ maxFrameBytes: init.maxFrameBytes, trustedBytes: TRUSTED_BYTES, allocate });
    this.#socket.listen({
      onChunk: (chunk) => this.#take(chunk),
      onDrain: () => this.#unblock(),
      onEnd: () => this.#finish(),
      onClose: (error) => this.#closed(error),
    });
  }

  /** The client's address, as "127.0.0.1:50123". */
  get remote(): string {
    return this.#socket.remote;
  }

  /** The client's host alone, as group descriptions show it. */
  get clientHost(): string {
    return `/${this.remote.slice(0, this.remote.lastIndexOf(":"))}`;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Who the client proved to be, e.g. `User:alice`. */
  get principal(): string {
    return this.authentication.principal;
  }

  /** Called once when the connection is gone, so that nobody waits for it. Returns how to stop listening. */
  onClose(listener: () => void): () => void {
    this.#closeListeners.add(listener);
    return () => this.#closeListeners.delete(listener);
  }

  write(...pieces: readonly Uint8Array[]): void {
    if (this.#isClosed) return;
    if (!this.#socket.write(...pieces)) this.#isBlocked = true;
    if (this.#closesAfterAnswer !== undefined) this.destroy(this.#closesAfterAnswer);
  }

  closeAfterAnswer(reason: string): void {
    this.#closesAfterAnswer = reason;
  }

  destroy(reason: string, options: { readonly reset?: boolean } = {}): void {
    if (this.#isClosed) return;
    this.#closeReason = reason;
    this.#socket.destroy(options);
    this.#closed();
  }

  #take(chunk: Uint8Array): void {
    if (this.#isClosed) return;
    try {
      // One by one: a chunk can hold more frames than a call can have arguments.
      for (const frame of this.#splitter.push(chunk)) this.#waiting.push(frame);
    } catch (error) {
      if (!(error instanceof MalformedMessageError)) throw error;
      this.destroy(`cannot be framed: ${error.message}`);
      return;
    }
    this.#serveNext();
    if (this.#nextIndex < this.#waiting.length) this.#socket.pause();
  }

  #serveNext(): void {
    while (!this.#isBusy && !this.#isBlocked && !this.#isClosed) {
      const frame = this.#waiting[this.#nextIndex++];
      if (frame === undefined) {
        this.#forgetServed();
        this.#idle();
        return;
      }
      const serving = this.#serve(frame);
      if (serving === undefined) continue;
      this.#isBusy = true;
      serving.then(
        () => this.#served(),
        (error: unknown) => this.#failed(error),
      );
    }
  }

  #forgetServed(): void {
    this.#waiting.length = 0;
    this.#nextIndex = 0;
  }

  #serve(frame: Uint8Array): void | Promise<void> {
    try {
      return this.#init.serve(this, frame);
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** The dispatcher answers or hangs up for every error of a request; what comes out of it is a bug of the broker itself. */
  #failed(error: unknown): void {
    this.destroy(`the broker failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }

  #served(): void {
    this.#isBusy = false;
    this.#serveNext();
  }

  #idle(): void {
    if (this.#hasEnded) this.#socket.destroy();
    else this.#socket.resume();
  }

  #unblock(): void {
    this.#isBlocked = false;
    this.#serveNext();
  }

  /** What came before the end is still carried out, unless a request is waiting for something: nobody will read its answer. */
  #finish(): void {
    this.#hasEnded = true;
    this.#serveNext();
    if (!this.#isClosed) this.#socket.destroy();
  }

  #closed(error?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#forgetServed();
    for (const listener of this.#closeListeners) listener();
    this.#closeListeners.clear();
    this.#init.onClose(this, error === undefined ? this.#closeReason : error.message);
  }
}
