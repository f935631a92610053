/**
 * Formats 0 and 1, the message sets of Kafka before 0.11. Each message is a batch of its own; a compressed set is one wrapper
 * message whose value is a message set. Inner offsets are absolute in format 0 and relative in format 1, where the wrapper's
 * offset is the last inner one (KIP-31); a wrapper with the broker's timestamp gives it to all its messages (KIP-32).
 */
import { MalformedMessageError } from "../malformed-message-error.ts";
import { CODEC_MASK, type Magic } from "./batch-attributes.ts";
import { batchSizeAt, PARTIAL_BATCH } from "./batch-boundary.ts";
import { LEGACY_ATTRIBUTES, LEGACY_TIMESTAMP, MAGIC, NONE } from "./batch-layout.ts";
import type { RecordOrigin } from "./batch-record.ts";
import { readInt32, readInt64, readInt64Big } from "./big-endian.ts";
import { RecordCursor, type RecordSection } from "./record-cursor.ts";

export interface LegacySection extends RecordSection {
  /** What has to be added to the offsets in the bytes; not zero only inside a format 1 wrapper. */
  readonly offsetShift: bigint;
  readonly firstOffset: bigint;
}

/** The section of a message that is not compressed: itself. */
export function sectionOfMessage(bytes: Uint8Array, start: number, size: number): LegacySection {
  return { bytes, start, end: start + size, count: 1, offsetShift: 0n, firstOffset: readInt64Big(bytes, start) };
}

/** Checks the decompressed value of a wrapper message and finds out how its offsets count. */
export function sectionOfWrapped(inner: Uint8Array, magic: Magic, wrapperOffset: bigint): LegacySection {
  let count = 0;
  let last = 0;
  for (let position = 0; position < inner.length; count++) {
    const size = batchSizeAt(inner, position, inner.length);
    // Java drops an incomplete inner message silently; it cannot be anything but a loss of records.
    if (size === PARTIAL_BATCH)
      throw new MalformedMessageError("a compressed message set ends inside a message", { offset: position });
    if (inner[position + MAGIC] !== magic) {
      throw new MalformedMessageError(`a message of format ${inner[position + MAGIC]} in a wrapper of format ${magic}`, {
        offset: position,
      });
    }
    if ((inner[position + LEGACY_ATTRIBUTES]! & CODEC_MASK) !== 0) {
      throw new MalformedMessageError("a message inside a compressed message set is compressed again", { offset: position });
    }
    last = position;
    position += size;
  }
  if (count === 0) throw new MalformedMessageError("a compressed message set without messages");
  const offsetShift = magic === 1 ? shiftOfRelativeOffsets(wrapperOffset, readInt64Big(inner, last)) : 0n;
  return { bytes: inner, start: 0, end: inner.length, count, offsetShift, firstOffset: offsetShift + readInt64Big(inner, 0) };
}

function shiftOfRelativeOffsets(wrapperOffset: bigint, lastInnerOffset: bigint): bigint {
  // Old versions of librdkafka leave the wrapper's offset at 0.
  if (wrapperOffset === 0n) return 0n;
  if (wrapperOffset < lastInnerOffset) {
    throw new MalformedMessageError(
      `a wrapper at offset ${wrapperOffset} holds a message with the relative offset ${lastInnerOffset}`,
    );
  }
  return wrapperOffset - lastInnerOffset;
}

/** Key and value of the message at `start`, as positions. A negative size is null. */
export interface LegacyPayload {
  readonly keyStart: number;
  readonly keySize: number;
  readonly valueStart: number;
  readonly valueSize: number;
}

export function readLegacyPayload(bytes: Uint8Array, start: number, end: number): LegacyPayload {
  const keyStart = start + (bytes[start + MAGIC] === 0 ? LEGACY_TIMESTAMP : LEGACY_TIMESTAMP + 8) + 4;
  const keySize = sizeBefore(bytes, keyStart, end);
  const valueStart = keyStart + Math.max(keySize, 0) + 4;
  const valueSize = sizeBefore(bytes, valueStart, end);
  const valueEnd = valueStart + Math.max(valueSize, 0);
  if (valueEnd !== end)
    throw new MalformedMessageError(`a message ends at byte ${valueEnd}, its length says ${end}`, { offset: start });
  return { keyStart, keySize, valueStart, valueSize };
}

function sizeBefore(bytes: Uint8Array, start: number, end: number): number {
  if (start > end) throw new MalformedMessageError("a message ends before its key or value", { offset: start - 4 });
  const size = readInt32(bytes, start - 4);
  if (size > end - start) {
    throw new MalformedMessageError(`a key or value of ${size} bytes in the ${end - start} bytes left of its message`, {
      offset: start - 4,
    });
  }
  return size;
}

export class LegacyCursor extends RecordCursor {
  readonly #offsetShift: number;
  readonly #hasFixedTimestamp: boolean;

  /** The origin's base offset is the first message's, and its base timestamp 0 unless it is fixed. */
  constructor(origin: RecordOrigin, section: LegacySection, hasFixedTimestamp: boolean) {
    super(origin, section);
    // Rounded, it could shift an offset to a wrong one in range.
    const offsetShift = Number(section.offsetShift);
    this.#offsetShift = Number.isSafeInteger(offsetShift) ? offsetShift : Number.NaN;
    this.#hasFixedTimestamp = hasFixedTimestamp;
  }

  next(): boolean {
    if (this.remaining === 0) return false;
    const { bytes, position } = this;
    const size = batchSizeAt(bytes, position, this.end);
    if (size === PARTIAL_BATCH) this.malformed("a message set ends inside a message", position);
    const { keyStart, keySize, valueStart, valueSize } = readLegacyPayload(bytes, position, position + size);
    this.start = position;
    this.keyStart = keyStart;
    this.keySize = keySize;
    this.valueStart = valueStart;
    this.valueSize = valueSize;
    const { baseOffset } = this.origin;
    const offset = readInt64(bytes, position) + this.#offsetShift;
    const offsetDelta = offset - baseOffset;
    // Of two numbers far apart the difference may be rounded; then only the bigint is exact.
    this.offsetDelta = baseOffset + offsetDelta === offset ? offsetDelta : Number.NaN;
    const ownTimestamp = bytes[position + MAGIC] === 0 ? NONE : readInt64(bytes, position + LEGACY_TIMESTAMP);
    this.timestampDelta = this.#hasFixedTimestamp ? 0 : ownTimestamp;
    this.position = position + size;
    this.remaining--;
    return true;
  }
}
