/**
 * Names every byte of a record batch, for whoever shows or explains one: each field with its span and value, in wire order, no
 * byte twice and none left out. Slow and talkative where record-cursor.ts is fast and silent; both must agree.
 */
import { MalformedMessageError } from "../malformed-message-error.ts";
import { decodeUtf8 } from "../utf8.ts";
import { type CompressionName, compressionFromAttributes, type Magic } from "./batch-attributes.ts";
import { batchSizeAt, PARTIAL_BATCH } from "./batch-boundary.ts";
import * as at from "./batch-layout.ts";
import { readInt16, readInt32, readInt64Big, readUint32 } from "./big-endian.ts";
import { type ReadPosition, readVarint, readVarlongBig } from "./varint.ts";

export type WalkedType = "int8" | "int16" | "int32" | "uint32" | "int64" | "varint" | "varlong" | "bytes" | "string";

export interface WalkedField {
  /** E.g. `producerId` or `records[3].headers[0].key`. */
  readonly path: string;
  readonly type: WalkedType;
  readonly start: number;
  readonly end: number;
  /** Text for strings, a view for bytes, a bigint for 64 bits. A null key or value shows in its length, which is negative. */
  readonly value: number | bigint | string | Uint8Array;
}

export type FieldVisitor = (field: WalkedField) => void;

/** What was walked over, and where its records stand if they are still compressed. */
export interface WalkedBatch {
  readonly magic: Magic;
  readonly compression: CompressionName;
  /** First byte behind the batch. */
  readonly end: number;
  readonly recordCount: number;
  /** The compressed bytes; their field was reported as one. Decompress them and go on with {@link walkRecords} or {@link walkBatches}. */
  readonly compressed: { readonly start: number; readonly end: number } | undefined;
}

/** The batch at `start`, of any format. Its checksum is not verified: a damaged batch is what one wants to look at. */
export function walkRecordBatch(bytes: Uint8Array, start: number, visit: FieldVisitor, prefix = ""): WalkedBatch {
  const size = batchSizeAt(bytes, start, bytes.length);
  if (size === PARTIAL_BATCH) throw new MalformedMessageError("the bytes end inside a record batch", { offset: bytes.length });
  const walk = new FieldWalk(bytes, start, start + size, visit, prefix);
  return bytes[start + at.MAGIC] === 2 ? walkFormat2(walk) : walkMessage(walk);
}

/** Batches until `end`; the number of bytes that are left of a partial one, reported as `partialBatch`. */
export function walkBatches(
  bytes: Uint8Array,
  start: number,
  end: number,
  visit: FieldVisitor,
  onBatch?: (batch: WalkedBatch, index: number) => void,
): number {
  let position = start;
  for (let index = 0; batchSizeAt(bytes, position, end) !== PARTIAL_BATCH; index++) {
    const batch = walkRecordBatch(bytes, position, visit, `batches[${index}].`);
    onBatch?.(batch, index);
    position = batch.end;
  }
  if (position < end) visit({ path: "partialBatch", type: "bytes", start: position, end, value: bytes.subarray(position, end) });
  return end - position;
}

/** The records of a format 2 batch, in decompressed bytes that hold nothing else. */
export function walkRecords(bytes: Uint8Array, start: number, end: number, count: number, visit: FieldVisitor, prefix = ""): void {
  walkRecordsWith(new FieldWalk(bytes, start, end, visit, prefix), count);
}

function walkFormat2(walk: FieldWalk): WalkedBatch {
  walk.int64("baseOffset");
  walk.int32("batchLength");
  walk.int32("partitionLeaderEpoch");
  walk.int8("magic");
  walk.uint32("crc");
  const compression = compressionFromAttributes(walk.int16("attributes"), walk.position - 2);
  walk.int32("lastOffsetDelta");
  walk.int64("baseTimestamp");
  walk.int64("maxTimestamp");
  walk.int64("producerId");
  walk.int16("producerEpoch");
  walk.int32("baseSequence");
  const recordCount = walk.int32("recordCount");
  const { position: start, end } = walk;
  if (compression === "none") walkRecordsWith(walk, recordCount);
  else walk.content("records", "bytes", end - start);
  return { magic: 2, compression, end, recordCount, compressed: compression === "none" ? undefined : { start, end } };
}

