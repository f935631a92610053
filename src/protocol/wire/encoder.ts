import { InvalidValueError } from "../invalid-value-error.ts";
import { UnsupportedVersionError } from "../unsupported-version-error.ts";
import { encodeUtf8, writeAscii } from "../utf8.ts";
import { nothing } from "./blank.ts";
import { MAX_STRING_BYTES } from "./decoder.ts";
import { highHalf, lowHalf, MAX_SAFE } from "./int-range.ts";
import { StrictBlankWire } from "./strict-blank.ts";
import { TagEncoder } from "./tag-encoder.ts";
import { type UnknownTag, unknownTagsOf } from "./unknown-tags.ts";
import { writeUuid, ZERO_UUID } from "./uuid.ts";
import { writeUnsignedVarint } from "./varint.ts";
import { int32, type Layout, type Wire } from "./wire.ts";

/** Record bytes that stand where they are in the message, behind so many other bytes. */
interface Gathered {
  readonly position: number;
  readonly bytes: Uint8Array;
}

const NOTHING_GATHERED: readonly Gathered[] = [];
/** Below this, copying costs less than one more piece to send. */
const GATHER_FROM = 4096;
const INITIAL_CAPACITY = 1024;
const TAG_CAPACITY = 64;

/**
 * Writes a message into a buffer that grows as needed. A field that was left out (`undefined`) is written as its default.
 * What a field cannot carry is refused, so that no wrong byte ever leaves.
 */
export class Encoder implements Wire {
  version = 0;
  flexible = false;
  position = 0;
  #bytes: Uint8Array;
  #view: DataView;
  #tags: TagEncoder | undefined;
  #gathered: Gathered[] | undefined;
  readonly #absent: StrictBlankWire = new StrictBlankWire();

  constructor(capacity: number = INITIAL_CAPACITY) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** From here on, fields are written as in this version of a message. */
  begin(version: number, flexible: boolean): void {
    this.version = version;
    this.flexible = flexible;
    this.#tags = undefined;
    this.#absent.version = version;
  }

  reset(): void {
    this.position = 0;
    this.#gathered = undefined;
  }

  /** Leaves room for bytes that the caller fills in later. */
  skip(size: number): void {
    this.claim(size);
  }

  /** From now until the next `reset`, record bytes are kept as they are instead of being copied: see `chunks`. */
  gather(): void {
    this.#gathered = [];
  }

  /**
   * What was written, as pieces that make it up: copies of everything but the records, which are the caller's own memory. Equal to
   * `written()` when nothing was gathered.
   */
  chunks(): Uint8Array[] {
    const rest = this.written().slice();
    const chunks: Uint8Array[] = [];
    let start = 0;
    for (const { position, bytes } of this.#gathered ?? NOTHING_GATHERED) {
      chunks.push(rest.subarray(start, position), bytes);
      start = position;
    }
    chunks.push(rest.subarray(start));
    return chunks;
  }

  /** What was written from `start` on. A view: the next `reset` overwrites it. */
  written(start = 0): Uint8Array {
    return this.#bytes.subarray(start, this.position);
  }

  get capacity(): number {
    return this.#bytes.length;
  }

  fail(problem: string): never {
    throw new InvalidValueError(problem);
  }

  since(version: number): Wire {
    return this.version >= version ? this : this.#absent;
  }
  until(version: number): Wire {
    return this.version <= version ? this : this.#absent;
  }
  get ignorable(): Wire {
    return this;
  }
  tag(tag: number): Wire {
    if (!this.flexible) return this.#absent;
    this.#tags ??= new TagEncoder(this.version, () => this.payloadEncoder());
    return this.#tags.at(tag);
  }

