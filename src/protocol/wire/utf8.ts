/**
 * Strings on the wire are UTF-8. Two traps: `TextDecoder` drops a leading byte order mark unless told not to, and for the
 * short ASCII names that Kafka is full of, a plain loop beats both encoder and decoder.
 */
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Up to this length the loop wins. */
const SHORT = 48;

/** Malformed sequences read as U+FFFD, as in Java: a broken name must not cost the whole message. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= SHORT) {
    const text = decodeShortAscii(bytes, start, end);
    if (text !== undefined) return text;
  }
  return decoder.decode(bytes.subarray(start, end));
}

function decodeShortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = "";
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte > 0x7f) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Writes ASCII and returns true, or returns false at the first other character, having written only the part before it. */
export function writeAscii(text: string, target: Uint8Array, position: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return false;
    target[position + i] = code;
  }
  return true;
}

/** Lone surrogates become U+FFFD (Java writes a question mark there; neither can be read back). */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}
