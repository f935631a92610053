/**
 * A record batch: what a broker stores, a producer sends and a fetch returns. Format 2 (KIP-98) has a 61-byte header; a message
 * set of the older formats 0 and 1 looks the same from outside, so that a reader need not care.
 */
import { MalformedMessageError } from "../malformed-message-error.ts";
import {
  CONTROL_BIT,
  type CompressionName,
  compressionFromAttributes,
  DELETE_HORIZON_BIT,
  LOG_APPEND_TIME_BIT,
  type Magic,
  type TimestampType,
  TRANSACTIONAL_BIT,
} from "./batch-attributes.ts";
import { batchSizeAt, PARTIAL_BATCH } from "./batch-boundary.ts";
import * as at from "./batch-layout.ts";
import { type BatchRecord, type RecordSource, sequenceAfter } from "./batch-record.ts";
import { readInt16, readInt32, readInt64, readInt64Big, readUint32 } from "./big-endian.ts";
import { ByteViews } from "./byte-views.ts";
import { type Codecs, checkedOutputLimit, codecFor, DEFAULT_MAX_OUTPUT_BYTES } from "./compression/codec.ts";
import { portableCodecs } from "./compression/portable-codecs.ts";
import { CorruptBatchError } from "./corrupt-batch-error.ts";
import { crc32 } from "./crc32.ts";
import { crc32c } from "./crc32c.ts";
import { LegacyCursor, type LegacySection, readLegacyPayload, sectionOfMessage, sectionOfWrapped } from "./legacy-message-set.ts";
import { encodeRecordBatch, encodeRecordBatchAsync, type RecordBatchInput } from "./record-batch-encoder.ts";
import { RecordBatchCursor, type RecordCursor, type RecordSection } from "./record-cursor.ts";
import { readVarlongBig } from "./varint.ts";

export interface DecodeBatchOptions {
  /** Compare the checksum with the bytes first; on unless switched off. */
  readonly checkCrc?: boolean;
  /** What to decompress with; without it everything but gzip can be read, zstd slowly. */
  readonly codecs?: Codecs;
  /** How many bytes a compressed batch may unfold to. */
  readonly maxOutputBytes?: number;
}

export class RecordBatch implements RecordSource, Iterable<BatchRecord> {
  /** The bytes the batch stands in, and where it starts in them. They are not copied. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly sizeInBytes: number;
  readonly magic: Magic;
  readonly attributes: number;
  readonly compression: CompressionName;
  readonly timestampType: TimestampType;
  readonly #codecs: Codecs;
  readonly #maxOutputBytes: number;
  #section: RecordSection | undefined;
  #legacySection: LegacySection | undefined;

  private constructor(bytes: Uint8Array, start: number, size: number, options: DecodeBatchOptions) {
    const magic: Magic = bytes[start + at.MAGIC] === 2 ? 2 : bytes[start + at.MAGIC] === 1 ? 1 : 0;
    const attributes = magic === 2 ? readInt16(bytes, start + at.ATTRIBUTES) : bytes[start + at.LEGACY_ATTRIBUTES]!;
    this.bytes = bytes;
    this.start = start;
    this.sizeInBytes = size;
    this.magic = magic;
    this.attributes = attributes;
    this.compression = compressionFromAttributes(attributes, start + (magic === 2 ? at.ATTRIBUTES : at.LEGACY_ATTRIBUTES));
    this.timestampType =
      magic === 0 ? "NoTimestampType" : (attributes & LOG_APPEND_TIME_BIT) === 0 ? "CreateTime" : "LogAppendTime";
    this.#codecs = options.codecs ?? portableCodecs;
    this.#maxOutputBytes = checkedOutputLimit(options.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES);
    if (this.compression === "none") this.#setSection(bytes, start + at.BATCH_HEADER_BYTES, start + size);
    // Nothing is compressed in a batch without records, whatever its attributes say.
    else if (magic === 2 && this.recordCount === 0) this.#setSection(bytes, start + size, start + size);
  }

  /**
   * The batch at `start`; what follows it in `bytes` is not looked at. Records are read, and compressed ones decompressed, when
   * they are iterated.
   * @throws MalformedMessageError, also when the batch is incomplete
   * @throws CorruptBatchError when the checksum does not fit
   */
  static decode(bytes: Uint8Array, options: DecodeBatchOptions = {}, start = 0): RecordBatch {
    const size = batchSizeAt(bytes, start, bytes.length);
    if (size === PARTIAL_BATCH) throw new MalformedMessageError("the bytes end inside a record batch", { offset: bytes.length });
    const batch = new RecordBatch(bytes, start, size, options);
    if (options.checkCrc !== false) batch.requireValidCrc();
    if (batch.magic === 2) {
      if (batch.recordCount < 0) batch.#malformed(`a batch cannot hold ${batch.recordCount} records`, at.RECORD_COUNT);
      if (batch.lastOffsetDelta < 0) batch.#malformed("the last offset lies before the first", at.LAST_OFFSET_DELTA);
    }
    return batch;
  }

