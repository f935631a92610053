/** The first integer that a JavaScript number no longer tells from its neighbour, minus one. */
export const MAX_SAFE: number = Number.MAX_SAFE_INTEGER;

const TWO_TO_32 = 4_294_967_296;

/**
 * Two halves of a signed 64-bit number as a number, or `undefined` where a number would not be exact.
 * `high` is signed, `low` is unsigned.
 */
export function safeNumberFromHalves(high: number, low: number): number | undefined {
  const value = high * TWO_TO_32 + low;
  return value >= -MAX_SAFE && value <= MAX_SAFE ? value : undefined;
}

/** The upper half of a safe integer, signed. */
export function highHalf(value: number): number {
  return Math.floor(value / TWO_TO_32);
}

/** The lower half of a safe integer, as 32 bits. */
export function lowHalf(value: number): number {
  return value >>> 0;
}
