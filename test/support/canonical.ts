import type { FieldDescription } from "../../src/protocol/wire/describer.ts";
import { describe } from "../../src/protocol/wire/describer.ts";
import { unknownTagsOf } from "../../src/protocol/wire/unknown-tags.ts";
import type { Layout } from "../../src/protocol/wire/wire.ts";
import type { CanonicalJson, CanonicalObject } from "./fixtures.ts";

/** What we decoded, in the fixtures' canonical JSON: the fields of this version, with 64-bit numbers as decimal strings. */
export function canonicalJson<T>(layout: Layout<T>, version: number, value: T): CanonicalObject {
  return canonicalStruct(describe(layout, version), value);
}

function canonicalStruct(fields: readonly FieldDescription[], value: unknown): CanonicalObject {
  const struct = objectOf(value);
  const json: Record<string, CanonicalJson> = {};
  for (const field of fields) if (field.present) json[field.name] = canonicalField(field, Reflect.get(struct, field.name));
  const tags = unknownTagsOf(struct);
  if (tags.length > 0) json["_tags"] = tags.map(({ tag, data }) => ({ tag, data: base64(data) }));
  return json;
}

function canonicalField(field: FieldDescription, value: unknown): CanonicalJson {
  if (value === null) return null;
  if (!field.isArray) return canonicalElement(field, value);
  if (!Array.isArray(value)) throw new Error(`${field.name} is not an array`);
  return value.map((element: unknown) => canonicalElement(field, element));
}

function canonicalElement(field: FieldDescription, value: unknown): CanonicalJson {
  switch (field.type) {
    case "struct":
      return canonicalStruct(field.fields, value);
    case "int64":
    case "int53":
    case "offset":
    case "timestamp":
      return String(value);
    case "bytes":
    case "records":
      return base64(value);
    case "float64":
      return Number.isFinite(value) ? Number(value) : String(value);
    default:
      if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
      throw new Error(`${field.name} is a ${typeof value}`);
  }
}

/** Does any field that we read as a number hold one that a number cannot hold exactly? Production code refuses those. */
export function hasUnsafeNumber<T>(layout: Layout<T>, version: number, json: CanonicalObject): boolean {
  return structHasUnsafeNumber(describe(layout, version), json);
}

function structHasUnsafeNumber(fields: readonly FieldDescription[], json: CanonicalJson): boolean {
  if (json === null) return false;
  return fields.some((field) => {
    const value: CanonicalJson | undefined = Reflect.get(objectOf(json), field.name);
    const values = Array.isArray(value) ? value : [value];
    if (field.type === "struct")
      return values.some((it: CanonicalJson) => it !== undefined && structHasUnsafeNumber(field.fields, it));
    const isNumber = field.type === "int53" || field.type === "offset" || field.type === "timestamp";
    return isNumber && values.some((it) => it !== undefined && !Number.isSafeInteger(Number(it)));
  });
}

function objectOf(value: unknown): object {
  if (typeof value !== "object" || value === null) throw new Error(`a struct expected, not ${String(value)}`);
  return value;
}

function base64(value: unknown): string {
  if (!(value instanceof Uint8Array)) throw new Error(`bytes expected, not ${String(value)}`);
  return Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64");
}