  /** Like {@link decode}, with the records decompressed, off the event loop where the codec can. */
  static async decodeAsync(bytes: Uint8Array, options: DecodeBatchOptions = {}, start = 0): Promise<RecordBatch> {
    return RecordBatch.decode(bytes, options, start).decompress();
  }

  /** One batch of format 2. */
  static encode(input: RecordBatchInput): Uint8Array {
    return encodeRecordBatch(input);
  }

  static encodeAsync(input: RecordBatchInput): Promise<Uint8Array> {
    return encodeRecordBatchAsync(input);
  }

  // The header.

  /** @throws MalformedMessageError beyond 2^53; {@link baseOffsetBig} is exact. */
  get baseOffset(): number {
    return this.#exactNumber("baseOffset", this.baseOffsetBig);
  }

  get baseOffsetBig(): bigint {
    return this.magic === 2 ? readInt64Big(this.bytes, this.start) : this.#legacy().firstOffset;
  }

  /** -1 in formats 0 and 1, and where the producer wrote it. The broker sets it; it is outside the checksum. */
  get partitionLeaderEpoch(): number {
    return this.magic === 2 ? readInt32(this.bytes, this.start + at.PARTITION_LEADER_EPOCH) : at.NONE;
  }

  get crc(): number {
    return readUint32(this.bytes, this.start + (this.magic === 2 ? at.CRC : at.LEGACY_CRC));
  }

  get isTransactional(): boolean {
    return this.magic === 2 && (this.attributes & TRANSACTIONAL_BIT) !== 0;
  }

  /** Its records are marks of the brokers (see control-record.ts): never delivered, but the position moves over them. */
  get isControl(): boolean {
    return this.magic === 2 && (this.attributes & CONTROL_BIT) !== 0;
  }

  get lastOffsetDelta(): number {
    return this.magic === 2
      ? readInt32(this.bytes, this.start + at.LAST_OFFSET_DELTA)
      : Number(readInt64Big(this.bytes, this.start) - this.baseOffsetBig);
  }

  /** May lie beyond the last record, when compaction removed it. */
  get lastOffset(): number {
    return this.#exactNumber("lastOffset", this.lastOffsetBig);
  }

  get lastOffsetBig(): bigint {
    const first = readInt64Big(this.bytes, this.start);
    return this.magic === 2 ? BigInt.asIntN(64, first + BigInt(this.lastOffsetDelta)) : first;
  }

  /** Where a consumer goes on behind this batch, also when the batch has no records. */
  get nextOffset(): number {
    return this.#exactNumber("nextOffset", this.nextOffsetBig);
  }

  get nextOffsetBig(): bigint {
    return this.lastOffsetBig + 1n;
  }

  get baseTimestamp(): number {
    return this.#exactNumber("baseTimestamp", this.baseTimestampBig);
  }

  get baseTimestampBig(): bigint {
    return this.magic === 2 ? readInt64Big(this.bytes, this.start + at.BASE_TIMESTAMP) : this.maxTimestampBig;
  }

  get maxTimestamp(): number {
    return this.#exactNumber("maxTimestamp", this.maxTimestampBig);
  }

  get maxTimestampBig(): bigint {
    if (this.magic === 0) return -1n;
    return readInt64Big(this.bytes, this.start + (this.magic === 2 ? at.MAX_TIMESTAMP : at.LEGACY_TIMESTAMP));
  }

