export interface BackoffRange {
  readonly initialMs: number;
  readonly maxMs: number;
}

const FACTOR = 2;
/** More would leave the numbers that are finite. */
const MOST_DOUBLINGS = 1_000;
/** Off by up to a fifth, so that clients that failed together do not come again together (KIP-144, KIP-580). */
const JITTER = 0.2;

/**
 * How long to wait after `failures` failures in a row: the initial time doubled with each but the first, give or take a fifth, and
 * never more than the maximum. 0 after none.
 *
 * @param random from 0 to 1
 */
export function exponentialBackoffMs({ initialMs, maxMs }: BackoffRange, failures: number, random: () => number): number {
  if (failures <= 0) return 0;
  // Cut before the jitter, or clients that have failed for long would all wait the same; and never 0 · ∞.
  const term = Math.min(maxMs, initialMs * FACTOR ** Math.min(failures - 1, MOST_DOUBLINGS));
  const jittered = term * (1 - JITTER + 2 * JITTER * random());
  return Math.max(0, Math.min(maxMs, jittered));
}
