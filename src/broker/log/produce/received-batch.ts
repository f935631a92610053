/** The fixed part of what a producer sent: enough to refuse what need not be unfolded. As Java's `ProduceRequest` reads it. */
import { MalformedMessageError, RecordBatch } from "../../../protocol/index.ts";
import { AppendRefusal } from "../append-refusal.ts";

const BATCH_HEADER_BYTES = 61;
const LOG_OVERHEAD = 12;
const HEADER_UP_TO_MAGIC = 17;
const LEGACY_MIN_LENGTH = 14;
const CODEC_MASK = 0x07;
const LAST_CODEC = 4;

export interface BatchBoundary {
  readonly magic: number;
  readonly size: number;
}

/**
 * The first batch; undefined when it is not there as a whole.
 * @throws AppendRefusal for a length or a format that no batch has
 */
export function firstBatch(bytes: Uint8Array, start = 0): BatchBoundary | undefined {
  const left = bytes.length - start;
  if (left < LOG_OVERHEAD) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, left);
  const length = view.getInt32(8);
  if (length < LEGACY_MIN_LENGTH) {
    throw corrupt(`Record size ${length} is less than the minimum record overhead (${LEGACY_MIN_LENGTH})`);
  }
  if (left < HEADER_UP_TO_MAGIC) return undefined;
  const magic = view.getInt8(16);
  if (magic < 0 || magic > 2) throw corrupt(`Invalid magic found in record: ${magic}`);
  const size = LOG_OVERHEAD + length;
  return left < size ? undefined : { magic, size };
}

/**
 * Exactly one batch of format 2; a part of another one behind it is dropped, as Java does.
 * @throws AppendRefusal
 */
export function onlyBatch(records: Uint8Array | null, version: number): Uint8Array {
  const first = records === null ? undefined : firstBatch(records);
  if (records === null || first === undefined)
    throw invalid(`Produce requests with version ${version} must have at least one record batch per partition`);
  if (first.magic !== 2) {
    throw invalid(`Produce requests with version ${version} are only allowed to contain record batches with magic version 2`);
  }
  if (version < 7 && first.size > 22 && (records[22]! & CODEC_MASK) === LAST_CODEC) {
    throw new AppendRefusal(
      "UNSUPPORTED_COMPRESSION_TYPE",
      `Produce requests with version ${version} are not allowed to use ZStandard compression`,
    );
  }
  if (firstBatch(records, first.size) !== undefined) {
    throw invalid(`Produce requests with version ${version} are only allowed to contain exactly one record batch per partition`);
  }
  return first.size === records.length ? records : records.subarray(0, first.size);
}

/** What stands in the header of a batch of format 2, before anything is believed. */
export interface BatchHeader {
  readonly baseOffset: bigint;
  readonly attributes: number;
  readonly lastOffsetDelta: number;
  readonly maxTimestamp: bigint;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
}

/** @throws AppendRefusal when there is no room for a header */
export function headerOf(batch: Uint8Array): BatchHeader {
  if (batch.length < BATCH_HEADER_BYTES) throw corrupt(`a batch of ${batch.length} bytes has no room for its header`);
  const view = new DataView(batch.buffer, batch.byteOffset, BATCH_HEADER_BYTES);
  const attributes = view.getInt16(21);
  return {
    baseOffset: view.getBigInt64(0),
    attributes,
    lastOffsetDelta: view.getInt32(23),
    maxTimestamp: view.getBigInt64(35),
    producerId: view.getBigInt64(43),
    producerEpoch: view.getInt16(51),
    baseSequence: view.getInt32(53),
    recordCount: view.getInt32(57),
    isTransactional: (attributes & 0x10) !== 0,
    isControl: (attributes & 0x20) !== 0,
  };
}

/** Java's `CompressionType.forId` throws for these, and nobody catches it. */
export function hasUnknownCodec(attributes: number): boolean {
  return (attributes & CODEC_MASK) > LAST_CODEC;
}

/**
 * The producers, as text, whose batches say that they are part of a transaction: the one thing that is looked at before all
 * else, in all partitions of a request.
 * @throws AppendRefusal for bytes that do not even begin like a batch
 */
export function transactionalProducers(partitions: readonly (Uint8Array | null)[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const records of partitions) {
    const first = records === null ? undefined : firstBatch(records);
    if (records === null || first === undefined || first.magic !== 2 || first.size < BATCH_HEADER_BYTES) continue;
    const { isTransactional, producerId, producerEpoch } = headerOf(records);
    if (isTransactional) found.add(`${producerId}/${producerEpoch}`);
  }
  return found;
}

export function corrupt(message: string): AppendRefusal {
  return new AppendRefusal("CORRUPT_MESSAGE", message);
}

export function invalid(message: string): AppendRefusal {
  return new AppendRefusal("INVALID_RECORD", message);
}

/** A batch whose header has been checked. @throws AppendRefusal */
export function decodeChecked(bytes: Uint8Array, options: Parameters<typeof RecordBatch.decode>[1]): RecordBatch {
  try {
    return RecordBatch.decode(bytes, options);
  } catch (error) {
    if (error instanceof MalformedMessageError) throw invalid(error.message);
    throw error;
  }
}
