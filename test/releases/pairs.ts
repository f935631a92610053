// Which client meets which broker.

import type { KafkaRelease } from "../../src/broker/index.ts";

export interface Pair {
  /** The version of kafka-clients on Maven Central. */
  readonly client: string;
  readonly broker: KafkaRelease;
}

const BY_CLIENT: Readonly<Record<string, readonly KafkaRelease[]>> = {
  // Record format 0, and no ApiVersions: a client takes what the broker must have.
  "0.8.2.2": ["0.11"],
  "0.9.0.1": ["0.11"],
  // Record format 1.
  "0.10.2.2": ["0.11"],
  "0.11.0.3": ["0.11", "3.9", "4.3"],
  "1.1.1": ["1.1"],
  "2.1.1": ["2.1", "4.3"],
  "2.8.2": ["2.8"],
  "3.9.1": ["3.9", "4.3"],
};

export const pairs: readonly Pair[] = Object.entries(BY_CLIENT).flatMap(([client, brokers]) =>
  brokers.map((broker) => ({ client, broker })),
);

export function nameOf({ client, broker }: Pair): string {
  return `${client} on ${broker}`;
}

/** For both kinds of brokers: what their defaults differ in, and partitions for the clients that cannot create a topic. */
export const BROKER_SETTINGS: Readonly<Record<string, string>> = { "num.partitions": "2", "group.initial.rebalance.delay.ms": "0" };
