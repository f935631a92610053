/**
 * An open batch of format 2 that records are written into as they come: the producer's accumulator is this encoder. Sealing
 * fills in the header; the records are not touched again unless they are compressed.
 */

import { encodeUtf8, writeAscii, writeUtf8 } from "../utf8.ts";
import type { CompressionName } from "./batch-attributes.ts";
import { type BatchContent, type BatchFields, writeBatchHeader } from "./batch-header.ts";
import { BATCH_HEADER_BYTES, NONE } from "./batch-layout.ts";
import { type Codecs, codecFor, newBytes } from "./compression/codec.ts";
import { portableCodecs } from "./compression/portable-codecs.ts";
import { InvalidRecordError } from "./invalid-record-error.ts";
import { type HeaderInput, NO_HEADERS, type RecordBytes, sizeOfBytes, sizeOfHeaders, sizeWithLength } from "./record-input.ts";
import { sizeOfVarint, sizeOfVarlong, writeVarint, writeVarlong } from "./varint.ts";

export interface RecordBatchBuilderOptions {
  /** When a further record would make the batch larger than this, uncompressed, it is not taken. A first record always is. */
  readonly maxBytes?: number;
  /** Size of the first buffer; it doubles when it is full. */
  readonly initialBytes?: number;
  /** Where buffers come from. They need not be zeroed: every byte that leaves was written. */
  readonly allocate?: (size: number) => Uint8Array;
  /** Where they go that the builder has grown out of. */
  readonly release?: (bytes: Uint8Array) => void;
  /** What timestamps are counted from; the first record's, unless given. */
  readonly baseTimestamp?: number | bigint;
}

export interface PackOptions {
  readonly compression?: CompressionName;
  /** For gzip and zstd as their libraries count it, for LZ4 from 1 to 17. snappy has no levels. */
  readonly compressionLevel?: number;
  readonly codecs?: Codecs;
}

export interface SealOptions extends BatchFields, PackOptions {}

/** A batch that lacks nothing but its header. */
export interface PackedBatch {
  /** As long as the whole batch. Uncompressed it is the builder's own memory. */
  readonly bytes: Uint8Array;
  readonly content: BatchContent;
}

/** Writes the header of a packed batch into its bytes, or into a copy of them of the same length. */
export function finishBatch({ content }: PackedBatch, bytes: Uint8Array, fields: BatchFields = {}): Uint8Array {
  writeBatchHeader(bytes, bytes.length, content, fields);
  return bytes;
}

const MAX_INT32 = 0x7fff_ffff;
const DEFAULT_INITIAL_BYTES = 1024;

export class RecordBatchBuilder {
  readonly #maxBytes: number;
  readonly #allocate: (size: number) => Uint8Array;
  readonly #release: ((bytes: Uint8Array) => void) | undefined;
  #bytes: Uint8Array;
  #position = BATCH_HEADER_BYTES;
  #recordCount = 0;
  #lastOffsetDelta = NONE;
  #baseTimestamp: number | bigint;
  #hasBaseTimestamp: boolean;
  /** Of the last record. Most records are as old as the one before. */
  #lastTimestamp: number | bigint = Number.NaN;
  #lastTimestampDelta: number | bigint = 0;
  #maxTimestamp: number | bigint = NONE;

  constructor(options: RecordBatchBuilderOptions = {}) {
    const { maxBytes = MAX_INT32, initialBytes = DEFAULT_INITIAL_BYTES, allocate = newBytes, baseTimestamp } = options;
    this.#maxBytes = maxBytes;
    this.#allocate = allocate;
    this.#release = options.release;
    this.#baseTimestamp = baseTimestamp ?? NONE;
    this.#hasBaseTimestamp = baseTimestamp !== undefined;
    this.#bytes = allocate(Math.max(initialBytes, BATCH_HEADER_BYTES));
  }

  get recordCount(): number {
    return this.#recordCount;
  }

  /** Header and records, uncompressed. */
  get sizeInBytes(): number {
    return this.#position;
  }

  get lastOffsetDelta(): number {
    return this.#lastOffsetDelta;
  }

