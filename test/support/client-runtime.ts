// What a client takes from the world, when the world is an embedded broker in memory: held time, chance from a seed.

import type { EmbeddedBroker, HeldClock } from "../../src/broker/index.ts";
import { seededRandom } from "../../src/broker/random.ts";
import { memoryTransport } from "../../src/client/connection/memory-transport.ts";
import type { Runtime } from "../../src/client/runtime.ts";

export interface MemoryRuntimeOptions {
  /** The broker's own. */
  readonly clock: HeldClock;
  /** A seed. */
  readonly random?: number;
}

/** The broker must run with `transport: "memory"` and the same clock. */
export function memoryRuntime(broker: EmbeddedBroker, { clock, random = 1 }: MemoryRuntimeOptions): Runtime {
  const chance = seededRandom(random);
  return {
    clock,
    random: () => chance.next(),
    uuid: () => chance.javaUuid(),
    resolve: (host) => Promise.resolve([{ address: host, family: 4 }]),
    transport: memoryTransport(broker.network),
  };
}
