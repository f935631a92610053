/** One record of a batch: positions in the batch's bytes until somebody asks for a value. */
import { MalformedMessageError } from "../malformed-message-error.ts";
import { decodeUtf8 } from "../utf8.ts";
import type { TimestampType } from "./batch-attributes.ts";
import { NONE } from "./batch-layout.ts";
import type { ByteViews } from "./byte-views.ts";
import { type ReadPosition, readVarint } from "./varint.ts";

/** A header's name and value. Names may repeat and may be empty; the order is kept. */
export type RecordHeader = [key: string, value: Uint8Array | null];

/** What a record needs to know of the batch it stands in. */
export interface RecordSource {
  readonly timestampType: TimestampType;
  readonly baseSequence: number;
  exactOffset(record: BatchRecord): bigint;
  exactTimestamp(record: BatchRecord): bigint;
}

/**
 * Views of key, value and headers are made on access and share the batch's memory: keep a copy, not the view, when a record
 * outlives its batch.
 */
export class BatchRecord {
  readonly source: RecordSource;
  /** Of the bytes that the positions below refer to: the batch's own, or what it was decompressed to. */
  protected readonly views: ByteViews;
  /** First byte of the record behind its length (format 2), or of the message (formats 0 and 1). */
  start = 0;
  offsetDelta = 0;
  /** NaN when it lies outside ±2^53. */
  offsetNumber = 0;
  timestampNumber = 0;
  keyStart = 0;
  /** Negative when the key is null. */
  keySize: number = NONE;
  valueStart = 0;
  /** Negative when the value is null. */
  valueSize: number = NONE;
  headersStart = 0;
  headerCount = 0;

  constructor(source: RecordSource, views: ByteViews) {
    this.source = source;
    this.views = views;
  }

  get bytes(): Uint8Array {
    return this.views.bytes;
  }

  /** @throws MalformedMessageError beyond ±2^53; {@link offsetBig} is exact. */
  get offset(): number {
    const offset = this.offsetNumber;
    if (Number.isSafeInteger(offset)) return offset;
    throw new MalformedMessageError(`offset ${this.offsetBig} does not fit a JavaScript number; read offsetBig`);
  }

  get offsetBig(): bigint {
    return this.source.exactOffset(this);
  }

  /**
   * Milliseconds since 1970, -1 for none. With LogAppendTime, all records of a batch carry the broker's time.
   * @throws MalformedMessageError beyond ±2^53; {@link timestampBig} is exact.
   */
  get timestamp(): number {
    const timestamp = this.timestampNumber;
    if (Number.isSafeInteger(timestamp)) return timestamp;
    // Two numbers out of range may still add up to one that is in range, because Kafka's addition wraps at 64 bits.
    const exact = this.timestampBig;
    const rounded = Number(exact);
    if (Number.isSafeInteger(rounded)) return rounded;
    throw new MalformedMessageError(`timestamp ${exact} does not fit a JavaScript number; read timestampBig`);
  }

  get timestampBig(): bigint {
    return this.source.exactTimestamp(this);
  }

  get timestampType(): TimestampType {
    return this.source.timestampType;
  }

  /** The idempotent producer's sequence number, which wraps from 2^31-1 to 0; -1 without one. */
  get sequence(): number {
    return sequenceAfter(this.source.baseSequence, this.offsetDelta);
  }

  get key(): Uint8Array | null {
    return this.keySize < 0 ? null : this.views.view(this.keyStart, this.keySize);
  }

  get value(): Uint8Array | null {
    return this.valueSize < 0 ? null : this.views.view(this.valueStart, this.valueSize);
  }

  get headers(): RecordHeader[] {
    const { bytes, headerCount } = this;
    const headers: RecordHeader[] = [];
    if (headerCount === 0) return headers;
    const at: ReadPosition = { bytes, position: this.headersStart, end: bytes.length };
    for (let index = 0; index < headerCount; index++) {
      const keySize = readVarint(at);
      const key = decodeUtf8(bytes, at.position, at.position + keySize);
      at.position += keySize;
      const valueSize = readVarint(at);
      const value = valueSize < 0 ? null : this.views.view(at.position, valueSize);
      if (value !== null) at.position += valueSize;
      headers.push([key, value]);
    }
    return headers;
  }

  /** Takes over another record's positions; both must stand in the same batch. */
  protected copyFrom(other: BatchRecord): void {
    this.start = other.start;
    this.offsetDelta = other.offsetDelta;
    this.offsetNumber = other.offsetNumber;
    this.timestampNumber = other.timestampNumber;
    this.keyStart = other.keyStart;
    this.keySize = other.keySize;
    this.valueStart = other.valueStart;
    this.valueSize = other.valueSize;
    this.headersStart = other.headersStart;
    this.headerCount = other.headerCount;
  }

  /** An independent record, for a cursor that is about to move on. */
  detach(): BatchRecord {
    const record = new BatchRecord(this.source, this.views);
    record.copyFrom(this);
    return record;
  }
}

/** `baseSequence + delta` in the numbers of an idempotent producer, which wrap from 2^31-1 to 0. */
export function sequenceAfter(baseSequence: number, delta: number): number {
  return baseSequence < 0 ? NONE : (baseSequence + delta) % 0x8000_0000;
}
