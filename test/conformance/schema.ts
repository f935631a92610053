/**
 * Our layouts beside the schema files inside the kafka-clients jar: names, order, types, versions, nullability, tags, defaults
 * and ignorability, at every version. A field that a new Kafka adds shows here as a failing check that names it.
 */
import assert from "node:assert/strict";
import type { AnyApi } from "../../src/protocol/api/api.ts";
import { apis } from "../../src/protocol/api/apis.ts";
import { describe, type FieldDescription } from "../../src/protocol/wire/describer.ts";
import { ZERO_UUID } from "../../src/protocol/wire/uuid.ts";
import type { Layout } from "../../src/protocol/wire/wire.ts";
import type { FieldSchema, MessageSchema } from "../support/message-schema.ts";
import type { Tally } from "./tally.ts";

/** Where our layout says something else than the schema, and why. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  // A records field has no default in the schema; Java's is null, even where null may not be sent. Ours is empty there.
  ["ShareFetchResponse.responses.partitions.records", "default"],
]);

export function checkSchemas(schemas: readonly MessageSchema[], tally: Tally): void {
  const byName = schemasByName(schemas);
  for (const api of apis) {
    for (const kind of ["request", "response"] as const) checkMessageSchema(api, kind, byName, tally, api.versions[1]);
  }
}

/** The same for the versions that only the old schemas know. (Newer ones may have renamed fields of versions that both know.) */
export function checkDroppedVersions(old: readonly MessageSchema[], current: readonly MessageSchema[], tally: Tally): void {
  const oldByName = schemasByName(old);
  const currentByName = schemasByName(current);
  for (const api of apis) {
    const oldest = rangeOf(currentByName.get(`${api.name}Request`)?.validVersions)?.[0] ?? 0;
    for (const kind of ["request", "response"] as const) checkMessageSchema(api, kind, oldByName, tally, oldest - 1);
  }
}

function schemasByName(schemas: readonly MessageSchema[]): ReadonlyMap<string, MessageSchema> {
  return new Map(schemas.map((schema) => [schema.name, schema]));
}

function checkMessageSchema(
  api: AnyApi,
  kind: "request" | "response",
  byName: ReadonlyMap<string, MessageSchema>,
  tally: Tally,
  last: number,
): void {
  const name = `${api.name}${kind === "request" ? "Request" : "Response"}`;
  const schema = byName.get(name);
  const range = schema === undefined ? undefined : rangeOf(schema.validVersions);
  if (schema === undefined || range === undefined) return;
  const layout = kind === "request" ? api.request : api.response;
  for (let version = Math.max(api.versions[0], range[0]); version <= Math.min(last, range[1]); version++) {
    tally.check(`${name} v${version} is laid out as in Kafka's schema`, () => checkVersion(layout, schema, version));
  }
}

function checkVersion(layout: Layout<unknown>, schema: MessageSchema, version: number): void {
  const structs = structsOf(schema);
  const context = { version, structs, flexibleSince: rangeOf(schema.flexibleVersions)?.[0] ?? Number.POSITIVE_INFINITY };
  compareFields(describe(layout, version), schema.fields, schema.name, context);
}

interface Context {
  readonly version: number;
  readonly structs: ReadonlyMap<string, readonly FieldSchema[]>;
  readonly flexibleSince: number;
}

function compareFields(ours: readonly FieldDescription[], theirs: readonly FieldSchema[], path: string, context: Context): void {
  const { version } = context;
  const present = ours.filter((field) => field.present);
  const wanted = theirs.filter(({ versions }) => has(versions, version));
  const isTagged = (field: FieldSchema): boolean => field.tag !== undefined && has(field.taggedVersions, version);
  const regular = wanted.filter((field) => !isTagged(field));
  const tagged = wanted.filter(isTagged).sort((one, other) => (one.tag ?? 0) - (other.tag ?? 0));
  assert.deepEqual(
    present.map(({ name, tag }) => (tag === undefined ? name : `${name} (tag ${tag})`)),
    [...regular.map(({ name }) => camel(name)), ...tagged.map(({ name, tag }) => `${camel(name)} (tag ${tag})`)],
    `fields of ${path}`,
  );
  [...regular, ...tagged].forEach((field, i) => {
    const our = present[i];
    if (our !== undefined) compareField(our, field, `${path}.${camel(field.name)}`, context);
  });
  for (const field of ours) if (!field.present) compareMissing(field, theirs, path, version);
}

