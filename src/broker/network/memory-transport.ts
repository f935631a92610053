/** Connections inside the process: no ports, no kernel, and a network whose weather a test decides. */
import type { Clock } from "../clock.ts";
import type { Random } from "../random.ts";
import type { BrokerSocket, SocketEvents } from "./broker-socket.ts";
import type { AcceptSocket, Listener } from "./listener.ts";

/** What happens to chunks on their way. Within one direction of a connection they stay in order, as TCP keeps them. */
export interface NetworkWeather {
  /** How long a chunk takes, drawn anew for each: so chunks of different connections overtake each other. */
  readonly latencyMs?: readonly [least: number, most: number];
  /** How likely a chunk is cut into pieces that arrive one by one, from 0 to 1. */
  readonly splitChance?: number;
  /** How likely a chunk is the last one: the connection breaks, and the other end sees a reset. From 0 to 1. */
  readonly cutChance?: number;
}

/** More than this on its way makes `write` say false. */
const HIGH_WATER_MARK = 1 << 20;
/** Where memory's ports begin when nobody wants a certain one. */
const FIRST_PORT = 9092;
const FIRST_CLIENT_PORT = 50_000;
const MOST_PIECES = 4;

export class MemoryNetwork {
  /** May be changed at any time; it holds for what is sent from then on. */
  weather: NetworkWeather = {};
  readonly clock: Clock;
  readonly random: Random;
  readonly #listeners = new Map<string, AcceptSocket>();
  readonly #open = new Set<MemorySocket>();
  #nextPort = FIRST_PORT;
  #nextClientPort = FIRST_CLIENT_PORT;

  constructor(clock: Clock, random: Random) {
    this.clock = clock;
    this.random = random;
  }

  listener(host: string, port: number, accept: AcceptSocket): Listener {
    const chosen = port === 0 ? this.#nextPort++ : port;
    const address = `${host}:${chosen}`;
    return {
      host,
      port: chosen,
      open: () => {
        this.#listeners.set(address, accept);
        return Promise.resolve();
      },
      close: () => {
        this.#listeners.delete(address);
        return Promise.resolve();
      },
    };
  }

