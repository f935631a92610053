// A broker that lies: the answers of a real one, on their way to the client, pass through somebody who changes them.

import type { HeldClock } from "../../../src/broker/index.ts";
import type { SocketReader, Transport, TransportSocket, TransportTarget } from "../../../src/client/connection/transport.ts";
import { type AnyApi, apiByKey, decodeRequestHeader } from "../../../src/protocol/index.ts";

/** What a request says of the answer to come. */
export interface Asked {
  readonly api: AnyApi;
  readonly version: number;
  readonly correlationId: number;
}

/** What is done instead of passing an answer on; in this order. */
export interface Lie {
  readonly delayMs?: number;
  /** Sent one behind the other, cut into chunks of this size. */
  readonly frames?: readonly Uint8Array[];
  readonly chunkBytes?: number;
  readonly end?: "close" | "reset";
}

export type Liar = (asked: Asked, answer: Uint8Array) => Lie;

/** More requests than this at one moment are a loop without a pause. */
const MOST_AT_ONCE = 3000;
/** Of one API, within 100 milliseconds, for every call that is under way. */
const WINDOW_MS = 100;

export class HostileTransport implements Transport {
  readonly problems: string[] = [];
  requests = 0;
  connections = 0;
  readonly #inner: Transport;
  readonly #clock: HeldClock;
  readonly #lie: Liar;
  readonly #mostInWindow: number;
  readonly #windows = new Map<string, { startMs: number; count: number }>();
  #momentMs = -1;
  #atOnce = 0;

  constructor(inner: Transport, clock: HeldClock, lie: Liar, mostInWindow: number) {
    this.#inner = inner;
    this.#clock = clock;
    this.#lie = lie;
    this.#mostInWindow = mostInWindow;
  }

  async connect(target: TransportTarget, reader: SocketReader): Promise<TransportSocket> {
    this.connections++;
    this.#count("connect");
    const line = new HostileLine(reader, this.#clock, this.#lie, (api) => this.#count(api));
    return line.attach(await this.#inner.connect(target, line));
  }

  /** Throws when there are so many that time would never go on. */
  #count(what: string): void {
    this.requests++;
    const now = this.#clock.monotonic();
    if (now !== this.#momentMs) this.#atOnce = 0;
    this.#momentMs = now;
    if (++this.#atOnce > MOST_AT_ONCE) throw new Error(`more than ${MOST_AT_ONCE} requests at one moment, of late ${what}`);
    let window = this.#windows.get(what);
    if (window === undefined || now >= window.startMs + WINDOW_MS) {
      window = { startMs: now, count: 0 };
      this.#windows.set(what, window);
    }
    if (++window.count === this.#mostInWindow + 1) {
      this.problems.push(`more than ${this.#mostInWindow} ${what} within ${WINDOW_MS} ms, from ${window.startMs} ms on`);
    }
  }
}

/** One connection: between the client's reader and the socket to the real broker. */
class HostileLine implements SocketReader, TransportSocket {
  readonly #reader: SocketReader;
  readonly #clock: HeldClock;
  readonly #lie: Liar;
  readonly #count: (api: string) => void;
  readonly #asked: Asked[] = [];
  readonly #lies: Lie[] = [];
  readonly #scratch = new Uint8Array(64 * 1024);
  #received: Uint8Array = new Uint8Array();
  #socket: TransportSocket | undefined;
  #isLying = false;
  #isClosed = false;

  constructor(reader: SocketReader, clock: HeldClock, lie: Liar, count: (api: string) => void) {
    this.#reader = reader;
    this.#clock = clock;
    this.#lie = lie;
    this.#count = count;
  }

  attach(socket: TransportSocket): this {
    this.#socket = socket;
    return this;
  }

  get remote(): string {
    return this.#socket?.remote ?? "?";
  }

  get local(): string {
    return "memory";
  }

  write(pieces: readonly Uint8Array[], onSent?: (error?: Error) => void): boolean {
    const frame = new Uint8Array(Buffer.concat(pieces));
    const { requestApiKey, requestApiVersion, correlationId } = decodeRequestHeader(frame);
    const api = apiByKey(requestApiKey);
    if (api === undefined) throw new TypeError(`the client has sent API key ${requestApiKey}`);
    this.#count(api.name);
    this.#asked.push({ api, version: requestApiVersion, correlationId });
    return this.#socket!.write(pieces, onSent);
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  destroy(options?: { readonly reset?: boolean }): void {
    this.#socket?.destroy(options);
  }

  buffer(): Uint8Array {
    return this.#scratch;
  }

  onBytes(count: number): void {
    this.#received = new Uint8Array(Buffer.concat([this.#received, this.#scratch.subarray(0, count)]));
    while (this.#received.length >= 4) {
      const end = 4 + new DataView(this.#received.buffer).getInt32(0);
      if (this.#received.length < end) return;
      const answer = this.#received.slice(0, end);
      this.#received = this.#received.slice(end);
      const asked = this.#asked.shift();
      if (asked !== undefined) this.#lies.push(this.#lie(asked, answer));
    }
    if (!this.#isLying) this.#next();
  }

  onDrain(): void {
    this.#reader.onDrain();
  }

  onClose(error?: Error): void {
    this.#isClosed = true;
    this.#reader.onClose(error);
  }

  /** One lie after the other, for a connection has an order. */
  #next(): void {
    const lie = this.#lies.shift();
    this.#isLying = lie !== undefined;
    if (lie === undefined) return;
    if (lie.delayMs === undefined) this.#tell(lie);
    else this.#clock.schedule(lie.delayMs, () => this.#tell(lie));
  }

  #tell({ frames = [], chunkBytes = Number.POSITIVE_INFINITY, end }: Lie): void {
    for (const frame of frames) this.#give(frame, chunkBytes);
    if (end !== undefined) this.destroy({ reset: end === "reset" });
    this.#next();
  }

  #give(bytes: Uint8Array, chunkBytes: number): void {
    for (let start = 0; start < bytes.length && !this.#isClosed; ) {
      const buffer = this.#reader.buffer();
      const part = bytes.subarray(start, start + Math.min(chunkBytes, buffer.length));
      buffer.set(part);
      start += part.length;
      this.#reader.onBytes(part.length);
    }
  }
}
