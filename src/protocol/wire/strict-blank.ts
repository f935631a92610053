import { UnsupportedVersionError } from "../unsupported-version-error.ts";
import { blank, blankWire } from "./blank.ts";
import { sameValue } from "./same-value.ts";
import { ZERO_UUID } from "./uuid.ts";
import type { Layout, Wire } from "./wire.ts";

const NO_BYTES: Uint8Array = new Uint8Array(0);

/**
 * Where the encoder sends fields that the version lacks. Dropping a value that the caller set would change the meaning of
 * the message, so only the default passes; `ignorable` fields go to the blank wire instead.
 */
export class StrictBlankWire implements Wire {
  version = 0;

  since(_version: number): Wire {
    return this;
  }
  until(_version: number): Wire {
    return this;
  }
  get ignorable(): Wire {
    return blankWire;
  }
  tag(_tag: number): Wire {
    return this;
  }

  boolean(value: boolean | undefined, absent = false): boolean {
    return this.#only(value, absent);
  }
  int8(value: number | undefined, absent = 0): number {
    return this.#only(value, absent);
  }
  int16(value: number | undefined, absent = 0): number {
    return this.#only(value, absent);
  }
  uint16(value: number | undefined, absent = 0): number {
    return this.#only(value, absent);
  }
  int32(value: number | undefined, absent = 0): number {
    return this.#only(value, absent);
  }
  int64(value: bigint | undefined, absent = 0n): bigint {
    return this.#only(value, absent);
  }
  int53(value: number | undefined, absent = 0): number {
    return this.#only(value, absent);
  }
  offset(value: number | undefined, absent = 0): number {
    return this.#only(value, absent);
  }
  timestamp(value: number | undefined, absent = 0): number {
    return this.#only(value, absent);
  }
  float64(value: number | undefined, absent = 0): number {
    return this.#only(value, absent);
  }
  uuid(value: string | undefined, absent: string = ZERO_UUID): string {
    return this.#only(value, absent);
  }
  string(value: string | undefined, absent = ""): string {
    return this.#only(value, absent);
  }
  nullableString(value: string | null | undefined, absent: string | null = null, _nullableSince?: number): string | null {
    return this.#only(value, absent);
  }
  classicNullableString(value: string | null | undefined): string | null {
    return this.#only(value, null);
  }
  bytes(value: Uint8Array | undefined, absent: Uint8Array = NO_BYTES): Uint8Array {
    return this.#only(value, absent);
  }
  nullableBytes(
    value: Uint8Array | null | undefined,
    absent: Uint8Array | null = null,
    _nullableSince?: number,
  ): Uint8Array | null {
    return this.#only(value, absent);
  }
  records(value: Uint8Array | undefined): Uint8Array {
    return this.#only(value, NO_BYTES);
  }
  nullableRecords(value: Uint8Array | null | undefined): Uint8Array | null {
    return this.#only(value, null);
  }
  array<T>(value: readonly T[] | undefined, _element: Layout<T>): readonly T[] {
    return this.#only(value, []);
  }
  nullableArray<T>(
    value: readonly T[] | null | undefined,
    _element: Layout<T>,
    absent: readonly T[] | null = null,
    _nullableSince?: number,
  ): readonly T[] | null {
    return this.#only(value, absent);
  }
  struct<T>(value: T | undefined, layout: Layout<T>): T {
    return this.#only(value, blank(layout));
  }
  nullableStruct<T>(value: T | null | undefined, _layout: Layout<T>, absent: T | null = null): T | null {
    return this.#only(value, absent);
  }

  #only<T>(value: T | undefined, absent: T): T {
    if (value === undefined || sameValue(value, absent)) return absent;
    throw new UnsupportedVersionError(`version ${this.version} has no such field, so its value cannot be sent`);
  }
}
