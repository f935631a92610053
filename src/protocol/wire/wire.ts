/**
 * The one idea of this folder: a message is described once, by an ordinary function that names its fields in wire order, and
 * that function runs against whichever `Wire` it is given. The encoder writes each value and returns it; the decoder ignores
 * the value and returns what it read; the recorder also notes the bytes; the describer notes the type.
 *
 * Rules of a layout, checked by `test/property/layout-rules.test.ts` for every API and version: one property is one wire call,
 * named as the property; no branch except `since` and `until`; tagged fields last and ascending; no policy.
 */
export interface Wire {
  /** Version of the message that is being encoded or decoded. */
  readonly version: number;

  /** The field exists from this version on; before it, it reads as its default. */
  since(version: number): Wire;
  /** The field exists up to and including this version. */
  until(version: number): Wire;
  /** A value that this version has no field for is dropped silently. Without it, Kafka's rule applies: that is an error. */
  readonly ignorable: Wire;
  /** A tagged field (KIP-482): left out at its default, and skipped by readers that do not know it. */
  tag(tag: number): Wire;

  boolean(value: boolean, absent?: boolean): boolean;
  int8(value: number, absent?: number): number;
  int16(value: number, absent?: number): number;
  /** Two bytes, unsigned. Only ports are. */
  uint16(value: number, absent?: number): number;
  int32(value: number, absent?: number): number;
  /** Opaque 64-bit number, exact: producer ids and the like. */
  int64(value: bigint, absent?: bigint): bigint;
  /** 64-bit number that people count with (sizes, durations); refused beyond 2^53 - 1, where a number is no longer exact. */
  int53(value: number, absent?: number): number;
  /** Position in a partition, as `int53`. Negative values are sentinels. */
  offset(value: number, absent?: number): number;
  /** Milliseconds since 1970, as `int53`. Negative values are sentinels. */
  timestamp(value: number, absent?: number): number;
  float64(value: number, absent?: number): number;
  /** Sixteen bytes, shown as Kafka shows them: 22 characters of unpadded base64url. */
  uuid(value: string, absent?: string): string;

  string(value: string, absent?: string): string;
  nullableString(value: string | null, absent?: string | null, nullableSince?: number): string | null;
  /** A nullable string with a two-byte length even in flexible versions: only the client id of the request header is one. */
  classicNullableString(value: string | null): string | null;
  bytes(value: Uint8Array, absent?: Uint8Array): Uint8Array;
  nullableBytes(value: Uint8Array | null, absent?: Uint8Array | null, nullableSince?: number): Uint8Array | null;
  /** Record batches as opaque bytes; `records/` reads them. */
  records(value: Uint8Array): Uint8Array;
  nullableRecords(value: Uint8Array | null): Uint8Array | null;

  array<T>(value: readonly T[], element: Layout<T>): readonly T[];
  nullableArray<T>(
    value: readonly T[] | null,
    element: Layout<T>,
    absent?: readonly T[] | null,
    nullableSince?: number,
  ): readonly T[] | null;
  struct<T>(value: T, layout: Layout<T>): T;
  nullableStruct<T>(value: T | null, layout: Layout<T>, absent?: T | null): T | null;
}

/** How a value lies on the wire. Made by `struct`, or one of the element layouts below. */
export interface Layout<T> {
  /** Structs own a section of tagged fields in flexible versions; plain elements do not. */
  readonly isStruct: boolean;
  /** The fewest bytes that one value can take: an array that claims more elements than could fit is refused. */
  readonly minimumSize: number;
  /** The layout itself. (A method, so that a layout of something fits where a layout of anything is asked for.) */
  fields(wire: Wire, it: T): T;
}

export function struct<T>(fields: (wire: Wire, it: T) => T): Layout<T> {
  return { isStruct: true, minimumSize: 1, fields };
}

function element<T>(minimumSize: number, fields: (wire: Wire, it: T) => T): Layout<T> {
  return { isStruct: false, minimumSize, fields };
}

export const int8: Layout<number> = element(1, (wire, it) => wire.int8(it));
export const int16: Layout<number> = element(2, (wire, it) => wire.int16(it));
export const int32: Layout<number> = element(4, (wire, it) => wire.int32(it));
export const int64: Layout<bigint> = element(8, (wire, it) => wire.int64(it));
export const offset: Layout<number> = element(8, (wire, it) => wire.offset(it));
export const string: Layout<string> = element(1, (wire, it) => wire.string(it));
export const uuid: Layout<string> = element(16, (wire, it) => wire.uuid(it));

/** A value as a caller may spell it: every field that is left out takes the default of Kafka's schema. */
export type Draft<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer Element)[]
    ? readonly Draft<Element>[]
    : T extends object
      ? { readonly [Key in keyof T]?: Draft<T[Key]> }
      : T;
