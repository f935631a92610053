/** The codecs that need nothing but JavaScript: what a batch is read with when no others are passed in. */
import { type Codec, MissingCodecError } from "./codec.ts";
import { compressLz4, decompressLz4 } from "./lz4-frame.ts";
import { compressSnappy, decompressSnappy } from "./snappy-framing.ts";
import { decompressZstd } from "./zstd.ts";

export const portableSnappy: Codec = { compress: compressSnappy, decompress: decompressSnappy };
export const portableLz4: Codec = { compress: compressLz4, decompress: decompressLz4 };
/** Reads only: about a tenth of native speed. */
const portableZstd: Codec = {
  decompress: decompressZstd,
  compress: () => {
    throw new MissingCodecError("zstd", "the portable codec only reads; pass one that writes in the `codecs` option");
  },
};
export const portableCodecs: { readonly snappy: Codec; readonly lz4: Codec; readonly zstd: Codec } = {
  snappy: portableSnappy,
  lz4: portableLz4,
  zstd: portableZstd,
};
