import { randomUUID } from "node:crypto";
import { lookup, lookupService } from "node:dns/promises";
import type { Clock } from "./async/clock.ts";
import { systemSchedule } from "./async/deadline.ts";
import { tcpTransport } from "./connection/tcp-transport.ts";
import type { Transport } from "./connection/transport.ts";

/** An address behind a host's name. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/**
 * What a client takes from the world around it: time, chance, names and sockets. With a clock that is held, chance from a seed and
 * a network in memory, a client's life is a function of its seed.
 */
export interface Runtime {
  readonly clock: Clock;
  /** From 0 (included) to 1 (excluded). */
  readonly random: () => number;
  /** Java's spelling, with dashes. */
  readonly uuid: () => string;
  /** All addresses of a name, in the order to try them. */
  readonly resolve: (host: string) => Promise<readonly ResolvedAddress[]>;
  /** The name that an address says it has; without it `resolve_canonical_bootstrap_servers_only` keeps addresses. */
  readonly canonicalName?: (address: string) => Promise<string>;
  readonly transport: Transport;
}

const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule: systemSchedule,
};

/** The machine's own. */
export const systemRuntime: Runtime = Object.freeze({
  clock: systemClock,
  random: () => Math.random(),
  uuid: () => randomUUID(),
  resolve: async (host: string): Promise<readonly ResolvedAddress[]> => {
    const found = await lookup(host, { all: true, verbatim: true });
    return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
  },
  canonicalName: async (address: string): Promise<string> => (await lookupService(address, 0)).hostname,
  transport: tcpTransport,
});
