/** Kafka's "no id": sixteen zero bytes. */
export const ZERO_UUID = "AAAAAAAAAAAAAAAAAAAAAA";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const UUID_BYTES = 16;
const UUID_CHARACTERS = 22;
const VALUES: Int8Array = new Int8Array(128).fill(-1);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

/** The sixteen bytes at `start` as 22 characters of base64url, which is how Kafka prints topic ids. */
export function uuidFromBytes(bytes: Uint8Array, start: number): string {
  let text = "";
  for (let i = start; i < start + 15; i += 3) {
    const group = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
    text += ALPHABET[group >>> 18]! + ALPHABET[(group >>> 12) & 63]! + ALPHABET[(group >>> 6) & 63]! + ALPHABET[group & 63]!;
  }
  const last = bytes[start + 15]!;
  return text + ALPHABET[last >>> 2]! + ALPHABET[(last & 3) << 4]!;
}

/** Writes the sixteen bytes, or returns false when the text is not a uuid in Kafka's spelling. */
export function writeUuid(text: string, target: Uint8Array, position: number): boolean {
  if (text.length !== UUID_CHARACTERS) return false;
  let bits = 0;
  let bitCount = 0;
  let written = 0;
  for (let i = 0; i < UUID_CHARACTERS; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? -1;
    if (value < 0) return false;
    bits = (bits << 6) | value;
    bitCount += 6;
    if (bitCount < 8) continue;
    bitCount -= 8;
    target[position + written++] = (bits >>> bitCount) & 0xff;
    bits &= (1 << bitCount) - 1;
  }
  // 22 characters are 132 bits; the last four belong to no byte and must be zero, or two texts would mean one id.
  return written === UUID_BYTES && bits === 0;
}