  /** The client's end of a new connection. */
  connect(address: { readonly host: string; readonly port: number }): Promise<BrokerSocket> {
    const accept = this.#listeners.get(`${address.host}:${address.port}`);
    if (accept === undefined) {
      const refusal = new Error(`connect ECONNREFUSED ${address.host}:${address.port}`);
      return Promise.reject(Object.assign(refusal, { code: "ECONNREFUSED" }));
    }
    const clientPort = this.#nextClientPort++;
    const client = new MemorySocket(this, `${address.host}:${address.port}`);
    const server = new MemorySocket(this, `127.0.0.1:${clientPort}`);
    client.join(server);
    server.join(client);
    for (const socket of [client, server]) {
      this.#open.add(socket);
      socket.onceGone(() => this.#open.delete(socket));
    }
    accept(server);
    return Promise.resolve(client);
  }

  /** Breaks all connections that are open, as when a switch loses power. */
  cutAll(): void {
    for (const socket of this.#open) socket.cut();
  }
}

/** What is on its way to a socket: bytes, the end of them, or a reset. */
type Parcel = { readonly bytes: Uint8Array } | "end" | "reset";

export class MemorySocket implements BrokerSocket {
  readonly remote: string;
  readonly #network: MemoryNetwork;
  #other: MemorySocket | undefined;
  #events: SocketEvents | undefined;
  /** Arrived, but nobody listens or the reader has paused. */
  readonly #arrived: Parcel[] = [];
  #isPaused = false;
  #isGone = false;
  #hasSentEnd = false;
  /** Bytes of ours that the other end has not taken. */
  #inFlight = 0;
  #isFull = false;
  /** Sent by us and under way, the eldest first. */
  readonly #underWay: Parcel[] = [];
  readonly #goneListeners: (() => void)[] = [];

  constructor(network: MemoryNetwork, remote: string) {
    this.#network = network;
    this.remote = remote;
  }

  join(other: MemorySocket): void {
    this.#other = other;
  }

  onceGone(listener: () => void): void {
    this.#goneListeners.push(listener);
  }

  listen(events: SocketEvents): void {
    this.#events = events;
    this.#deliver();
  }

  write(...pieces: readonly Uint8Array[]): boolean {
    if (this.#isGone || this.#hasSentEnd) return true;
    const { random, weather } = this.#network;
    // The sender may use its memory again, as with a socket that has copied it into the kernel.
    const copy = new Uint8Array(Buffer.concat(pieces));
    for (const piece of this.#pieces(copy)) this.#send({ bytes: piece });
    if (weather.cutChance !== undefined && random.next() < weather.cutChance) this.cut();
    this.#inFlight += copy.length;
    this.#isFull = this.#inFlight > HIGH_WATER_MARK;
    return !this.#isFull;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#deliver();
  }

  end(): void {
    if (this.#isGone || this.#hasSentEnd) return;
    this.#hasSentEnd = true;
    this.#send("end");
  }

  destroy({ reset = false }: { readonly reset?: boolean } = {}): void {
    if (this.#isGone) return;
    this.#send(reset ? "reset" : "end");
    this.#leave();
  }

  /** The network breaks the connection, which neither end wanted: both see a reset. */
  cut(): void {
    if (this.#isGone) return;
    this.#send("reset");
    this.#leave(connectionReset());
  }

  #pieces(bytes: Uint8Array): readonly Uint8Array[] {
    const { random, weather } = this.#network;
    if (weather.splitChance === undefined || random.next() >= weather.splitChance || bytes.length < 2) return [bytes];
    const cuts = Array.from({ length: 1 + random.integer(MOST_PIECES - 1) }, () => 1 + random.integer(bytes.length - 1));
    const edges = [0, ...new Set(cuts.sort((one, other) => one - other)), bytes.length];
    return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
  }

  #send(parcel: Parcel): void {
    const other = this.#other;
    if (other === undefined) return;
    const { latencyMs } = this.#network.weather;
    // A network without weather needs no timers: the next microtask is soon enough, and in order.
    if (latencyMs === undefined && this.#underWay.length === 0) {
      queueMicrotask(() => other.#arrive(parcel));
      return;
    }
    const { clock, random } = this.#network;
    const [least, most] = latencyMs ?? [0, 0];
    this.#underWay.push(parcel);
    // Chunks never overtake each other, also when the wall clock is set meanwhile: whoever's time has come, the eldest arrives.
    clock.schedule(least + random.next() * (most - least), () => {
      const eldest = this.#underWay.shift();
      if (eldest !== undefined) other.#arrive(eldest);
    });
  }

  #arrive(parcel: Parcel): void {
    if (this.#isGone) {
      this.#drop(parcel);
      return;
    }
    this.#arrived.push(parcel);
    this.#deliver();
  }

  #deliver(): void {
    while (!this.#isPaused && !this.#isGone && this.#events !== undefined) {
      const parcel = this.#arrived.shift();
      if (parcel === undefined) return;
      if (parcel === "end") this.#events.onEnd();
      else if (parcel === "reset") this.#leave(connectionReset());
      else {
        this.#events.onChunk(parcel.bytes);
        this.#other?.taken(parcel.bytes.length);
      }
    }
  }

  /** What comes to an end that is gone is lost, and the sender must not wait until it is read. */
  #drop(parcel: Parcel): void {
    if (typeof parcel !== "string") this.#other?.taken(parcel.bytes.length);
  }

  /** The other end has read so many of our bytes. */
  taken(bytes: number): void {
    this.#inFlight -= bytes;
    if (!this.#isFull || this.#inFlight > HIGH_WATER_MARK / 2) return;
    this.#isFull = false;
    if (!this.#isGone) this.#events?.onDrain();
  }

  #leave(error?: Error): void {
    if (this.#isGone) return;
    this.#isGone = true;
    for (const parcel of this.#arrived.splice(0)) this.#drop(parcel);
    for (const listener of this.#goneListeners) listener();
    this.#events?.onClose(error);
  }
}

function connectionReset(): Error {
  return Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
}
