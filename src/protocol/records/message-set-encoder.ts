/** Writes message sets of formats 0 and 1: for tests and for a broker that plays an old one; clients write format 2 only. */

import { encodeUtf8 } from "../utf8.ts";
import { type CompressionName, compressionNames, LOG_APPEND_TIME_BIT, type Magic, type TimestampType } from "./batch-attributes.ts";
import * as at from "./batch-layout.ts";
import { writeInt32, writeInt64 } from "./big-endian.ts";
import { type Codecs, codecFor } from "./compression/codec.ts";
import { withFormat0Checksum } from "./compression/lz4-frame.ts";
import { portableCodecs } from "./compression/portable-codecs.ts";
import { crc32 } from "./crc32.ts";
import { InvalidRecordError } from "./invalid-record-error.ts";
import type { RecordBytes, RecordInput } from "./record-input.ts";

export interface MessageSetInput {
  readonly magic: Magic;
  readonly records: Iterable<RecordInput>;
  readonly timestampType?: TimestampType;
  readonly compression?: CompressionName;
  readonly codecs?: Codecs;
}

interface Message {
  readonly offset: number | bigint;
  readonly timestamp: number | bigint;
  readonly attributes: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

export function encodeMessageSet(input: MessageSetInput): Uint8Array {
  const { magic, compression = "none", codecs = portableCodecs } = input;
  if (magic === 2) throw new InvalidRecordError("a message set has format 0 or 1; format 2 is a record batch");
  const timeBit = magic === 1 && input.timestampType === "LogAppendTime" ? LOG_APPEND_TIME_BIT : 0;
  const messages = messagesFrom(input.records, timeBit);
  if (compression === "none" || messages.length === 0) return concatenate(messages.map((message) => encodeMessage(magic, message)));
  if (compression === "zstd") throw new InvalidRecordError(`zstd does not exist in record format ${magic}`);

  const first = messages[0]!.offset;
  const inner = messages.map((message) => ({
    ...message,
    attributes: 0,
    offset: magic === 0 ? message.offset : BigInt(message.offset) - BigInt(first),
  }));
  const compressed = codecFor(compression, codecs).compress(concatenate(inner.map((message) => encodeMessage(magic, message))));
  return encodeMessage(magic, {
    offset: messages.at(-1)!.offset,
    timestamp: latestTimestamp(messages),
    attributes: compressionNames.indexOf(compression) | timeBit,
    key: null,
    value: magic === 0 && compression === "lz4" ? withFormat0Checksum(compressed) : compressed,
  });
}

/** The wrapper's timestamp is the latest of its messages'. A loop, because Math.max knows no bigint. */
function latestTimestamp(messages: readonly Message[]): number | bigint {
  let latest: number | bigint = at.NONE;
  for (const { timestamp } of messages) if (timestamp > latest) latest = timestamp;
  return latest;
}

function messagesFrom(records: Iterable<RecordInput>, attributes: number): Message[] {
  const messages: Message[] = [];
  for (const { offset, timestamp = at.NONE, key = null, value = null, headers = [] } of records) {
    if (headers.length > 0) throw new InvalidRecordError("record formats 0 and 1 have no headers");
    messages.push({ offset: offset ?? messages.length, timestamp, attributes, key: toBytes(key), value: toBytes(value) });
  }
  return messages;
}

function toBytes(content: RecordBytes): Uint8Array | null {
  return typeof content === "string" ? encodeUtf8(content) : content;
}

function encodeMessage(magic: Magic, { offset, timestamp, attributes, key, value }: Message): Uint8Array {
  const keyAt = magic === 0 ? at.LEGACY_TIMESTAMP : at.LEGACY_TIMESTAMP + 8;
  const valueAt = keyAt + 4 + (key?.length ?? 0);
  const bytes = new Uint8Array(valueAt + 4 + (value?.length ?? 0));
  writeInt64(bytes, at.BASE_OFFSET, offset);
  writeInt32(bytes, at.BATCH_LENGTH, bytes.length - at.LOG_OVERHEAD);
  bytes[at.MAGIC] = magic;
  bytes[at.LEGACY_ATTRIBUTES] = attributes;
  if (magic === 1) writeInt64(bytes, at.LEGACY_TIMESTAMP, timestamp);
  writeInt32(bytes, keyAt, key?.length ?? at.NONE);
  bytes.set(key ?? [], keyAt + 4);
  writeInt32(bytes, valueAt, value?.length ?? at.NONE);
  bytes.set(value ?? [], valueAt + 4);
  writeInt32(bytes, at.LEGACY_CRC, crc32(bytes, at.MAGIC));
  return bytes;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}
