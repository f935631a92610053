// A TCP proxy that does to connections what networks do: cuts, resets, loses, slows, half-closes them, and heals again.

import { connect, createServer, type Server, type Socket } from "node:net";
import { type ReservedPort, reservePort } from "./kafka/ports.ts";
import { type FlowConditions, ProxiedConnection } from "./proxied-connection.ts";

const HOST = "127.0.0.1";
const UNTIL_MS = 10_000;
const HEALTHY: FlowConditions = { blocked: false, delayMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY };

export type ProxyDirection = "toBroker" | "toClient" | "both";

export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
}

/** What a proxy has seen, for conditions to wait for. */
export interface ProxyCounts {
  /** Connections that clients have opened, ever. */
  readonly accepted: number;
  /** Of these, those that are not closed yet. */
  readonly open: number;
  /** Bytes that were given to the other side's socket, ever. */
  readonly bytesToBroker: number;
  readonly bytesToClient: number;
  /** Bytes that were read and are still kept back. */
  readonly heldToBroker: number;
  readonly heldToClient: number;
}

interface Waiting {
  readonly condition: (counts: ProxyCounts) => boolean;
  readonly resolve: () => void;
}

/**
 * Stands between clients and one broker. `cut`, `reset` and `halfClose` strike the connections there are, once; `blackHole`,
 * `refuse`, `delay` and `throttle` last, also for connections to come, until `heal`. Bytes are never reordered or lost inside a
 * connection: what was held back goes on when it is healed.
 */
export class TcpFaultProxy {
  readonly host: string = HOST;
  readonly port: number;
  readonly #target: ProxyTarget;
  readonly #reserved: ReservedPort;
  readonly #connections = new Set<ProxiedConnection>();
  readonly #waiting = new Set<Waiting>();
  #server: Server | undefined;
  #conditions = { toBroker: HEALTHY, toClient: HEALTHY };
  #accepted = 0;
  #closedBytes = { toBroker: 0, toClient: 0 };

  private constructor(target: ProxyTarget, reserved: ReservedPort) {
    this.#target = target;
    this.#reserved = reserved;
    this.port = reserved.port;
  }

  /** The target need not listen yet: it is connected to when a client comes. */
  static async start(target: ProxyTarget): Promise<TcpFaultProxy> {
    const proxy = new TcpFaultProxy(target, await reservePort());
    try {
      await proxy.#listen();
    } catch (error) {
      await proxy.close();
      throw error;
    }
    return proxy;
  }

  /** Closes both sides of every connection, as a broker does that ends the process. New ones are welcome. */
  cut(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  /** The same with RST: both sides get ECONNRESET, even with data on its way. */
  reset(): void {
    for (const connection of this.#connections) connection.reset();
  }

  /** Nothing passes any more, neither bytes nor ends; connections stay, and new ones are accepted. Held bytes pass after `heal`. */
  blackHole(direction: ProxyDirection = "both"): void {
    this.#change(direction, { blocked: true });
  }

  /** Stops listening: new connections get ECONNREFUSED. Those that are there go on. */
  refuse(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  /** Every byte arrives so much later. */
  delay(ms: number, direction: ProxyDirection = "both"): void {
    if (!(ms >= 0)) throw new RangeError(`a delay of ${ms} ms: expected 0 or more`);
    this.#change(direction, { delayMs: ms });
  }

  /** So many bytes a second on each connection, in portions: one by one where it is slow enough. */
  throttle(bytesPerSecond: number, direction: ProxyDirection = "both"): void {
    if (!(bytesPerSecond > 0)) throw new RangeError(`${bytesPerSecond} bytes per second: expected more than 0, or blackHole()`);
    this.#change(direction, { bytesPerSecond });
  }

  /** As if that side had ended its half of the connection: the other one sees an end, and may go on to send. */
  halfClose(side: "broker" | "client"): void {
    for (const connection of this.#connections) connection.halfClose(side);
  }

  /** Ends everything that lasts. Resolves when new connections are accepted again. */
  async heal(direction: ProxyDirection = "both"): Promise<void> {
    this.#change(direction, HEALTHY);
    if (this.#server === undefined) await this.#listen();
  }

  counts(): ProxyCounts {
    let [bytesToBroker, bytesToClient] = [this.#closedBytes.toBroker, this.#closedBytes.toClient];
    let [heldToBroker, heldToClient] = [0, 0];
    for (const { toBroker, toClient } of this.#connections) {
      bytesToBroker += toBroker.passedBytes;
      bytesToClient += toClient.passedBytes;
      heldToBroker += toBroker.heldBytes;
      heldToClient += toClient.heldBytes;
    }
    return { accepted: this.#accepted, open: this.#connections.size, bytesToBroker, bytesToClient, heldToBroker, heldToClient };
  }

  /** Resolves as soon as the condition holds; rejects with the counts if it does not in time. */
  until(condition: (counts: ProxyCounts) => boolean, timeoutMs: number = UNTIL_MS): Promise<void> {
    return new Promise((resolve, reject) => {
      if (condition(this.counts())) {
        resolve();
        return;
      }
      const late = (): void => {
        this.#waiting.delete(waiting);
        reject(new Error(`the proxy at port ${this.port} waited ${timeoutMs} ms: ${JSON.stringify(this.counts())}`));
      };
      const timer = setTimeout(late, timeoutMs);
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
        resolve();
      };
      const waiting: Waiting = { condition, resolve: done };
      this.#waiting.add(waiting);
    });
  }

  /** Stops listening and cuts everything. May be called again. */
  async close(): Promise<void> {
    this.refuse();
    const closed = [...this.#connections].map(({ closed: whenClosed }) => whenClosed);
    this.cut();
    await Promise.all(closed);
    this.#reserved.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client));
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ port: this.port, host: HOST, exclusive: true }, resolve);
    });
  }

  #accept(client: Socket): void {
    const broker = connect({ ...this.#target, allowHalfOpen: true, noDelay: true });
    const connection = new ProxiedConnection({
      client,
      broker,
      conditions: this.#conditions,
      onChange: () => this.#tell(),
    });
    this.#accepted += 1;
    this.#connections.add(connection);
    void connection.closed.then(() => {
      this.#connections.delete(connection);
      this.#closedBytes.toBroker += connection.toBroker.passedBytes;
      this.#closedBytes.toClient += connection.toClient.passedBytes;
      this.#tell();
    });
    this.#tell();
  }

  #change(direction: ProxyDirection, change: Partial<FlowConditions>): void {
    const { toBroker, toClient } = this.#conditions;
    this.#conditions = {
      toBroker: direction === "toClient" ? toBroker : { ...toBroker, ...change },
      toClient: direction === "toBroker" ? toClient : { ...toClient, ...change },
    };
    for (const connection of this.#connections) connection.setConditions(this.#conditions);
  }

  #tell(): void {
    const counts = this.counts();
    for (const { condition, resolve } of this.#waiting) if (condition(counts)) resolve();
  }
}
