/**
 * LZ4 as Kafka knows it: one frame of independent blocks. Like Java, the reader stops behind the first frame and refuses
 * dependent blocks, so the writer must make one frame of independent blocks. https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
import { MalformedMessageError } from "../../malformed-message-error.ts";
import { type DecompressOptions, MAX_BLOCKS, newBytes, OutputLimitError, type OutputRoom } from "./codec.ts";
import { compressLz4Block, decompressLz4Block, MAX_LZ4_BLOCK_BYTES, maxLz4BlockBytes } from "./lz4-block.ts";
import { compressLz4BlockByLevel } from "./lz4-long-search.ts";
import { xxhash32 } from "./xxhash32.ts";

const FRAME_MAGIC = 0x184d2204;
const VERSION_1 = 0x40;
const VERSION_MASK = 0xc0;
const INDEPENDENT_BLOCKS = 0x20;
const BLOCK_CHECKSUM = 0x10;
const CONTENT_SIZE = 0x08;
const CONTENT_CHECKSUM = 0x04;
const RESERVED_FLAGS = 0x03;
/** High bit of a block's size: it is not compressed. */
const STORED_BLOCK = 0x8000_0000;
/** Block descriptor for 64 KiB, what Java writes. */
const BLOCK_SIZE_64_KIB = 0x40;
const HEADER_BYTES = 7;
/** A byte of a length stands for 255 bytes at most, and nothing is denser. */
const MAX_LZ4_GROWTH = 255;
/** Up to this, a frame is written where there is room for the worst case, and copied when its size is known. */
const SCRATCH_BYTES = 262_144;
let scratch: Uint8Array | undefined;

interface FrameHeader {
  readonly flags: number;
  readonly maxBlockBytes: number;
  /** Undefined when the frame does not say. */
  readonly contentSize: number | undefined;
  /** First byte of the first block's size. */
  readonly position: number;
}

export interface Lz4Block {
  readonly start: number;
  readonly end: number;
  readonly isStored: boolean;
}

export interface Lz4Frame {
  readonly blocks: readonly Lz4Block[];
  readonly maxBlockBytes: number;
  /** What the frame says that it unfolds to; undefined when it does not say. */
  readonly contentSize: number | undefined;
  /** What it unfolds to at most: every compressed block as much as the frame and the block's own size allow. */
  readonly outputBound: number;
  /** Where the frame ends, its checksum included; what follows is no part of the data. */
  readonly end: number;
}

/**
 * The first frame without what is in it, and without looking at the checksums of blocks and content. That of the header must
 * fit, as in formats 1 and 2.
 */
export function readLz4Frame(bytes: Uint8Array): Lz4Frame {
  const header = readHeader(bytes, true);
  const { flags, maxBlockBytes, contentSize } = header;
  const { blocks, position } = readBlocks(bytes, header, false);
  const end = position + ((flags & CONTENT_CHECKSUM) !== 0 ? 4 : 0);
  if (end > bytes.length) throw malformed("it ends inside a checksum", position);
  let outputBound = 0;
  for (const { start, end: blockEnd, isStored } of blocks) {
    const size = blockEnd - start;
    outputBound += isStored ? size : Math.min(maxBlockBytes, size * MAX_LZ4_GROWTH);
  }
  return { blocks, maxBlockBytes, contentSize, outputBound, end };
}

export function decompressLz4(bytes: Uint8Array, { maxOutputBytes, magic = 2 }: DecompressOptions): Uint8Array {
  const header = readHeader(bytes, magic !== 0);
  if (header.contentSize !== undefined && header.contentSize > maxOutputBytes) throw new OutputLimitError("lz4", maxOutputBytes);
  const { blocks, position } = readBlocks(bytes, header, true);
  const output = unfold(bytes, blocks, header, maxOutputBytes);
  if (header.contentSize !== undefined && header.contentSize !== output.length) {
    throw malformed(`it unfolds to ${output.length} bytes, ${header.contentSize} were declared`, 0);
  }
  if ((header.flags & CONTENT_CHECKSUM) !== 0) requireChecksum(bytes, position, xxhash32(output));
  return output;
}

