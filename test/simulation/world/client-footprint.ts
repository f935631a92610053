import type { Clock, Timer } from "../../../src/client/async/clock.ts";
import type { SocketReader, Transport, TransportSocket } from "../../../src/client/connection/transport.ts";
import type { Runtime } from "../../../src/client/runtime.ts";

/** What a client holds of the world: its timers and its sockets. Its runtime is the given one, with an eye on both. */
export class ClientFootprint {
  readonly runtime: Runtime;
  readonly #timers = new Set<object>();
  readonly #sockets = new Set<object>();
  readonly #onDial: (address: string) => void;
  #connecting = 0;

  /** @param onDial told of every attempt to connect, also of those that are refused */
  constructor(runtime: Runtime, onDial: (address: string) => void) {
    this.#onDial = onDial;
    this.runtime = { ...runtime, clock: this.#watchedClock(runtime.clock), transport: this.#watchedTransport(runtime.transport) };
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Open ones, and attempts to open some. */
  get sockets(): number {
    return this.#sockets.size + this.#connecting;
  }

  #watchedClock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      schedule: (delayMs, run, options) => {
        const mark = {};
        this.#timers.add(mark);
        const timer: Timer = clock.schedule(
          delayMs,
          () => {
            this.#timers.delete(mark);
            run();
          },
          options,
        );
        return {
          cancel: () => {
            this.#timers.delete(mark);
            timer.cancel();
          },
        };
      },
    };
  }

  #watchedTransport(transport: Transport): Transport {
    return {
      connect: async (target, reader) => {
        this.#onDial(`${target.address}:${target.port}`);
        const mark = {};
        this.#connecting++;
        try {
          const socket = await transport.connect(target, this.#watchedReader(reader, mark));
          this.#sockets.add(mark);
          return this.#watchedSocket(socket, mark);
        } finally {
          this.#connecting--;
        }
      },
    };
  }

  #watchedReader(reader: SocketReader, mark: object): SocketReader {
    return {
      buffer: () => reader.buffer(),
      onBytes: (count) => reader.onBytes(count),
      onDrain: () => reader.onDrain(),
      onClose: (error) => {
        this.#sockets.delete(mark);
        reader.onClose(error);
      },
    };
  }

  #watchedSocket(socket: TransportSocket, mark: object): TransportSocket {
    return {
      remote: socket.remote,
      local: socket.local,
      write: (pieces, onSent) => socket.write(pieces, onSent),
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      destroy: (options) => {
        this.#sockets.delete(mark);
        socket.destroy(options);
      },
    };
  }
}
