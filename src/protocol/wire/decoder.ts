import { MalformedMessageError } from "../malformed-message-error.ts";
import { decodeUtf8 } from "../utf8.ts";
import { type BlankWire, blankWire, nothing } from "./blank.ts";
import { MAX_SAFE, safeNumberFromHalves } from "./int-range.ts";
import { readTagSection, type TagSection } from "./tag-section.ts";
import { withUnknownTags } from "./unknown-tags.ts";
import { uuidFromBytes } from "./uuid.ts";
import { int32, type Layout, type Wire } from "./wire.ts";

/** Kafka's limit for every string, compact ones included. */
export const MAX_STRING_BYTES = 32_767;

const NULL_LENGTH = -1;

/**
 * Reads a message. Input is hostile: every length and count is checked against the bytes that remain before anything is
 * made of it, a tagged field cannot read past its declared size, and every refusal says at which byte.
 */
export class Decoder implements Wire {
  /** The whole buffer; offsets in errors count from its start. */
  readonly buffer: Uint8Array;
  readonly version: number;
  readonly flexible: boolean;
  readonly end: number;
  position: number;
  /** Whether an integer that no number holds exactly is read as the nearest that one does, instead of refused. */
  nearestIntegers: boolean = false;
  readonly #view: DataView;
  /** The tag section of the struct that is being read, once its first tagged field has been asked for. */
  #tags: TagSection | undefined;
  /** The decoder of the last tagged field: it must have used up the field's declared size. */
  #tagged: Decoder | undefined;

