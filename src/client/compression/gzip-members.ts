/**
 * Gzip read as Java reads it: several members in a row, and what follows the last one ignored when it is not a member.
 * node:zlib refuses such a tail, so this is the second attempt at streams that it refused.
 * https://www.rfc-editor.org/rfc/rfc1952
 */
import { inflateRawSync } from "node:zlib";
import { MalformedMessageError } from "../../protocol/malformed-message-error.ts";
import { OutputLimitError } from "../../protocol/records/compression/codec.ts";
import { crc32 } from "../../protocol/records/crc32.ts";

const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
const HEADER_CRC_FLAG = 0x02;
const EXTRA_FLAG = 0x04;
const NAME_FLAG = 0x08;
const COMMENT_FLAG = 0x10;

/** Node's answer to `info: true`; its type declarations leave it out. */
interface InflateInfo {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

function isInflateInfo(value: unknown): value is InflateInfo {
  return typeof value === "object" && value !== null && "buffer" in value && "engine" in value;
}

export function gunzipMembers(bytes: Uint8Array, maxOutputBytes: number): Uint8Array {
  const members: Buffer[] = [];
  let size = 0;
  for (let position = 0; position < bytes.length; ) {
    const start = endOfHeader(bytes, position);
    if (start === undefined) {
      if (members.length === 0) throw malformed("it does not start like gzip", position);
      break;
    }
    const { buffer, end } = inflateMember(bytes, start, maxOutputBytes - size);
    size += buffer.length;
    members.push(buffer);
    position = end;
  }
  if (members.length === 0) throw malformed("it is empty", 0);
  return members.length === 1 ? members[0]! : Buffer.concat(members, size);
}

function inflateMember(bytes: Uint8Array, start: number, limit: number): { readonly buffer: Buffer; readonly end: number } {
  // zlib takes no limit of zero, and an empty last member is legal.
  const inflated: unknown = inflateRawSync(bytes.subarray(start), { maxOutputLength: Math.max(limit, 1), info: true });
  if (!isInflateInfo(inflated)) throw new MalformedMessageError("node:zlib did not report how far it read");
  const { buffer, engine } = inflated;
  if (buffer.length > limit) throw new OutputLimitError("gzip", limit);
  const trailer = start + engine.bytesWritten;
  if (bytes.length - trailer < TRAILER_BYTES) throw malformed("it ends inside a member", trailer);
  const view = new DataView(bytes.buffer, bytes.byteOffset + trailer, TRAILER_BYTES);
  if (view.getUint32(0, true) !== crc32(buffer)) throw malformed("a checksum does not fit", trailer);
  if (view.getUint32(4, true) !== buffer.length >>> 0) throw malformed("a length does not fit", trailer + 4);
  return { buffer, end: trailer + TRAILER_BYTES };
}

/** Where the compressed bytes of the member at `start` begin; undefined when no member starts there. */
function endOfHeader(bytes: Uint8Array, start: number): number | undefined {
  if (bytes.length - start < HEADER_BYTES) return undefined;
  if (bytes[start] !== 0x1f || bytes[start + 1] !== 0x8b || bytes[start + 2] !== 8) return undefined;
  const flags = bytes[start + 3]!;
  let position = start + HEADER_BYTES;
  if ((flags & EXTRA_FLAG) !== 0) position += 2 + (bytes[position] ?? 0) + (bytes[position + 1] ?? 0) * 256;
  if ((flags & NAME_FLAG) !== 0) position = behindZero(bytes, position);
  if ((flags & COMMENT_FLAG) !== 0) position = behindZero(bytes, position);
  if ((flags & HEADER_CRC_FLAG) !== 0) position += 2;
  return position < bytes.length ? position : undefined;
}

function behindZero(bytes: Uint8Array, start: number): number {
  const zero = bytes.indexOf(0, start);
  return zero < 0 ? bytes.length : zero + 1;
}

function malformed(problem: string, offset: number): MalformedMessageError {
  return new MalformedMessageError(`malformed gzip stream: ${problem}`, { offset });
}
