/**
 * A compressed block of zstd: literals, and sequences that say how many of them to take and what to repeat.
 * https://www.rfc-editor.org/rfc/rfc8878 chapter 3.1.1.3
 */
import { copyBytes, copyWithin } from "./copy-bytes.ts";
import {
  BackwardBits,
  buildFseTable,
  type FseTable,
  fseTableOf,
  type HuffmanTable,
  malformedZstd,
  readFseTable,
  readHuffmanStream,
  readHuffmanTable,
} from "./zstd-entropy.ts";
import { MAX_ZSTD_BLOCK_BYTES } from "./zstd-frame.ts";

/** Where the output goes; it grows by what a block is known to need, up to the caller's limit. */
export interface ZstdOutput {
  bytes: Uint8Array;
  position: number;
  reserve(size: number): void;
}

/** What one kind of number in a sequence is coded with. */
interface CodeKind {
  readonly maxAccuracyLog: number;
  readonly maxSymbol: number;
  readonly standard: FseTable;
}

const literalLengths: CodeKind = {
  maxAccuracyLog: 9,
  maxSymbol: 35,
  standard: buildFseTable([4, 3, ...repeat(2, 11), 1, 1, 1, ...repeat(2, 9), 3, 2, ...repeat(1, 5), ...repeat(-1, 4)], 6),
};
const matchLengths: CodeKind = {
  maxAccuracyLog: 9,
  maxSymbol: 52,
  standard: buildFseTable([1, 4, 3, ...repeat(2, 6), ...repeat(1, 37), ...repeat(-1, 7)], 6),
};
const offsets: CodeKind = {
  maxAccuracyLog: 8,
  maxSymbol: 31,
  standard: buildFseTable([...repeat(1, 6), 2, 2, 2, ...repeat(1, 15), ...repeat(-1, 5)], 5),
};
const LITERAL_BITS: readonly number[] = [...repeat(0, 16), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const LITERAL_BASES: readonly number[] = bases(0, LITERAL_BITS);
const MATCH_BITS: readonly number[] = [...repeat(0, 32), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const MATCH_BASES: readonly number[] = bases(3, MATCH_BITS);

function repeat(value: number, count: number): number[] {
  return Array.from({ length: count }, () => value);
}

/** Each code begins where the range of the one before ends. */
function bases(first: number, bits: readonly number[]): number[] {
  const all: number[] = [];
  let base = first;
  for (const width of bits) {
    all.push(base);
    base += 1 << width;
  }
  return all;
}

/** What a block hands on to the next blocks of its frame. */
export class ZstdBlockDecoder {
  readonly #bytes: Uint8Array;
  readonly #output: ZstdOutput;
  readonly #frameStart: number;
  #huffman: HuffmanTable | undefined;
  #literalTable: FseTable | undefined;
  #offsetTable: FseTable | undefined;
  #matchTable: FseTable | undefined;
  #recentOffsets: [number, number, number] = [1, 4, 8];

  constructor(bytes: Uint8Array, output: ZstdOutput) {
    this.#bytes = bytes;
    this.#output = output;
    this.#frameStart = output.position;
  }

  decode(start: number, end: number): void {
    const { literals, position } = this.#readLiterals(start, end);
    this.#readSequences(position, end, literals);
  }

  #readLiterals(start: number, end: number): { readonly literals: Uint8Array; readonly position: number } {
    const bytes = this.#bytes;
    if (end - start < 2) throw malformedZstd("a block without literals and sequences", start);
    const head = bytes[start]!;
    const format = (head >>> 2) & 3;
    const type = head & 3;
    if (type >= 2) return this.#readHuffmanLiterals(start, end, format, type === 2);
    const headBytes = (format & 1) === 0 ? 1 : format === 1 ? 2 : 3;
    let size = head >>> 3;
    if (headBytes === 2) size = (head >>> 4) | (bytes[start + 1]! << 4);
    if (headBytes === 3) size = (head >>> 4) | (bytes[start + 1]! << 4) | (bytes[start + 2]! << 12);
    const position = start + headBytes + (type === 0 ? size : 1);
    if (position > end || size > MAX_ZSTD_BLOCK_BYTES) throw malformedZstd("literals go on behind their block", start);
    const literals =
      type === 0 ? bytes.subarray(start + headBytes, position) : new Uint8Array(size).fill(bytes[start + headBytes]!);
    return { literals, position };
  }

  #readHuffmanLiterals(
    start: number,
    end: number,
    format: number,
    hasTable: boolean,
  ): { readonly literals: Uint8Array; readonly position: number } {
    const bytes = this.#bytes;
    const headBytes = format < 2 ? 3 : format + 2;
    if (end - start < headBytes) throw malformedZstd("a block ends inside a header", start);
    const sizeBits = format < 2 ? 10 : format === 2 ? 14 : 18;
    let both = 0;
    for (let index = headBytes - 1; index >= 0; index--) both = both * 256 + bytes[start + index]!;
    both = Math.floor(both / 16);
    const size = both % (1 << sizeBits);
    let position = start + headBytes;
    const limit = position + Math.floor(both / (1 << sizeBits));
    if (limit > end || size > MAX_ZSTD_BLOCK_BYTES) throw malformedZstd("literals go on behind their block", start);
    if (hasTable) {
      const read = readHuffmanTable(bytes, position, limit);
      this.#huffman = read.table;
      position = read.end;
    }
    const table = this.#huffman;
    if (table === undefined) throw malformedZstd("literals refer to a table that was not there", start);
    const literals = new Uint8Array(size);
    if (format === 0) readHuffmanStream(bytes, position, limit, table, literals, 0, size);
    else this.#readFourStreams(position, limit, table, literals);
    return { literals, position: limit };
  }

  #readFourStreams(start: number, limit: number, table: HuffmanTable, literals: Uint8Array): void {
    const bytes = this.#bytes;
    const part = (literals.length + 3) >> 2;
    let position = start + 6;
    if (position > limit || part * 3 > literals.length) throw malformedZstd("literals without room for four streams", start);
    for (let stream = 0; stream < 4; stream++) {
      const at = start + stream * 2;
      const end = stream === 3 ? limit : position + (bytes[at]! | (bytes[at + 1]! << 8));
      if (end > limit) throw malformedZstd("a stream of literals goes on behind them", at);
      readHuffmanStream(bytes, position, end, table, literals, stream * part, stream === 3 ? literals.length : (stream + 1) * part);
      position = end;
    }
  }

  #readSequences(start: number, end: number, literals: Uint8Array): void {
    const bytes = this.#bytes;
    if (start >= end) throw malformedZstd("a block without sequences", start);
    let count = bytes[start]!;
    let position = start + 1;
    if (count >= 128) {
      if (count === 255) {
        count = (bytes[position] ?? 0) + ((bytes[position + 1] ?? 0) << 8) + 0x7f00;
        position += 2;
      } else count = ((count - 128) << 8) + (bytes[position++] ?? 0);
    }
    if (count === 0) {
      if (position !== end) throw malformedZstd("bytes are left behind a block's literals", position);
      this.#output.reserve(literals.length);
      this.#append(literals, 0, literals.length);
      return;
    }
    if (position >= end) throw malformedZstd("a block ends inside a header", position);
    const modes = bytes[position++]!;
    if ((modes & 3) !== 0) throw malformedZstd("reserved bits are set", position - 1);
    [this.#literalTable, position] = this.#readTable(modes >>> 6, literalLengths, this.#literalTable, position, end);
    [this.#offsetTable, position] = this.#readTable((modes >>> 4) & 3, offsets, this.#offsetTable, position, end);
    [this.#matchTable, position] = this.#readTable((modes >>> 2) & 3, matchLengths, this.#matchTable, position, end);
    this.#execute(this.#decodeSequences(count, new BackwardBits(bytes, position, end), end), literals);
  }

  #readTable(mode: number, kind: CodeKind, previous: FseTable | undefined, position: number, end: number): [FseTable, number] {
    if (mode === 0) return [kind.standard, position];
    if (mode === 1) {
      const symbol = position < end ? this.#bytes[position]! : kind.maxSymbol + 1;
      if (symbol > kind.maxSymbol) throw malformedZstd(`a code ${symbol} does not exist`, position);
      return [fseTableOf(symbol), position + 1];
    }
    if (mode === 2) {
      const read = readFseTable(this.#bytes, position, end, kind.maxAccuracyLog, kind.maxSymbol);
      return [read.table, read.end];
    }
    if (previous === undefined) throw malformedZstd("a block repeats a table that was not there", position);
    return [previous, position];
  }

  /** Literal length, match length and offset of each sequence, so that the size of the block is known before it is written. */
  #decodeSequences(count: number, bits: BackwardBits, end: number): Int32Array {
    const literalTable = this.#literalTable!;
    const offsetTable = this.#offsetTable!;
    const matchTable = this.#matchTable!;
    const sequences = new Int32Array(count * 3);
    let literalState = bits.read(literalTable.accuracyLog);
    let offsetState = bits.read(offsetTable.accuracyLog);
    let matchState = bits.read(matchTable.accuracyLog);
    for (let index = 0; index < sequences.length; index += 3) {
      const literalCode = literalTable.symbols[literalState]!;
      const matchCode = matchTable.symbols[matchState]!;
      const offsetCode = offsetTable.symbols[offsetState]!;
      // An offset beyond 2^27 would reach outside any window that is allowed, and one read takes 25 bits.
      if (offsetCode > 27) throw malformedZstd(`an offset of ${offsetCode} bits`, end);
      const high = offsetCode > 24 ? bits.read(offsetCode - 24) : 0;
      const offset = (1 << offsetCode) + (offsetCode > 24 ? high * 0x100_0000 + bits.read(24) : bits.read(offsetCode));
      sequences[index + 1] = MATCH_BASES[matchCode]! + bits.read(MATCH_BITS[matchCode]!);
      const literalLength = LITERAL_BASES[literalCode]! + bits.read(LITERAL_BITS[literalCode]!);
      sequences[index] = literalLength;
      sequences[index + 2] = this.#resolveOffset(offset, literalLength);
      if (index + 3 < sequences.length) {
        literalState = literalTable.bases[literalState]! + bits.read(literalTable.bits[literalState]!);
        matchState = matchTable.bases[matchState]! + bits.read(matchTable.bits[matchState]!);
        offsetState = offsetTable.bases[offsetState]! + bits.read(offsetTable.bits[offsetState]!);
      }
      if (bits.remaining < 0) throw malformedZstd("the sequences of a block end too early", end);
    }
    if (bits.remaining !== 0) throw malformedZstd("bits are left behind the sequences of a block", end);
    return sequences;
  }

  /** Small values stand for offsets used before, most recent first; without literals they count one further. */
  #resolveOffset(value: number, literalLength: number): number {
    const recent = this.#recentOffsets;
    const [first, second, third] = recent;
    if (value > 3) {
      this.#recentOffsets = [value - 3, first, second];
      return value - 3;
    }
    const which = value + (literalLength === 0 ? 1 : 0);
    if (which === 1) return first;
    const offset = which === 2 ? second : which === 3 ? third : first - 1;
    this.#recentOffsets = which === 2 ? [offset, first, third] : [offset, first, second];
    return offset;
  }

  #execute(sequences: Int32Array, literals: Uint8Array): void {
    const output = this.#output;
    let size = literals.length;
    for (let index = 1; index < sequences.length; index += 3) size += sequences[index]!;
    if (size > MAX_ZSTD_BLOCK_BYTES) throw malformedZstd(`a block unfolds to ${size} bytes`, 0);
    output.reserve(size);
    let literal = 0;
    for (let index = 0; index < sequences.length; index += 3) {
      const literalLength = sequences[index]!;
      if (literalLength > literals.length - literal) throw malformedZstd("a block needs more literals than it has", 0);
      this.#append(literals, literal, literalLength);
      literal += literalLength;
      const length = sequences[index + 1]!;
      const offset = sequences[index + 2]!;
      if (offset <= 0 || offset > output.position - this.#frameStart)
        throw malformedZstd(`a match reaches ${offset} bytes back`, 0);
      copyWithin(output.bytes, output.position, offset, length);
      output.position += length;
    }
    this.#append(literals, literal, literals.length - literal);
  }

  #append(literals: Uint8Array, start: number, length: number): void {
    copyBytes(literals, start, this.#output.bytes, this.#output.position, length);
    this.#output.position += length;
  }
}