  constructor(buffer: Uint8Array, version: number, flexible: boolean, position = 0, end: number = buffer.length) {
    this.buffer = buffer;
    this.version = version;
    this.flexible = flexible;
    this.position = position;
    this.end = end;
    this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  get remaining(): number {
    return this.end - this.position;
  }

  /** Refuses bytes after the last field: a message that is longer than its layout was not understood. */
  expectEnd(): void {
    if (this.position !== this.end) this.fail(`${this.remaining} bytes are left over`);
  }

  fail(problem: string, offset: number = this.position): never {
    throw new MalformedMessageError(problem, { offset });
  }

  since(version: number): Wire {
    return this.version >= version ? this : this.absent;
  }
  until(version: number): Wire {
    return this.version <= version ? this : this.absent;
  }
  get ignorable(): Wire {
    return this;
  }
  tag(tag: number): Wire {
    if (!this.flexible) return this.absent;
    this.#tags ??= this.tagSection();
    this.#tagged?.expectEnd();
    this.#tagged = undefined;
    const span = this.#tags.take(tag);
    if (span === undefined) return this.absent;
    this.#tagged = this.fieldDecoder(span.start, span.end);
    return this.#tagged;
  }

  boolean(_value?: boolean, _absent?: boolean): boolean {
    return this.buffer[this.take(1)] !== 0;
  }
  int8(_value?: number, _absent?: number): number {
    return this.#view.getInt8(this.take(1));
  }
  int16(_value?: number, _absent?: number): number {
    return this.#view.getInt16(this.take(2));
  }
  uint16(_value?: number, _absent?: number): number {
    return this.#view.getUint16(this.take(2));
  }
  int32(_value?: number, _absent?: number): number {
    return this.#view.getInt32(this.take(4));
  }
  int64(_value?: bigint, _absent?: bigint): bigint {
    return this.#view.getBigInt64(this.take(8));
  }
  int53(_value?: number, _absent?: number): number {
    return this.safeInteger(this.take(8));
  }
  offset(_value?: number, _absent?: number): number {
    return this.safeInteger(this.take(8));
  }
  timestamp(_value?: number, _absent?: number): number {
    return this.safeInteger(this.take(8));
  }
  float64(_value?: number, _absent?: number): number {
    return this.#view.getFloat64(this.take(8));
  }
  uuid(_value?: string, _absent?: string): string {
    return uuidFromBytes(this.buffer, this.take(16));
  }

  string(_value?: string, _absent?: string): string {
    return this.utf8(this.present(this.stringLength()));
  }
  nullableString(_value?: string | null, _absent?: string | null, nullableSince = 0): string | null {
    const length = this.stringLength();
    return length === NULL_LENGTH ? this.nullSince(nullableSince) : this.utf8(length);
  }
  classicNullableString(_value?: string | null): string | null {
    const length = this.classicStringLength();
    return length === NULL_LENGTH ? null : this.utf8(length);
  }
  bytes(_value?: Uint8Array, _absent?: Uint8Array): Uint8Array {
    return this.view(this.present(this.bytesLength()));
  }
  nullableBytes(_value?: Uint8Array | null, _absent?: Uint8Array | null, nullableSince = 0): Uint8Array | null {
    const length = this.bytesLength();
    return length === NULL_LENGTH ? this.nullSince(nullableSince) : this.view(length);
  }
  records(_value?: Uint8Array): Uint8Array {
    return this.view(this.present(this.bytesLength()));
  }
  nullableRecords(_value?: Uint8Array | null): Uint8Array | null {
    const length = this.bytesLength();
    return length === NULL_LENGTH ? null : this.view(length);
  }

  array<T>(_value: readonly T[] | undefined, element: Layout<T>): readonly T[] {
    return this.elements(this.present(this.arrayLength(element.minimumSize)), element);
  }
  nullableArray<T>(
    _value: readonly T[] | null | undefined,
    element: Layout<T>,
    _absent?: readonly T[] | null,
    nullableSince = 0,
  ): readonly T[] | null {
    const length = this.arrayLength(element.minimumSize);
    return length === NULL_LENGTH ? this.nullSince(nullableSince) : this.elements(length, element);
  }

  struct<T>(_value: T | undefined, layout: Layout<T>): T {
    if (!this.flexible || !layout.isStruct) return layout.fields(this, this.subject<T>());
    // Tags come last in a struct, so when an inner struct begins, the outer one has not touched its own yet.
    const fields = layout.fields(this, this.subject<T>());
    const tags = this.#tags ?? this.tagSection();
    this.#tagged?.expectEnd();
    this.#tags = undefined;
    this.#tagged = undefined;
    const unknown = tags.leftOver(this.buffer);
    return unknown === undefined ? fields : withUnknownTags(fields, unknown);
  }
  nullableStruct<T>(_value: T | null | undefined, layout: Layout<T>, _absent?: T | null): T | null {
    return this.presence() ? this.struct(undefined, layout) : null;
  }

  /** What a field that is not there reads from. */
  protected get absent(): BlankWire {
    return blankWire;
  }

  /** Claims the next `size` bytes and returns where they start. */
  protected take(size: number): number {
    const start = this.position;
    if (size > this.end - start) this.fail(`${size} bytes expected, ${this.end - start} are left`);
    this.position = start + size;
    return start;
  }

  /** The length of a string, -1 for null: two bytes, or in flexible versions a varint of one more. */
  protected stringLength(): number {
    if (!this.flexible) return this.classicStringLength();
    const start = this.position;
    return this.checkedLength(this.unsignedVarint() - 1, MAX_STRING_BYTES, start);
  }
  protected classicStringLength(): number {
    const start = this.position;
    return this.checkedLength(this.#view.getInt16(this.take(2)), MAX_STRING_BYTES, start);
  }
  protected bytesLength(): number {
    const start = this.position;
    const length = this.flexible ? this.unsignedVarint() - 1 : this.#view.getInt32(this.take(4));
    return this.checkedLength(length, this.remaining, start);
  }
  protected arrayLength(minimumSize: number): number {
    const start = this.position;
    const length = this.flexible ? this.unsignedVarint() - 1 : this.#view.getInt32(this.take(4));
    if (length > 0 && length * minimumSize > this.end - this.position) {
      this.fail(`${length} elements of at least ${minimumSize} bytes cannot fit into ${this.remaining} bytes`, start);
    }
    return length < NULL_LENGTH ? this.fail(`a length of ${length}`, start) : length;
  }
  /** KIP-893: one byte before a nullable struct, 1 when it is there and -1 when it is null. */
  protected presence(): boolean {
    const start = this.take(1);
    const marker = this.#view.getInt8(start);
    if (marker !== 1 && marker !== -1) this.fail(`${marker} is neither 1 (present) nor -1 (null)`, start);
    return marker === 1;
  }
  protected tagSection(): TagSection {
    return readTagSection(this);
  }
  /** Reads one tagged field, bounded by its declared size. */
  protected fieldDecoder(start: number, end: number): Decoder {
    const decoder = new Decoder(this.buffer, this.version, true, start, end);
    decoder.nearestIntegers = this.nearestIntegers;
    return decoder;
  }
  /** What a layout is given as its value while decoding. */
  protected subject<T>(): T {
    return nothing<T>();
  }
  protected elements<T>(count: number, element: Layout<T>): readonly T[] {
    // Replica lists are most of a metadata response; without a call per number they take half the time.
    if (Object.is(element, int32)) return this.#int32s(count) as readonly unknown[] as readonly T[];
    const values: T[] = [];
    for (let i = 0; i < count; i++) values.push(this.struct(undefined, element));
    return values;
  }
  #int32s(count: number): readonly number[] {
    const values: number[] = [];
    const start = this.take(count * 4);
    for (let i = 0; i < count; i++) values.push(this.#view.getInt32(start + i * 4));
    return values;
  }
  protected utf8(length: number): string {
    const start = this.take(length);
    return decodeUtf8(this.buffer, start, start + length);
  }
  protected view(length: number): Uint8Array {
    const start = this.take(length);
    return this.buffer.subarray(start, start + length);
  }
  protected safeInteger(start: number): number {
    const high = this.#view.getInt32(start);
    const value = safeNumberFromHalves(high, this.#view.getUint32(start + 4));
    if (value === undefined && this.nearestIntegers) return high < 0 ? -MAX_SAFE : MAX_SAFE;
    return value ?? this.fail(`${this.#view.getBigInt64(start)} is beyond the integers that a number holds exactly`, start);
  }

  unsignedVarint(): number {
    const start = this.position;
    let value = 0;
    let scale = 1;
    for (let size = 1; size <= 5; size++) {
      const byte = this.buffer[this.take(1)]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value <= 0xffff_ffff ? value : this.fail("a varint of more than 32 bits", start);
      scale *= 0x80;
    }
    return this.fail("a varint of more than five bytes", start);
  }

  private checkedLength(length: number, most: number, start: number): number {
    if (length < NULL_LENGTH) this.fail(`a length of ${length}`, start);
    if (length > most || length > this.remaining) {
      this.fail(`a length of ${length} where at most ${Math.min(most, this.remaining)} fit`, start);
    }
    return length;
  }
  private present(length: number): number {
    return length === NULL_LENGTH ? this.fail("null, in a field that may not be null") : length;
  }
  private nullSince(version: number): null {
    return this.version >= version ? null : this.fail(`null, in a field that may be null only from version ${version} on`);
  }
}
