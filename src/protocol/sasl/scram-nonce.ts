import { base64FromBytes } from "./base64.ts";
import { SaslError } from "./sasl-error.ts";
import type { ScramCrypto } from "./scram-crypto.ts";

/** 192 bits, and without padding in base64. */
const NONCE_BYTES = 24;

/** A fresh nonce: printable and without commas, as the grammar wants. `chosen` takes its place where a transcript is replayed. */
export function newScramNonce(mechanism: string, crypto: ScramCrypto, chosen: (() => string) | undefined): string {
  const nonce = chosen === undefined ? base64FromBytes(crypto.randomBytes(NONCE_BYTES)) : chosen();
  if (/^[\x21-\x2b\x2d-\x7e]+$/.test(nonce)) return nonce;
  throw new SaslError("SASL_INVALID_CREDENTIALS", mechanism, "newNonce returned characters that a nonce cannot have");
}
