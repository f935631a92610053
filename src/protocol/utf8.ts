/** Text in and out of bytes. Short ASCII, by far the most of it, never leaves JavaScript. */

const encoder = new TextEncoder();
// ignoreBOM keeps a byte order mark as a character: a key that starts with one must not change.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/** Above this, the platform's own coder is faster than a loop although each call of it costs a fixed price. */
const LOOP_UP_TO = 32;

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Invalid UTF-8 becomes U+FFFD, as in Java. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > LOOP_UP_TO) return decoder.decode(bytes.subarray(start, end));
  let text = "";
  for (let position = start; position < end; position++) {
    const byte = bytes[position]!;
    if (byte > 0x7f) return decoder.decode(bytes.subarray(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Writes ASCII and returns true, or returns false at the first other character with the bytes half written. */
export function writeAscii(bytes: Uint8Array, position: number, text: string): boolean {
  const length = text.length;
  if (length > LOOP_UP_TO) {
    const { read, written } = encoder.encodeInto(text, bytes.subarray(position, position + length));
    return read === length && written === length;
  }
  let seen = 0;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    seen |= code;
    bytes[position + index] = code;
  }
  return seen < 0x80;
}

/** How many bytes the text takes. A lone surrogate becomes U+FFFD, which takes three like the surrogate itself would. */
export function utf8Size(text: string): number {
  const length = text.length;
  let size = length;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x80) continue;
    size += code < 0x800 ? 1 : 2;
    if (code >= 0xd800 && code < 0xdc00 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00) {
      // A surrogate pair takes four bytes and is two characters long.
      index++;
    }
  }
  return size;
}

/** Writes the text and returns the position behind it. The caller made room for {@link utf8Size} bytes. */
export function writeUtf8(bytes: Uint8Array, position: number, text: string): number {
  if (writeAscii(bytes, position, text)) return position + text.length;
  const encoded = encodeUtf8(text);
  bytes.set(encoded, position);
  return position + encoded.length;
}
