/**
 * The entropy coders inside zstd: bit streams that are read from their end, finite state (FSE) tables and Huffman tables.
 * https://www.rfc-editor.org/rfc/rfc8878 chapter 4
 */
import { MalformedMessageError } from "../../malformed-message-error.ts";

export function malformedZstd(problem: string, offset: number): MalformedMessageError {
  return new MalformedMessageError(`malformed zstd stream: ${problem}`, { offset });
}

/** Bits of `bytes[start, end)` from the last to the first. The highest set bit of the last byte only marks where they begin. */
export class BackwardBits {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  /** How many bits are left; negative when more were read than there are, which then read as zeros. */
  remaining: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    const last = end > start ? bytes[end - 1]! : 0;
    if (last === 0) throw malformedZstd("a bit stream without an end mark", end);
    this.#bytes = bytes;
    this.#start = start;
    this.remaining = (end - start) * 8 - 1 - Math.clz32(last << 24);
  }

  /** Up to 25 bits at a time. */
  read(count: number): number {
    this.remaining -= count;
    return this.#at(this.remaining) & ((1 << count) - 1);
  }

  peek(count: number): number {
    return this.#at(this.remaining - count) & ((1 << count) - 1);
  }

  #at(bit: number): number {
    if (bit < 0) return bit <= -32 ? 0 : this.#word(0) << -bit;
    return this.#word(bit >> 3) >>> (bit & 7);
  }

  /** What lies behind the stream is never asked for: the mark bits above cut it off. */
  #word(index: number): number {
    const bytes = this.#bytes;
    const at = this.#start + index;
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  }
}

/** For each state: the symbol it stands for, and how the next state comes from so many bits. */
export interface FseTable {
  readonly accuracyLog: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

/** The table that always gives one symbol. */
export function fseTableOf(symbol: number): FseTable {
  return { accuracyLog: 0, symbols: Uint8Array.of(symbol), bits: new Uint8Array(1), bases: new Uint16Array(1) };
}

/** @param counts how many states each symbol has of `1 << accuracyLog`; -1 is less than one */
export function buildFseTable(counts: ArrayLike<number>, accuracyLog: number): FseTable {
  const size = 1 << accuracyLog;
  const symbols = new Uint8Array(size);
  const bits = new Uint8Array(size);
  const bases = new Uint16Array(size);
  const next = new Uint16Array(counts.length);
  let high = size - 1;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    next[symbol] = Math.abs(counts[symbol]!);
    if (counts[symbol] === -1) symbols[high--] = symbol;
  }
  const step = (size >> 1) + (size >> 3) + 3;
  let position = 0;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    for (let index = 0; index < counts[symbol]!; index++) {
      symbols[position] = symbol;
      do position = (position + step) & (size - 1);
      while (position > high);
    }
  }
  for (let state = 0; state < size; state++) {
    const count = next[symbols[state]!]!++;
    const width = accuracyLog - (31 - Math.clz32(count));
    bits[state] = width;
    bases[state] = (count << width) - size;
  }
  return { accuracyLog, symbols, bits, bases };
}

/** Reads a table description; `end` is the first byte behind it. */
export function readFseTable(
  bytes: Uint8Array,
  start: number,
  limit: number,
  maxAccuracyLog: number,
  maxSymbol: number,
): { readonly table: FseTable; readonly end: number } {
  if (start >= limit) throw malformedZstd("it ends before a table", start);
  const accuracyLog = (bytes[start]! & 15) + 5;
  if (accuracyLog > maxAccuracyLog) throw malformedZstd(`a table with accuracy ${accuracyLog}`, start);
  const bits = new ForwardBits(bytes, start, limit);
  bits.position = 4;
  const counts: number[] = [];
  for (let rest = (1 << accuracyLog) + 1; rest > 1; ) {
    if (counts.length > maxSymbol || bits.isAtEnd) throw malformedZstd("a table goes on behind its end", start);
    const count = bits.readCount(rest);
    rest -= Math.abs(count);
    counts.push(count);
    // A count of zero is followed by how many more zeros there are, as long as that is three.
    for (let zeros = count === 0 ? 3 : 0; zeros === 3; ) {
      zeros = bits.read(2);
      for (let index = 0; index < zeros; index++) counts.push(0);
    }
    if (rest < 1 || counts.length > maxSymbol + 1) throw malformedZstd("a table does not add up", start);
  }
  const end = start + ((bits.position + 7) >> 3);
  if (end > limit) throw malformedZstd("a table goes on behind its end", start);
  return { table: buildFseTable(counts, accuracyLog), end };
}

/** Bits from the first to the last, for table descriptions. Behind the end they read as zeros. */
class ForwardBits {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #limit: number;
  position = 0;

  constructor(bytes: Uint8Array, start: number, limit: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.#limit = limit;
  }

  get isAtEnd(): boolean {
    return this.#start + (this.position >> 3) >= this.#limit;
  }

