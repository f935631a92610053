/** LZ4 for whoever would rather have fewer bytes than be done soon: of all earlier places, the one that matches furthest is taken. */
import { LAST_LITERALS, MATCH_MARGIN, MAX_LZ4_BLOCK_BYTES, MIN_MATCH, readWord, writeLiterals, writeMatch } from "./lz4-block.ts";

const HASH_BITS = 15;
const HASH_MULTIPLIER = 0x9e3779b1;
const NOWHERE = -1;
const MOST_LEVEL = 17;
/** Of each hash, where it was met last; positions are counted from the block's start. */
const heads = new Int32Array(1 << HASH_BITS);
/** From each position, how far back the one before it is that has the same hash; 0 for none. */
const steps = new Uint16Array(MAX_LZ4_BLOCK_BYTES);

interface Match {
  length: number;
  distance: number;
}

/**
 * As `compressLz4Block`. With each level twice as many places are looked at, as in LZ4's own high compression.
 *
 * @param level from 1 to 17
 */
export function compressLz4BlockByLevel(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
  level: number,
): number {
  const search = new Search(source, start, end, 2 ** (Math.min(Math.max(level, 1), MOST_LEVEL) - 1));
  const limit = end - MATCH_MARGIN;
  let output = at;
  let literalStart = start;
  for (let position = start + 1; position < limit; ) {
    let { length, distance } = search.longestAt(position);
    if (length < MIN_MATCH) {
      position++;
      continue;
    }
    // A match that begins one byte later and is longer is worth a literal.
    for (let next = position + 1; next < limit; next++) {
      const later = search.longestAt(next);
      if (later.length <= length) break;
      position = next;
      ({ length, distance } = later);
    }
    const matchNibble = Math.min(length - MIN_MATCH, 15);
    output = writeLiterals(source, literalStart, position, matchNibble, target, output);
    output = writeMatch(length, distance, target, output);
    position += length;
    literalStart = position;
  }
  return writeLiterals(source, literalStart, end, 0, target, output);
}

class Search {
  readonly #source: Uint8Array;
  readonly #start: number;
  readonly #matchEnd: number;
  readonly #attempts: number;
  /** Always the same one. */
  readonly #found: Match = { length: 0, distance: 0 };
  /** Positions before it can be found. */
  #known: number;

  constructor(source: Uint8Array, start: number, end: number, attempts: number) {
    this.#source = source;
    this.#start = start;
    this.#matchEnd = end - LAST_LITERALS;
    this.#attempts = attempts;
    this.#known = start;
    heads.fill(NOWHERE);
  }

  /** Of length 0 when there is none. To be called with ascending positions. */
  longestAt(position: number): Match {
    this.#learnUpTo(position);
    const source = this.#source;
    const found = this.#found;
    found.length = 0;
    const word = readWord(source, position);
    let candidate = heads[hashOf(word)]!;
    for (let left = this.#attempts; candidate >= 0 && left > 0; left--) {
      const place = this.#start + candidate;
      // Only what is longer counts: the byte behind the longest so far tells soonest.
      if (source[place + found.length] === source[position + found.length] && readWord(source, place) === word) {
        const length = this.#lengthOf(place, position);
        if (length > found.length) {
          found.length = length;
          found.distance = position - place;
          if (position + length >= this.#matchEnd) break;
        }
      }
      const step = steps[candidate]!;
      if (step === 0) break;
      candidate -= step;
    }
    return found;
  }

  #lengthOf(place: number, position: number): number {
    let length = MIN_MATCH;
    while (position + length < this.#matchEnd && this.#source[place + length] === this.#source[position + length]) length++;
    return length;
  }

  #learnUpTo(position: number): void {
    for (; this.#known < position; this.#known++) {
      const slot = hashOf(readWord(this.#source, this.#known));
      const index = this.#known - this.#start;
      const before = heads[slot]!;
      steps[index] = before < 0 ? 0 : index - before;
      heads[slot] = index;
    }
  }
}

function hashOf(word: number): number {
  return Math.imul(word, HASH_MULTIPLIER) >>> (32 - HASH_BITS);
}
