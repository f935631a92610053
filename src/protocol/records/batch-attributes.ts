/** What the attribute bits of a record batch (and of a message of the older formats) mean. */
import { MalformedMessageError } from "../malformed-message-error.ts";

/** Kafka's names of the codecs; the position in {@link compressionNames} is the number on the wire. */
export type CompressionName = "none" | "gzip" | "snappy" | "lz4" | "zstd";
export const compressionNames: readonly CompressionName[] = ["none", "gzip", "snappy", "lz4", "zstd"];

/** Who set the timestamps: the producer, the broker, or nobody because format 0 has none. */
export type TimestampType = "CreateTime" | "LogAppendTime" | "NoTimestampType";

/** 0 and 1 are the message sets of Kafka before 0.11; brokers from 4.0 no longer write them, but old segments hold them. */
export type Magic = 0 | 1 | 2;

export const CODEC_MASK = 0x07;
export const LOG_APPEND_TIME_BIT = 0x08;
export const TRANSACTIONAL_BIT = 0x10;
export const CONTROL_BIT = 0x20;
/** The base timestamp holds the time at which tombstones may be dropped (KIP-534). */
export const DELETE_HORIZON_BIT = 0x40;

export function compressionFromAttributes(attributes: number, offset: number): CompressionName {
  const name = compressionNames[attributes & CODEC_MASK];
  if (name === undefined) throw new MalformedMessageError(`unknown compression type ${attributes & CODEC_MASK}`, { offset });
  return name;
}
