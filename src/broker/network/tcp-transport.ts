/** Connections over TCP and TLS. */
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { subjectOf } from "../security/distinguished-name.ts";
import type { BrokerSocket, SocketEvents } from "./broker-socket.ts";
import type { AcceptSocket, Listener } from "./listener.ts";

/** PEM texts. */
export interface TlsOptions {
  readonly key: string;
  readonly cert: string;
  /** Who must have signed the clients' certificates; without it none is asked for. */
  readonly clientCa?: string;
}

export interface TcpListenerInit {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly tls?: TlsOptions;
  readonly accept: AcceptSocket;
  /** How long a TLS handshake may take; 10 seconds by default. */
  readonly handshakeTimeoutMs?: number;
  /** A client came that never got through TLS; it is gone. */
  readonly onFailedHandshake: (error: Error) => void;
}

/** A client that goes away during the handshake leaves its socket half-open: nobody but this sees to its end. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

export class TcpListener implements Listener {
  readonly host: string;
  readonly #init: TcpListenerInit;
  #port: number;
  #server: Server | undefined;
  /** All of them, also those that never got through a TLS handshake. */
  readonly #sockets = new Set<Socket>();

  constructor(init: TcpListenerInit) {
    this.#init = init;
    this.host = init.host;
    this.#port = init.port;
  }

  get port(): number {
    return this.#port;
  }

  open(): Promise<void> {
    const server = this.#createServer();
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: this.host, port: this.#port }, () => {
        server.off("error", reject);
        const address = server.address();
        if (typeof address === "object" && address !== null) this.#port = address.port;
        this.#server = server;
        resolve();
      });
    });
  }

  close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return Promise.resolve();
    // A server is closed when its last socket is: one whose client does not read would hold it open for good.
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve, reject) => {
      server.close((error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  #createServer(): Server {
    const { tls, accept, handshakeTimeoutMs = HANDSHAKE_TIMEOUT_MS } = this.#init;
    // Half-open, so that requests that came before the client's end are still carried out.
    const options = { allowHalfOpen: true, noDelay: true };
    if (tls === undefined) return createServer(options, (socket) => accept(new TcpSocket(socket)));
    const wantsClientCertificate = tls.clientCa !== undefined;
    const server = createTlsServer(
      {
        ...options,
        handshakeTimeout: handshakeTimeoutMs,
        key: tls.key,
        cert: tls.cert,
        ...(wantsClientCertificate ? { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true } : {}),
      },
      (socket) => {
        const peerName = wantsClientCertificate ? peerNameOf(socket) : undefined;
        // Nobody can be taken for a client whose name cannot be read.
        if (wantsClientCertificate && peerName === undefined) socket.destroy();
        else accept(new TcpSocket(socket, peerName));
      },
    );
    // A failed handshake concerns that client alone. Node leaves its socket to us.
    server.on("tlsClientError", (error, socket) => {
      socket.destroy();
      this.#init.onFailedHandshake(error);
    });
    return server;
  }
}

function peerNameOf(socket: TLSSocket): string | undefined {
  const certificate = socket.getPeerX509Certificate();
  return certificate === undefined ? undefined : subjectOf(certificate.raw);
}

class TcpSocket implements BrokerSocket {
  readonly remote: string;
  readonly peerName?: string;
  readonly #socket: Socket;

  constructor(socket: Socket, peerName?: string) {
    this.#socket = socket;
    this.remote = `${socket.remoteAddress ?? "?"}:${socket.remotePort ?? 0}`;
    if (peerName !== undefined) this.peerName = peerName;
  }

  listen(events: SocketEvents): void {
    let failure: Error | undefined;
    this.#socket.on("data", (chunk: Buffer) => events.onChunk(chunk));
    this.#socket.on("drain", () => events.onDrain());
    this.#socket.on("end", () => events.onEnd());
    this.#socket.on("error", (error) => {
      failure = error;
    });
    this.#socket.on("close", () => events.onClose(failure));
  }

  write(...pieces: readonly Uint8Array[]): boolean {
    // Corked, so that the kernel gets all pieces in one call.
    this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    this.#socket.uncork();
    return !this.#socket.writableNeedDrain;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy({ reset = false }: { readonly reset?: boolean } = {}): void {
    if (reset) this.#socket.resetAndDestroy();
    else this.#socket.destroySoon();
  }
}
