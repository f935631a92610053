/**
 * Snappy as Kafka knows it. Java writes the framing of the xerial library: a 16-byte header, then blocks that each follow their
 * int32 size. Other clients send one raw block without any framing. Both are read, and several xerial streams in a row; the
 * xerial framing is what we write.
 */
import { MalformedMessageError } from "../../malformed-message-error.ts";
import { readInt32, writeInt32 } from "../big-endian.ts";
import { type DecompressOptions, MAX_BLOCKS, newBytes, OutputLimitError, type OutputRoom } from "./codec.ts";
import { compressSnappyBlock, decompressSnappyBlock, maxSnappyBlockBytes, snappyBlockSize } from "./snappy-block.ts";

/** 0x82 "SNAPPY" 0x00, then the version and the oldest version that can read it. */
const XERIAL_HEADER: readonly number[] = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1];
const XERIAL_MAGIC_BYTES = 8;
/** Java's block size. */
export const SNAPPY_BLOCK_BYTES = 32_768;

export interface SnappyBlock {
  readonly start: number;
  readonly end: number;
  /** Where its output belongs, and how much it declares to unfold to. */
  readonly outputStart: number;
  readonly outputSize: number;
}

export interface SnappyStream {
  readonly blocks: readonly SnappyBlock[];
  readonly outputSize: number;
}

/** The blocks of a stream, framed or raw, without what is in them. Their declared sizes are held against the limit together. */
export function readSnappyStream(bytes: Uint8Array, maxOutputBytes: number): SnappyStream {
  if (bytes.length === 0) throw new MalformedMessageError("snappy data cannot be empty");
  const blocks: SnappyBlock[] = [];
  let outputStart = 0;
  const add = (start: number, end: number): void => {
    const outputSize = snappyBlockSize(bytes, start, end);
    if (outputSize > maxOutputBytes - outputStart) throw new OutputLimitError("snappy", maxOutputBytes);
    blocks.push({ start, end, outputStart, outputSize });
    if (blocks.length > MAX_BLOCKS)
      throw new MalformedMessageError("snappy data of more blocks than any writer makes", { offset: start });
    outputStart += outputSize;
  };
  if (startsWithXerialMagic(bytes, 0)) eachXerialBlock(bytes, add);
  else add(0, bytes.length);
  return { blocks, outputSize: outputStart };
}

export function decompressSnappy(bytes: Uint8Array, { maxOutputBytes }: DecompressOptions): Uint8Array {
  const { blocks, outputSize } = readSnappyStream(bytes, maxOutputBytes);
  const output = new Uint8Array(outputSize);
  for (const { start, end, outputStart } of blocks) decompressSnappyBlock(bytes, start, end, output, outputStart);
  return output;
}

function startsWithXerialMagic(bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < XERIAL_MAGIC_BYTES; index++) if (bytes[start + index] !== XERIAL_HEADER[index]) return false;
  return true;
}

function eachXerialBlock(bytes: Uint8Array, visit: (start: number, end: number) => void): void {
  for (let position = 0; position < bytes.length; ) {
    if (startsWithXerialMagic(bytes, position)) {
      if (bytes.length - position < XERIAL_HEADER.length) throw malformed("it ends inside its header", position);
      const oldestReader = readInt32(bytes, position + 12);
      if (oldestReader > 1) throw malformed(`it asks for a reader of version ${oldestReader}`, position + 12);
      position += XERIAL_HEADER.length;
      continue;
    }
    const start = position + 4;
    const size = start > bytes.length ? -1 : readInt32(bytes, position);
    if (size <= 0 || size > bytes.length - start) throw malformed(`a block cannot have ${size} bytes`, position);
    position = start + size;
    visit(start, position);
  }
}

function malformed(problem: string, offset: number): MalformedMessageError {
  return new MalformedMessageError(`malformed snappy stream: ${problem}`, { offset });
}

export function compressSnappy(bytes: Uint8Array): Uint8Array {
  const blockCount = Math.ceil(bytes.length / SNAPPY_BLOCK_BYTES);
  const output = new Uint8Array(
    XERIAL_HEADER.length + blockCount * (4 + maxSnappyBlockBytes(0)) + maxSnappyBlockBytes(bytes.length),
  );
  output.set(XERIAL_HEADER);
  let position = XERIAL_HEADER.length;
  for (let start = 0; start < bytes.length; start += SNAPPY_BLOCK_BYTES) {
    const end = compressSnappyBlock(bytes, start, Math.min(start + SNAPPY_BLOCK_BYTES, bytes.length), output, position + 4);
    writeInt32(output, position, end - position - 4);
    position = end;
  }
  return output.subarray(0, position);
}

/** The xerial stream of blocks that were compressed elsewhere, each from {@link SNAPPY_BLOCK_BYTES} at most. */
export function frameSnappyBlocks(blocks: readonly Uint8Array[], room: OutputRoom = newBytes): Uint8Array {
  const output = room(blocks.reduce((size, block) => size + 4 + block.length, XERIAL_HEADER.length));
  output.set(XERIAL_HEADER);
  let position = XERIAL_HEADER.length;
  for (const block of blocks) {
    writeInt32(output, position, block.length);
    output.set(block, position + 4);
    position += 4 + block.length;
  }
  return output;
}
