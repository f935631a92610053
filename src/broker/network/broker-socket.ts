/** The broker's end of a connection, whatever carries it. */
export interface BrokerSocket {
  /** The client's address, as "127.0.0.1:50123". */
  readonly remote: string;
  /** The name in the client's certificate, where TLS asked for one. */
  readonly peerName?: string;
  /** Sends pieces one behind the other. False when the other end is slow: wait for `onDrain`. */
  write(...pieces: readonly Uint8Array[]): boolean;
  /** No more chunks until `resume`. */
  pause(): void;
  resume(): void;
  /** Closes after everything written has been sent. */
  end(): void;
  /** Closes now; with `reset` so that the other end sees an error instead of an end. */
  destroy(options?: { readonly reset?: boolean }): void;
  /** Set once, before the first chunk comes. */
  listen(events: SocketEvents): void;
}

export interface SocketEvents {
  /** The chunk's memory is the receiver's to keep. */
  onChunk(chunk: Uint8Array): void;
  onDrain(): void;
  /** The other end will send no more. */
  onEnd(): void;
  /** Called once, whoever closed. */
  onClose(error?: Error): void;
}
