/**
 * The frames and blocks of a zstd stream, without what is in them: for our own decoder, and to know how much a stream can
 * unfold to before another decoder is let loose on it. https://www.rfc-editor.org/rfc/rfc8878
 */
import { MAX_BLOCKS } from "./codec.ts";
import { malformedZstd } from "./zstd-entropy.ts";

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const SKIPPABLE_MASK = 0xfffffff0;
/** What a block unfolds to at most. */
export const MAX_ZSTD_BLOCK_BYTES = 131_072;
const SINGLE_SEGMENT = 0x20;
const RESERVED = 0x08;
const CONTENT_CHECKSUM = 0x04;
const DICTIONARY_ID_BYTES: readonly number[] = [0, 1, 2, 4];
const BLOCK_TYPES = ["stored", "run", "compressed"] as const;

interface ZstdBlock {
  /** `run` is one byte, many times. */
  readonly type: (typeof BLOCK_TYPES)[number];
  readonly start: number;
  readonly end: number;
  /** What a stored block or a run unfolds to; the largest size there is for a compressed block. */
  readonly size: number;
}

export interface ZstdFrame {
  readonly start: number;
  readonly dictionaryId: number;
  /** Undefined when the frame does not say, as when Java streams it. */
  readonly contentSize: number | undefined;
  readonly blocks: readonly ZstdBlock[];
  readonly end: number;
}

/** All frames but the skippable ones. A stream is at least one frame. */
export function zstdFrames(bytes: Uint8Array): ZstdFrame[] {
  const frames: ZstdFrame[] = [];
  let position = 0;
  do {
    const magic = littleEndian(bytes, position, 4);
    if ((magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE_MAGIC) {
      position += 8 + littleEndian(bytes, position + 4, 4);
      if (position > bytes.length) throw malformedZstd("it ends inside a skippable frame", bytes.length);
    } else if (magic === FRAME_MAGIC) {
      const frame = readFrame(bytes, position);
      frames.push(frame);
      if (frames.length > MAX_BLOCKS) throw malformedZstd("more frames than any writer makes", position);
      position = frame.end;
    } else throw malformedZstd("it does not start like a frame", position);
  } while (position < bytes.length);
  return frames;
}

/**
 * How much a stream unfolds to at most: exact for frames that declare their size and for blocks that are not compressed, the
 * largest block there is for every compressed one, which is what full blocks unfold to.
 */
export function zstdOutputBound(frames: readonly ZstdFrame[]): number {
  let bound = 0;
  for (const { contentSize, blocks } of frames) bound += contentSize ?? blocksBound(blocks);
  return bound;
}

/** How much blocks unfold to at most, whatever their frame says. */
export function blocksBound(blocks: readonly ZstdBlock[]): number {
  let bound = 0;
  for (const { size } of blocks) bound += size;
  return bound;
}

function readFrame(bytes: Uint8Array, start: number): ZstdFrame {
  const descriptor = littleEndian(bytes, start + 4, 1);
  if ((descriptor & RESERVED) !== 0) throw malformedZstd("reserved bits are set", start + 4);
  const isSingleSegment = (descriptor & SINGLE_SEGMENT) !== 0;
  let position = start + (isSingleSegment ? 5 : 6);
  const dictionaryBytes = DICTIONARY_ID_BYTES[descriptor & 3]!;
  const dictionaryId = littleEndian(bytes, position, dictionaryBytes);
  position += dictionaryBytes;
  const sizeCode = descriptor >>> 6;
  const sizeBytes = sizeCode === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeCode;
  const contentSize = sizeBytes === 0 ? undefined : littleEndian(bytes, position, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
  position += sizeBytes;

  const blocks: ZstdBlock[] = [];
  for (let isLast = false; !isLast; ) {
    const header = littleEndian(bytes, position, 3);
    const type = BLOCK_TYPES[(header >>> 1) & 3];
    const size = header >>> 3;
    if (type === undefined || size > MAX_ZSTD_BLOCK_BYTES) throw malformedZstd("an impossible block", position);
    const blockStart = position + 3;
    position = blockStart + (type === "run" ? 1 : size);
    if (position > bytes.length) throw malformedZstd("it ends inside a block", bytes.length);
    blocks.push({ type, start: blockStart, end: position, size: type === "compressed" ? MAX_ZSTD_BLOCK_BYTES : size });
    if (blocks.length > MAX_BLOCKS) throw malformedZstd("more blocks than any writer makes", position);
    isLast = (header & 1) !== 0;
  }
  if ((descriptor & CONTENT_CHECKSUM) !== 0) position += 4;
  if (position > bytes.length) throw malformedZstd("it ends inside a checksum", bytes.length);
  return { start, dictionaryId, contentSize, blocks, end: position };
}

function littleEndian(bytes: Uint8Array, position: number, width: number): number {
  if (width > bytes.length - position) throw malformedZstd("it ends inside a header", bytes.length);
  let value = 0;
  for (let index = width - 1; index >= 0; index--) value = value * 256 + bytes[position + index]!;
  return value;
}
