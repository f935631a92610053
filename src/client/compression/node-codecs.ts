/** All codecs of Kafka, as far as this machine has them. Nothing is loaded before its first use. */
import type { Codec, Codecs } from "../../protocol/records/compression/codec.ts";
import { portableLz4, portableSnappy } from "../../protocol/records/compression/portable-codecs.ts";
import { gzipCodec } from "./gzip.ts";
import { zstdCodec } from "./zstd.ts";

export const nodeCodecs: Codecs & { readonly gzip: Codec; readonly snappy: Codec; readonly lz4: Codec; readonly zstd: Codec } = {
  gzip: gzipCodec,
  snappy: portableSnappy,
  lz4: portableLz4,
  zstd: zstdCodec,
};
