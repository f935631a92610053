/** Multiples of CRC-32C's polynomial that have few terms, all at whole bytes: what `fold-module.ts` is built on. */

/** The polynomial without x^32, its bits mirrored: the highest bit is x^0. */
const POLYNOMIAL = 0x82f63b78;
const ONE = 0x8000_0000;

/** The remainders of x^(8·0), x^(8·1), x^(8·2)… */
function remaindersOfBytePowers(count: number): Uint32Array {
  const remainders = new Uint32Array(count);
  let remainder = ONE;
  for (let power = 0; power < count; power++) {
    remainders[power] = remainder;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder & 1) === 1 ? (remainder >>> 1) ^ POLYNOMIAL : remainder >>> 1;
  }
  return remainders;
}

/** Whether a removed byte may be XORed into those at these distances behind it. */
export function isSparseMultiple(distances: readonly number[]): boolean {
  const window = Math.max(...distances);
  const remainders = remaindersOfBytePowers(window + 1);
  return distances.reduce((sum, distance) => sum ^ remainders[window - distance]!, remainders[window]!) === 0;
}

/**
 * The distances of one multiple with six terms for each window up to `maxWindow` that has any, none nearer than `minDistance`.
 * Two terms are always 1 and the window; the other four are two pairs with the same sum, up to those two.
 */
export function* sparseMultiples(minDistance: number, maxWindow: number): Generator<readonly number[], undefined, undefined> {
  const remainders = remaindersOfBytePowers(maxWindow + 1);
  for (let window = minDistance + 1; window <= maxWindow; window++) {
    const wanted = remainders[0]! ^ remainders[window]!;
    const pairs = new Map<number, readonly [number, number]>();
    for (let high = 2; high <= window - minDistance; high++) {
      for (let low = 1; low < high; low++) pairs.set(remainders[high]! ^ remainders[low]!, [high, low]);
    }
    for (const [sum, pair] of pairs) {
      const powers = new Set([...pair, ...(pairs.get(sum ^ wanted) ?? [])]);
      if (powers.size !== 4) continue;
      yield [...powers]
        .map((power) => window - power)
        .concat(window)
        .sort((a, b) => a - b);
      break;
    }
  }
}
