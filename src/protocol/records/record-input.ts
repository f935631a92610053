/** What a record looks like before it has bytes, and how many bytes it will take. */

import { utf8Size } from "../utf8.ts";
import { NONE } from "./batch-layout.ts";
import { sizeOfVarint, sizeOfVarlong } from "./varint.ts";

/** Text is written as UTF-8; null is not the same as empty. */
export type RecordBytes = Uint8Array | string | null;
export type HeaderInput = readonly [key: string | Uint8Array, value: RecordBytes];

export interface RecordInput {
  readonly key?: RecordBytes;
  readonly value?: RecordBytes;
  readonly headers?: readonly HeaderInput[];
  /** Milliseconds since 1970; -1, the default, is no timestamp. */
  readonly timestamp?: number | bigint;
  /** Must grow from record to record. Without it, records follow each other without gaps. */
  readonly offset?: number | bigint;
  /** The record's attribute byte, which Kafka does not use. */
  readonly attributes?: number;
}

export const NO_HEADERS: readonly HeaderInput[] = [];

export function sizeOfBytes(bytes: RecordBytes): number {
  if (bytes === null) return NONE;
  return typeof bytes === "string" ? utf8Size(bytes) : bytes.length;
}

/** A key, a value or a header's part with its length before it. */
export function sizeWithLength(size: number): number {
  return size < 0 ? 1 : sizeOfVarint(size) + size;
}

export function sizeOfHeaders(headers: readonly HeaderInput[]): number {
  let size = sizeOfVarint(headers.length);
  for (const [key, value] of headers) size += sizeWithLength(sizeOfBytes(key)) + sizeWithLength(sizeOfBytes(value));
  return size;
}

/**
 * How many bytes a record takes in a batch, its length included. The deltas cost one to five (ten) bytes each; without them
 * the size of a first record comes out.
 */
export function sizeOfRecord(record: RecordInput, offsetDelta = 0, timestampDelta: number | bigint = 0): number {
  const body =
    1 +
    sizeOfVarlong(timestampDelta) +
    sizeOfVarint(offsetDelta) +
    sizeWithLength(sizeOfBytes(record.key ?? null)) +
    sizeWithLength(sizeOfBytes(record.value ?? null)) +
    sizeOfHeaders(record.headers ?? NO_HEADERS);
  return sizeOfVarint(body) + body;
}
