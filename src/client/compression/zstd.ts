/**
 * Zstandard: by node:zlib where Node has it (22.15 and newer), else by the optional package `@mongodb-js/zstd`, which works
 * asynchronously only, else read by our own decoder.
 */
import * as zlib from "node:zlib";
import {
  type Codec,
  type DecompressOptions,
  MissingCodecError,
  OutputLimitError,
} from "../../protocol/records/compression/codec.ts";
import { decompressZstd } from "../../protocol/records/compression/zstd.ts";
import { blocksBound, type ZstdFrame, zstdFrames, zstdOutputBound } from "../../protocol/records/compression/zstd-frame.ts";
import { loadPackage, rememberPackage } from "./optional-package.ts";
import { zlibFailure } from "./zlib-failure.ts";
import { ZstdContext, type ZstdHandleStream } from "./zstd-context.ts";
import { type ZstdStream, ZstdStreams } from "./zstd-streams.ts";

const PACKAGE = "@mongodb-js/zstd";
/** The package's main module drops the compression level. */
const PACKAGE_ENTRY = "@mongodb-js/zstd/bindings.js";
/** zstd's own numbers of its parameters; Node 20 does not know the constants. */
const COMPRESSION_LEVEL = 100;
const WINDOW_LOG_MAX = 100;
/** The window of level 19, which every decoder should accept; frames declare it although their content may be small. */
const USUAL_WINDOW_LOG = 23;
/** The window of level 22; larger ones are refused by Java too. */
const LARGEST_WINDOW_LOG = 27;
/** zstd's `ZSTD_e_end`: the frame is complete, what is written next begins another. */
const END_FRAME = 2;
/** A stream goes through a thread and back for every chunk that it writes: a batch of a megabyte should be one or two. */
const CHUNK_BYTES = 262_144;
/** node:zlib takes no smaller ones. */
const MIN_CHUNK_BYTES = 64;
/** What unfolds to no more takes less time here than it takes to hand it over, and to make a context for it. */
const MOST_HERE_BYTES = 262_144;
/** A block unfolds to this at most, so that the bound of a stream may exceed its size by as much. */
const BOUND_SLACK_BYTES = 131_072;

interface ZstdOptions {
  /** What is done behind every write to a stream. */
  readonly flush?: number;
  readonly chunkSize?: number;
  readonly params?: Readonly<Record<number, number>>;
  readonly maxOutputLength?: number;
  /** How much will be compressed: what little is needed for little then. */
  readonly pledgedSrcSize?: number;
}

type ZstdCallback = (error: Error | null, result: Buffer) => void;

/** The part of node:zlib that the type declarations for Node 20 cannot have. */
interface NodeZstd {
  zstdCompressSync(bytes: Uint8Array, options: ZstdOptions): Buffer;
  zstdDecompressSync(bytes: Uint8Array, options: ZstdOptions): Buffer;
  createZstdCompress(options: ZstdOptions): ZstdStream;
  createZstdDecompress(options: ZstdOptions): ZstdHandleStream;
  zstdDecompress(bytes: Uint8Array, options: ZstdOptions, callback: ZstdCallback): void;
}

/** What we use of the optional package. */
export interface ZstdPackage {
  compress(bytes: Buffer, level?: number): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

function isNodeZstd(module: object): module is NodeZstd {
  return "zstdDecompressSync" in module && "zstdCompressSync" in module;
}

function isZstdPackage(loaded: unknown): loaded is ZstdPackage {
  return typeof loaded === "object" && loaded !== null && "compress" in loaded && "decompress" in loaded;
}

function decompressOptions(maxOutputBytes: number): ZstdOptions {
  // Beyond the usual, a window that is larger than the output may be serves nothing but to take memory.
  const windowLog = Math.min(LARGEST_WINDOW_LOG, Math.max(USUAL_WINDOW_LOG, Math.ceil(Math.log2(maxOutputBytes))));
  return { params: { [WINDOW_LOG_MAX]: windowLog }, maxOutputLength: maxOutputBytes };
}

function compressOptions(level: number | undefined): ZstdOptions {
  return level === undefined ? {} : { params: { [COMPRESSION_LEVEL]: level } };
}

function createStream(node: NodeZstd): (level: number | undefined) => ZstdStream {
  return (level) => node.createZstdCompress({ ...compressOptions(level), flush: END_FRAME, chunkSize: CHUNK_BYTES });
}

/** Refuses what would unfold too far before a decoder sees it: the package knows no limit. */
function framesWithin(bytes: Uint8Array, maxOutputBytes: number): ZstdFrame[] {
  const frames = zstdFrames(bytes);
  if (zstdOutputBound(frames) > maxOutputBytes + BOUND_SLACK_BYTES) throw new OutputLimitError("zstd", maxOutputBytes);
  return frames;
}

/** What the frame unfolds to, if it says so and that is possible: the room that is made must follow the data, and not the claims. */
function knownSize({ contentSize, blocks }: ZstdFrame): number | undefined {
  return contentSize !== undefined && contentSize <= blocksBound(blocks) ? contentSize : undefined;
}

/** With room for all of it, zstd needs no window, and nothing is put together; with a byte more, nobody asks whether that was all. */
function oneShotOptions(frame: ZstdFrame, maxOutputBytes: number): ZstdOptions {
  const size = knownSize(frame);
  const chunkSize = size === undefined ? CHUNK_BYTES : Math.max(MIN_CHUNK_BYTES, size + 1);
  return { ...decompressOptions(maxOutputBytes), chunkSize };
}

/** Reads frames: here, or those that unfold to much on another thread. */
class NodeZstdReader {
  readonly #node: NodeZstd;
  readonly #context: ZstdContext;

