/**
 * From the bytes of a Produce request to a batch that may be appended: the rules of Kafka's `LogValidator`. Nothing is copied,
 * unless the topic wants another codec or the batch comes in an old format.
 */
import {
  type CodecName,
  type CompressionName,
  crc32c,
  InvalidRecordError,
  KafkaError,
  MalformedMessageError,
  OutputLimitError,
  RecordBatch,
  type RecordInput,
} from "../../../protocol/index.ts";
import { AppendRefusal } from "../append-refusal.ts";
import { brokerCodecs } from "./broker-codecs.ts";
import { type BatchHeader, corrupt, decodeChecked, hasUnknownCodec, headerOf, invalid } from "./received-batch.ts";
import { RecordCheck, type RecordRules } from "./record-rules.ts";
import type { UnfoldBudget } from "./unfold-budget.ts";

export interface AppendRules extends RecordRules {
  /** `compression.type`. */
  readonly compressionType: "producer" | "uncompressed" | CodecName;
  /** At which level the broker compresses, where the codec has levels here. */
  readonly compressionLevel: (codec: CompressionName) => number | undefined;
  readonly maxMessageBytes: number;
  readonly segmentBytes: number;
  readonly budget: UnfoldBudget;
}

export interface AcceptedBatch {
  /** One batch of format 2; its offset and its leader epoch are still the producer's. */
  readonly bytes: Uint8Array;
  readonly header: BatchHeader;
  readonly maxTimestamp: number;
  /** The header's timestamps and their kind are not what the log keeps. */
  readonly needsTimestamps: boolean;
}

const CRC = 17;
const ATTRIBUTES = 21;
const LOG_APPEND_TIME_BIT = 0x08;

/** @throws AppendRefusal */
export function acceptBatch(bytes: Uint8Array, rules: AppendRules): AcceptedBatch {
  const header = headerOf(bytes);
  checkWhole(bytes, header, rules);
  checkHeader(header, rules);
  const batch = decodeChecked(bytes, { checkCrc: false, codecs: brokerCodecs, maxOutputBytes: rules.budget.most });
  unfold(batch, rules);
  const target = targetCompression(batch.compression, rules.compressionType);
  const isKept = batch.compression === target;
  const maxTimestamp = walkRecords(batch, rules, isKept);
  if (!isKept) return rebuild(batch, target, rules);
  if (rules.timestampType === "LogAppendTime") return { bytes, header, maxTimestamp: rules.nowMs, needsTimestamps: true };
  const needsTimestamps = (header.attributes & LOG_APPEND_TIME_BIT) !== 0 || header.maxTimestamp !== BigInt(maxTimestamp);
  return { bytes, header, maxTimestamp, needsTimestamps };
}

/** The codec that a topic stores batches in. */
export function targetCompression(source: CompressionName, compressionType: AppendRules["compressionType"]): CompressionName {
  if (compressionType === "producer") return source;
  return compressionType === "uncompressed" ? "none" : compressionType;
}

function checkWhole(bytes: Uint8Array, header: BatchHeader, { partition, maxMessageBytes }: AppendRules): void {
  if (header.baseOffset !== 0n) {
    throw invalid(`The baseOffset of the record batch in the append to ${partition} should be 0, but it is ${header.baseOffset}`);
  }
  checkSize(bytes.length, partition, maxMessageBytes);
  const stored = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(CRC);
  if (crc32c(bytes, ATTRIBUTES) !== stored)
    throw corrupt(`Record is corrupt (stored crc = ${stored}) in topic partition ${partition}.`);
  if (hasUnknownCodec(header.attributes)) throw unexpected(`Unknown compression type id: ${header.attributes & 0x07}`);
}

export function checkSize(size: number, partition: string, maxMessageBytes: number): void {
  if (size <= maxMessageBytes) return;
  throw new AppendRefusal(
    "MESSAGE_TOO_LARGE",
    `The record batch size in the append to ${partition} is ${size} bytes which exceeds the maximum configured value of ${maxMessageBytes}.`,
  );
}