  boolean(value: boolean | undefined, absent = false): boolean {
    if (value === undefined) value = absent;
    if (typeof value !== "boolean") this.fail(`${String(value)} is not a boolean`);
    const at = this.claim(1);
    this.#bytes[at] = value ? 1 : 0;
    return value;
  }
  int8(value: number | undefined, absent = 0): number {
    if (value === undefined) value = absent;
    if (typeof value !== "number" || (value << 24) >> 24 !== value) this.#notInteger(value, "int8");
    const at = this.claim(1);
    this.#view.setInt8(at, value);
    return value;
  }
  int16(value: number | undefined, absent = 0): number {
    if (value === undefined) value = absent;
    if (typeof value !== "number" || (value << 16) >> 16 !== value) this.#notInteger(value, "int16");
    const at = this.claim(2);
    this.#view.setInt16(at, value);
    return value;
  }
  uint16(value: number | undefined, absent = 0): number {
    if (value === undefined) value = absent;
    if (typeof value !== "number" || (value & 0xffff) !== value) this.#notInteger(value, "uint16");
    const at = this.claim(2);
    this.#view.setUint16(at, value);
    return value;
  }
  int32(value: number | undefined, absent = 0): number {
    if (value === undefined) value = absent;
    if (typeof value !== "number" || (value | 0) !== value) this.#notInteger(value, "int32");
    const at = this.claim(4);
    this.#view.setInt32(at, value);
    return value;
  }
  int64(value: bigint | undefined, absent = 0n): bigint {
    if (value === undefined) value = absent;
    if (typeof value !== "bigint" || BigInt.asIntN(64, value) !== value) this.#notInteger(value, "int64 (a bigint)");
    const at = this.claim(8);
    this.#view.setBigInt64(at, value);
    return value;
  }
  int53(value: number | undefined, absent = 0): number {
    if (value === undefined) value = absent;
    if (!Number.isInteger(value) || value > MAX_SAFE || value < -MAX_SAFE) this.#notInteger(value, "number of at most 2^53 - 1");
    const position = this.claim(8);
    this.#view.setInt32(position, highHalf(value));
    this.#view.setUint32(position + 4, lowHalf(value));
    return value;
  }
  offset(value: number | undefined, absent = 0): number {
    return this.int53(value, absent);
  }
  timestamp(value: number | undefined, absent = 0): number {
    return this.int53(value, absent);
  }
  float64(value: number | undefined, absent = 0): number {
    if (value === undefined) value = absent;
    if (typeof value !== "number") this.fail(`${String(value)} is not a number`);
    const at = this.claim(8);
    this.#view.setFloat64(at, value);
    return value;
  }
  uuid(value: string | undefined, absent: string = ZERO_UUID): string {
    if (value === undefined) value = absent;
    const at = this.claim(16);
    if (typeof value !== "string" || !writeUuid(value, this.#bytes, at))
      this.fail(`'${value}' is not a uuid of 22 base64url characters`);
    return value;
  }

  string(value: string | undefined, absent = ""): string {
    if (value === undefined) value = absent;
    this.#text(value, this.flexible);
    return value;
  }
  nullableString(value: string | null | undefined, absent: string | null = null, nullableSince = 0): string | null {
    if (value === undefined) value = absent;
    if (value === null) this.#nullString(nullableSince);
    else this.#text(value, this.flexible);
    return value;
  }
  classicNullableString(value: string | null | undefined): string | null {
    value ??= null;
    if (value === null) this.int16(-1);
    else this.#text(value, false);
    return value;
  }
  bytes(value: Uint8Array | undefined, absent: Uint8Array = NO_BYTES): Uint8Array {
    if (value === undefined) value = absent;
    this.#blob(value);
    return value;
  }
  nullableBytes(value: Uint8Array | null | undefined, absent: Uint8Array | null = null, nullableSince = 0): Uint8Array | null {
    if (value === undefined) value = absent;
    if (value === null) this.#nullLength(nullableSince);
    else this.#blob(value);
    return value;
  }
  records(value: Uint8Array | undefined): Uint8Array {
    return this.bytes(value);
  }
  nullableRecords(value: Uint8Array | null | undefined): Uint8Array | null {
    if (value === undefined || value === null || this.#gathered === undefined || value.length < GATHER_FROM) {
      return this.nullableBytes(value);
    }
    if (!(value instanceof Uint8Array)) this.fail("bytes expected");
    this.#length(value.length);
    this.#gathered.push({ position: this.position, bytes: value });
    return value;
  }

  array<T>(value: readonly T[] | undefined, element: Layout<T>): readonly T[] {
    if (value === undefined) value = [];
    this.#requireArray(value);
    this.#length(value.length);
    this.elements(value, element);
    return value;
  }
  nullableArray<T>(
    value: readonly T[] | null | undefined,
    element: Layout<T>,
    absent: readonly T[] | null = null,
    nullableSince = 0,
  ): readonly T[] | null {
    if (value === undefined) value = absent;
    if (value === null) this.#nullLength(nullableSince);
    else this.array(value, element);
    return value;
  }

  struct<T>(value: T | undefined, layout: Layout<T>): T {
    if (!layout.isStruct) return layout.fields(this, value as T);
    const it = value === undefined ? nothing<T>() : value;
    if (typeof it !== "object" || it === null) this.fail("an object expected");
    const subject = this.subject(it);
    if (!this.flexible) {
      if (unknownTagsOf(it).length > 0) throw new UnsupportedVersionError("this version has no tagged fields, and some were set");
      return layout.fields(this, subject);
    }
    // Tags come last in a struct, so when an inner struct begins, the outer one has not touched its own yet.
    const fields = layout.fields(this, subject);
    const tags = this.#tags;
    this.#tags = undefined;
    const unknown = unknownTagsOf(it);
    if (tags === undefined && unknown.length === 0) this.#unsignedVarint(0);
    else this.#writeTags(mergeTags(tags?.written ?? NO_TAGS, unknown));
    return fields;
  }
  nullableStruct<T>(value: T | null | undefined, layout: Layout<T>, absent: T | null = null): T | null {
    if (value === undefined) value = absent;
    this.int8(value === null ? -1 : 1);
    return value === null ? null : this.struct(value, layout);
  }

  /** What a layout is given as its value; the tracing encoder watches it being read. */
  protected subject<T extends object>(it: T): T {
    return it;
  }

  protected elements<T>(values: readonly T[], element: Layout<T>): void {
    // Replica lists are most of a metadata response; without a layout's call per number they take less time.
    if (Object.is(element, int32)) for (const value of values as readonly unknown[] as readonly number[]) this.int32(value);
    else if (element.isStruct) for (const value of values) this.struct(value, element);
    else for (const value of values) element.fields(this, value);
  }

  /** An encoder for one tagged field of this message. */
  protected payloadEncoder(): Encoder {
    const payload = new Encoder(TAG_CAPACITY);
    payload.begin(this.version, true);
    return payload;
  }

  /** Grows (and so replaces!) the buffer when needed, claims the next `size` bytes and returns where they start. */
  protected claim(size: number): number {
    const start = this.position;
    if (start + size > this.#bytes.length) this.#grow(start + size);
    this.position = start + size;
    return start;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.written());
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }

  #unsignedVarint(value: number): void {
    // Lengths, counts and tags are mostly of one byte.
    if (value < 0x80) {
      const at = this.claim(1);
      this.#bytes[at] = value;
      return;
    }
    const start = this.claim(5);
    this.position = writeUnsignedVarint(this.#bytes, start, value);
  }

  #length(length: number): void {
    if (this.flexible) this.#unsignedVarint(length + 1);
    else this.int32(length);
  }

  #nullLength(nullableSince: number): void {
    this.#allowNull(nullableSince);
    this.#length(-1);
  }

