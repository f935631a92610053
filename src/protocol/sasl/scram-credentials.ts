import { SaslError } from "./sasl-error.ts";
import type { ScramMechanism } from "./sasl-mechanism.ts";
import { requireCredential } from "./sasl-text.ts";
import type { ScramCrypto } from "./scram-crypto.ts";
import { keysFromSaltedPassword, saltedPasswordFromPassword } from "./scram-keys.ts";

/** Fewest iterations that Kafka accepts, on either side. */
export const MIN_SCRAM_ITERATIONS = 4096;

/** Most iterations that a Kafka broker stores (KIP-554). */
export const MAX_STORED_SCRAM_ITERATIONS = 16_384;

/** What a server keeps of a password. Whoever has it can verify the password and pose as the server, but not as the client. */
export interface ScramCredential {
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

export interface NewScramCredential {
  readonly crypto: ScramCrypto;
  readonly mechanism: ScramMechanism;
  readonly password: string;
  /** 4096, the least, by default; at most 16384. */
  readonly iterations?: number;
  /** 20 random bytes by default. */
  readonly salt?: Uint8Array;
}

/** Throws SASL_INVALID_CREDENTIALS where a broker would answer UNACCEPTABLE_CREDENTIAL. */
export async function scramCredentialFromPassword(options: NewScramCredential): Promise<ScramCredential> {
  const { crypto, mechanism, password, iterations = MIN_SCRAM_ITERATIONS, salt = crypto.randomBytes(20) } = options;
  requireCredential(mechanism, "password", password);
  if (!Number.isInteger(iterations) || iterations < MIN_SCRAM_ITERATIONS || iterations > MAX_STORED_SCRAM_ITERATIONS) {
    const problem = `iterations must be a number from ${MIN_SCRAM_ITERATIONS} to ${MAX_STORED_SCRAM_ITERATIONS}, not ${iterations}`;
    throw new SaslError("SASL_INVALID_CREDENTIALS", mechanism, problem);
  }
  if (salt.length === 0) throw new SaslError("SASL_INVALID_CREDENTIALS", mechanism, "the salt is empty");
  const saltedPassword = await saltedPasswordFromPassword(crypto, mechanism, password, salt, iterations);
  const { storedKey, serverKey } = await keysFromSaltedPassword(crypto, mechanism, saltedPassword);
  return { salt, iterations, storedKey, serverKey };
}