  /**
   * Adds a record behind the last one, and says whether it fitted.
   * @throws InvalidRecordError when no batch could hold it
   */
  tryAppend(
    timestamp: number | bigint,
    key: RecordBytes,
    value: RecordBytes,
    headers: readonly HeaderInput[] = NO_HEADERS,
  ): boolean {
    return this.tryAppendAt(this.#lastOffsetDelta + 1, timestamp, key, value, headers, 0);
  }

  /** Like {@link tryAppend}, with a gap in the offsets before the record. */
  // One long function on purpose: sizes first, then bytes, with the position in a local variable; it runs once per record sent.
  tryAppendAt(
    offsetDelta: number,
    timestamp: number | bigint,
    key: RecordBytes,
    value: RecordBytes,
    headers: readonly HeaderInput[],
    attributes: number,
  ): boolean {
    const timestampDelta = timestamp === this.#lastTimestamp ? this.#lastTimestampDelta : this.#timestampDelta(timestamp);
    if (!(Number.isInteger(offsetDelta) && offsetDelta > this.#lastOffsetDelta && offsetDelta <= MAX_INT32))
      throw this.#invalidOffset(offsetDelta);
    // Text is taken for ASCII until the writing shows that it is not.
    const keySize = key === null ? NONE : key.length;
    const valueSize = value === null ? NONE : value.length;
    const bodySize =
      1 +
      sizeOfVarlong(timestampDelta) +
      sizeOfVarint(offsetDelta) +
      sizeWithLength(keySize) +
      sizeWithLength(valueSize) +
      (headers.length === 0 ? 1 : sizeOfHeaders(headers));
    const end = this.#position + sizeOfVarint(bodySize) + bodySize;
    // A part that is no text and no bytes has no length, and one such record would cost the whole batch.
    if (!Number.isSafeInteger(end)) throw new InvalidRecordError("keys, values and header values are text, bytes or null");
    if (end > this.#maxBytes && !this.#takes(end)) return false;
    if (end > this.#bytes.length) this.#grow(end);

    const bytes = this.#bytes;
    let position = writeVarint(bytes, this.#position, bodySize);
    bytes[position++] = attributes;
    position = writeVarlong(bytes, position, timestampDelta);
    position = writeVarint(bytes, position, offsetDelta);
    position = writeVarint(bytes, position, keySize);
    if (typeof key === "string") {
      if (!writeAscii(bytes, position, key)) {
        return this.tryAppendAt(offsetDelta, timestamp, encodeUtf8(key), value, headers, attributes);
      }
    } else if (key !== null) bytes.set(key, position);
    if (keySize > 0) position += keySize;
    position = writeVarint(bytes, position, valueSize);
    if (typeof value === "string") {
      if (!writeAscii(bytes, position, value)) {
        return this.tryAppendAt(offsetDelta, timestamp, key, encodeUtf8(value), headers, attributes);
      }
    } else if (value !== null) bytes.set(value, position);
    if (valueSize > 0) position += valueSize;
    if (headers.length === 0) bytes[position] = 0;
    else writeHeaders(bytes, position, headers);

    this.#position = end;
    this.#lastOffsetDelta = offsetDelta;
    this.#recordCount++;
    if (!this.#hasBaseTimestamp) {
      this.#hasBaseTimestamp = true;
      this.#baseTimestamp = timestamp;
    }
    if (timestamp !== this.#lastTimestamp) {
      this.#lastTimestamp = timestamp;
      this.#lastTimestampDelta = timestampDelta;
      if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
    }
    return true;
  }

  /**
   * The finished batch. Uncompressed it is a view of the builder's own buffer, so that sealing again (with another producer
   * epoch, say) writes into the same bytes.
   */
  seal(options: SealOptions = {}): Uint8Array {
    const packed = this.pack(options);
    return finishBatch(packed, packed.bytes, options);
  }

  /** Like {@link seal}; the compression happens off the event loop where the codec can. */
  async sealAsync(options: SealOptions = {}): Promise<Uint8Array> {
    const packed = await this.packAsync(options);
    return finishBatch(packed, packed.bytes, options);
  }

  /** Everything but the header, which may be written, and written anew, by {@link finishBatch}. */
  pack({ compression = "none", codecs = portableCodecs, compressionLevel }: PackOptions = {}): PackedBatch {
    const content = this.#content(compression);
    if (compression === "none") return { bytes: this.#bytes.subarray(0, this.#position), content };
    return this.#packed(codecFor(compression, codecs).compress(this.#records(), compressionLevel), content);
  }

  /** Like {@link pack}; what is packed is what is here now, records may be appended while the codec works. */
  async packAsync({ compression = "none", codecs = portableCodecs, compressionLevel }: PackOptions = {}): Promise<PackedBatch> {
    if (compression === "none") return this.pack();
    const codec = codecFor(compression, codecs);
    const content = this.#content(compression);
    if (codec.compressAsync === undefined) return this.#packed(codec.compress(this.#records(), compressionLevel), content);
    let room: Uint8Array | undefined;
    const makeRoom = (size: number): Uint8Array => {
      room = this.#allocate(BATCH_HEADER_BYTES + size).subarray(0, BATCH_HEADER_BYTES + size);
      return room.subarray(BATCH_HEADER_BYTES);
    };
    try {
      const compressed = await codec.compressAsync(this.#records(), compressionLevel, makeRoom);
      const bytes: Uint8Array | undefined = room;
      if (bytes === undefined || !isBehindHeader(compressed, bytes)) return this.#packed(compressed, content);
      room = undefined;
      return { bytes, content };
    } finally {
      // A codec that did not get to the end has written elsewhere, or nothing.
      if (room !== undefined) this.#release?.(room);
    }
  }

  #records(): Uint8Array {
    return this.#bytes.subarray(BATCH_HEADER_BYTES, this.#position);
  }

  #packed(compressed: Uint8Array, content: BatchContent): PackedBatch {
    const size = BATCH_HEADER_BYTES + compressed.length;
    const bytes = this.#allocate(size).subarray(0, size);
    bytes.set(compressed, BATCH_HEADER_BYTES);
    return { bytes, content };
  }

  #content(compression: CompressionName): BatchContent {
    return {
      compression,
      recordCount: this.#recordCount,
      lastOffsetDelta: Math.max(this.#lastOffsetDelta, 0),
      baseTimestamp: this.#baseTimestamp,
      maxTimestamp: this.#maxTimestamp,
    };
  }

  #timestampDelta(timestamp: number | bigint): number | bigint {
    if (typeof timestamp === "bigint" ? timestamp < -1n : !(Number.isSafeInteger(timestamp) && timestamp >= NONE)) {
      throw new InvalidRecordError(`a timestamp of ${timestamp} cannot be; it is milliseconds since 1970, or -1 for none`);
    }
    if (!this.#hasBaseTimestamp) return 0;
    const base = this.#baseTimestamp;
    if (typeof timestamp === "number" && typeof base === "number") return timestamp - base;
    return BigInt.asIntN(64, BigInt(timestamp) - BigInt(base));
  }

  #invalidOffset(offsetDelta: number): InvalidRecordError {
    return new InvalidRecordError(
      offsetDelta > MAX_INT32
        ? `offset delta ${offsetDelta} is beyond ${MAX_INT32}; begin a new batch`
        : `offset delta ${offsetDelta} follows ${this.#lastOffsetDelta}; offsets must increase`,
    );
  }

  #takes(end: number): boolean {
    if (end > MAX_INT32) throw new InvalidRecordError(`a batch of ${end} bytes cannot be; its length is an int32`);
    return this.#recordCount === 0;
  }

  #grow(needed: number): void {
    const grown = this.#allocate(Math.max(needed, Math.min(this.#bytes.length * 2, this.#maxBytes)));
    grown.set(this.#bytes.subarray(0, this.#position));
    this.#release?.(this.#bytes);
    this.#bytes = grown;
  }
}

function isBehindHeader(compressed: Uint8Array, batch: Uint8Array): boolean {
  const { buffer, byteOffset, length } = batch;
  const isThere = compressed.buffer === buffer && compressed.byteOffset === byteOffset + BATCH_HEADER_BYTES;
  return isThere && compressed.length === length - BATCH_HEADER_BYTES;
}

function writeHeaders(bytes: Uint8Array, position: number, headers: readonly HeaderInput[]): void {
  position = writeVarint(bytes, position, headers.length);
  for (const [key, value] of headers) {
    position = writeSized(bytes, position, key);
    position = writeSized(bytes, position, value);
  }
}

function writeSized(bytes: Uint8Array, position: number, content: RecordBytes): number {
  const size = sizeOfBytes(content);
  position = writeVarint(bytes, position, size);
  if (content === null) return position;
  if (typeof content === "string") return writeUtf8(bytes, position, content);
  bytes.set(content, position);
  return position + size;
}
