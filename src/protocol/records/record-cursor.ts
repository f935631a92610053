/**
 * Runs through the records of a batch, one object for all of them: the innermost loop of every consumer. A record is read
 * completely and checked to end where its length says, but no view and no object is made.
 */
import { MalformedMessageError } from "../malformed-message-error.ts";
import { MIN_RECORD_BYTES, NONE } from "./batch-layout.ts";
import { BatchRecord, type RecordOrigin } from "./batch-record.ts";
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

  protected constructor(origin: RecordOrigin, section: RecordSection) {
    super(origin, 0, 0, 0, 0, NONE, 0, NONE);
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

export class RecordBatchCursor extends RecordCursor {
  /** The broker set the time of all records, whatever theirs were. */
  readonly #hasFixedTimestamp: boolean;

  constructor(origin: RecordOrigin, section: RecordSection, hasFixedTimestamp: boolean) {
    super(origin, section);
    this.#hasFixedTimestamp = hasFixedTimestamp;
    if (section.count * MIN_RECORD_BYTES > section.end - section.start) {
      this.malformed(`${section.count} records cannot stand in ${section.end - section.start} bytes`, section.start);
    }
  }

  // One long function on purpose: with the varints of one and two bytes read in place and the position in a local variable it is
  // twice as fast as in small methods. Reading past a record is harmless, because nothing it yields is used: the end is checked
  // before the record counts.
  next(): boolean {
    if (this.remaining === 0) return this.#finish();
    const { bytes } = this.origin.views;
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
    this.timestampDelta = this.#hasFixedTimestamp ? 0 : timestampDelta;

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
