/** Writes a whole batch of format 2 at once, from records that are all there. */
import { BATCH_HEADER_BYTES } from "./batch-layout.ts";
import { InvalidRecordError } from "./invalid-record-error.ts";
import { RecordBatchBuilder, type SealOptions } from "./record-batch-builder.ts";
import { NO_HEADERS, type RecordInput } from "./record-input.ts";

/** Length, attributes, deltas and the lengths of key and value, each a byte or two. */
const RECORD_OVERHEAD_BYTES = 14;

/** Records and header fields. The base offset is the first record's offset unless it is given. */
export interface RecordBatchInput extends SealOptions {
  readonly records: Iterable<RecordInput>;
  /** What timestamps are counted from; the first record's, unless given. */
  readonly baseTimestamp?: number | bigint;
}

export function encodeRecordBatch(input: RecordBatchInput): Uint8Array {
  const { builder, baseOffset } = fill(input);
  return builder.seal(baseOffset === input.baseOffset ? input : { ...input, baseOffset });
}

export function encodeRecordBatchAsync(input: RecordBatchInput): Promise<Uint8Array> {
  const { builder, baseOffset } = fill(input);
  return builder.sealAsync(baseOffset === input.baseOffset ? input : { ...input, baseOffset });
}

function fill(input: RecordBatchInput): { readonly builder: RecordBatchBuilder; readonly baseOffset: number | bigint } {
  const { baseTimestamp } = input;
  const initialBytes = likelyBytes(input.records);
  const builder = new RecordBatchBuilder(baseTimestamp === undefined ? { initialBytes } : { initialBytes, baseTimestamp });
  let baseOffset = input.baseOffset;
  for (const { offset, timestamp = -1, key = null, value = null, headers = NO_HEADERS, attributes = 0 } of input.records) {
    baseOffset ??= offset ?? 0;
    const delta = offset === undefined ? builder.lastOffsetDelta + 1 : offsetDelta(offset, baseOffset);
    builder.tryAppendAt(delta, timestamp, key, value, headers, attributes);
  }
  return { builder, baseOffset: baseOffset ?? 0 };
}

/** Enough for most batches, so that the buffer need not grow: lengths in characters, and what a record costs besides. */
function likelyBytes(records: Iterable<RecordInput>): number {
  let size = BATCH_HEADER_BYTES;
  if (!isList(records)) return size;
  for (const { key, value } of records) size += RECORD_OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  return size;
}

function isList(records: Iterable<RecordInput>): records is readonly RecordInput[] {
  return Array.isArray(records);
}

function offsetDelta(offset: number | bigint, baseOffset: number | bigint): number {
  const delta =
    typeof offset === "number" && typeof baseOffset === "number"
      ? offset - baseOffset
      : Number(BigInt(offset) - BigInt(baseOffset));
  if (delta < 0) throw new InvalidRecordError(`offset ${offset} lies before the base offset ${baseOffset}`);
  return delta;
}