  #nullString(nullableSince: number): void {
    this.#allowNull(nullableSince);
    if (this.flexible) this.#unsignedVarint(0);
    else this.int16(-1);
  }

  #allowNull(nullableSince: number): void {
    if (this.version < nullableSince) throw new UnsupportedVersionError(`may be null only from version ${nullableSince} on`);
  }

  /** Short ASCII goes straight into the buffer behind a length that is already known; the rest is encoded first. */
  #text(value: string, compact: boolean): void {
    if (typeof value !== "string") this.fail(`${String(value)} is not a string`);
    const start = this.position;
    if (value.length <= MAX_STRING_BYTES) {
      this.#textLength(value.length, compact);
      const at = this.claim(value.length);
      if (writeAscii(this.#bytes, at, value)) return;
      this.position = start;
    }
    const bytes = encodeUtf8(value);
    if (bytes.length > MAX_STRING_BYTES) this.fail(`a string of ${bytes.length} bytes; Kafka allows ${MAX_STRING_BYTES}`);
    this.#textLength(bytes.length, compact);
    this.#append(bytes);
  }

  #textLength(length: number, compact: boolean): void {
    if (compact) this.#unsignedVarint(length + 1);
    else this.int16(length);
  }

  #blob(value: Uint8Array): void {
    if (!(value instanceof Uint8Array)) this.fail("bytes expected");
    this.#length(value.length);
    this.#append(value);
  }

  #append(bytes: Uint8Array): void {
    const start = this.claim(bytes.length);
    this.#bytes.set(bytes, start);
  }

  #writeTags(tags: readonly UnknownTag[]): void {
    this.#unsignedVarint(tags.length);
    for (const { tag, data } of tags) {
      if (!(Number.isInteger(tag) && tag >= 0 && tag <= MAX_TAG && data instanceof Uint8Array))
        this.fail(`tag ${tag} cannot be written`);
      this.#unsignedVarint(tag);
      this.#unsignedVarint(data.length);
      this.#append(data);
    }
  }

  /** Callers without types may pass anything. (Apart, because the type guard would make the elements untyped.) */
  #requireArray(value: unknown): void {
    if (!Array.isArray(value)) this.fail("an array expected");
  }

  #notInteger(value: unknown, type: string): never {
    return this.fail(`${String(value)} is not an ${type}`);
  }
}

const NO_BYTES: Uint8Array = new Uint8Array(0);
const MAX_TAG = 0xffff_ffff;
const NO_TAGS: readonly UnknownTag[] = [];

/** Known and unknown tags of one struct in the order that the wire demands. */
function mergeTags(known: readonly UnknownTag[], unknown: readonly UnknownTag[]): readonly UnknownTag[] {
  if (unknown.length === 0) return known;
  const all = [...known, ...unknown].sort((one, other) => one.tag - other.tag);
  for (let i = 1; i < all.length; i++) {
    if (all[i]!.tag === all[i - 1]!.tag) throw new InvalidValueError(`tag ${all[i]!.tag} twice in one struct`);
  }
  return all;
}
