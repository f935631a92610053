/** All codecs of Kafka, as far as this machine has them. Nothing is loaded before its first use. */
import type { Codec, Codecs } from "../../protocol/records/compression/codec.ts";
import { gzipCodec } from "./gzip.ts";
import { lz4Codec } from "./lz4.ts";
import { snappyCodec } from "./snappy.ts";
import { zstdCodec } from "./zstd.ts";

export const nodeCodecs: Codecs & { readonly gzip: Codec; readonly snappy: Codec; readonly lz4: Codec; readonly zstd: Codec } = {
  gzip: gzipCodec,
  snappy: snappyCodec,
  lz4: lz4Codec,
  zstd: zstdCodec,
};
