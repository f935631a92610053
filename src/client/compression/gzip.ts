/** Gzip by node:zlib, which every Node has. */
import { promisify } from "node:util";
import { gunzip, gunzipSync, gzip, gzipSync, type ZlibOptions } from "node:zlib";
import type { Codec, DecompressOptions } from "../../protocol/records/compression/codec.ts";
import { ASYNC_FROM_BYTES } from "./async-threshold.ts";
import { gunzipMembers } from "./gzip-members.ts";
import { isTooLarge, zlibFailure } from "./zlib-failure.ts";

const gunzipAsync: (bytes: Uint8Array, options: ZlibOptions) => Promise<Buffer> = promisify(gunzip);
const gzipAsync: (bytes: Uint8Array, options: ZlibOptions) => Promise<Buffer> = promisify(gzip);

/** The last member's trailer may claim anything: more room than this is made as it is needed. */
const MOST_ROOM_BYTES = 1 << 20;
/** And no input becomes larger than so many times itself. */
const MOST_TIMES_LARGER = 1_032;
/** Of zlib. */
const LEAST_ROOM_BYTES = 64;

function decompress(bytes: Uint8Array, { maxOutputBytes }: DecompressOptions): Uint8Array {
  try {
    return gunzipSync(bytes, inflateOptions(bytes, maxOutputBytes));
  } catch (error) {
    return decompressRefused(bytes, maxOutputBytes, error);
  }
}

async function decompressAsync(bytes: Uint8Array, options: DecompressOptions): Promise<Uint8Array> {
  if (bytes.length < ASYNC_FROM_BYTES && claimedSize(bytes) < ASYNC_FROM_BYTES) return decompress(bytes, options);
  try {
    return await gunzipAsync(bytes, inflateOptions(bytes, options.maxOutputBytes));
  } catch (error) {
    return decompressRefused(bytes, options.maxOutputBytes, error);
  }
}

/** Garbage behind the last member makes zlib refuse the whole; Java reads it, and so do we. */
function decompressRefused(bytes: Uint8Array, maxOutputBytes: number, error: unknown): Uint8Array {
  if (isTooLarge(error)) throw zlibFailure("gzip", maxOutputBytes, error);
  try {
    return gunzipMembers(bytes, maxOutputBytes);
  } catch (secondError) {
    throw zlibFailure("gzip", maxOutputBytes, secondError);
  }
}

/** Room for all of it at once: pieces would be put together, which costs as much as inflating them. One byte more, or zlib begins another piece. */
function inflateOptions(bytes: Uint8Array, maxOutputBytes: number): ZlibOptions {
  const expected = Math.min(claimedSize(bytes), bytes.length * MOST_TIMES_LARGER, maxOutputBytes, MOST_ROOM_BYTES);
  return { maxOutputLength: maxOutputBytes, chunkSize: Math.max(expected + 1, LEAST_ROOM_BYTES) };
}

/** The size that the last member's trailer names. Only a hint: it decides where the work is done, and in what room. */
function claimedSize(bytes: Uint8Array): number {
  if (bytes.length < 4) return 0;
  return new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4, 4).getUint32(0, true);
}

function options(level: number | undefined): ZlibOptions {
  return level === undefined ? {} : { level };
}

export const gzipCodec: Codec = {
  decompress,
  decompressAsync,
  compress: (bytes, level) => gzipSync(bytes, options(level)),
  compressAsync: async (bytes, level) =>
    bytes.length < ASYNC_FROM_BYTES ? gzipSync(bytes, options(level)) : gzipAsync(bytes, options(level)),
};
