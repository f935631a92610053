import type { Clock, Timer } from "../../../src/client/async/clock.ts";
import type { SocketReader, Transport, TransportSocket } from "../../../src/client/connection/transport.ts";
import type { Runtime } from "../../../src/client/runtime.ts";
import { SlowSocket } from "./slow-socket.ts";

/** How the world is to a client. */
export interface Surroundings {
  /** Told of every attempt to connect, also of those that are refused. False when there are so many that no other turn would come. */
  readonly onDial: (address: string) => boolean;
  /** The number of the connection that brokers have seen last. */
  readonly lastConnection: () => number;
  /** The client has closed a connection, or has heard of its end. */
  readonly onGone: (connection: number) => void;
  /** How far the wall clock is from the cluster's. */
  readonly wallClockMs: () => number;
  /** For how long what is written to a socket now stays in the client's memory. */
  readonly drawHoldMs: () => number;
  /** How much longer the process stands still. */
  readonly standsStillMs: () => number;
}

/** No broker knows of it. */
const NO_CONNECTION = 0;

/** What a client holds of the world: its timers and its sockets. Its runtime is the given one, with an eye on both. */
export class ClientFootprint {
  readonly runtime: Runtime;
  /** With what cancels them. */
  readonly #timers = new Map<object, () => void>();
  readonly #sockets = new Set<object>();
  /** With the numbers that brokers know their connections by. */
  readonly #open = new Map<SlowSocket, number>();
  readonly #surroundings: Surroundings;
  readonly #world: Clock;
  #connecting = 0;
  /** Of this client's process alone. */
  #stillUntilMs = 0;
  #isDead = false;

  constructor(runtime: Runtime, surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#world = runtime.clock;
    this.runtime = { ...runtime, clock: this.#watchedClock(runtime.clock), transport: this.#watchedTransport(runtime) };
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Open ones, and attempts to open some. */
  get sockets(): number {
    return this.#sockets.size + this.#connecting;
  }

  /** Nothing is read from now on. */
  freeze(): void {
    for (const socket of this.#open.keys()) socket.freeze();
  }

  thaw(): void {
    for (const socket of this.#open.keys()) socket.thaw();
  }

  /** How much longer it stands still: this process, or the machine. */
  get standsStillMs(): number {
    return Math.max(this.#surroundings.standsStillMs(), this.#stillUntilMs - this.#world.monotonic());
  }

  /** It is in a process of its own, which is blocked. */
  stall(ms: number): void {
    this.#stillUntilMs = Math.max(this.#stillUntilMs, this.#world.monotonic() + ms);
    this.freeze();
    this.#world.schedule(ms, () => this.thaw());
  }

  /** Its process is gone: it does nothing any more, and its sockets are reset. */
  die(): void {
    this.#isDead = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    for (const socket of this.#open.keys()) {
      this.#gone(socket);
      socket.destroy({ reset: true });
    }
    this.#sockets.clear();
  }

  #gone(socket: SlowSocket): void {
    const connection = this.#open.get(socket);
    if (connection !== undefined) this.#surroundings.onGone(connection);
    this.#open.delete(socket);
  }

  #watchedClock(clock: Clock): Clock {
    return {
      now: () => clock.now() + this.#surroundings.wallClockMs(),
      monotonic: () => clock.monotonic(),
      schedule: (delayMs, run, options) => {
        const mark = {};
        if (this.#isDead) return { cancel: () => undefined };
        let timer: Timer;
        const fire = (): void => {
          const stillMs = this.standsStillMs;
          if (stillMs > 0) {
            timer = clock.schedule(stillMs, fire, options);
            return;
          }
          this.#timers.delete(mark);
          run();
        };
        timer = clock.schedule(delayMs, fire, options);
        const cancel = (): void => {
          this.#timers.delete(mark);
          timer.cancel();
        };
        this.#timers.set(mark, cancel);
        return { cancel };
      },
    };
  }

  #watchedTransport({ transport, clock }: Runtime): Transport {
    return {
      connect: async (target, reader) => {
        if (this.#isDead) return new Promise<never>(() => undefined);
        const isPossible = this.#surroundings.onDial(`${target.address}:${target.port}`);
        const mark = {};
        this.#connecting++;
        try {
          if (!isPossible) await new Promise<void>((resolve) => void clock.schedule(1, resolve));
          const holder: { slow?: SlowSocket } = {};
          const before = this.#surroundings.lastConnection();
          const connecting = transport.connect(target, this.#watchedReader(reader, mark, holder));
          // In memory a broker sees it at once, if it is up.
          const connection = this.#surroundings.lastConnection();
          const socket = await connecting;
          if (this.#isDead) socket.destroy({ reset: true });
          else this.#sockets.add(mark);
          const slow = new SlowSocket(socket, clock, this.#surroundings.drawHoldMs, () => reader.onDrain());
          holder.slow = slow;
          this.#open.set(slow, connection > before ? connection : NO_CONNECTION);
          return this.#watchedSocket(slow, mark);
        } finally {
          this.#connecting--;
        }
      },
    };
  }

  #watchedReader(reader: SocketReader, mark: object, holder: { readonly slow?: SlowSocket }): SocketReader {
    return {
      buffer: () => reader.buffer(),
      onBytes: (count) => {
        if (!this.#isDead) reader.onBytes(count);
      },
      onDrain: () => reader.onDrain(),
      onClose: (error) => {
        if (this.#isDead) return;
        this.#sockets.delete(mark);
        if (holder.slow !== undefined) this.#gone(holder.slow);
        holder.slow?.drop();
        reader.onClose(error);
      },
    };
  }

  #watchedSocket(socket: SlowSocket, mark: object): TransportSocket {
    return {
      remote: socket.remote,
      local: socket.local,
      write: (pieces, onSent) => socket.write(pieces, onSent),
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      destroy: (options) => {
        this.#sockets.delete(mark);
        this.#gone(socket);
        socket.destroy(options);
      },
    };
  }
}
