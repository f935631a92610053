// Servers on free ports, gone after each test, and connections to them over TCP and TLS.

import { once } from "node:events";
import type { AddressInfo, Server, Socket } from "node:net";
import { afterEach } from "vitest";
import { EmbeddedBroker, type EmbeddedBrokerOptions } from "../../src/broker/index.ts";
import type { Clock } from "../../src/client/async/clock.ts";
import { Deadline } from "../../src/client/async/deadline.ts";
import type { BrokerConnection } from "../../src/client/connection/broker-connection.ts";
import { openConnection } from "../../src/client/connection/open-connection.ts";
import { tcpTransport } from "../../src/client/connection/tcp-transport.ts";
import type { SocketReader, TlsSettings, TransportSocket } from "../../src/client/connection/transport.ts";
import { systemRuntime } from "../../src/client/runtime.ts";
import { silentTelemetry } from "../../src/client/telemetry/silent.ts";
import { connectionSettings } from "./scripted-socket.ts";

export const HOST: string = "127.0.0.1";
export const trusting = (ca: string, more: Partial<TlsSettings> = {}): TlsSettings => ({
  ca,
  checkHostname: true,
  serverName: undefined,
  ...more,
});

/** A promise to be resolved from outside. */
export function latch<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}

/** Keeps what it is given. */
export class Inbox implements SocketReader {
  readonly memory: Uint8Array = new Uint8Array(1 << 20);
  filled = 0;
  drains = 0;
  readonly closed: Promise<Error | undefined>;
  readonly #closed: (error: Error | undefined) => void;

  constructor() {
    const { promise, resolve } = latch<Error | undefined>();
    this.closed = promise;
    this.#closed = resolve;
  }

  get text(): string {
    return Buffer.from(this.memory.subarray(0, this.filled)).toString();
  }

  buffer(): Uint8Array {
    return this.memory.subarray(this.filled);
  }

  onBytes(count: number): void {
    this.filled += count;
  }

  onDrain(): void {
    this.drains++;
  }

  onClose(error?: Error): void {
    this.#closed(error);
  }
}

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** So that its port refuses. */
export async function closeLastServer(): Promise<void> {
  await cleanups.pop()?.();
}

/** A server on a free port, gone after the test. */
export async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  server.listen(0, HOST);
  await once(server, "listening");
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

export async function start(options: EmbeddedBrokerOptions = {}): Promise<EmbeddedBroker> {
  const broker = await EmbeddedBroker.start(options);
  cleanups.push(() => broker.close());
  return broker;
}

export function connect(
  port: number,
  inbox: SocketReader = new Inbox(),
  tls?: TlsSettings,
  host: string = HOST,
): Promise<TransportSocket> {
  const deadline = new Deadline(systemRuntime.clock, 10_000);
  return tcpTransport.connect({ host, address: HOST, port, tls, deadline }, inbox);
}

export function open(
  port: number,
  tls?: TlsSettings,
  host: string = HOST,
  clock: Clock = systemRuntime.clock,
): Promise<BrokerConnection> {
  return openConnection({
    connection: 1,
    broker: { host, port, nodeId: -1 },
    lane: "main",
    settings: { ...connectionSettings, tls },
    runtime: { ...systemRuntime, clock, resolve: () => Promise.resolve([{ address: HOST, family: 4 }]) },
    telemetry: silentTelemetry,
    clusterId: undefined,
    setupTimeoutMs: () => 10_000,
    signal: new AbortController().signal,
  });
}

export const failure = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "no failure",
    (error: unknown) => error,
  );
