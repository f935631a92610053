/** Writes and rewrites the 61 bytes in front of the records of a format 2 batch. */
import {
  CODEC_MASK,
  CONTROL_BIT,
  type CompressionName,
  compressionNames,
  LOG_APPEND_TIME_BIT,
  type TimestampType,
  TRANSACTIONAL_BIT,
} from "./batch-attributes.ts";
import * as at from "./batch-layout.ts";
import { readInt16, writeInt16, writeInt32, writeInt64 } from "./big-endian.ts";
import { crc32c } from "./crc32c.ts";
import { InvalidRecordError } from "./invalid-record-error.ts";

/** The parts of the header that are known only when the batch is sent or stored. Everything has the default Kafka gives it. */
export interface BatchFields {
  readonly baseOffset?: number | bigint;
  readonly partitionLeaderEpoch?: number;
  readonly timestampType?: TimestampType;
  /** Only to differ from the greatest timestamp of the records: with LogAppendTime it is the broker's time. */
  readonly maxTimestamp?: number | bigint;
  /** Only to differ from the last record: compaction leaves it as it was. */
  readonly lastOffsetDelta?: number;
  readonly producerId?: number | bigint;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
  /** Attribute bits on top of those that the fields above stand for. */
  readonly attributes?: number;
}

/** What the records themselves determine. */
export interface BatchContent {
  readonly compression: CompressionName;
  readonly recordCount: number;
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: number | bigint;
  readonly maxTimestamp: number | bigint;
}

/** Writes the header of the batch that fills `bytes[0, end)`, checksum last. */
export function writeBatchHeader(bytes: Uint8Array, end: number, content: BatchContent, fields: BatchFields): void {
  let attributes = ((fields.attributes ?? 0) & ~CODEC_MASK) | compressionNames.indexOf(content.compression);
  if (fields.timestampType === "LogAppendTime") attributes |= LOG_APPEND_TIME_BIT;
  if (fields.isTransactional === true) attributes |= TRANSACTIONAL_BIT;
  if (fields.isControl === true) attributes |= CONTROL_BIT;
  requireFits("baseOffset", fields.baseOffset, 64);
  requireFits("producerId", fields.producerId, 64);
  requireFits("producerEpoch", fields.producerEpoch, 16);
  requireFits("baseSequence", fields.baseSequence, 32);
  requireFits("lastOffsetDelta", fields.lastOffsetDelta, 32);
  requireFits("partitionLeaderEpoch", fields.partitionLeaderEpoch, 32);
  requireFits("timestamp", content.baseTimestamp, 64);
  requireFits("timestamp", fields.maxTimestamp ?? content.maxTimestamp, 64);
  writeInt64(bytes, at.BASE_OFFSET, fields.baseOffset ?? 0);
  writeInt32(bytes, at.BATCH_LENGTH, end - at.LOG_OVERHEAD);
  writeInt32(bytes, at.PARTITION_LEADER_EPOCH, fields.partitionLeaderEpoch ?? at.NONE);
  bytes[at.MAGIC] = 2;
  writeInt16(bytes, at.ATTRIBUTES, attributes);
  writeInt32(bytes, at.LAST_OFFSET_DELTA, fields.lastOffsetDelta ?? content.lastOffsetDelta);
  writeInt64(bytes, at.BASE_TIMESTAMP, content.baseTimestamp);
  writeInt64(bytes, at.MAX_TIMESTAMP, fields.maxTimestamp ?? content.maxTimestamp);
  writeInt64(bytes, at.PRODUCER_ID, fields.producerId ?? at.NONE);
  writeInt16(bytes, at.PRODUCER_EPOCH, fields.producerEpoch ?? at.NONE);
  writeInt32(bytes, at.BASE_SEQUENCE, fields.baseSequence ?? at.NONE);
  writeInt32(bytes, at.RECORD_COUNT, content.recordCount);
  writeInt32(bytes, at.CRC, crc32c(bytes, at.ATTRIBUTES, end));
}

/** Exactly-once rests on these fields: a value that would be wrapped or rounded must never leave. */
function requireFits(field: string, value: number | bigint | undefined, bits: number): void {
  if (value === undefined) return;
  if (typeof value === "bigint" ? BigInt.asIntN(bits, value) === value : isSignedInteger(value, bits)) return;
  throw new InvalidRecordError(`${field} ${value} is no integer of ${bits} bits`);
}

function isSignedInteger(value: number, bits: number): boolean {
  return Number.isSafeInteger(value) && (bits === 64 || (value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1)));
}

/** What a broker changes when it stores a batch, and a producer when it must send one under a new epoch. */
export interface BatchRewrite {
  readonly baseOffset?: number | bigint;
  readonly partitionLeaderEpoch?: number;
  /** The broker's time for all records (`message.timestamp.type=LogAppendTime`). */
  readonly logAppendTimeMs?: number;
  /** The greatest timestamp of the producer's own (`CreateTime`), where it named another, or another kind. */
  readonly createTimeMaxMs?: number;
  readonly producer?: { readonly id: number | bigint; readonly epoch: number; readonly baseSequence: number };
}

/**
 * Rewrites fields of the format 2 batch of `size` bytes at `start`, in place. Offset and leader epoch are outside the checksum
 * and cost nothing; the others make it be computed again.
 */
export function rewriteBatchHeader(bytes: Uint8Array, start: number, size: number, rewrite: BatchRewrite): void {
  const { baseOffset, partitionLeaderEpoch, logAppendTimeMs, createTimeMaxMs, producer } = rewrite;
  if (baseOffset !== undefined) writeInt64(bytes, start + at.BASE_OFFSET, baseOffset);
  if (partitionLeaderEpoch !== undefined) writeInt32(bytes, start + at.PARTITION_LEADER_EPOCH, partitionLeaderEpoch);
  if (logAppendTimeMs === undefined && createTimeMaxMs === undefined && producer === undefined) return;
  if (logAppendTimeMs !== undefined) {
    writeInt16(bytes, start + at.ATTRIBUTES, readInt16(bytes, start + at.ATTRIBUTES) | LOG_APPEND_TIME_BIT);
    writeInt64(bytes, start + at.MAX_TIMESTAMP, logAppendTimeMs);
  }
  if (createTimeMaxMs !== undefined) {
    writeInt16(bytes, start + at.ATTRIBUTES, readInt16(bytes, start + at.ATTRIBUTES) & ~LOG_APPEND_TIME_BIT);
    writeInt64(bytes, start + at.MAX_TIMESTAMP, createTimeMaxMs);
  }
  if (producer !== undefined) {
    writeInt64(bytes, start + at.PRODUCER_ID, producer.id);
    writeInt16(bytes, start + at.PRODUCER_EPOCH, producer.epoch);
    writeInt32(bytes, start + at.BASE_SEQUENCE, producer.baseSequence);
  }
  writeInt32(bytes, start + at.CRC, crc32c(bytes, start + at.ATTRIBUTES, start + size));
}