function readHeader(bytes: Uint8Array, verifyChecksum: boolean): FrameHeader {
  if (bytes.length < HEADER_BYTES) throw malformed("it ends inside its header", 0);
  if (readUint32(bytes, 0) !== FRAME_MAGIC) throw malformed("it does not start like a frame", 0);
  const flags = bytes[4]!;
  const descriptor = bytes[5]!;
  if ((flags & VERSION_MASK) !== VERSION_1 || (flags & RESERVED_FLAGS) !== 0) throw malformed(`unknown flags ${flags}`, 4);
  if ((flags & INDEPENDENT_BLOCKS) === 0) throw malformed("its blocks depend on each other, which Kafka does not allow", 4);
  const sizeCode = descriptor >>> 4;
  if ((descriptor & 0x8f) !== 0 || sizeCode < 4) throw malformed(`unknown block descriptor ${descriptor}`, 5);
  let position = 6;
  let contentSize: number | undefined;
  if ((flags & CONTENT_SIZE) !== 0) {
    if (bytes.length < position + 9) throw malformed("it ends inside its header", position);
    contentSize = readUint32(bytes, position) + readUint32(bytes, position + 4) * 0x1_0000_0000;
    position += 8;
  }
  if (verifyChecksum && bytes[position] !== ((xxhash32(bytes, 4, position) >>> 8) & 0xff)) {
    throw malformed("the checksum of its header does not fit", position);
  }
  return { flags, maxBlockBytes: 1 << (8 + 2 * sizeCode), contentSize, position: position + 1 };
}

interface BlockList {
  readonly blocks: readonly Lz4Block[];
  /** Behind the end mark. */
  readonly position: number;
}

function readBlocks(bytes: Uint8Array, header: FrameHeader, verifyChecksums: boolean): BlockList {
  const blocks: Lz4Block[] = [];
  for (let { position } = header; ; ) {
    if (bytes.length - position < 4) throw malformed("it ends without an end mark", position);
    const word = readUint32(bytes, position);
    const start = position + 4;
    if (word === 0) return { blocks, position: start };
    const isStored = word >= STORED_BLOCK;
    const size = isStored ? word - STORED_BLOCK : word;
    if (size > header.maxBlockBytes || size > bytes.length - start) throw malformed(`a block cannot have ${size} bytes`, position);
    position = start + size;
    blocks.push({ start, end: position, isStored });
    if (blocks.length > MAX_BLOCKS) throw malformed("more blocks than any writer makes", position);
    if ((header.flags & BLOCK_CHECKSUM) !== 0) {
      if (verifyChecksums) requireChecksum(bytes, position, xxhash32(bytes, start, position));
      position += 4;
    }
  }
}

/** Without a declared size the output grows as blocks come, so that the memory used follows the data and not the claims. */
function unfold(bytes: Uint8Array, blocks: readonly Lz4Block[], header: FrameHeader, maxOutputBytes: number): Uint8Array {
  const { maxBlockBytes } = header;
  const mostPossible = Math.min(blocks.length * maxBlockBytes, maxOutputBytes);
  let output = new Uint8Array(Math.min(mostPossible, Math.max(maxBlockBytes, bytes.length * 4)));
  let position = 0;
  for (const { start, end, isStored } of blocks) {
    if (output.length - position < maxBlockBytes && output.length < mostPossible) {
      const grown = new Uint8Array(Math.min(mostPossible, Math.max(output.length * 2, position + maxBlockBytes)));
      grown.set(output.subarray(0, position));
      output = grown;
    }
    const limit = Math.min(output.length, position + maxBlockBytes);
    if (isStored) {
      if (end - start > limit - position) throw new OutputLimitError("lz4", maxOutputBytes);
      output.set(bytes.subarray(start, end), position);
      position += end - start;
    } else {
      position = decompressLz4Block(bytes, start, end, output, position, limit);
    }
  }
  return output.subarray(0, position);
}

function requireChecksum(bytes: Uint8Array, position: number, expected: number): void {
  if (bytes.length - position < 4) throw malformed("it ends inside a checksum", position);
  if (readUint32(bytes, position) !== expected) throw malformed("a checksum does not fit", position);
}

function malformed(problem: string, offset: number): MalformedMessageError {
  return new MalformedMessageError(`malformed LZ4 frame: ${problem}`, { offset });
}

