/**
 * Murmur2 as Kafka's Java client computes it: the hash that decides which partition a key belongs to. Every client that writes
 * to the same topic must agree on it, or records with one key land in two partitions.
 */
import { InvalidValueError } from "../invalid-value-error.ts";

const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;

/** Java's `Utils.murmur2` of `bytes[start, end)`: a signed 32-bit number. */
export function murmur2(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  let hash = SEED ^ (end - start);
  let position = start;
  for (const last = end - 4; position <= last; position += 4) {
    let word = bytes[position]! | (bytes[position + 1]! << 8) | (bytes[position + 2]! << 16) | (bytes[position + 3]! << 24);
    word = Math.imul(word, MULTIPLIER);
    word ^= word >>> 24;
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(word, MULTIPLIER);
  }
  const rest = end - position;
  if (rest === 3) hash ^= bytes[position + 2]! << 16;
  if (rest >= 2) hash ^= bytes[position + 1]! << 8;
  if (rest >= 1) hash = Math.imul(hash ^ bytes[position]!, MULTIPLIER);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, MULTIPLIER);
  return hash ^ (hash >>> 15);
}

/** Java's default choice of partition for a record with a key. An empty key hashes like any other; only a null key does not. */
export function partitionForKey(key: Uint8Array, partitionCount: number): number {
  // Text has a length, too, and would silently be sent elsewhere.
  if (!(key instanceof Uint8Array)) throw new InvalidValueError("a key is hashed as bytes");
  if (!Number.isInteger(partitionCount) || partitionCount < 1)
    throw new InvalidValueError(`a topic of ${partitionCount} partitions`);
  return (murmur2(key) & 0x7fffffff) % partitionCount;
}
