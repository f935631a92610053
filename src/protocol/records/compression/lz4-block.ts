/** The LZ4 block format. https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md */
import { MalformedMessageError } from "../../malformed-message-error.ts";
import { OutputLimitError } from "./codec.ts";
import { copyBytes, copyWithin } from "./copy-bytes.ts";

export const MIN_MATCH = 4;
/** The format's own rules: the last match starts this far from the end, and the last five bytes are literals. */
export const MATCH_MARGIN = 12;
export const LAST_LITERALS = 5;
/** Distances and the positions in the hash table have 16 bits. */
export const MAX_LZ4_BLOCK_BYTES = 65_536;
/** Literals up to this are copied without counting them. */
const SHORT = 16;
/** Matches up to this are copied by words; a call of the platform's own copy pays for longer ones. */
const WORDS_UP_TO = 128;
const HASH_BITS = 14;
const HASH_MULTIPLIER = 0x9e3779b1;
const hashTable = new Uint16Array(1 << HASH_BITS);

/**
 * Decompresses `source[start, end)` to `target[at, limit)`; the end of the output.
 * @throws OutputLimitError when the room is too small
 */
// One long function on purpose: it runs once for every few bytes of a batch.
export function decompressLz4Block(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
  limit: number,
): number {
  // Of a word at any place it makes one load, and one store.
  const from = new DataView(source.buffer, source.byteOffset, end);
  const to = new DataView(target.buffer, target.byteOffset, limit);
  let position = start;
  let output = at;
  for (;;) {
    if (position >= end) throw malformed("it ends without literals", position);
    const token = source[position++]!;
    let literals = token >>> 4;
    if (literals === 15) {
      let byte: number;
      do {
        if (position >= end) throw malformed("it ends inside a length", position);
        byte = source[position++]!;
        literals += byte;
      } while (byte === 255);
    }
    if (literals > end - position) throw malformed("its literals go on behind its end", position);
    if (literals > limit - output) throw new OutputLimitError("lz4", limit - at);
    if (literals <= SHORT && end - position >= SHORT && limit - output >= SHORT) {
      // All 16, whatever their number: what is too much is written over. That is faster than to decide for each.
      to.setInt32(output, from.getInt32(position, true), true);
      to.setInt32(output + 4, from.getInt32(position + 4, true), true);
      if (literals > 8) {
        to.setInt32(output + 8, from.getInt32(position + 8, true), true);
        to.setInt32(output + 12, from.getInt32(position + 12, true), true);
      }
    } else copyBytes(source, position, target, output, literals);
    position += literals;
    output += literals;
    if (position === end) return output;

    if (end - position < 2) throw malformed("it ends inside a match", position);
    const distance = source[position]! | (source[position + 1]! << 8);
    position += 2;
    let length = (token & 15) + MIN_MATCH;
    if (length === 15 + MIN_MATCH) {
      let byte: number;
      do {
        if (position >= end) throw malformed("it ends inside a length", position);
        byte = source[position++]!;
        length += byte;
      } while (byte === 255);
    }
    if (distance === 0 || distance > output - at) throw malformed(`a match reaches ${distance} bytes back`, position);
    if (length > limit - output) throw new OutputLimitError("lz4", limit - at);
    if (distance >= 4 && length <= WORDS_UP_TO && limit - output >= length + 4) {
      const matchEnd = output + length;
      for (let word = output; word < matchEnd; word += 4) to.setInt32(word, to.getInt32(word - distance, true), true);
    } else copyWithin(target, output, distance, length);
    output += length;
  }
}

function malformed(problem: string, offset: number): MalformedMessageError {
  return new MalformedMessageError(`malformed LZ4 block: ${problem}`, { offset });
}

/** How large the compressed form of so many bytes can get. */
export function maxLz4BlockBytes(size: number): number {
  return size + Math.floor(size / 255) + 16;
}

/** Compresses `source[start, end)`, at most {@link MAX_LZ4_BLOCK_BYTES}, to `target` from `at` on; the end of the output. Greedy. */
export function compressLz4Block(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  // Of a word at any place it makes one load.
  const view = new DataView(source.buffer, source.byteOffset, source.length);
  let output = at;
  let literalStart = start;
  const matchLimit = end - MATCH_MARGIN;
  if (start < matchLimit) hashTable.fill(0);
  let misses = 64;
  for (let position = start + 1; position < matchLimit; ) {
    const word = view.getInt32(position, true);
    const slot = Math.imul(word, HASH_MULTIPLIER) >>> (32 - HASH_BITS);
    const candidate = start + hashTable[slot]!;
    hashTable[slot] = position - start;
    if (candidate >= position || view.getInt32(candidate, true) !== word) {
      position += misses++ >>> 6;
      continue;
    }
    misses = 64;
    const matchEnd = endOfMatch(view, candidate + MIN_MATCH, position + MIN_MATCH, end - LAST_LITERALS);
    const length = matchEnd - position;
    output = writeLiterals(source, literalStart, position, Math.min(length - MIN_MATCH, 15), target, output);
    output = writeMatch(length, position - candidate, target, output);
    position = literalStart = matchEnd;
  }
  return writeLiterals(source, literalStart, end, 0, target, output);
}

/** How far the bytes from `position` on are those from `earlier` on. */
function endOfMatch(view: DataView, earlier: number, position: number, limit: number): number {
  const distance = position - earlier;
  let end = position;
  for (; end <= limit - 4; end += 4) {
    const difference = view.getInt32(end, true) ^ view.getInt32(end - distance, true);
    // The lowest bit that is set tells which of the four bytes is the first to differ.
    if (difference !== 0) return end + ((31 - Math.clz32(difference & -difference)) >>> 3);
  }
  while (end < limit && view.getUint8(end) === view.getUint8(end - distance)) end++;
  return end;
}

export function writeMatch(length: number, distance: number, target: Uint8Array, at: number): number {
  target[at] = distance;
  target[at + 1] = distance >>> 8;
  const rest = length - MIN_MATCH - 15;
  return rest < 0 ? at + 2 : writeLength(rest, target, at + 2);
}

/** With the token, whose other half tells how long the match is that follows. */
export function writeLiterals(
  source: Uint8Array,
  start: number,
  end: number,
  matchNibble: number,
  target: Uint8Array,
  output: number,
): number {
  const length = end - start;
  target[output++] = (Math.min(length, 15) << 4) | matchNibble;
  if (length >= 15) output = writeLength(length - 15, target, output);
  copyBytes(source, start, target, output, length);
  return output + length;
}

function writeLength(rest: number, target: Uint8Array, output: number): number {
  for (; rest >= 255; rest -= 255) target[output++] = 255;
  target[output++] = rest;
  return output;
}

export function readWord(bytes: Uint8Array, position: number): number {
  return bytes[position]! | (bytes[position + 1]! << 8) | (bytes[position + 2]! << 16) | (bytes[position + 3]! << 24);
}
