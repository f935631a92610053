import { ZERO_UUID } from "./uuid.ts";
import type { Layout, Wire } from "./wire.ts";

const NO_BYTES: Uint8Array = new Uint8Array(0);
const NO_ELEMENTS: readonly never[] = Object.freeze([]);

/**
 * The wire of fields that are not there: everything reads as its default. The decoder hands it out for fields that the
 * version lacks and tags that were not sent; the encoder for ignorable fields, whose values are dropped.
 */
export class BlankWire implements Wire {
  readonly version: number = -1;

  since(_version: number): Wire {
    return this;
  }
  until(_version: number): Wire {
    return this;
  }
  get ignorable(): Wire {
    return this;
  }
  tag(_tag: number): Wire {
    return this;
  }

  boolean(_value: boolean, absent = false): boolean {
    return absent;
  }
  int8(_value: number, absent = 0): number {
    return absent;
  }
  int16(_value: number, absent = 0): number {
    return absent;
  }
  uint16(_value: number, absent = 0): number {
    return absent;
  }
  int32(_value: number, absent = 0): number {
    return absent;
  }
  int64(_value: bigint, absent = 0n): bigint {
    return absent;
  }
  int53(_value: number, absent = 0): number {
    return absent;
  }
  offset(_value: number, absent = 0): number {
    return absent;
  }
  timestamp(_value: number, absent = 0): number {
    return absent;
  }
  float64(_value: number, absent = 0): number {
    return absent;
  }
  uuid(_value: string, absent: string = ZERO_UUID): string {
    return absent;
  }
  string(_value: string, absent = ""): string {
    return absent;
  }
  nullableString(_value: string | null, absent: string | null = null, _nullableSince?: number): string | null {
    return absent;
  }
  classicNullableString(_value: string | null): string | null {
    return null;
  }
  bytes(_value: Uint8Array, absent: Uint8Array = NO_BYTES): Uint8Array {
    return absent;
  }
  nullableBytes(_value: Uint8Array | null, absent: Uint8Array | null = null, _nullableSince?: number): Uint8Array | null {
    return absent;
  }
  records(_value: Uint8Array): Uint8Array {
    return NO_BYTES;
  }
  nullableRecords(_value: Uint8Array | null): Uint8Array | null {
    return null;
  }
  array<T>(_value: readonly T[], _element: Layout<T>): readonly T[] {
    return NO_ELEMENTS;
  }
  nullableArray<T>(
    _value: readonly T[] | null,
    _element: Layout<T>,
    absent: readonly T[] | null = null,
    _nullableSince?: number,
  ): readonly T[] | null {
    return absent;
  }
  struct<T>(_value: T, layout: Layout<T>): T {
    return blank(layout);
  }
  nullableStruct<T>(_value: T | null, _layout: Layout<T>, absent: T | null = null): T | null {
    return absent;
  }
}

export const blankWire: BlankWire = new BlankWire();

/**
 * What a layout's function is given as its value when there is none: reading any field of it gives `undefined`, which every
 * wire takes for "the default".
 */
// The one place where a value is claimed to exist that does not: decoders never look at it.
export function nothing<T>(): T {
  return NOTHING as T;
}
const NOTHING: unknown = Object.freeze({});

const blanks = new WeakMap<object, unknown>();

/** A struct with every field at its default. Shared and frozen: spread it to change it. */
export function blank<T>(layout: Layout<T>): T {
  const known = blanks.get(layout);
  if (known !== undefined) return known as T;
  const made = layout.fields(blankWire, nothing<T>());
  if (typeof made === "object") Object.freeze(made);
  blanks.set(layout, made);
  return made;
}
