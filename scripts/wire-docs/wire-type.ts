import { type AnyApi, ZERO_UUID } from "../../src/protocol/index.ts";
import { link } from "./markdown.ts";
import type { MergedField } from "./merged-field.ts";
import { versionSetText } from "./version-set.ts";

/** Kafka's name of a field's type, with what changes from version to version: `array of string, compact in 9+`. */
export function wireTypeText(field: MergedField, api: AnyApi, structLink: string): string {
  const { versions, nullableIn } = field;
  const compactIn = hasLength(field) ? versions.filter((version) => version >= api.flexibleSince) : [];
  const inAll = (some: readonly number[]): boolean => versions.length > 0 && some.length === versions.length;
  const inSome = (some: readonly number[]): boolean => some.length > 0 && !inAll(some);
  const before = [inAll(compactIn) ? "compact " : "", inAll(nullableIn) ? "nullable " : "", field.isArray ? "array of " : ""];
  const after = [
    inSome(nullableIn) ? `, nullable in ${versionSetText(nullableIn, api.versions)}` : "",
    inSome(compactIn) ? `, compact in ${versionSetText(compactIn, api.versions)}` : "",
  ];
  return `${before.join("")}${elementText(field, structLink)}${after.join("")}`;
}

function hasLength({ isArray, type }: MergedField): boolean {
  return isArray || type === "string" || type === "bytes" || type === "records";
}

/** The three readings of int64 that are numbers here go by Kafka's name; only where it is a bigint, that is said. */
function elementText({ name, type }: MergedField, structLink: string): string {
  switch (type) {
    case "struct":
      return structLink;
    case "int64":
      return "int64 (bigint)";
    case "int53":
    case "offset":
    case "timestamp":
      return "int64";
    case "records":
      return link("records", "records.md");
    case "int16":
      return /errorCode$/i.test(name) ? `int16, ${link("error code", "errors.md")}` : type;
    default:
      return type;
  }
}

/** What a field reads as where it is missing, and what a caller gets who leaves it out. */
export function defaultText({ default: absent, isArray, type }: MergedField): string {
  if (absent === null) return "null";
  if (isArray) return "empty";
  if (type === "struct") return "";
  if (absent === "") return '""';
  if (absent === ZERO_UUID) return "all zero";
  if (absent instanceof Uint8Array) return absent.length === 0 ? "empty" : `${absent.length} bytes`;
  return typeof absent === "string" ? `"${absent}"` : scalarText(absent);
}

function scalarText(value: unknown): string {
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  throw new Error(`a default of type ${typeof value} has no text`);
}
