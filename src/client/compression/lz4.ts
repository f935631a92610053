/**
 * LZ4: our own codec, and for big batches the asynchronous functions of the optional package `lz4-napi`, which work on libuv's
 * threads. Kafka's rules for frames are always ours, and so is the judgement of damaged data: whatever the package refuses, our
 * codec reads again, for its typed error or for its result.
 */
import { type Codec, MissingCodecError, type OutputRoom } from "../../protocol/records/compression/codec.ts";
import { MAX_LZ4_BLOCK_BYTES } from "../../protocol/records/compression/lz4-block.ts";
import {
  compressLz4,
  decompressLz4,
  frameLz4Blocks,
  type Lz4Block,
  type Lz4Frame,
  readLz4Frame,
} from "../../protocol/records/compression/lz4-frame.ts";
import { giveBack } from "../give-back.ts";
import { ASYNC_FROM_BYTES } from "./async-threshold.ts";
import { blocksOf, mapInLanes } from "./map-in-lanes.ts";
import { loadPackage, rememberPackage } from "./optional-package.ts";

/** The package writes the size of the input in front of a block. */
const SIZE_PREFIX_BYTES = 4;
/** Of JSON. */
const USUAL_GROWTH = 4;

/** What we use of the package: frames are read whole, but written from blocks, because its own have blocks of up to 4 MiB. */
export interface Lz4Package {
  decompressFrame(bytes: Uint8Array): Promise<Uint8Array>;
  compress(bytes: Uint8Array): Promise<Uint8Array>;
}

function isLz4Package(loaded: unknown): loaded is Lz4Package {
  return typeof loaded === "object" && loaded !== null && "decompressFrame" in loaded && "compress" in loaded;
}

/** @param load called for the first batch that is big enough, and once */
export function lz4CodecOfPackage(load: () => Lz4Package): Codec {
  const find = rememberPackage(load);
  return {
    compress: compressLz4,
    decompress: decompressLz4,
    async decompressAsync(bytes, options) {
      const frame = frameToHandOver(bytes, options.maxOutputBytes);
      if (frame === undefined) return decompressLz4(bytes, options);
      const lz4 = find();
      if (lz4 instanceof MissingCodecError) return decompressLz4(bytes, options);
      try {
        return await unfold(bytes, frame, lz4);
      } catch {
        return decompressLz4(bytes, options);
      }
    },
    async compressAsync(bytes, level, room) {
      // The package knows no levels.
      if (bytes.length < ASYNC_FROM_BYTES || level !== undefined) return compressLz4(bytes, level);
      const lz4 = find();
      if (lz4 instanceof MissingCodecError) return compressLz4(bytes);
      try {
        return await fold(bytes, lz4, room);
      } catch {
        return compressLz4(bytes);
      }
    },
  };
}

/**
 * The frame, if it is big enough and the package reads it as we do: it knows no limit, takes an empty block for the end, and
 * refuses the wrong header checksums of format 0.
 */
function frameToHandOver(bytes: Uint8Array, maxOutputBytes: number): Lz4Frame | undefined {
  let frame: Lz4Frame;
  try {
    frame = readLz4Frame(bytes);
  } catch {
    // Format 0 or damaged: our codec tells the two apart.
    return undefined;
  }
  const isFit = likelySize(frame) >= ASYNC_FROM_BYTES && frame.outputBound <= maxOutputBytes && !frame.blocks.some(isEmpty);
  return isFit ? frame : undefined;
}

/** Only a hint: it decides where the work is done, not how much. Blocks are full but for the last, unless the writer flushed. */
function likelySize({ blocks, maxBlockBytes, contentSize }: Lz4Frame): number {
  if (contentSize !== undefined) return contentSize;
  const last = blocks.at(-1);
  if (last === undefined) return 0;
  return (blocks.length - 1) * maxBlockBytes + Math.min(maxBlockBytes, (last.end - last.start) * USUAL_GROWTH);
}

/** Legal, and nobody writes it. A compressed block is empty when it is nothing but a token, of no literals. */
function isEmpty({ start, end, isStored }: Lz4Block): boolean {
  return end - start === (isStored ? 0 : 1);
}

async function unfold(bytes: Uint8Array, frame: Lz4Frame, lz4: Lz4Package): Promise<Uint8Array> {
  const output = await lz4.decompressFrame(bytes.subarray(0, frame.end));
  if (output.length > frame.outputBound) throw new Error("more than the blocks can hold");
  return output;
}

async function fold(bytes: Uint8Array, lz4: Lz4Package, room: OutputRoom | undefined): Promise<Uint8Array> {
  const blocks = await mapInLanes(blocksOf(bytes, MAX_LZ4_BLOCK_BYTES), async (block) => {
    const prefixed = await lz4.compress(block);
    // An empty block would be written as the frame's end.
    if (prefixed.length <= SIZE_PREFIX_BYTES) throw new Error("not a block");
    const size = new DataView(prefixed.buffer, prefixed.byteOffset, SIZE_PREFIX_BYTES).getUint32(0, true);
    if (size !== block.length) throw new Error("not a block behind its size");
    const compressed = new Uint8Array(prefixed.subarray(SIZE_PREFIX_BYTES));
    // Room for the worst case, of which it has kept all.
    giveBack(prefixed);
    return compressed;
  });
  const frame = frameLz4Blocks(bytes, blocks, room);
  for (const block of blocks) giveBack(block);
  return frame;
}

export const lz4Codec: Codec = lz4CodecOfPackage(() => loadPackage("lz4", "lz4-napi", isLz4Package));