  read(count: number): number {
    const value = this.#peek(count);
    this.position += count;
    return value;
  }

  /** A count that cannot exceed `rest`: the smaller ones take a bit less. -1 stands for less than one. */
  readCount(rest: number): number {
    const width = 32 - Math.clz32(rest);
    const threshold = 1 << (width - 1);
    const shorter = 2 * threshold - 1 - rest;
    const value = this.#peek(width);
    const low = value & (threshold - 1);
    if (low < shorter) {
      this.position += width - 1;
      return low - 1;
    }
    this.position += width;
    return (value >= threshold ? value - shorter : value) - 1;
  }

  #peek(count: number): number {
    const bytes = this.#bytes;
    const at = this.#start + (this.position >> 3);
    const word = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
    return (word >>> (this.position & 7)) & ((1 << count) - 1);
  }
}

/** For each `maxBits` bits that may come next: the symbol times 16, plus how many of the bits are its own. */
export interface HuffmanTable {
  readonly maxBits: number;
  readonly entries: Uint16Array;
}

const MAX_HUFFMAN_BITS = 11;

/** Decodes `target[from, to)` from the stream `bytes[start, end)`, which must end with it. */
export function readHuffmanStream(
  bytes: Uint8Array,
  start: number,
  end: number,
  { maxBits, entries }: HuffmanTable,
  target: Uint8Array,
  from: number,
  to: number,
): void {
  const bits = new BackwardBits(bytes, start, end);
  const mask = (1 << maxBits) - 1;
  let remaining = bits.remaining;
  let index = from;
  // As long as a whole code is there it lies in three bytes; the last few symbols come from the careful way below.
  for (; index < to && remaining >= maxBits; index++) {
    const bit = remaining - maxBits;
    const at = start + (bit >> 3);
    const entry = entries[((bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)) >>> (bit & 7)) & mask]!;
    target[index] = entry >> 4;
    remaining -= entry & 15;
  }
  bits.remaining = remaining;
  for (; index < to; index++) {
    const entry = entries[bits.peek(maxBits)]!;
    target[index] = entry >> 4;
    bits.remaining -= entry & 15;
  }
  if (bits.remaining !== 0) throw malformedZstd("a stream of literals does not end with them", end);
}

export function readHuffmanTable(
  bytes: Uint8Array,
  start: number,
  limit: number,
): { readonly table: HuffmanTable; readonly end: number } {
  if (start >= limit) throw malformedZstd("it ends before a table", start);
  const head = bytes[start]!;
  const isDirect = head >= 128;
  const end = start + 1 + (isDirect ? (head - 126) >> 1 : head);
  if (end > limit) throw malformedZstd("a table goes on behind its end", start);
  const weights = isDirect ? directWeights(bytes, start + 1, head - 127) : compressedWeights(bytes, start + 1, end);
  return { table: buildHuffmanTable(weights, start), end };
}

function directWeights(bytes: Uint8Array, start: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => (bytes[start + (index >> 1)]! >> ((index & 1) === 0 ? 4 : 0)) & 15);
}

function compressedWeights(bytes: Uint8Array, start: number, limit: number): number[] {
  const { table, end } = readFseTable(bytes, start, limit, 6, 15);
  const bits = new BackwardBits(bytes, end, limit);
  const weights: number[] = [];
  let state = bits.read(table.accuracyLog);
  let other = bits.read(table.accuracyLog);
  // Two states take turns; when the bits run out, what the other one stands for is the last weight.
  while (weights.length < 254) {
    weights.push(table.symbols[state]!);
    const next = table.bases[state]! + bits.read(table.bits[state]!);
    if (bits.remaining < 0) {
      weights.push(table.symbols[other]!);
      return weights;
    }
    state = other;
    other = next;
  }
  throw malformedZstd("a Huffman table with too many symbols", start);
}

function buildHuffmanTable(weights: number[], offset: number): HuffmanTable {
  let sum = 0;
  for (const weight of weights) sum += weight === 0 ? 0 : 1 << (weight - 1);
  const maxBits = 32 - Math.clz32(sum);
  // The last weight is not written: it fills the sum up to a power of two.
  const rest = (1 << maxBits) - sum;
  if (sum === 0 || maxBits > MAX_HUFFMAN_BITS || (rest & (rest - 1)) !== 0)
    throw malformedZstd("a Huffman table does not add up", offset);
  const all = [...weights, 32 - Math.clz32(rest)];
  const entries = new Uint16Array(1 << maxBits);
  let position = 0;
  for (let weight = 1; weight <= maxBits; weight++) {
    for (let symbol = 0; symbol < all.length; symbol++) {
      if (all[symbol] !== weight) continue;
      const end = position + (1 << (weight - 1));
      entries.fill((symbol << 4) | (maxBits + 1 - weight), position, end);
      position = end;
    }
  }
  return { maxBits, entries };
}
