/** The key derivations of RFC 5802 chapter 3, in its words. */
import { constantTimeEqual } from "./constant-time-equal.ts";
import type { ScramMechanism } from "./sasl-mechanism.ts";
import { type ScramCrypto, scramHashes } from "./scram-crypto.ts";

const encoder = new TextEncoder();

/** The keys that follow from one SaltedPassword; ServerKey and ClientKey are as good as the password. */
export interface ScramKeys {
  readonly clientKey: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/** The password goes in as plain UTF-8, without SASLprep, because Kafka's brokers and tools do the same. */
export function saltedPasswordFromPassword(
  crypto: ScramCrypto,
  mechanism: ScramMechanism,
  password: string,
  salt: Uint8Array,
  iterations: number,
): Promise<Uint8Array> {
  const { hash, length } = scramHashes[mechanism];
  return crypto.pbkdf2(hash, encoder.encode(password), salt, iterations, length);
}

export async function keysFromSaltedPassword(
  crypto: ScramCrypto,
  mechanism: ScramMechanism,
  saltedPassword: Uint8Array,
): Promise<ScramKeys> {
  const { hash } = scramHashes[mechanism];
  const clientKey = await crypto.hmac(hash, saltedPassword, encoder.encode("Client Key"));
  const storedKey = await crypto.hash(hash, clientKey);
  const serverKey = await crypto.hmac(hash, saltedPassword, encoder.encode("Server Key"));
  return { clientKey, storedKey, serverKey };
}

/** The client's proof that it knows the password. `authMessage` is what both sides have said, joined by commas. */
export async function clientProof(
  crypto: ScramCrypto,
  mechanism: ScramMechanism,
  keys: Pick<ScramKeys, "clientKey" | "storedKey">,
  authMessage: string,
): Promise<Uint8Array> {
  const signature = await crypto.hmac(scramHashes[mechanism].hash, keys.storedKey, encoder.encode(authMessage));
  return xor(keys.clientKey, signature);
}

/** The server's proof that it knows the credential. */
export async function serverSignature(
  crypto: ScramCrypto,
  mechanism: ScramMechanism,
  serverKey: Uint8Array,
  authMessage: string,
): Promise<Uint8Array> {
  return crypto.hmac(scramHashes[mechanism].hash, serverKey, encoder.encode(authMessage));
}

/** The server's check: the proof uncovers a ClientKey, whose hash has to be the StoredKey. */
export async function isClientProof(
  crypto: ScramCrypto,
  mechanism: ScramMechanism,
  storedKey: Uint8Array,
  authMessage: string,
  proof: Uint8Array,
): Promise<boolean> {
  const { hash, length } = scramHashes[mechanism];
  if (proof.length !== length) return false;
  const signature = await crypto.hmac(hash, storedKey, encoder.encode(authMessage));
  return constantTimeEqual(await crypto.hash(hash, xor(proof, signature)), storedKey);
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ b[i]!);
}
