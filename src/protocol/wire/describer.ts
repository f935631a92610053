import { blank } from "./blank.ts";
import { FieldTrace } from "./field-trace.ts";
import { watchNothing } from "./tracing.ts";
import { ZERO_UUID } from "./uuid.ts";
import type { Layout, Wire } from "./wire.ts";

/** Names of Kafka's types, with our three readings of int64 (`int53`, `offset`, `timestamp`) kept apart. */
export type FieldType =
  | "boolean"
  | "int8"
  | "int16"
  | "uint16"
  | "int32"
  | "int64"
  | "int53"
  | "offset"
  | "timestamp"
  | "float64"
  | "uuid"
  | "string"
  | "bytes"
  | "records"
  | "struct";

/** What one version of a layout says of one field. */
export interface FieldDescription {
  readonly name: string;
  readonly type: FieldType;
  readonly isArray: boolean;
  /** False when this version does not have the field. */
  readonly present: boolean;
  readonly nullable: boolean;
  readonly ignorable: boolean;
  readonly tag: number | undefined;
  readonly default: unknown;
  /** Fields of a struct, or of each element of an array of structs. */
  readonly fields: readonly FieldDescription[];
}

/** The fields of a layout in wire order, as this version has them (fields that it lacks are listed too). */
export function describe<T>(layout: Layout<T>, version: number): readonly FieldDescription[] {
  return describeLayout(layout, version).fields;
}

function describeLayout<T>(layout: Layout<T>, version: number): Describer {
  const describer = new Describer(version);
  layout.fields(describer, layout.isStruct ? watchNothing<T>(describer.trace) : watchNothing<T>(new FieldTrace()));
  return describer;
}

/** A wire that carries nothing and writes down what each field is. */
class Describer implements Wire {
  readonly version: number;
  readonly trace: FieldTrace = new FieldTrace();
  readonly fields: FieldDescription[] = [];
  #present = true;
  #ignorable = false;
  #tag: number | undefined;

  constructor(version: number) {
    this.version = version;
  }

  since(version: number): Wire {
    this.#present &&= this.version >= version;
    return this;
  }
  until(version: number): Wire {
    this.#present &&= this.version <= version;
    return this;
  }
  get ignorable(): Wire {
    this.#ignorable = true;
    return this;
  }
  tag(tag: number): Wire {
    this.#tag = tag;
    return this;
  }

  boolean(_value: boolean, absent = false): boolean {
    return this.#field("boolean", absent);
  }
  int8(_value: number, absent = 0): number {
    return this.#field("int8", absent);
  }
  int16(_value: number, absent = 0): number {
    return this.#field("int16", absent);
  }
  uint16(_value: number, absent = 0): number {
    return this.#field("uint16", absent);
  }
  int32(_value: number, absent = 0): number {
    return this.#field("int32", absent);
  }
  int64(_value: bigint, absent = 0n): bigint {
    return this.#field("int64", absent);
  }
  int53(_value: number, absent = 0): number {
    return this.#field("int53", absent);
  }
  offset(_value: number, absent = 0): number {
    return this.#field("offset", absent);
  }
  timestamp(_value: number, absent = 0): number {
    return this.#field("timestamp", absent);
  }
  float64(_value: number, absent = 0): number {
    return this.#field("float64", absent);
  }
  uuid(_value: string, absent: string = ZERO_UUID): string {
    return this.#field("uuid", absent);
  }
  string(_value: string, absent = ""): string {
    return this.#field("string", absent);
  }
  nullableString(_value: string | null, absent: string | null = null, nullableSince = 0): string | null {
    return this.#field("string", absent, { nullableSince });
  }
  classicNullableString(_value: string | null): string | null {
    return this.#field("string", null, { nullableSince: 0 });
  }
  bytes(_value: Uint8Array, absent: Uint8Array = new Uint8Array(0)): Uint8Array {
    return this.#field("bytes", absent);
  }
  nullableBytes(_value: Uint8Array | null, absent: Uint8Array | null = null, nullableSince = 0): Uint8Array | null {
    return this.#field("bytes", absent, { nullableSince });
  }
  records(_value: Uint8Array): Uint8Array {
    return this.#field("records", new Uint8Array(0));
  }
  nullableRecords(_value: Uint8Array | null): Uint8Array | null {
    return this.#field("records", null, { nullableSince: 0 });
  }
  array<T>(_value: readonly T[], element: Layout<T>): readonly T[] {
    return this.#array(element, [], undefined);
  }
  nullableArray<T>(
    _value: readonly T[] | null,
    element: Layout<T>,
    absent: readonly T[] | null = null,
    nullableSince = 0,
  ): readonly T[] | null {
    return this.#array(element, absent, nullableSince);
  }
  struct<T>(_value: T, layout: Layout<T>): T {
    return this.#field("struct", blank(layout), { fields: describe(layout, this.version) });
  }
  nullableStruct<T>(_value: T | null, layout: Layout<T>, absent: T | null = null): T | null {
    return this.#field("struct", absent, { fields: describe(layout, this.version), nullableSince: 0 });
  }

  #array<T, A extends readonly T[] | null>(element: Layout<T>, absent: A, nullableSince: number | undefined): A {
    const inner = describeLayout(element, this.version).fields;
    const first = inner[0];
    if (element.isStruct || first === undefined)
      return this.#field("struct", absent, { isArray: true, fields: inner, nullableSince });
    return this.#field(first.type, absent, { isArray: true, nullableSince });
  }

  #field<T>(type: FieldType, absent: T, more: FieldDetails = {}): T {
    const { isArray = false, nullableSince, fields = [] } = more;
    this.fields.push({
      name: this.trace.field,
      type,
      isArray,
      present: this.#present,
      nullable: nullableSince !== undefined && this.version >= nullableSince,
      ignorable: this.#ignorable,
      tag: this.#tag,
      default: absent,
      fields,
    });
    this.#present = true;
    this.#ignorable = false;
    this.#tag = undefined;
    return absent;
  }
}

interface FieldDetails {
  readonly isArray?: boolean;
  readonly nullableSince?: number | undefined;
  readonly fields?: readonly FieldDescription[];
}
