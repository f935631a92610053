// Scripts say everything that any version can carry; a version is sent what it has a field for.

import type { FieldDescription } from "../../src/protocol/wire/describer.ts";

export function fitted(fields: readonly FieldDescription[], value: unknown): unknown {
  if (Array.isArray(value)) return value.map((element: unknown) => fitted(fields, element));
  if (typeof value !== "object" || value === null || value instanceof Uint8Array || fields.length === 0) return value;
  const given = new Map<string, unknown>(Object.entries(value));
  const known = fields.filter(({ name, present }) => present && given.has(name));
  return Object.fromEntries(known.map(({ name, fields: inner }) => [name, fitted(inner, given.get(name))]));
}
