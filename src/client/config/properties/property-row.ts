/** What a property of Java's clients or of librdkafka becomes here. */

/** All properties that were given, by name. */
export type Properties = ReadonlyMap<string, string>;

/** What a value becomes: options, nothing (and why that does no harm), or an error. */
export type Conversion =
  | { readonly options: readonly (readonly [option: string, value: unknown])[] }
  | { readonly ignored: string }
  | { readonly problem: string };

export interface PropertyRow {
  /** `mapped`: to options of ours. `ignored`: known, and without effect here. `refused`: known, and ignoring it would do harm. */
  readonly kind: "mapped" | "ignored" | "refused";
  /** For docs/configuration.md: which options and how, or why. */
  readonly note: string;
  /** The one that it is mapped to, if it is one. */
  readonly option?: string;
  readonly convert: (text: string, all: Properties) => Conversion;
}

export function ignored(because: string): PropertyRow {
  return { kind: "ignored", note: because, convert: () => ({ ignored: because }) };
}

/** Values that say what is done anyway are ignored. */
export function refused(because: string, ...harmless: readonly string[]): PropertyRow {
  const same = new Set(harmless.map((value) => value.toLowerCase()));
  return {
    kind: "refused",
    note: because,
    convert: (text) => (same.has(text.trim().toLowerCase()) ? { ignored: `it is so anyway` } : { problem: because }),
  };
}

/** To one option. Undefined: the value means our default. A text that cannot be converted is handed on, for the option to complain of. */
export function mapped(option: string, value: (text: string, all: Properties) => unknown, how = ""): PropertyRow {
  return {
    kind: "mapped",
    note: how === "" ? option : `${option}: ${how}`,
    option,
    convert: (text, all) => {
      const converted = value(text, all);
      return converted === undefined ? { ignored: "it is the default here" } : { options: [[option, converted]] };
    },
  };
}

export function mappedTo(note: string, convert: PropertyRow["convert"]): PropertyRow {
  return { kind: "mapped", note, convert };
}

/** The same row under several names. */
export function rows(row: PropertyRow, ...names: readonly string[]): readonly (readonly [string, PropertyRow])[] {
  return names.map((name) => [name, row]);
}
