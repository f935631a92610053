/**
 * Runs through the records of a batch, one object for all of them: the innermost loop of every consumer. A record is read
 * completely and checked to end where its length says, but no view and no object is made.
 */
import { MalformedMessageError } from "../malformed-message-error.ts";
import { MIN_RECORD_BYTES } from "./batch-layout.ts";
import { BatchRecord, type RecordSource } from "./batch-record.ts";
import { ByteViews } from "./byte-views.ts";
import { readVarint, readVarlong } from "./varint.ts";

/** The bytes in which the records of a batch stand: part of the batch, or what it was decompressed to. */
export interface RecordSection {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

/** `while (cursor.next())` makes the cursor itself the current record; `detach()` keeps one. */
export abstract class RecordCursor extends BatchRecord {
  position: number;
  readonly end: number;
  /** How many records are still to come. */
  remaining: number;

  protected constructor(source: RecordSource, section: RecordSection) {
    super(source, new ByteViews(section.bytes));
    this.position = section.start;
    this.end = section.end;
    this.remaining = section.count;
  }

  /** Moves to the next record; false behind the last one. */
  abstract next(): boolean;

  protected malformed(problem: string, offset: number): never {
    throw new MalformedMessageError(problem, { offset });
  }
}

/** Numbers that every record of a format 2 batch starts from; NaN stands for one outside ±2^53. */
export interface RecordBase {
  readonly baseOffset: number;
  readonly baseTimestamp: number;
  /** The timestamp of all records when the broker set it, else undefined. */
  readonly fixedTimestamp: number | undefined;
}

export class RecordBatchCursor extends RecordCursor {
  readonly #baseOffset: number;
  readonly #baseTimestamp: number;
  readonly #hasFixedTimestamp: boolean;

  constructor(source: RecordSource, section: RecordSection, base: RecordBase) {
    super(source, section);
    this.#baseOffset = base.baseOffset;
    this.#hasFixedTimestamp = base.fixedTimestamp !== undefined;
    this.#baseTimestamp = base.fixedTimestamp ?? base.baseTimestamp;
    if (section.count * MIN_RECORD_BYTES > section.end - section.start) {
      this.malformed(`${section.count} records cannot stand in ${section.end - section.start} bytes`, section.start);
    }
  }

  // One long function on purpose: with the varints of one and two bytes read in place and the position in a local variable it is
  // twice as fast as in small methods. Reading past a record is harmless, because nothing it yields is used: the end is checked
  // before the record counts.
  next(): boolean {
    if (this.remaining === 0) return this.#finish();
    const bytes = this.views.bytes;
    let position = this.position;
    let byte: number;
    let second: number;

    let size: number;
    byte = bytes[position]!;
    if (byte < 0x80) {
      size = (byte >>> 1) ^ -(byte & 1);
      position++;
    } else {
      second = bytes[position + 1]!;
      if (second < 0x80) {
        size = (((byte & 0x7f) | (second << 7)) >>> 1) ^ -(byte & 1);
        position += 2;
      } else {
        this.position = position;
        size = readVarint(this);
        position = this.position;
      }
    }
    const end = position + size;
    if (size < MIN_RECORD_BYTES - 1 || end > this.end) this.malformed(`a record of ${size} bytes does not fit its batch`, position);
    this.start = position;
    position++; // The record's attributes: unused, and ignored by Java too.

    let timestampDelta: number;
    byte = bytes[position]!;
    if (byte < 0x80) {
      timestampDelta = (byte >>> 1) ^ -(byte & 1);
      position++;
    } else {
      second = bytes[position + 1]!;
      if (second < 0x80) {
        timestampDelta = (((byte & 0x7f) | (second << 7)) >>> 1) ^ -(byte & 1);
        position += 2;
      } else {
        this.position = position;
        timestampDelta = readVarlong(this);
        position = this.position;
      }
    }
    this.timestampNumber = this.#hasFixedTimestamp ? this.#baseTimestamp : this.#baseTimestamp + timestampDelta;

    let offsetDelta: number;
    byte = bytes[position]!;
    if (byte < 0x80) {
      offsetDelta = (byte >>> 1) ^ -(byte & 1);
      position++;
    } else {
      second = bytes[position + 1]!;
      if (second < 0x80) {
        offsetDelta = (((byte & 0x7f) | (second << 7)) >>> 1) ^ -(byte & 1);
        position += 2;
      } else {
        this.position = position;
        offsetDelta = readVarint(this);
        position = this.position;
      }
    }
    this.offsetDelta = offsetDelta;
    this.offsetNumber = this.#baseOffset + offsetDelta;

    byte = bytes[position]!;
    if (byte < 0x80) {
      size = (byte >>> 1) ^ -(byte & 1);
      position++;
    } else {
      this.position = position;
      size = readVarint(this);
      position = this.position;
    }
    this.keySize = size;
    this.keyStart = position;
    if (size > 0) {
      position += size;
      if (position > end) this.malformed(`a key of ${size} bytes ends behind its record`, this.keyStart);
    }

    byte = bytes[position]!;
    if (byte < 0x80) {
      size = (byte >>> 1) ^ -(byte & 1);
      position++;
    } else {
      second = bytes[position + 1]!;
      if (second < 0x80) {
        size = (((byte & 0x7f) | (second << 7)) >>> 1) ^ -(byte & 1);
        position += 2;
      } else {
        this.position = position;
        size = readVarint(this);
        position = this.position;
      }
    }
    this.valueSize = size;
    this.valueStart = position;
    if (size > 0) {
      position += size;
      if (position > end) this.malformed(`a value of ${size} bytes ends behind its record`, this.valueStart);
    }

    this.headerCount = 0;
    if (bytes[position] === 0) position++;
    else position = this.#skipHeaders(position, end);
    if (position !== end) this.malformed(`a record ends at byte ${position}, its length says ${end}`, this.start);
    this.position = position;
    this.remaining--;
    return true;
  }

  #skipHeaders(position: number, end: number): number {
    this.position = position;
    const count = readVarint(this);
    if (count < 0 || count * 2 > end - this.position) {
      this.malformed(`${count} headers cannot stand in the ${end - this.position} bytes left of their record`, position);
    }
    this.headerCount = count;
    this.headersStart = this.position;
    for (let index = 0; index < count; index++) {
      const keySize = readVarint(this);
      if (keySize < 0) this.malformed(`a header key cannot be null (length ${keySize})`, this.position);
      this.position += keySize;
      if (this.position > end) this.malformed(`a header key of ${keySize} bytes ends behind its record`, this.position - keySize);
      const valueSize = readVarint(this);
      if (valueSize > 0) this.position += valueSize;
      if (this.position > end)
        this.malformed(`a header value of ${valueSize} bytes ends behind its record`, this.position - valueSize);
    }
    return this.position;
  }

  #finish(): false {
    if (this.position !== this.end) {
      this.malformed(`${this.end - this.position} bytes are left behind the last record`, this.position);
    }
    return false;
  }
}