  /** When tombstones in this batch may be dropped (KIP-534); undefined unless the broker noted it in the base timestamp. */
  get deleteHorizonMs(): number | undefined {
    return this.magic === 2 && (this.attributes & DELETE_HORIZON_BIT) !== 0 ? this.baseTimestamp : undefined;
  }

  /** -1n without an idempotent producer. */
  get producerId(): bigint {
    return this.magic === 2 ? readInt64Big(this.bytes, this.start + at.PRODUCER_ID) : at.NO_PRODUCER_ID;
  }

  get producerEpoch(): number {
    return this.magic === 2 ? readInt16(this.bytes, this.start + at.PRODUCER_EPOCH) : at.NONE;
  }

  get baseSequence(): number {
    return this.magic === 2 ? readInt32(this.bytes, this.start + at.BASE_SEQUENCE) : at.NONE;
  }

  get lastSequence(): number {
    return sequenceAfter(this.baseSequence, this.lastOffsetDelta);
  }

  /** For a compressed batch of format 0 or 1 this decompresses it: nothing else knows. */
  get recordCount(): number {
    return this.magic === 2 ? readInt32(this.bytes, this.start + at.RECORD_COUNT) : this.#legacy().count;
  }

  computeCrc(): number {
    const end = this.start + this.sizeInBytes;
    return this.magic === 2 ? crc32c(this.bytes, this.start + at.ATTRIBUTES, end) : crc32(this.bytes, this.start + at.MAGIC, end);
  }

  verifyCrc(): boolean {
    return this.computeCrc() === this.crc;
  }

  requireValidCrc(): void {
    const computedCrc = this.computeCrc();
    if (computedCrc === this.crc) return;
    throw new CorruptBatchError({ baseOffset: readInt64Big(this.bytes, this.start), storedCrc: this.crc, computedCrc });
  }

  // The records.

  /** False while the records are compressed: then iterating decompresses them first, and {@link decompress} does so elsewhere. */
  get isDecompressed(): boolean {
    return this.#section !== undefined;
  }

