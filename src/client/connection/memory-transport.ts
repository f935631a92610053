/** Connections inside the process: for tests and simulations, whose network is the embedded broker's. */
import { type SocketReader, type Transport, TransportError, type TransportSocket, type TransportTarget } from "./transport.ts";

/** A network in memory, as the embedded broker has one. */
export interface MemoryNetwork {
  connect(address: { readonly host: string; readonly port: number }): Promise<MemoryEnd>;
}

/** One end of a connection in memory. */
export interface MemoryEnd {
  readonly remote: string;
  /** Copies the pieces before it returns. */
  write(...pieces: readonly Uint8Array[]): boolean;
  pause(): void;
  resume(): void;
  destroy(options?: { readonly reset?: boolean }): void;
  listen(events: { onChunk(chunk: Uint8Array): void; onDrain(): void; onEnd(): void; onClose(error?: Error): void }): void;
}

export function memoryTransport(network: MemoryNetwork): Transport {
  return { connect: (target, reader) => connect(network, target, reader) };
}

async function connect(network: MemoryNetwork, target: TransportTarget, reader: SocketReader): Promise<TransportSocket> {
  const { address, port, tls, deadline } = target;
  if (tls !== undefined) throw new TransportError("tls", "a network in memory has no TLS");
  const connecting = network.connect({ host: address, port });
  let end: MemoryEnd;
  try {
    end = await deadline.race(connecting, () => new Error(`connect ETIMEDOUT ${address}:${port}`));
  } catch (error) {
    // Nobody will use what may still come of it.
    connecting.then(
      (late) => late.destroy(),
      () => undefined,
    );
    if (deadline.signal?.aborted === true) throw error;
    throw new TransportError("tcp", error instanceof Error ? error.message : String(error), { cause: error });
  }
  return new MemorySocket(end, reader);
}

class MemorySocket implements TransportSocket {
  readonly remote: string;
  readonly local = "memory";
  readonly #end: MemoryEnd;
  readonly #reader: SocketReader;
  /** Bytes that came while the reader was pausing in the middle of a chunk. */
  #unread: Uint8Array = new Uint8Array();
  #isPaused = false;
  #isClosed = false;

  constructor(end: MemoryEnd, reader: SocketReader) {
    this.remote = end.remote;
    this.#end = end;
    this.#reader = reader;
    end.listen({
      onChunk: (chunk) => this.#take(chunk),
      onDrain: () => this.#reader.onDrain(),
      onEnd: () => this.#end.destroy(),
      onClose: (error) => this.#closed(error),
    });
  }

  write(pieces: readonly Uint8Array[], onSent?: (error?: Error) => void): boolean {
    const error = this.#isClosed ? new Error("the connection is closed") : undefined;
    const isFree = error !== undefined || this.#end.write(...pieces);
    if (onSent !== undefined) queueMicrotask(() => onSent(error));
    return isFree;
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#end.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#take(new Uint8Array());
    if (!this.#isPaused) this.#end.resume();
  }

  destroy(options?: { readonly reset?: boolean }): void {
    if (!this.#isClosed) this.#end.destroy(options);
  }

  /** Gives the chunk to the reader in the pieces that it has room for. */
  #take(chunk: Uint8Array): void {
    let left = this.#unread.length === 0 ? chunk : Uint8Array.from([...this.#unread, ...chunk]);
    while (left.length > 0 && !this.#isPaused && !this.#isClosed) {
      const buffer = this.#reader.buffer();
      const part = left.subarray(0, buffer.length);
      buffer.set(part);
      left = left.subarray(part.length);
      this.#reader.onBytes(part.length);
    }
    this.#unread = left;
  }

  #closed(error?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reader.onClose(error);
  }
}
