/**
 * Any message that can be sent, made from what `describe()` says of its layout: so a new API or version needs nothing here.
 *
 * What is made reads back as it was written: fields that the version lacks are at their default, and nothing is made that has no
 * exact form on the wire (half a surrogate pair, a number beyond 2^53 - 1). Java's classes can hold all of it, too.
 */
import fc from "fast-check";
import { type AnyApi, isFlexible, requestHeaderVersion, responseHeaderVersion } from "../../src/protocol/api/api.ts";
import { apis } from "../../src/protocol/api/apis.ts";
import {
  FLEXIBLE_REQUEST_HEADER,
  FLEXIBLE_RESPONSE_HEADER,
  requestHeader,
  responseHeader,
} from "../../src/protocol/frame/headers.ts";
import { describe, type FieldDescription } from "../../src/protocol/wire/describer.ts";
import { type UnknownTag, withUnknownTags } from "../../src/protocol/wire/unknown-tags.ts";
import { uuidFromBytes, ZERO_UUID } from "../../src/protocol/wire/uuid.ts";
import type { Layout } from "../../src/protocol/wire/wire.ts";

/** Which message: `kind` of `api` in `version`. */
export interface MessageKind {
  readonly api: AnyApi;
  readonly version: number;
  readonly kind: "request" | "response";
}

/** A message with a value for everything in it. */
export interface Message extends MessageKind {
  readonly header: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** Every message that we speak, in every version. */
export const everyMessage: readonly MessageKind[] = apis.flatMap((api) =>
  versionsOf(api).flatMap((version): MessageKind[] => [
    { api, version, kind: "request" },
    { api, version, kind: "response" },
  ]),
);

export function versionsOf({ versions: [first, last] }: AnyApi): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

export function nameOf({ api, version, kind }: MessageKind): string {
  return `${api.name} ${kind} v${version}`;
}

export function arbitraryMessage(message: MessageKind): fc.Arbitrary<Message> {
  return fc
    .record({ header: arbitraryHeader(message), body: arbitraryBody(message) }, { noNullPrototype: true })
    .map(({ header, body }) => ({ ...message, header, body }));
}

export function arbitraryBody({ api, version, kind }: MessageKind): fc.Arbitrary<unknown> {
  return arbitraryStruct(kind === "request" ? api.request : api.response, version, isFlexible(api, version));
}

function arbitraryHeader({ api, version, kind }: MessageKind): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  if (kind === "response") {
    const headerVersion = responseHeaderVersion(api, version);
    return arbitraryStruct(responseHeader, headerVersion, headerVersion >= FLEXIBLE_RESPONSE_HEADER).map((it) => ({ ...it }));
  }
  const headerVersion = requestHeaderVersion(api, version);
  return arbitraryStruct(requestHeader, headerVersion, headerVersion >= FLEXIBLE_REQUEST_HEADER).map((it) => ({
    ...it,
    requestApiKey: api.key,
    requestApiVersion: version,
  }));
}

/** Any value of a layout in a version. */
export function arbitraryStruct(layout: Layout<unknown>, version: number, flexible: boolean): fc.Arbitrary<object> {
  return structOf(describe(layout, version), flexible);
}

function structOf(fields: readonly FieldDescription[], flexible: boolean): fc.Arbitrary<object> {
  const model = Object.fromEntries(fields.map((field) => [field.name, arbitraryField(field, flexible)]));
  const struct: fc.Arbitrary<object> = fc.record(model, { noNullPrototype: true });
  if (!flexible) return struct;
  const tags = unknownTags(new Set(fields.flatMap(({ tag }) => tag ?? [])));
  return fc.tuple(struct, tags).map(([it, unknown]) => (unknown.length === 0 ? it : withUnknownTags(it, unknown)));
}

function arbitraryField(field: FieldDescription, flexible: boolean): fc.Arbitrary<unknown> {
  const absent = fc.constant(field.default);
  if (!field.present || (field.tag !== undefined && !flexible)) return absent;
  const one = elementOf(field, flexible);
  const value = field.isArray ? fc.array(one, { maxLength: 3 }) : one;
  const nullable = field.nullable ? fc.option(value, { nil: null, freq: 4 }) : value;
  return field.tag === undefined ? nullable : fc.oneof(absent, { arbitrary: nullable, weight: 2 });
}

/** Ascending, and none that the layout knows itself. (Java's writer uses the tag 2^31 - 1 for itself, and refuses it.) */
function unknownTags(known: ReadonlySet<number>): fc.Arbitrary<readonly UnknownTag[]> {
  const numbers = fc.oneof(fc.nat(12), fc.constantFrom(127, 128, 16384, 2_097_152, 2_147_483_646));
  const tag = fc.record({ tag: numbers, data: fc.uint8Array({ maxLength: 6 }) }, { noNullPrototype: true });
  const some = fc
    .uniqueArray(tag, { selector: (it) => it.tag, minLength: 1, maxLength: 3 })
    .map((tags) => tags.filter((it) => !known.has(it.tag)).toSorted((one, other) => one.tag - other.tag));
  return fc.oneof({ arbitrary: fc.constant([]), weight: 6 }, some);
}

const MAX = Number.MAX_SAFE_INTEGER;
const safe = fc.oneof(fc.integer({ min: -3, max: 1000 }), fc.constantFrom(MAX, -MAX, 2 ** 32, -(2 ** 32)), fc.maxSafeInteger());
const text = fc.oneof(
  { arbitrary: fc.string({ unit: "grapheme-ascii", maxLength: 12 }), weight: 4 },
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.constantFrom("", "\ufeff", "\0", "ä漢😀", "t".repeat(126), "t".repeat(127), "é".repeat(200)),
);
const bytes = fc.oneof(
  { arbitrary: fc.uint8Array({ maxLength: 12 }), weight: 4 },
  fc.constantFrom(new Uint8Array(126), new Uint8Array(300).fill(7)),
);
const uuids = fc.oneof(
  fc.constant(ZERO_UUID),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((it) => uuidFromBytes(it, 0)),
);

function elementOf({ type, fields }: FieldDescription, flexible: boolean): fc.Arbitrary<unknown> {
  switch (type) {
    case "boolean":
      return fc.boolean();
    case "int8":
      return fc.integer({ min: -128, max: 127 });
    case "int16":
      return fc.integer({ min: -32768, max: 32767 });
    case "uint16":
      return fc.integer({ min: 0, max: 65535 });
    case "int32":
      return fc.oneof(fc.integer({ min: -2, max: 1000 }), fc.integer());
    case "int64":
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case "int53":
    case "offset":
    case "timestamp":
      return safe;
    case "float64":
      return fc.double();
    case "uuid":
      return uuids;
    case "string":
      return text;
    case "bytes":
    case "records":
      return bytes;
    case "struct":
      return structOf(fields, flexible);
  }
}