  /** Decompresses the records, off the event loop where the codec can; the batch itself, when done. */
  async decompress(): Promise<this> {
    if (this.compression === "none" || this.#section !== undefined) return this;
    const codec = codecFor(this.compression, this.#codecs);
    const options = { maxOutputBytes: this.#maxOutputBytes, magic: this.magic };
    const compressed = this.#compressed();
    const bytes = await (codec.decompressAsync?.(compressed, options) ?? codec.decompress(compressed, options));
    this.#setSection(bytes, 0, bytes.length);
    return this;
  }

  /** The fastest way through the records: one object that is each of them in turn. */
  cursor(): RecordCursor {
    const section = this.section();
    const views = new ByteViews(section.bytes);
    const hasFixedTimestamp = this.timestampType === "LogAppendTime";
    if (this.#legacySection !== undefined) {
      const baseOffset = Number(this.#legacySection.firstOffset);
      const baseTimestamp = hasFixedTimestamp ? readInt64(this.bytes, this.start + at.LEGACY_TIMESTAMP) : 0;
      return new LegacyCursor({ source: this, views, baseOffset, baseTimestamp }, this.#legacySection, hasFixedTimestamp);
    }
    const baseOffset = readInt64(this.bytes, this.start);
    const baseTimestamp = readInt64(this.bytes, this.start + (hasFixedTimestamp ? at.MAX_TIMESTAMP : at.BASE_TIMESTAMP));
    return new RecordBatchCursor({ source: this, views, baseOffset, baseTimestamp }, section, hasFixedTimestamp);
  }

  /** The bytes of the records, decompressed now if they were not yet. */
  section(): RecordSection {
    if (this.#section === undefined && this.compression !== "none") {
      const options = { maxOutputBytes: this.#maxOutputBytes, magic: this.magic };
      const bytes = codecFor(this.compression, this.#codecs).decompress(this.#compressed(), options);
      return this.#setSection(bytes, 0, bytes.length);
    }
    return this.#section!;
  }

  [Symbol.iterator](): Iterator<BatchRecord, undefined> {
    return new RecordIterator(this.cursor());
  }

  /** All records at once. */
  records(): BatchRecord[] {
    const cursor = this.cursor();
    const records: BatchRecord[] = [];
    while (cursor.next()) records.push(cursor.detach());
    return records;
  }

  /** What {@link encode} needs to write these very bytes again (if uncompressed, of format 2, and with header names in UTF-8). */
  toInput(): RecordBatchInput {
    const records = this.records().map((record) => ({
      offset: record.offsetBig,
      // With LogAppendTime the bytes hold the producer's times, which no record shows.
      timestamp: this.magic === 2 ? this.#storedTimestamp(record) : record.timestampBig,
      key: record.key,
      value: record.value,
      headers: record.headers,
      attributes: this.magic === 2 ? record.bytes[record.start]! : 0,
    }));
    return {
      records,
      baseOffset: this.baseOffsetBig,
      baseTimestamp: this.baseTimestampBig,
      maxTimestamp: this.maxTimestampBig,
      lastOffsetDelta: this.lastOffsetDelta,
      partitionLeaderEpoch: this.partitionLeaderEpoch,
      producerId: this.producerId,
      producerEpoch: this.producerEpoch,
      baseSequence: this.baseSequence,
      attributes: this.attributes,
      compression: this.compression,
      codecs: this.#codecs,
    };
  }

  exactOffset(record: BatchRecord): bigint {
    if (this.magic === 2) return BigInt.asIntN(64, this.baseOffsetBig + BigInt(record.offsetDelta));
    return this.#legacy().offsetShift + readInt64Big(record.bytes, record.start);
  }

  exactTimestamp(record: BatchRecord): bigint {
    if (this.timestampType === "LogAppendTime") return this.maxTimestampBig;
    if (this.magic === 0) return -1n;
    if (this.magic === 1) return readInt64Big(record.bytes, record.start + at.LEGACY_TIMESTAMP);
    return this.#storedTimestamp(record);
  }

  #storedTimestamp(record: BatchRecord): bigint {
    const delta = readVarlongBig({ bytes: record.bytes, position: record.start + 1, end: record.bytes.length });
    return BigInt.asIntN(64, this.baseTimestampBig + delta);
  }

  #compressed(): Uint8Array {
    const end = this.start + this.sizeInBytes;
    if (this.magic === 2) return this.bytes.subarray(this.start + at.BATCH_HEADER_BYTES, end);
    if (this.compression === "zstd") this.#malformed(`zstd does not exist in record format ${this.magic}`, at.LEGACY_ATTRIBUTES);
    const { valueStart, valueSize } = readLegacyPayload(this.bytes, this.start, end);
    if (valueSize < 0) this.#malformed("a compressed message set without a value", 0);
    return this.bytes.subarray(valueStart, valueStart + valueSize);
  }

  #setSection(bytes: Uint8Array, start: number, end: number): RecordSection {
    if (this.magic === 2) {
      this.#section = { bytes, start, end, count: this.recordCount };
    } else {
      this.#legacySection =
        this.compression === "none"
          ? sectionOfMessage(bytes, this.start, this.sizeInBytes)
          : sectionOfWrapped(bytes, this.magic, readInt64Big(this.bytes, this.start));
      this.#section = this.#legacySection;
    }
    return this.#section;
  }

  #legacy(): LegacySection {
    if (this.#legacySection === undefined) this.section();
    return this.#legacySection!;
  }

  #exactNumber(field: string, value: bigint): number {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    throw new MalformedMessageError(`${value} does not fit a JavaScript number; read ${field}Big`, {
      path: field,
      offset: this.start,
    });
  }

  #malformed(problem: string, field: number): never {
    throw new MalformedMessageError(problem, { offset: this.start + field });
  }
}

class RecordIterator implements Iterator<BatchRecord, undefined> {
  readonly #cursor: RecordCursor;

  constructor(cursor: RecordCursor) {
    this.#cursor = cursor;
  }

  // One place that makes results, so that V8 sees through it and `for…of` makes none: 40 bytes less per record. The overload says
  // what the compiler cannot see, that a record is missing exactly at the end.
  next(): IteratorResult<BatchRecord, undefined>;
  next(): { done?: boolean; value: BatchRecord | undefined } {
    const record = this.#cursor.next() ? this.#cursor.detach() : undefined;
    return { done: record === undefined, value: record };
  }
}
