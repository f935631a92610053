// A network whose sockets take their time: they keep the memory that they are given, and read it only when they are told to. So do
// kernels that have no room, and so does Node when a socket is slow.

import type { Transport, TransportSocket } from "../../src/client/connection/transport.ts";

export interface HoldingTransport {
  readonly wrap: (transport: Transport) => Transport;
  /** From now on what is written is held. */
  begin(): void;
  /** From now on what is written passes; what is held is held on. */
  passFromNowOn(): void;
  /** How many writes are held. */
  readonly held: number;
  /** Whether the memory of all of them says what it said when it was given. */
  isIntact(): boolean;
  /** The kernel is done with what is held: it is sent, where the connection is still there, and its memory is free. */
  release(): Promise<void>;
  /** The socket is gone: what is held is never sent, and its memory is free. Its end is noticed later. */
  fail(): void;
}

interface Held {
  readonly pieces: readonly Uint8Array[];
  readonly before: Uint8Array;
  readonly socket: TransportSocket;
  readonly onSent: ((error?: Error) => void) | undefined;
}

export function holdingTransport(): HoldingTransport {
  const held: Held[] = [];
  let isHolding = false;

  function holding(socket: TransportSocket): TransportSocket {
    return {
      remote: socket.remote,
      local: socket.local,
      write(pieces, onSent) {
        // What is written behind something that is held waits behind it.
        if (!isHolding && !held.some((one) => one.socket === socket)) return socket.write(pieces, onSent);
        held.push({ pieces, before: Buffer.concat(pieces), socket, onSent });
        return true;
      },
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      destroy: (options) => socket.destroy(options),
    };
  }

  return {
    wrap: (transport) => ({
      connect: async (target, reader) => holding(await transport.connect(target, reader)),
    }),
    begin: () => {
      isHolding = true;
    },
    passFromNowOn: () => {
      isHolding = false;
    },
    get held() {
      return held.length;
    },
    isIntact: () => held.every(({ pieces, before }) => Buffer.concat(pieces).equals(before)),
    async release() {
      for (const { socket, pieces, onSent } of held.splice(0)) socket.write(pieces, onSent);
      await Promise.resolve();
    },
    fail() {
      for (const { onSent } of held.splice(0)) onSent?.(new Error("write EPIPE"));
    },
  };
}
