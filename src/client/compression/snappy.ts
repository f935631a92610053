/**
 * Snappy: our own codec, and for big batches the asynchronous functions of the optional package `snappy`, which work on libuv's
 * threads. The framing is always ours, and so is the judgement of damaged data: whatever the package refuses, our codec reads
 * again, for its typed error or for its result.
 */
import { type Codec, MissingCodecError, type OutputRoom } from "../../protocol/records/compression/codec.ts";
import { decompressSnappyBlock, snappyBlockSize } from "../../protocol/records/compression/snappy-block.ts";
import {
  compressSnappy,
  decompressSnappy,
  frameSnappyBlocks,
  readSnappyStream,
  SNAPPY_BLOCK_BYTES,
  type SnappyBlock,
  type SnappyStream,
} from "../../protocol/records/compression/snappy-framing.ts";
import { giveBack } from "../give-back.ts";
import { ASYNC_FROM_BYTES } from "./async-threshold.ts";
import { blocksOf, mapInLanes } from "./map-in-lanes.ts";
import { loadPackage, rememberPackage } from "./optional-package.ts";

/** Smaller blocks are unfolded here in less time than it takes to hand them over. */
const NATIVE_FROM_BYTES = 8192;

/** What we use of the package: one raw block in, one out. */
export interface SnappyPackage {
  compress(bytes: Uint8Array): Promise<Uint8Array>;
  uncompress(bytes: Uint8Array): Promise<string | Uint8Array>;
}

function isSnappyPackage(loaded: unknown): loaded is SnappyPackage {
  return typeof loaded === "object" && loaded !== null && "compress" in loaded && "uncompress" in loaded;
}

/** @param load called for the first batch that is big enough, and once */
export function snappyCodecOfPackage(load: () => SnappyPackage): Codec {
  const find = rememberPackage(load);
  return {
    compress: compressSnappy,
    decompress: decompressSnappy,
    async decompressAsync(bytes, options) {
      const stream = readSnappyStream(bytes, options.maxOutputBytes);
      if (!isWorthHandingOver(stream)) return decompressSnappy(bytes, options);
      const snappy = find();
      if (snappy instanceof MissingCodecError) return decompressSnappy(bytes, options);
      try {
        return await unfold(bytes, stream, snappy);
      } catch {
        return decompressSnappy(bytes, options);
      }
    },
    async compressAsync(bytes, _level, room) {
      if (bytes.length < ASYNC_FROM_BYTES) return compressSnappy(bytes);
      const snappy = find();
      if (snappy instanceof MissingCodecError) return compressSnappy(bytes);
      try {
        return await fold(bytes, snappy, room);
      } catch {
        return compressSnappy(bytes);
      }
    },
  };
}

function isWorthHandingOver({ blocks, outputSize }: SnappyStream): boolean {
  return outputSize >= ASYNC_FROM_BYTES && blocks.some((block) => block.outputSize >= NATIVE_FROM_BYTES);
}

async function unfold(bytes: Uint8Array, { blocks, outputSize }: SnappyStream, snappy: SnappyPackage): Promise<Uint8Array> {
  // Most often a raw stream: there is nothing to put together.
  if (blocks.length === 1) return uncompressBlock(bytes, blocks[0]!, snappy);
  const output = new Uint8Array(outputSize);
  const big: SnappyBlock[] = [];
  for (const block of blocks) {
    if (block.outputSize >= NATIVE_FROM_BYTES) big.push(block);
    else decompressSnappyBlock(bytes, block.start, block.end, output, block.outputStart);
  }
  await mapInLanes(big, async (block) => output.set(await uncompressBlock(bytes, block, snappy), block.outputStart));
  return output;
}

async function uncompressBlock(bytes: Uint8Array, block: SnappyBlock, snappy: SnappyPackage): Promise<Uint8Array> {
  const output = await snappy.uncompress(bytes.subarray(block.start, block.end));
  if (typeof output === "string" || output.length !== block.outputSize) throw new Error("not the size that was declared");
  return output;
}

async function fold(bytes: Uint8Array, snappy: SnappyPackage, room: OutputRoom | undefined): Promise<Uint8Array> {
  const blocks = await mapInLanes(blocksOf(bytes, SNAPPY_BLOCK_BYTES), async (block) => {
    const compressed = await snappy.compress(block);
    if (snappyBlockSize(compressed, 0, compressed.length) !== block.length) throw new Error("not a raw block");
    return compressed;
  });
  const stream = frameSnappyBlocks(blocks, room);
  for (const block of blocks) giveBack(block);
  return stream;
}

export const snappyCodec: Codec = snappyCodecOfPackage(() => loadPackage("snappy", "snappy", isSnappyPackage));
