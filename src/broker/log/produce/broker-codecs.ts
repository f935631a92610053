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
import { storedZstdFrame } from "./zstd-stored-frame.ts";

/**
 * What a batch may unfold to. Kafka knows no such limit, because it unfolds in a stream; a batch of the largest size that its
 * defaults allow stays far below.
 */
export const MAX_UNFOLDED_BYTES = 134_217_728;

interface NodeZstd {
  zstdCompressSync(bytes: Uint8Array, options: { readonly params: Readonly<Record<number, number>> }): Buffer;
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

/** zstd's own number of the parameter, `ZSTD_c_compressionLevel`. */
const ZSTD_COMPRESSION_LEVEL = 100;

/** Without node:zlib's zstd the portable codec reads it, and what is written is valid, but not smaller. */
const zstd: Codec = hasZstd(module)
  ? {
      compress: (bytes, level) =>
        module.zstdCompressSync(bytes, { params: level === undefined ? {} : { [ZSTD_COMPRESSION_LEVEL]: level } }),
      decompress: (bytes, { maxOutputBytes }) =>
        unfolding("zstd", maxOutputBytes, () => module.zstdDecompressSync(bytes, { maxOutputLength: maxOutputBytes })),
    }
  : { ...portableCodecs.zstd, compress: storedZstdFrame };

export const brokerCodecs: Codecs = { ...portableCodecs, gzip, zstd };
