/** What the broker unfolds and writes compressed batches with: the portable codecs, and those of node:zlib. */
import * as zlib from "node:zlib";
import {
  type Codec,
  type CodecName,
  type Codecs,
  KafkaError,
  MalformedMessageError,
  OutputLimitError,
  portableCodecs,
} from "../../../protocol/index.ts";

/**
 * What a batch may unfold to. Kafka knows no such limit, because it unfolds in a stream; a batch of the largest size that its
 * defaults allow stays far below.
 */
export const MAX_UNFOLDED_BYTES = 134_217_728;

interface NodeZstd {
  zstdCompressSync(bytes: Uint8Array): Buffer;
  zstdDecompressSync(bytes: Uint8Array, options: { readonly maxOutputLength: number }): Buffer;
}

/** From Node 22.15 on; the type declarations for Node 20 cannot have it. */
function hasZstd(module: object): module is NodeZstd {
  return "zstdDecompressSync" in module && "zstdCompressSync" in module;
}

function unfolding(codec: CodecName, maxOutputBytes: number, unfold: () => Uint8Array): Uint8Array {
  try {
    return unfold();
  } catch (error) {
    if (error instanceof KafkaError) throw error;
    if (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE") {
      throw new OutputLimitError(codec, maxOutputBytes, error);
    }
    throw new MalformedMessageError(`malformed ${codec} stream: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

const gzip: Codec = {
  compress: (bytes, level) => zlib.gzipSync(bytes, level === undefined ? {} : { level }),
  decompress: (bytes, { maxOutputBytes }) =>
    unfolding("gzip", maxOutputBytes, () => zlib.gunzipSync(bytes, { maxOutputLength: maxOutputBytes })),
};

const module: object = zlib;

/** Without node:zlib's zstd the portable codec reads it, and nobody writes it. */
const zstd: Codec = hasZstd(module)
  ? {
      compress: (bytes) => module.zstdCompressSync(bytes),
      decompress: (bytes, { maxOutputBytes }) =>
        unfolding("zstd", maxOutputBytes, () => module.zstdDecompressSync(bytes, { maxOutputLength: maxOutputBytes })),
    }
  : portableCodecs.zstd;

export const brokerCodecs: Codecs = { ...portableCodecs, gzip, zstd };

/** Whether a topic can be told to store its batches in this codec here (`compression.type`). */
export function canCompressWith(codec: CodecName): boolean {
  return codec !== "zstd" || hasZstd(module);
}
