import { randomUUID } from "node:crypto";
import { lookup, lookupService } from "node:dns/promises";
import type { Codecs } from "../protocol/index.ts";
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
  /** Calls back when this turn of the event loop is over; without it, the clock does so at once. */
  readonly afterTurn?: (run: () => void) => void;
  /** What compresses batches, on other threads perhaps, which are done when they please; without it, Node's own. */
  readonly codecs?: Codecs;
}

const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule: systemSchedule,
};

/** Lookups under way. Node cannot break one off: a resolver that does not answer would otherwise get one more with each attempt. */
const lookups = new Map<string, Promise<readonly ResolvedAddress[]>>();

function resolveOnce(host: string): Promise<readonly ResolvedAddress[]> {
  const underWay = lookups.get(host);
  if (underWay !== undefined) return underWay;
  const resolving = lookUp(host).finally(() => lookups.delete(host));
  lookups.set(host, resolving);
  return resolving;
}

async function lookUp(host: string): Promise<readonly ResolvedAddress[]> {
  const found = await lookup(host, { all: true, verbatim: true });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
}

/** The machine's own. */
export const systemRuntime: Runtime = Object.freeze({
  clock: systemClock,
  random: () => Math.random(),
  uuid: () => randomUUID(),
  resolve: resolveOnce,
  canonicalName: async (address: string): Promise<string> => (await lookupService(address, 0)).hostname,
  transport: tcpTransport,
  afterTurn: (run: () => void): void => {
    setImmediate(run);
  },
});