function walkRecordsWith(walk: FieldWalk, count: number): void {
  for (let index = 0; index < count; index++) {
    const path = `records[${index}]`;
    const size = walk.varint(`${path}.length`);
    const end = walk.position + size;
    walk.int8(`${path}.attributes`);
    walk.varlong(`${path}.timestampDelta`);
    walk.varint(`${path}.offsetDelta`);
    walk.content(`${path}.key`, "bytes", walk.varint(`${path}.keyLength`));
    walk.content(`${path}.value`, "bytes", walk.varint(`${path}.valueLength`));
    const headerCount = walk.varint(`${path}.headerCount`);
    if (headerCount < 0) walk.malformed(`${headerCount} headers`);
    for (let header = 0; header < headerCount; header++) {
      const keySize = walk.varint(`${path}.headers[${header}].keyLength`);
      if (keySize < 0) walk.malformed("a header key cannot be null");
      walk.content(`${path}.headers[${header}].key`, "string", keySize);
      walk.content(`${path}.headers[${header}].value`, "bytes", walk.varint(`${path}.headers[${header}].valueLength`));
    }
    if (walk.position !== end) walk.malformed(`a record ends at byte ${walk.position}, its length says ${end}`);
  }
  if (walk.position !== walk.end) walk.malformed(`${walk.end - walk.position} bytes are left behind ${count} records`);
}

function walkMessage(walk: FieldWalk): WalkedBatch {
  walk.int64("offset");
  walk.int32("messageSize");
  walk.uint32("crc");
  const magic: Magic = walk.int8("magic") === 0 ? 0 : 1;
  const compression = compressionFromAttributes(walk.int8("attributes"), walk.position - 1);
  if (magic === 1) walk.int64("timestamp");
  walk.content("key", "bytes", walk.int32("keyLength"));
  const size = walk.int32("valueLength");
  const start = walk.position;
  walk.content("value", "bytes", size);
  if (walk.position !== walk.end) walk.malformed(`a message ends at byte ${walk.position}, its length says ${walk.end}`);
  const compressed = compression === "none" ? undefined : { start, end: walk.position };
  return { magic, compression, end: walk.end, recordCount: 1, compressed };
}

/** Reads one field after the other and reports each. */
class FieldWalk implements ReadPosition {
  readonly bytes: Uint8Array;
  position: number;
  readonly end: number;
  readonly #visit: FieldVisitor;
  readonly #prefix: string;

  constructor(bytes: Uint8Array, start: number, end: number, visit: FieldVisitor, prefix: string) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    this.#visit = visit;
    this.#prefix = prefix;
  }

  int8(path: string): number {
    const start = this.#advance(1);
    return this.#report(path, "int8", start, (this.bytes[start]! << 24) >> 24);
  }

  int16(path: string): number {
    const start = this.#advance(2);
    return this.#report(path, "int16", start, readInt16(this.bytes, start));
  }

  int32(path: string): number {
    const start = this.#advance(4);
    return this.#report(path, "int32", start, readInt32(this.bytes, start));
  }

  uint32(path: string): number {
    const start = this.#advance(4);
    return this.#report(path, "uint32", start, readUint32(this.bytes, start));
  }

  int64(path: string): bigint {
    const start = this.#advance(8);
    return this.#report(path, "int64", start, readInt64Big(this.bytes, start));
  }

  varint(path: string): number {
    const start = this.position;
    return this.#report(path, "varint", start, readVarint(this));
  }

  varlong(path: string): bigint {
    const start = this.position;
    return this.#report(path, "varlong", start, readVarlongBig(this));
  }

  /** A key, a value or a header's part. Nothing to report when it is null or empty: it has no bytes. */
  content(path: string, type: "bytes" | "string", size: number): void {
    if (size <= 0) return;
    const start = this.#advance(size);
    const value = type === "bytes" ? this.bytes.subarray(start, this.position) : decodeUtf8(this.bytes, start, this.position);
    this.#report(path, type, start, value);
  }

  malformed(problem: string): never {
    throw new MalformedMessageError(problem, { offset: this.position });
  }

  #advance(size: number): number {
    const start = this.position;
    if (size > this.end - start) this.malformed(`a field of ${size} bytes in the ${this.end - start} that are left`);
    this.position = start + size;
    return start;
  }

  #report<Value extends WalkedField["value"]>(path: string, type: WalkedType, start: number, value: Value): Value {
    this.#visit({ path: this.#prefix + path, type, start, end: this.position, value });
    return value;
  }
}
