import { blank } from "./blank.ts";
import { sameValue } from "./same-value.ts";
import type { UnknownTag } from "./unknown-tags.ts";
import { ZERO_UUID } from "./uuid.ts";
import type { Layout, Wire } from "./wire.ts";

const NO_BYTES: Uint8Array = new Uint8Array(0);

/** Where the payload of one field is written: a fresh encoder at this version. */
export interface PayloadWire extends Wire {
  written(): Uint8Array;
}

/**
 * Collects the tagged fields of one struct. Each is written into a buffer of its own, because its size stands before it on
 * the wire, and left out when it equals its default: a reader will assume that.
 */
export class TagEncoder implements Wire {
  readonly version: number;
  /** The fields so far that are not at their default, ascending by tag. */
  readonly written: UnknownTag[] = [];
  readonly #newPayload: () => PayloadWire;
  #tag = -1;

  constructor(version: number, newPayload: () => PayloadWire) {
    this.version = version;
    this.#newPayload = newPayload;
  }

  at(tag: number): Wire {
    this.#tag = tag;
    return this;
  }

  since(_version: number): Wire {
    return this;
  }
  until(_version: number): Wire {
    return this;
  }
  get ignorable(): Wire {
    return this;
  }
  tag(tag: number): Wire {
    return this.at(tag);
  }

  boolean(value: boolean | undefined, absent = false): boolean {
    return this.#keep(value, absent, (wire, it) => wire.boolean(it));
  }
  int8(value: number | undefined, absent = 0): number {
    return this.#keep(value, absent, (wire, it) => wire.int8(it));
  }
  int16(value: number | undefined, absent = 0): number {
    return this.#keep(value, absent, (wire, it) => wire.int16(it));
  }
  uint16(value: number | undefined, absent = 0): number {
    return this.#keep(value, absent, (wire, it) => wire.uint16(it));
  }
  int32(value: number | undefined, absent = 0): number {
    return this.#keep(value, absent, (wire, it) => wire.int32(it));
  }
  int64(value: bigint | undefined, absent = 0n): bigint {
    return this.#keep(value, absent, (wire, it) => wire.int64(it));
  }
  int53(value: number | undefined, absent = 0): number {
    return this.#keep(value, absent, (wire, it) => wire.int53(it));
  }
  offset(value: number | undefined, absent = 0): number {
    return this.#keep(value, absent, (wire, it) => wire.offset(it));
  }
  timestamp(value: number | undefined, absent = 0): number {
    return this.#keep(value, absent, (wire, it) => wire.timestamp(it));
  }
  float64(value: number | undefined, absent = 0): number {
    return this.#keep(value, absent, (wire, it) => wire.float64(it));
  }
  uuid(value: string | undefined, absent: string = ZERO_UUID): string {
    return this.#keep(value, absent, (wire, it) => wire.uuid(it));
  }
  string(value: string | undefined, absent = ""): string {
    return this.#keep(value, absent, (wire, it) => wire.string(it));
  }
  nullableString(value: string | null | undefined, absent: string | null = null, nullableSince = 0): string | null {
    return this.#keep(value, absent, (wire, it) => wire.nullableString(it, null, nullableSince));
  }
  classicNullableString(value: string | null | undefined): string | null {
    return this.#keep(value, null, (wire, it) => wire.classicNullableString(it));
  }
  bytes(value: Uint8Array | undefined, absent: Uint8Array = NO_BYTES): Uint8Array {
    return this.#keep(value, absent, (wire, it) => wire.bytes(it));
  }
  nullableBytes(value: Uint8Array | null | undefined, absent: Uint8Array | null = null, nullableSince = 0): Uint8Array | null {
    return this.#keep(value, absent, (wire, it) => wire.nullableBytes(it, null, nullableSince));
  }
  records(value: Uint8Array | undefined): Uint8Array {
    return this.#keep(value, NO_BYTES, (wire, it) => wire.records(it));
  }
  nullableRecords(value: Uint8Array | null | undefined): Uint8Array | null {
    return this.#keep(value, null, (wire, it) => wire.nullableRecords(it));
  }
  array<T>(value: readonly T[] | undefined, element: Layout<T>): readonly T[] {
    return this.#keep(value, [], (wire, it) => wire.array(it, element));
  }
  nullableArray<T>(
    value: readonly T[] | null | undefined,
    element: Layout<T>,
    absent: readonly T[] | null = null,
    nullableSince = 0,
  ): readonly T[] | null {
    return this.#keep(value, absent, (wire, it) => wire.nullableArray(it, element, null, nullableSince));
  }
  struct<T>(value: T | undefined, layout: Layout<T>): T {
    return this.#keep(value, blank(layout), (wire, it) => wire.struct(it, layout));
  }
  nullableStruct<T>(value: T | null | undefined, layout: Layout<T>, absent: T | null = null): T | null {
    return this.#keep(value, absent, (wire, it) => wire.nullableStruct(it, layout));
  }

  #keep<T>(value: T | undefined, absent: T, write: (wire: Wire, value: T) => void): T {
    if (value === undefined || sameValue(value, absent)) return absent;
    const payload = this.#newPayload();
    write(payload, value);
    this.written.push({ tag: this.#tag, data: payload.written() });
    return value;
  }
}
