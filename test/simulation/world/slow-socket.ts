import type { Clock, Timer } from "../../../src/client/async/clock.ts";
import type { TransportSocket } from "../../../src/client/connection/transport.ts";

interface Held {
  readonly pieces: readonly Uint8Array[];
  readonly onSent: ((error?: Error) => void) | undefined;
}

/**
 * A socket whose kernel has no room now and then: until it has, the bytes stay in the memory of whoever wrote them. While its reader's
 * process stands still, nothing is read.
 */
export class SlowSocket implements TransportSocket {
  readonly #socket: TransportSocket;
  readonly #clock: Clock;
  readonly #drawHoldMs: () => number;
  readonly #onDrain: () => void;
  readonly #held: Held[] = [];
  #timer: Timer | undefined;
  #isPaused = false;
  #isFrozen = false;

  /** @param drawHoldMs for how long what is written now stays; 0 for not at all */
  constructor(socket: TransportSocket, clock: Clock, drawHoldMs: () => number, onDrain: () => void) {
    this.#socket = socket;
    this.#clock = clock;
    this.#drawHoldMs = drawHoldMs;
    this.#onDrain = onDrain;
  }

  get remote(): string {
    return this.#socket.remote;
  }

  get local(): string {
    return this.#socket.local;
  }

  write(pieces: readonly Uint8Array[], onSent?: (error?: Error) => void): boolean {
    const isFirst = this.#held.length === 0;
    const holdMs = isFirst ? this.#drawHoldMs() : 0;
    if (isFirst && holdMs === 0) return this.#socket.write(pieces, onSent);
    this.#held.push({ pieces, onSent });
    if (isFirst) this.#timer = this.#clock.schedule(holdMs, () => this.#letGo());
    return false;
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (!this.#isFrozen) this.#socket.resume();
  }

  freeze(): void {
    this.#isFrozen = true;
    this.#socket.pause();
  }

  thaw(): void {
    this.#isFrozen = false;
    if (!this.#isPaused) this.#socket.resume();
  }

  destroy(options?: { readonly reset?: boolean }): void {
    this.drop();
    this.#socket.destroy(options);
  }

  /** It is over: what it holds will never leave. */
  drop(): void {
    this.#timer?.cancel();
    const error = new Error("the connection is closed");
    for (const { onSent } of this.#held.splice(0)) queueMicrotask(() => onSent?.(error));
  }

  #letGo(): void {
    let isFree = true;
    for (const { pieces, onSent } of this.#held.splice(0)) isFree = this.#socket.write(pieces, onSent);
    if (isFree) this.#onDrain();
  }
}
