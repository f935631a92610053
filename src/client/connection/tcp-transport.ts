import { createConnection, isIP, type OnReadOpts, type Socket } from "node:net";
import { type ConnectionOptions, checkServerIdentity, connect as connectTls } from "node:tls";
import {
  type SocketReader,
  type TlsSettings,
  type Transport,
  TransportError,
  type TransportSocket,
  type TransportTarget,
} from "./transport.ts";

/** Probes of an idle connection, so that one whose other end is gone without a word does not stay for good (C8). */
const KEEP_ALIVE_AFTER_MS = 60_000;

/** Sockets of the machine, plain and with TLS. */
export const tcpTransport: Transport = { connect };

async function connect(target: TransportTarget, reader: SocketReader): Promise<TransportSocket> {
  let socket: Socket;
  try {
    socket = dial(target, reader);
  } catch (cause) {
    // Node refuses some ports, names and certificates by throwing.
    throw new TransportError("tcp", cause instanceof Error ? cause.message : String(cause), { cause });
  }
  const own = new TcpSocket(socket, reader);
  const { deadline, address, port, tls } = target;
  let phase: "tcp" | "tls" = "tcp";
  const ready = new Promise<TransportSocket>((resolve, reject) => {
    const isReady = (): void => {
      own.onFailedSetup = undefined;
      resolve(own);
    };
    own.onFailedSetup = (error) => reject(new TransportError(phase, error.message, { cause: error }));
    socket.once("connect", () => {
      phase = "tls";
      if (tls === undefined) isReady();
    });
    if (tls !== undefined) socket.once("secureConnect", isReady);
  });
  const timedOut = (): Error => {
    const what =
      phase === "tcp" ? `connect ETIMEDOUT ${address}:${port}` : `the TLS handshake with ${address}:${port} did not end in time`;
    return new TransportError(phase, what);
  };
  return deadline.race(ready, timedOut).catch((error: unknown) => {
    // Nobody is told of what becomes of it now.
    own.onFailedSetup = () => undefined;
    socket.destroy();
    throw error;
  });
}

function dial({ host, address, port, tls }: TransportTarget, reader: SocketReader): Socket {
  const onread: OnReadOpts = {
    // Bytes land where the reader wants them: no chunks, no copies.
    buffer: () => reader.buffer(),
    callback: (count) => {
      reader.onBytes(count);
      return true;
    },
  };
  const options = { host: address, port, onread };
  const socket = tls === undefined ? createConnection(options) : connectTls({ ...options, ...tlsOptions(host, tls) });
  // Not among the options: TLS sockets would not hear of them.
  return socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_AFTER_MS);
}

/** A name that is dialled with a dot at its end stands without it in certificates, and in the name that is asked for (SNI). */
function tlsOptions(host: string, { ca, checkHostname, serverName }: TlsSettings): ConnectionOptions {
  const name = (serverName ?? host).replace(/\.$/, "");
  return {
    minVersion: "TLSv1.2",
    rejectUnauthorized: true,
    // An address is no server name (RFC 6066); the certificate is checked for it nevertheless.
    servername: isIP(name) === 0 ? name : "",
    checkServerIdentity: (_name, certificate) => (checkHostname ? checkServerIdentity(name, certificate) : undefined),
    ...(ca === undefined ? {} : { ca: typeof ca === "string" ? ca : [...ca] }),
  };
}

class TcpSocket implements TransportSocket {
  /** Takes a failure before the connection is ready; afterwards the reader does. */
  onFailedSetup: ((error: Error) => void) | undefined;
  readonly #socket: Socket;
  readonly #reader: SocketReader;
  /** Who waits for their memory, in the order of writing. */
  readonly #unsent: ((error?: Error) => void)[] = [];
  #remote: string | undefined;
  #local: string | undefined;
  #isClosed = false;

  constructor(socket: Socket, reader: SocketReader) {
    this.#socket = socket;
    this.#reader = reader;
    let failure: Error | undefined;
    socket.on("error", (error) => {
      failure = error;
    });
    socket.on("drain", () => this.#reader.onDrain());
    // Nothing will be answered any more, so there is nothing left to be said.
    socket.on("end", () => socket.destroy());
    socket.on("close", () => this.#closed(failure));
  }

  get remote(): string {
    this.#remote ??= `${this.#socket.remoteAddress ?? "?"}:${this.#socket.remotePort ?? 0}`;
    return this.#remote;
  }

  get local(): string {
    this.#local ??= `${this.#socket.localAddress ?? "?"}:${this.#socket.localPort ?? 0}`;
    return this.#local;
  }

  write(pieces: readonly Uint8Array[], onSent?: (error?: Error) => void): boolean {
    const socket = this.#socket;
    const last = pieces.length - 1;
    if (this.#isClosed) {
      if (onSent !== undefined) queueMicrotask(() => onSent(new Error("the connection is closed")));
      return true;
    }
    if (onSent !== undefined) this.#unsent.push(onSent);
    // Corked, so that the kernel gets all pieces in one call.
    socket.cork();
    pieces.forEach((piece, index) => {
      if (index === last && onSent !== undefined) socket.write(piece, (error) => this.#sent(error ?? undefined));
      else socket.write(piece);
    });
    socket.uncork();
    return !socket.writableNeedDrain;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  destroy({ reset = false }: { readonly reset?: boolean } = {}): void {
    if (reset) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  /**
   * Writes end in their order. Those that fail are told when the socket is closed, for before that the kernel may still read them; and
   * Node calls back without an error for those that `destroy` has cancelled.
   */
  #sent(error: Error | undefined): void {
    if (error === undefined && !this.#socket.destroyed) this.#unsent.shift()?.();
  }

  #closed(failure: Error | undefined): void {
    this.#isClosed = true;
    const error = failure ?? new Error("the connection was closed");
    for (const onSent of this.#unsent.splice(0)) onSent(error);
    if (this.onFailedSetup === undefined) this.#reader.onClose(failure);
    else this.onFailedSetup(error);
  }
}
