import type { SaslOptions } from "./sasl-options.ts";

export type SaslMechanism = "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512" | "OAUTHBEARER";

export const saslMechanisms: readonly SaslMechanism[] = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"];

/** What a client may choose from. */
export function offeredMechanisms({ mechanisms, verifyToken }: SaslOptions): readonly SaslMechanism[] {
  return mechanisms ?? saslMechanisms.filter((name) => name !== "OAUTHBEARER" || verifyToken !== undefined);
}
