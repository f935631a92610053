import { SaslError } from "./sasl-error.ts";
import { MAX_AUTH_BYTES } from "./sasl-mechanism.ts";

/** The text inside SASL messages: strict UTF-8 both ways, since a replaced character would be another name or password. */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Longest piece of a peer's text that goes into an error message. */
const MAX_QUOTED = 256;

/** Refuses a message of the peer that is over 64 KiB. */
export function requireAuthSize(mechanism: string, bytes: Uint8Array): void {
  if (bytes.length <= MAX_AUTH_BYTES) return;
  throw new SaslError("SASL_UNACCEPTABLE", mechanism, `a message of ${bytes.length} bytes is over the limit of ${MAX_AUTH_BYTES}`);
}

/** The text of a message from the peer: at most 64 KiB of valid UTF-8. */
export function textFromPeer(mechanism: string, bytes: Uint8Array): string {
  requireAuthSize(mechanism, bytes);
  try {
    return decoder.decode(bytes);
  } catch {
    // The decoder's own error says no more than this one.
    throw new SaslError("SASL_MALFORMED", mechanism, "a message is not valid UTF-8");
  }
}

/** A message of ours; `text` may hold secrets. */
export function bytesFromText(mechanism: string, text: string): Uint8Array {
  const bytes = encoder.encode(text);
  if (bytes.length <= MAX_AUTH_BYTES) return bytes;
  const problem = `the credentials make a message of ${bytes.length} bytes; the limit is ${MAX_AUTH_BYTES}`;
  throw new SaslError("SASL_INVALID_CREDENTIALS", mechanism, problem);
}

/** Refuses a user name or password that no message can carry. `what` names it in the error; its value is never shown. */
export function requireCredential(mechanism: string, what: string, value: string): void {
  const fail = (problem: string): never => {
    throw new SaslError("SASL_INVALID_CREDENTIALS", mechanism, `the ${what} ${problem}`);
  };
  if (value === "") fail("is empty");
  if (value.includes("\0")) fail("contains a NUL character");
  if (/\p{Surrogate}/u.test(value)) fail("contains half of a surrogate pair, which UTF-8 cannot express");
}

/** Text of the peer, made safe for an error message or a log: no control or direction characters, and not too long. */
export function quotedFromPeer(text: string): string {
  const head = text.slice(0, MAX_QUOTED);
  const safe = head.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
  return head.length < text.length ? `${safe}…` : safe;
}

/** A name in the comma-separated messages of SCRAM and GS2: `=` and `,` are written `=3D` and `=2C` (RFC 5802 chapter 5.1). */
export function saslNameFromText(text: string): string {
  return text.replaceAll("=", "=3D").replaceAll(",", "=2C");
}

/** Undefined when the name is empty, or has an `=` that does not belong to one of the two escapes. */
export function textFromSaslName(name: string): string | undefined {
  if (!/^(?:[^=,\0]|=2C|=3D)+$/u.test(name)) return undefined;
  return name.replaceAll("=2C", ",").replaceAll("=3D", "=");
}
