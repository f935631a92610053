import type { ScramCredential } from "../../protocol/index.ts";
import { nodeScramCrypto } from "./node-scram-crypto.ts";
import type { ScramMechanism } from "./users.ts";

const hashes = { "SCRAM-SHA-256": "SHA-256", "SCRAM-SHA-512": "SHA-512" } as const;

export interface SaltedPassword {
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly saltedPassword: Uint8Array;
}

/** What the broker keeps of a password that the client has hashed already (RFC 5802, section 3). */
export async function scramCredentialFromSalted(mechanism: ScramMechanism, salted: SaltedPassword): Promise<ScramCredential> {
  const { salt, iterations, saltedPassword } = salted;
  const hash = hashes[mechanism];
  const clientKey = await nodeScramCrypto.hmac(hash, saltedPassword, Buffer.from("Client Key"));
  return {
    // The request's memory is its connection's.
    salt: Uint8Array.from(salt),
    iterations,
    storedKey: await nodeScramCrypto.hash(hash, clientKey),
    serverKey: await nodeScramCrypto.hmac(hash, saltedPassword, Buffer.from("Server Key")),
  };
}
