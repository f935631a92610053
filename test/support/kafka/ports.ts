// Ports for brokers. A broker needs to know its ports before it binds them, so they are reserved for the time between.

import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atExit } from "../child-processes.ts";
import { releaseLock, takeLock } from "../pid-lock.ts";

/** Below the range from which the system gives ports to outgoing connections (32768 and up on Linux). */
const FIRST = 20_000;
const LAST = 31_999;

export interface ReservedPort {
  readonly port: number;
  /** Once nobody listens there any more. */
  release(): void;
}

/** A port of 127.0.0.1 that nobody listens on, and that no other process gets from this function until it is released. */
export async function reservePort(): Promise<ReservedPort> {
  const count = LAST - FIRST + 1;
  const start = Math.floor(Math.random() * count);
  for (let i = 0; i < count; i += 1) {
    const port = FIRST + ((start + i) % count);
    const lock = join(tmpdir(), "kafkawire-ports", String(port));
    if (!takeLock(lock)) continue;
    if (await isFree(port)) {
      const release = (): void => releaseLock(lock);
      const forget = atExit(release);
      return {
        port,
        release: () => {
          forget();
          release();
        },
      };
    }
    releaseLock(lock);
  }
  throw new Error(`no free port from ${FIRST} to ${LAST}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
