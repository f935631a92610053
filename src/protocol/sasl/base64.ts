/**
 * Base64 as RFC 4648 chapter 4 has it, and canonical: `atob` would also take spaces, missing padding and stray bits, so that
 * several texts meant the same bytes. (Neither `Buffer` nor `Uint8Array.fromBase64` is everywhere.)
 */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const digitValues = new Int8Array(128).fill(-1);
for (let i = 0; i < ALPHABET.length; i++) digitValues[ALPHABET.charCodeAt(i)] = i;

export function base64FromBytes(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63);
    text += i + 1 < bytes.length ? ALPHABET.charAt((group >> 6) & 63) : "=";
    text += i + 2 < bytes.length ? ALPHABET.charAt(group & 63) : "=";
  }
  return text;
}

/** Undefined when the text is not canonical base64. */
export function bytesFromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const digits = text.length - padding;
  const bytes = new Uint8Array(Math.floor((digits * 3) / 4));
  let pending = 0;
  let pendingBits = 0;
  let length = 0;
  for (let i = 0; i < digits; i++) {
    const value = digitValues[text.charCodeAt(i)] ?? -1;
    if (value < 0) return undefined;
    pending = (pending << 6) | value;
    pendingBits += 6;
    if (pendingBits < 8) continue;
    pendingBits -= 8;
    bytes[length++] = pending >> pendingBits;
    pending &= (1 << pendingBits) - 1;
  }
  return pending === 0 ? bytes : undefined;
}