function checkHeader(header: BatchHeader, { partition }: AppendRules): void {
  const { lastOffsetDelta, recordCount, producerId, baseSequence } = header;
  if (lastOffsetDelta < 0)
    throw invalid(`Batch has an invalid offset range: [0, ${lastOffsetDelta}] in topic partition ${partition}`);
  if (recordCount <= 0) throw invalid(`Invalid reported count for record batch: ${recordCount} in topic partition ${partition}`);
  if (lastOffsetDelta + 1 !== recordCount) {
    throw invalid(
      `Inconsistent batch offset range [0, ${lastOffsetDelta}] and count of records ${recordCount} in topic partition ${partition}`,
    );
  }
  if (header.isControl) throw invalid(`Clients are not allowed to write control records in topic partition ${partition}`);
  if (producerId >= 0n && baseSequence < 0) {
    throw invalid(
      `Invalid sequence number ${baseSequence} in record batch with producerId ${producerId} in topic partition ${partition}`,
    );
  }
}

/** Kafka takes no notice of what its codecs throw: the client is told of an unknown error. */
export function unfold(batch: RecordBatch, { budget }: AppendRules): void {
  if (batch.compression === "none") return;
  try {
    budget.spend(batch.section().bytes.length);
  } catch (error) {
    if (error instanceof OutputLimitError) budget.spend(budget.most);
    if (error instanceof OutputLimitError) throw new AppendRefusal("MESSAGE_TOO_LARGE", error.message);
    if (error instanceof KafkaError) throw unexpected(error.message);
    throw error;
  }
}

/** @returns the greatest timestamp */
function walkRecords(batch: RecordBatch, rules: AppendRules, isKept: boolean): number {
  const check = new RecordCheck(rules, batch.timestampType);
  // Uncompressed, Kafka does not look at the records' own offsets; compressed, it would have to number them anew and cannot.
  const mustBeConsecutive = isKept && batch.compression !== "none";
  try {
    const cursor = batch.cursor();
    let index = 0;
    while (cursor.next()) {
      check.check(cursor, index);
      if (mustBeConsecutive && cursor.offsetDelta !== index)
        throw unexpected(`record ${index} has the offset ${cursor.offsetDelta}`);
      index++;
    }
  } catch (error) {
    if (error instanceof MalformedMessageError) throw invalid(error.message);
    throw error;
  }
  check.finish();
  return check.maxTimestamp;
}

/** The same records in another codec, numbered anew. */
function rebuild(batch: RecordBatch, compression: CompressionName, rules: AppendRules): AcceptedBatch {
  const { producerId, producerEpoch, baseSequence, isTransactional } = batch;
  return encodeAccepted(recordInputs(batch, rules), compression, rules, {
    producerId,
    producerEpoch,
    baseSequence,
    isTransactional,
  });
}

function* recordInputs(batch: RecordBatch, { timestampType, nowMs }: AppendRules): Generator<RecordInput> {
  for (const record of batch) {
    const timestamp = timestampType === "LogAppendTime" ? nowMs : record.timestamp;
    yield { key: record.key, value: record.value, headers: record.headers, timestamp };
  }
}

/** @throws AppendRefusal when the batch has become too large */
export function encodeAccepted(
  records: Iterable<RecordInput>,
  compression: CompressionName,
  rules: AppendRules,
  producer: Partial<Pick<BatchHeader, "producerId" | "producerEpoch" | "baseSequence" | "isTransactional">>,
): AcceptedBatch {
  const { timestampType } = rules;
  const level = rules.compressionLevel(compression);
  const bytes = encodeOrRefuse({
    records,
    compression,
    ...(level === undefined ? {} : { compressionLevel: level }),
    timestampType,
    ...producer,
    codecs: brokerCodecs,
  });
  checkSize(bytes.length, rules.partition, rules.maxMessageBytes);
  const header = headerOf(bytes);
  return { bytes, header, maxTimestamp: Number(header.maxTimestamp), needsTimestamps: false };
}

function encodeOrRefuse(input: Parameters<typeof RecordBatch.encode>[0]): Uint8Array {
  try {
    return RecordBatch.encode(input);
  } catch (error) {
    if (error instanceof InvalidRecordError) throw new AppendRefusal("INVALID_TIMESTAMP", error.message);
    throw error;
  }
}

function unexpected(message: string): AppendRefusal {
  return new AppendRefusal("UNKNOWN_SERVER_ERROR", message);
}
