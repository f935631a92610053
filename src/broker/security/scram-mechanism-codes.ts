import type { ScramMechanism } from "./users.ts";

/** The mechanisms by the numbers that Kafka's APIs give them (KIP-554). */
export const scramMechanismCodes: ReadonlyMap<number, ScramMechanism> = new Map([
  [1, "SCRAM-SHA-256"],
  [2, "SCRAM-SHA-512"],
]);
