/** Just enough of DER (X.690) to write a certificate: a tag, a length, a value. */

export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return element(0x30, Buffer.concat(parts));
}

export function set(...parts: readonly Uint8Array[]): Uint8Array {
  return element(0x31, Buffer.concat(parts));
}

/** `[number] EXPLICIT`. */
export function tagged(number: number, part: Uint8Array): Uint8Array {
  return element(0xa0 | number, part);
}

/** Big-endian; the first bit is the sign. */
export function integer(bytes: Uint8Array): Uint8Array {
  return element(0x02, bytes);
}

export function octets(bytes: Uint8Array): Uint8Array {
  return element(0x04, bytes);
}

export function bitString(bytes: Uint8Array): Uint8Array {
  // No bits of the last byte are unused.
  return element(0x03, Buffer.concat([Uint8Array.of(0), bytes]));
}

export function utf8(text: string): Uint8Array {
  return element(0x0c, Buffer.from(text));
}

/** `1.2.840.…`: the first two numbers share a byte, the others have seven bits in each. */
export function objectId(id: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = id.split(".").map(Number);
  return element(0x06, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): readonly number[] {
  const bytes = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) bytes.unshift((left & 0x7f) | 0x80);
  return bytes;
}

const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
/** RFC 5280: years from here on have four digits. */
const FIRST_GENERALIZED_YEAR = 2050;

export function time(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replace(/\.\d+/, "").replaceAll(/[-:T]/g, "");
  const hasFourDigitYear = Number(digits.slice(0, 4)) >= FIRST_GENERALIZED_YEAR;
  return element(hasFourDigitYear ? GENERALIZED_TIME : UTC_TIME, Buffer.from(hasFourDigitYear ? digits : digits.slice(2)));
}

function element(tag: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(tag, ...lengthOf(value.length)), value]);
}

function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >>> 8, length & 0xff];
}
