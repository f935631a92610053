// A bare socket that speaks in Kafka's frames and knows nothing of their content: what tests use where the client itself must not
// be part of the question.

import { connect, type Socket } from "node:net";

const LENGTH_BYTES = 4;

export interface RawConnectionOptions {
  /** For the connect, and for each answer. 10 seconds unless said otherwise. */
  readonly timeoutMs?: number;
}

interface Pending {
  readonly timer: NodeJS.Timeout;
  resolve(frame: Uint8Array): void;
  reject(error: Error): void;
}

/**
 * Frames go out and come back without their length: header and body only. Requests may be pipelined; a broker answers each
 * connection in order, so the answers are given to the requests in theirs. After an error or a timeout the connection is of no use any more.
 */
export class RawConnection {
  readonly #socket: Socket;
  readonly #where: string;
  readonly #timeoutMs: number;
  readonly #pending: Pending[] = [];
  #received: Buffer = Buffer.alloc(0);
  #ended: Error | undefined;

  private constructor(socket: Socket, where: string, timeoutMs: number) {
    this.#socket = socket;
    this.#where = where;
    this.#timeoutMs = timeoutMs;
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("error", (error) => this.#end(error));
    socket.on("close", () => this.#end(new Error(`${where} closed the connection`)));
  }

  static open(host: string, port: number, options: RawConnectionOptions = {}): Promise<RawConnection> {
    const timeoutMs = options.timeoutMs ?? 10_000;
    const where = `${host}:${port}`;
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true });
      const timer = setTimeout(() => socket.destroy(new Error(`no connection to ${where} in ${timeoutMs} ms`)), timeoutMs);
      socket.once("error", reject);
      socket.once("close", () => clearTimeout(timer));
      socket.once("connect", () => {
        clearTimeout(timer);
        socket.removeListener("error", reject);
        resolve(new RawConnection(socket, where, timeoutMs));
      });
    });
  }

  /** Sends a request, and resolves to its answer. */
  request(frame: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      const late = (): void => this.#end(new Error(`no answer from ${this.#where} in ${this.#timeoutMs} ms`));
      this.#pending.push({ resolve, reject, timer: setTimeout(late, this.#timeoutMs) });
      this.send(frame);
    });
  }

  /** Sends a request that gets no answer: a Produce with acks 0. */
  send(frame: Uint8Array): void {
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeInt32BE(frame.length);
    this.#socket.write(Buffer.concat([length, frame]));
  }

  /** Resolves when the socket is closed. What is still pending is rejected. */
  async close(): Promise<void> {
    if (!this.#socket.closed) {
      const closed = new Promise((resolve) => this.#socket.once("close", resolve));
      this.#end(new Error(`the connection to ${this.#where} was closed here`));
      await closed;
    }
  }

  #onData(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + this.#received.readInt32BE(0);
      if (this.#received.length < end) return;
      const pending = this.#pending.shift();
      if (pending === undefined) {
        this.#end(new Error(`${this.#where} sent a frame that nothing had asked for`));
        return;
      }
      clearTimeout(pending.timer);
      pending.resolve(Uint8Array.from(this.#received.subarray(LENGTH_BYTES, end)));
      this.#received = this.#received.subarray(end);
    }
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#socket.destroy();
    for (const { timer, reject } of this.#pending.splice(0)) {
      clearTimeout(timer);
      reject(this.#ended);
    }
  }
}
