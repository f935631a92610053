/**
 * Fixed-width numbers at a position. Plain functions on a `Uint8Array`: making a DataView for each batch would cost more than
 * the whole header. The caller has checked that the bytes are there.
 */

const TWO_TO_32 = 0x1_0000_0000;

export function readInt16(bytes: Uint8Array, position: number): number {
  return ((bytes[position]! << 24) >> 16) | bytes[position + 1]!;
}

export function readInt32(bytes: Uint8Array, position: number): number {
  return (bytes[position]! << 24) | (bytes[position + 1]! << 16) | (bytes[position + 2]! << 8) | bytes[position + 3]!;
}

export function readUint32(bytes: Uint8Array, position: number): number {
  return readInt32(bytes, position) >>> 0;
}

/** An int64 as a number, or NaN when it lies outside ±2^53, where numbers have gaps. */
export function readInt64(bytes: Uint8Array, position: number): number {
  return numberFromHalves(readInt32(bytes, position), readInt32(bytes, position + 4));
}

export function readInt64Big(bytes: Uint8Array, position: number): bigint {
  return (BigInt(readInt32(bytes, position)) << 32n) | BigInt(readUint32(bytes, position + 4));
}

/** The number whose upper 32 bits are `high` (signed) and lower 32 bits are `low`, or NaN outside ±2^53. */
export function numberFromHalves(high: number, low: number): number {
  return high >= -0x20_0000 && high < 0x20_0000 ? high * TWO_TO_32 + (low >>> 0) : Number.NaN;
}

export function writeInt16(bytes: Uint8Array, position: number, value: number): void {
  bytes[position] = value >>> 8;
  bytes[position + 1] = value;
}

/** Writes the low 32 bits, so that signed and unsigned values both fit. */
export function writeInt32(bytes: Uint8Array, position: number, value: number): void {
  bytes[position] = value >>> 24;
  bytes[position + 1] = value >>> 16;
  bytes[position + 2] = value >>> 8;
  bytes[position + 3] = value;
}

/** A number must be a safe integer; a bigint may be any int64. */
export function writeInt64(bytes: Uint8Array, position: number, value: number | bigint): void {
  if (typeof value === "bigint") {
    writeInt32(bytes, position, Number(BigInt.asIntN(32, value >> 32n)));
    writeInt32(bytes, position + 4, Number(BigInt.asIntN(32, value)));
    return;
  }
  writeInt32(bytes, position, Math.floor(value / TWO_TO_32));
  writeInt32(bytes, position + 4, value | 0);
}