function roomFor(bytes: number): Uint8Array {
  if (bytes > SCRATCH_BYTES) return new Uint8Array(bytes);
  scratch ??= new Uint8Array(SCRATCH_BYTES);
  return scratch;
}

/** @param level from 1 to 17: how long to search; without it not long */
export function compressLz4(bytes: Uint8Array, level?: number): Uint8Array {
  const blockCount = Math.ceil(bytes.length / MAX_LZ4_BLOCK_BYTES);
  const worst = HEADER_BYTES + maxLz4BlockBytes(bytes.length) + blockCount * (4 + maxLz4BlockBytes(0)) + 4;
  const output = roomFor(worst);
  let position = writeHeader(output);
  for (let start = 0; start < bytes.length; start += MAX_LZ4_BLOCK_BYTES) {
    const blockEnd = Math.min(start + MAX_LZ4_BLOCK_BYTES, bytes.length);
    const end =
      level === undefined
        ? compressLz4Block(bytes, start, blockEnd, output, position + 4)
        : compressLz4BlockByLevel(bytes, start, blockEnd, output, position + 4, level);
    const size = end - position - 4;
    if (size < blockEnd - start) {
      writeUint32(output, position, size);
      position = end;
    } else {
      position = writeStoredBlock(output, position, bytes.subarray(start, blockEnd));
    }
  }
  writeUint32(output, position, 0);
  return output === scratch ? output.slice(0, position + 4) : output.subarray(0, position + 4);
}

/**
 * The frame of blocks that were compressed elsewhere, one for every {@link MAX_LZ4_BLOCK_BYTES} of `bytes`. Those that did not
 * get smaller are stored instead.
 */
export function frameLz4Blocks(bytes: Uint8Array, blocks: readonly Uint8Array[], room: OutputRoom = newBytes): Uint8Array {
  const sourceOf = (index: number): Uint8Array => bytes.subarray(index * MAX_LZ4_BLOCK_BYTES, (index + 1) * MAX_LZ4_BLOCK_BYTES);
  // To the byte: what is left of a buffer for the worst case lives as long as the frame.
  let size = HEADER_BYTES + blocks.length * 4 + 4;
  for (const [index, block] of blocks.entries()) size += Math.min(block.length, sourceOf(index).length);
  const output = room(size);
  let position = writeHeader(output);
  for (const [index, block] of blocks.entries()) {
    const source = sourceOf(index);
    if (block.length < source.length) {
      writeUint32(output, position, block.length);
      output.set(block, position + 4);
      position += 4 + block.length;
    } else {
      position = writeStoredBlock(output, position, source);
    }
  }
  writeUint32(output, position, 0);
  return output;
}

function writeHeader(output: Uint8Array): number {
  writeUint32(output, 0, FRAME_MAGIC);
  output[4] = VERSION_1 | INDEPENDENT_BLOCKS;
  output[5] = BLOCK_SIZE_64_KIB;
  output[6] = xxhash32(output, 4, 6) >>> 8;
  return HEADER_BYTES;
}

/**
 * The frame as format 0 has it: Java computed the checksum of the header over the frame's magic number, too, and its old readers
 * accept no other (KAFKA-3160).
 */
export function withFormat0Checksum(frame: Uint8Array): Uint8Array {
  const { position } = readHeader(frame, true);
  return frame.with(position - 1, (xxhash32(frame, 0, position - 1) >>> 8) & 0xff);
}

/** Compressing did not help: the block is stored as it is. */
function writeStoredBlock(output: Uint8Array, position: number, source: Uint8Array): number {
  writeUint32(output, position, STORED_BLOCK + source.length);
  output.set(source, position + 4);
  return position + 4 + source.length;
}

function readUint32(bytes: Uint8Array, position: number): number {
  return (bytes[position]! | (bytes[position + 1]! << 8) | (bytes[position + 2]! << 16) | (bytes[position + 3]! << 24)) >>> 0;
}

function writeUint32(bytes: Uint8Array, position: number, value: number): void {
  bytes[position] = value;
  bytes[position + 1] = value >>> 8;
  bytes[position + 2] = value >>> 16;
  bytes[position + 3] = value >>> 24;
}
