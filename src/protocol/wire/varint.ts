/**
 * Unsigned varints: seven bits a byte, lowest first, the top bit says "more follows". Lengths, counts and tags of flexible
 * versions are such numbers, of at most 32 bits and five bytes. (Records use the signed, zigzag kind: `records/`.)
 */

/** Bytes that `writeUnsignedVarint` will take. */
export function sizeOfUnsignedVarint(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

/** Writes `value` (0 to 2^32 - 1) and returns the position after it. */
export function writeUnsignedVarint(target: Uint8Array, position: number, value: number): number {
  while (value >= 0x80) {
    target[position++] = (value & 0x7f) | 0x80;
    value = Math.floor(value / 0x80);
  }
  target[position++] = value;
  return position;
}
