import type { Deadline } from "../async/deadline.ts";

/** How connections are encrypted. The rest of TLS (own certificates, ciphers) has its place here. */
export interface TlsSettings {
  /** PEM: who must have signed the broker's certificate. Undefined: the authorities that Node trusts. */
  readonly ca: string | readonly string[] | undefined;
  /** Whether the certificate must be for the host that was dialled. */
  readonly checkHostname: boolean;
  /** The name to ask for and to check, instead of the host's. */
  readonly serverName: string | undefined;
}

export interface TransportTarget {
  /** As configured or advertised: what a certificate must be for. */
  readonly host: string;
  /** What it resolved to. */
  readonly address: string;
  readonly port: number;
  readonly tls: TlsSettings | undefined;
  /** For the socket, and the TLS handshake behind it. */
  readonly deadline: Deadline;
}

/** What makes sockets: TCP and TLS, or memory in tests and simulations. */
export interface Transport {
  /**
   * Resolves when bytes can be sent: with TLS after the handshake. Rejects with a `TransportError`. A socket whose deadline or signal
   * came first is destroyed, not leaked.
   */
  connect(target: TransportTarget, reader: SocketReader): Promise<TransportSocket>;
}

/** Which part of connecting failed, with the machine's own error. */
export class TransportError extends Error {
  readonly phase: "tcp" | "tls";

  constructor(phase: "tcp" | "tls", message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "TransportError";
    this.phase = phase;
  }
}

/** Who takes what a socket receives. */
export interface SocketReader {
  /** Where the next bytes go: never empty, and not touched by anybody else until `onBytes`. */
  buffer(): Uint8Array;
  /** So many bytes have arrived at the beginning of what `buffer()` gave last. */
  onBytes(count: number): void;
  /** After a `write` that returned false: go on. */
  onDrain(): void;
  /**
   * Once, whoever closed: an end of the other side (no error), or what broke the connection. Not for a `connect` that rejects; but it
   * may come before whoever awaits `connect` has seen it resolve.
   */
  onClose(error?: Error): void;
}

export interface TransportSocket {
  /** `127.0.0.1:9092`. */
  readonly remote: string;
  readonly local: string;
  /**
   * Sends pieces one behind the other, in one system call where the transport can. `onSent` is called when the memory of all of them
   * may be used again: they were handed to the kernel, or (then with an error) the socket is gone, and never before `write` has
   * returned. False under back-pressure: wait for `onDrain`.
   */
  write(pieces: readonly Uint8Array[], onSent?: (error?: Error) => void): boolean;
  /** Reading stops, so that the other side's sending does; for a reader whose memory is full. */
  pause(): void;
  resume(): void;
  /** Closes now. With `reset` the other side sees an error. */
  destroy(options?: { readonly reset?: boolean }): void;
}
