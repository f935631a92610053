import type { Layout, VersionRange } from "../../src/protocol/index.ts";
import { describe, type FieldDescription, type FieldType } from "../../src/protocol/wire/describer.ts";
import { versionsIn } from "./version-set.ts";

/** What all versions of a layout together say of one field. */
export interface MergedField {
  readonly name: string;
  readonly type: FieldType;
  readonly isArray: boolean;
  readonly ignorable: boolean;
  readonly tag: number | undefined;
  readonly default: unknown;
  /** The versions that have the field; of a field in a struct, only versions that have the struct. */
  readonly versions: readonly number[];
  /** Those of them in which it may be null. */
  readonly nullableIn: readonly number[];
  /** Fields of a struct, or of each element of an array of structs. */
  readonly fields: readonly MergedField[];
}

/** A layout described at each of its versions, and the descriptions laid over each other. */
export function mergeVersions<T>(layout: Layout<T>, range: VersionRange): readonly MergedField[] {
  const versions = versionsIn(range);
  return merge(versions.map((version) => ({ version, fields: describe(layout, version) })));
}

interface DescribedVersion {
  readonly version: number;
  readonly fields: readonly FieldDescription[];
}

/** Each version lists the same fields in the same order, absent ones included. */
function merge(described: readonly DescribedVersion[]): readonly MergedField[] {
  const newest = described.at(-1)?.fields ?? [];
  return newest.map((field, index) => {
    const present = described.flatMap(({ version, fields }) => {
      const same = fields[index];
      if (same?.name !== field.name) throw new Error(`version ${version} has no ${field.name} at position ${index}`);
      return same.present ? [{ version, field: same }] : [];
    });
    return {
      name: field.name,
      type: field.type,
      isArray: field.isArray,
      ignorable: field.ignorable,
      tag: field.tag,
      default: field.default,
      versions: present.map(({ version }) => version),
      nullableIn: present.filter((one) => one.field.nullable).map(({ version }) => version),
      fields: merge(present.map((one) => ({ version: one.version, fields: one.field.fields }))),
    };
  });
}
