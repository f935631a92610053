/**
 * The snappy block format: a varint with the uncompressed size, then literals and copies.
 * https://github.com/google/snappy/blob/main/format_description.txt
 */
import { MalformedMessageError } from "../../malformed-message-error.ts";
import { copyBytes, copyWithin } from "./copy-bytes.ts";

/** The densest element is a copy of 64 bytes in three: a block that claims to grow more than this lies. */
const MAX_GROWTH = 22;
const HASH_BITS = 14;
const HASH_MULTIPLIER = 0x1e35a7bd;
/** The last bytes of a block are never the start of a match, so that four bytes can always be read. */
const INPUT_MARGIN = 15;
const hashTable = new Uint16Array(1 << HASH_BITS);

interface Preamble {
  readonly size: number;
  /** Where the first element stands. */
  readonly position: number;
}

/** The uncompressed size that the block in `bytes[start, end)` declares, checked against what so many bytes can hold. */
export function snappyBlockSize(bytes: Uint8Array, start: number, end: number): number {
  return readPreamble(bytes, start, end).size;
}

function readPreamble(bytes: Uint8Array, start: number, end: number): Preamble {
  let size = 0;
  let position = start;
  for (let scale = 1; ; scale *= 128) {
    if (position >= end || position - start >= 5) throw malformed("its size is not a varint of 5 bytes at most", start);
    const byte = bytes[position++]!;
    size += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  if (size > (end - position) * MAX_GROWTH) throw malformed(`${end - position} bytes cannot hold the ${size} it declares`, start);
  return { size, position };
}

/** Decompresses `source[start, end)` to `target` from `at` on, which must have room for the declared size; the end of the output. */
// One long function on purpose: it runs once for every few bytes of a batch.
export function decompressSnappyBlock(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  const preamble = readPreamble(source, start, end);
  const limit = at + preamble.size;
  let position = preamble.position;
  let output = at;
  while (position < end) {
    const tag = source[position++]!;
    let length = (tag >>> 2) + 1;
    let distance: number;
    switch (tag & 3) {
      case 0: {
        if (length > 60) {
          const width = length - 60;
          length = readLittleEndian(source, position, width, end) + 1;
          position += width;
        }
        if (length > end - position || length > limit - output) throw malformed("a literal is longer than the block", position);
        copyBytes(source, position, target, output, length);
        position += length;
        output += length;
        continue;
      }
      case 1:
        length = ((tag >>> 2) & 7) + 4;
        if (position >= end) throw malformed("it ends inside a copy", position);
        distance = ((tag >>> 5) << 8) | source[position]!;
        position += 1;
        break;
      case 2:
        if (end - position < 2) throw malformed("it ends inside a copy", position);
        distance = source[position]! | (source[position + 1]! << 8);
        position += 2;
        break;
      default:
        distance = readLittleEndian(source, position, 4, end);
        position += 4;
    }
    if (distance === 0 || distance > output - at) throw malformed(`a copy reaches ${distance} bytes back`, position);
    if (length > limit - output) throw malformed("a copy is longer than the block", position);
    copyWithin(target, output, distance, length);
    output += length;
  }
  if (output !== limit) throw malformed(`it unfolds to ${output - at} bytes, ${preamble.size} were declared`, start);
  return output;
}

function readLittleEndian(bytes: Uint8Array, position: number, width: number, end: number): number {
  if (width > end - position) throw malformed("it ends inside an element", position);
  let value = 0;
  for (let index = width - 1; index >= 0; index--) value = value * 256 + bytes[position + index]!;
  return value;
}

function malformed(problem: string, offset: number): MalformedMessageError {
  return new MalformedMessageError(`malformed snappy block: ${problem}`, { offset });
}

/** How large the compressed form of so many bytes can get. */
export function maxSnappyBlockBytes(size: number): number {
  return 32 + size + Math.floor(size / 6);
}

/**
 * Compresses `source[start, end)`, at most 64 KiB because the hash table's positions have 16 bits, to `target` from `at` on; the end of the output.
 * Greedy: the first match found is taken, and the search strides faster the longer it finds none.
 */
export function compressSnappyBlock(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  let output = at;
  let size = end - start;
  for (; size >= 0x80; size >>>= 7) target[output++] = size | 0x80;
  target[output++] = size;
  let literalStart = start;
  const matchLimit = end - INPUT_MARGIN;
  if (start < matchLimit) hashTable.fill(0);
  let misses = 32;
  for (let position = start + 1; position < matchLimit; ) {
    const word = readWord(source, position);
    const slot = Math.imul(word, HASH_MULTIPLIER) >>> (32 - HASH_BITS);
    const candidate = start + hashTable[slot]!;
    hashTable[slot] = position - start;
    if (candidate >= position || readWord(source, candidate) !== word) {
      position += misses++ >>> 5;
      continue;
    }
    misses = 32;
    let matchEnd = position + 4;
    for (let from = candidate + 4; matchEnd < end && source[from] === source[matchEnd]; from++) matchEnd++;
    output = writeLiteral(source, literalStart, position, target, output);
    output = writeCopy(position - candidate, matchEnd - position, target, output);
    position = literalStart = matchEnd;
  }
  return writeLiteral(source, literalStart, end, target, output);
}

function readWord(bytes: Uint8Array, position: number): number {
  return bytes[position]! | (bytes[position + 1]! << 8) | (bytes[position + 2]! << 16) | (bytes[position + 3]! << 24);
}

function writeLiteral(source: Uint8Array, start: number, end: number, target: Uint8Array, output: number): number {
  const length = end - start;
  if (length === 0) return output;
  if (length <= 60) {
    target[output++] = (length - 1) << 2;
  } else if (length <= 256) {
    target[output++] = 60 << 2;
    target[output++] = length - 1;
  } else {
    target[output++] = 61 << 2;
    target[output++] = length - 1;
    target[output++] = (length - 1) >>> 8;
  }
  copyBytes(source, start, target, output, length);
  return output + length;
}

function writeCopy(distance: number, length: number, target: Uint8Array, output: number): number {
  while (length > 0) {
    if (length >= 4 && length < 12 && distance < 2048) {
      target[output++] = ((distance >>> 8) << 5) | ((length - 4) << 2) | 1;
      target[output++] = distance;
      return output;
    }
    const part = Math.min(length, 64);
    target[output++] = ((part - 1) << 2) | 2;
    target[output++] = distance;
    target[output++] = distance >>> 8;
    length -= part;
  }
  return output;
}
