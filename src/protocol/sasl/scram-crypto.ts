import type { ScramMechanism } from "./sasl-mechanism.ts";

/** Named as WebCrypto names them. */
export type ScramHash = "SHA-256" | "SHA-512";

/**
 * The cryptography that SCRAM needs, brought in from outside because this folder also runs where `node:crypto` does not. All of
 * it may be asynchronous, as in a browser; `pbkdf2` has to be: it takes long enough to stall an event loop.
 */
export interface ScramCrypto {
  hmac(hash: ScramHash, key: Uint8Array, data: Uint8Array): Uint8Array | Promise<Uint8Array>;
  hash(hash: ScramHash, data: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** PBKDF2 with HMAC; `length` bytes of key. */
  pbkdf2(hash: ScramHash, password: Uint8Array, salt: Uint8Array, iterations: number, length: number): Promise<Uint8Array>;
  /** From a cryptographic source. */
  randomBytes(length: number): Uint8Array;
}

export const scramHashes: Readonly<Record<ScramMechanism, { readonly hash: ScramHash; readonly length: number }>> = {
  "SCRAM-SHA-256": { hash: "SHA-256", length: 32 },
  "SCRAM-SHA-512": { hash: "SHA-512", length: 64 },
};
