import { decodeUtf8 } from "../utf8.ts";
import type { ByteViews } from "./byte-views.ts";
import { type ReadPosition, readVarint } from "./varint.ts";

/** A header's name and value. Names may repeat and may be empty; the order is kept. */
export type RecordHeader = [key: string, value: Uint8Array | null];

/** The headers of a record of format 2 that a cursor has checked; they stand right behind its value. */
export function readRecordHeaders(views: ByteViews, position: number): RecordHeader[] {
  const headers: RecordHeader[] = [];
  const { bytes } = views;
  // The usual byte there.
  if (bytes[position] === 0) return headers;
  const at: ReadPosition = { bytes, position, end: bytes.length };
  for (let count = readVarint(at); count > 0; count--) {
    const keySize = readVarint(at);
    const key = decodeUtf8(bytes, at.position, at.position + keySize);
    at.position += keySize;
    const valueSize = readVarint(at);
    const value = valueSize < 0 ? null : views.view(at.position, valueSize);
    if (value !== null) at.position += valueSize;
    headers.push([key, value]);
  }
  return headers;
}