  constructor(node: NodeZstd) {
    const options = { params: { [WINDOW_LOG_MAX]: USUAL_WINDOW_LOG } };
    this.#node = node;
    this.#context = new ZstdContext(() => node.createZstdDecompress(options), process.versions.node);
  }

  decompress(bytes: Uint8Array, options: DecompressOptions): Uint8Array {
    const frame = onlyFrame(bytes, options.maxOutputBytes);
    return frame === undefined ? decompressZstd(bytes, options) : this.#here(bytes, frame, options.maxOutputBytes);
  }

  async decompressAsync(bytes: Uint8Array, options: DecompressOptions): Promise<Uint8Array> {
    const { maxOutputBytes } = options;
    const frame = onlyFrame(bytes, maxOutputBytes);
    if (frame === undefined) return decompressZstd(bytes, options);
    if (zstdOutputBound([frame]) <= MOST_HERE_BYTES) return this.#here(bytes, frame, maxOutputBytes);
    try {
      return await this.#elsewhere(bytes.subarray(frame.start, frame.end), oneShotOptions(frame, maxOutputBytes));
    } catch (error) {
      throw zlibFailure("zstd", maxOutputBytes, error);
    }
  }

  #here(bytes: Uint8Array, frame: ZstdFrame, maxOutputBytes: number): Uint8Array {
    const own = bytes.subarray(frame.start, frame.end);
    const unfolded = this.#unfold(own, frame);
    if (unfolded !== undefined && unfolded.length <= maxOutputBytes) return unfolded;
    try {
      return this.#node.zstdDecompressSync(own, oneShotOptions(frame, maxOutputBytes));
    } catch (error) {
      throw zlibFailure("zstd", maxOutputBytes, error);
    }
  }

  #unfold(own: Uint8Array, frame: ZstdFrame): Uint8Array | undefined {
    const size = knownSize(frame);
    if (size !== undefined) return this.#context.unfold(own, size);
    const bound = blocksBound(frame.blocks);
    // A byte more: room that was left tells that this was all.
    return bound <= MOST_HERE_BYTES ? this.#context.unfoldUpTo(own, bound + 1) : undefined;
  }

  #elsewhere(own: Uint8Array, options: ZstdOptions): Promise<Buffer> {
    return new Promise((resolve, reject) =>
      this.#node.zstdDecompress(own, options, (error, result) => (error === null ? resolve(result) : reject(error))),
    );
  }
}

/** node:zlib stops behind the first frame and does not skip skippable ones, so that it is given exactly one. */
function onlyFrame(bytes: Uint8Array, maxOutputBytes: number): ZstdFrame | undefined {
  const frames = framesWithin(bytes, maxOutputBytes);
  return frames.length === 1 ? frames[0] : undefined;
}

function zstdCodecOfNode(node: NodeZstd): Codec {
  const reader = new NodeZstdReader(node);
  const streams = new ZstdStreams(createStream(node));
  return {
    decompress: (bytes, options) => reader.decompress(bytes, options),
    decompressAsync: (bytes, options) => reader.decompressAsync(bytes, options),
    compress: (bytes, level) => node.zstdCompressSync(bytes, { ...compressOptions(level), pledgedSrcSize: bytes.length }),
    compressAsync: async (bytes, level, room) => onlyFrameOf(bytes.length, await streams.compress(bytes, level, room)),
  };
}

/** A stream's frames have no borders but those that they write themselves: what is not exactly one frame must not become a batch. */
export function onlyFrameOf(size: number, bytes: Uint8Array): Uint8Array {
  const [frame, ...others] = zstdFrames(bytes);
  if (frame?.end === bytes.length && others.length === 0 && (frame.contentSize ?? size) === size) return bytes;
  throw new Error(`node:zlib wrote ${bytes.length} bytes that are no zstd frame of ${size}`);
}

/**
 * Without the package, or where there is no time to wait for it, our own decoder reads; it is correct and slow. Only writing
 * needs the package.
 */
export function zstdCodecOfPackage(load: () => ZstdPackage): Codec {
  const find = rememberPackage(load);
  function required(): ZstdPackage {
    const zstd = find();
    if (zstd instanceof MissingCodecError) throw zstd;
    return zstd;
  }
  return {
    decompress: decompressZstd,
    compress: () => {
      required();
      const remedy = `on Node ${process.versions.node} it writes asynchronously only; use sealAsync() or encodeAsync(), or Node 22.15`;
      throw new MissingCodecError("zstd", remedy);
    },
    async decompressAsync(bytes, options) {
      const { maxOutputBytes } = options;
      const zstd = find();
      if (zstd instanceof MissingCodecError) return decompressZstd(bytes, options);
      framesWithin(bytes, maxOutputBytes);
      let output: Buffer;
      try {
        output = await zstd.decompress(asBuffer(bytes));
      } catch (error) {
        throw zlibFailure("zstd", maxOutputBytes, error);
      }
      if (output.length > maxOutputBytes) throw new OutputLimitError("zstd", maxOutputBytes);
      return output;
    },
    compressAsync: async (bytes, level) => required().compress(asBuffer(bytes), level),
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

export const zstdCodec: Codec = isNodeZstd(zlib)
  ? zstdCodecOfNode(zlib)
  : zstdCodecOfPackage(() => loadPackage("zstd", PACKAGE, isZstdPackage, PACKAGE_ENTRY));