function compareField(ours: FieldDescription, theirs: FieldSchema, path: string, context: Context): void {
  const isArray = theirs.type.startsWith("[]");
  const type = theirs.type.replace("[]", "");
  assert.equal(ours.isArray, isArray, `${path} is an array`);
  assert.equal(wireType(ours), isStruct(type) ? "struct" : type, `type of ${path}`);
  assert.equal(ours.nullable, has(theirs.nullableVersions, context.version), `${path} may be null`);
  // A struct that is not nullable has no default of its own: it is made of its fields' defaults.
  const hasDefault = isArray || !isStruct(type) || ours.nullable;
  if (hasDefault && EXCEPTIONS.get(path) !== "default") {
    assert.deepEqual(comparable(ours), defaultOf(theirs, type, isArray), `default of ${path}`);
  }
  if (isStruct(type)) compareFields(ours.fields, theirs.fields ?? context.structs.get(type) ?? [], path, context);
}

/** A field that this version lacks: may a value for it be dropped? */
function compareMissing(ours: FieldDescription, theirs: readonly FieldSchema[], path: string, version: number): void {
  const schema = theirs.find(({ name, versions }) => camel(name) === ours.name && !has(versions, version));
  // Fields of versions that this Kafka has forgotten are checked against the older jar.
  if (schema === undefined) return;
  assert.equal(ours.ignorable, schema.ignorable ?? false, `${path}.${ours.name} is ignorable`);
}

/** Kafka's name of our type: its int64 has four readings here. */
function wireType({ type }: FieldDescription): string {
  if (type === "boolean") return "bool";
  return type === "int53" || type === "offset" || type === "timestamp" ? "int64" : type;
}

/** Our three number readings of an int64, as the bigint that the schema's default is. */
function comparable({ type, isArray, default: value }: FieldDescription): unknown {
  const isInt64 = type === "int53" || type === "offset" || type === "timestamp";
  return isInt64 && !isArray && typeof value === "number" ? BigInt(value) : value;
}

function defaultOf(schema: FieldSchema, type: string, isArray: boolean): unknown {
  const text = schema.default === undefined ? "" : String(schema.default);
  if (text === "null") return null;
  if (isArray) return [];
  switch (type) {
    case "bool":
      return text === "true";
    case "string":
      return text;
    case "uuid":
      return text === "" ? ZERO_UUID : text;
    case "bytes":
      return new Uint8Array(0);
    case "records":
      return null;
    case "int64":
      return BigInt(text === "" ? "0" : text);
    default:
      return Number(text === "" ? "0" : text);
  }
}

function structsOf(schema: MessageSchema): ReadonlyMap<string, readonly FieldSchema[]> {
  const structs = new Map<string, readonly FieldSchema[]>();
  for (const { name, fields } of schema.commonStructs ?? []) structs.set(name, fields);
  const visit = (fields: readonly FieldSchema[]): void => {
    for (const { type, fields: inner } of fields) {
      if (inner === undefined) continue;
      structs.set(type.replace("[]", ""), inner);
      visit(inner);
    }
  };
  visit(schema.fields);
  return structs;
}

function isStruct(type: string): boolean {
  return /^[A-Z]/.test(type);
}

function camel(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function has(range: string | undefined, version: number): boolean {
  const parsed = rangeOf(range);
  return parsed !== undefined && version >= parsed[0] && version <= parsed[1];
}

/** `3`, `0-2` or `7+`; undefined for `none`. */
function rangeOf(text: string | undefined): readonly [number, number] | undefined {
  if (text === undefined || text === "none") return undefined;
  if (text.endsWith("+")) return [Number(text.slice(0, -1)), Number.POSITIVE_INFINITY];
  const [first = "", last = first] = text.split("-");
  return [Number(first), Number(last)];
}
