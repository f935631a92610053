import { type HeaderInput, type RecordBytes, sizeOfRecord } from "../../../protocol/index.ts";

/** The header of a batch, which a record may have for itself. */
const BATCH_OVERHEAD = 61;
/** Length, attributes and deltas of a record, and the lengths of its parts: at most. */
const MOST_FRAMING = BATCH_OVERHEAD + 5 + 1 + 10 + 5 + 5 + 5 + 5;
const HEADER_FRAMING = 10;
/** UTF-8 has at most three bytes for a UTF-16 unit. */
const MOST_UTF8 = 3;

/** No record is larger than this in a batch; cheap, for it is reckoned for each one. */
export function mostBytesOf(key: RecordBytes, value: RecordBytes, headers: readonly HeaderInput[]): number {
  let most = MOST_FRAMING + mostBytesOfPart(key) + mostBytesOfPart(value);
  // An iterator would be made even for none.
  if (headers.length === 0) return most;
  for (const [name, content] of headers) most += HEADER_FRAMING + mostBytesOfPart(name) + mostBytesOfPart(content);
  return most;
}

/** What a record takes at most once its deltas are known; reading all of its text. */
export function bytesOf(key: RecordBytes, value: RecordBytes, headers: readonly HeaderInput[]): number {
  return sizeOfRecord({ key, value, headers }) + MOST_DELTAS;
}

/** Beyond those of a first record, whose deltas are 0. */
const MOST_DELTAS = BATCH_OVERHEAD + 4 + 9;

export function sizeOfPart(part: RecordBytes): number {
  if (part === null) return -1;
  return typeof part === "string" ? Buffer.byteLength(part) : part.length;
}

function mostBytesOfPart(part: RecordBytes): number {
  if (part === null) return 0;
  return typeof part === "string" ? part.length * MOST_UTF8 : part.length;
}
