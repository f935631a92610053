/** What is known of one option: the rows of the tables from which parsing, the property names and docs/configuration.md come. */

/** What became of a value that somebody gave. A problem goes on where the option's name ends: "must be true or false, not 'yes'". */
export type Reading<Value> = { readonly value: Value } | { readonly problem: string };

/** A kind of value: how it is written down, and how it is read. */
export interface ValueKind<Value> {
  /** For people. */
  readonly type: string;
  readonly range?: string;
  readonly unit?: "ms" | "bytes";
  /** Must cope with whatever JavaScript can pass. */
  readonly read: (value: unknown) => Reading<Value>;
  /** From the text of a property to what `read` takes. What it cannot convert it hands on, for `read` to complain of. */
  readonly fromText: (text: string) => unknown;
}

export interface SettingNotes<Value> {
  readonly fallback: Value;
  /** The default for people, where its own text would not do. */
  readonly fallbackText?: string;
  /** One sentence or two; the JSDoc of the option says the same. */
  readonly doc: string;
  /** Names in Java's clients. */
  readonly java?: readonly string[];
  /** Names in librdkafka, the first that was given wins. */
  readonly librdkafka?: readonly string[];
  /** What else people write, besides the names above and kafka-python's (ours with underscores). */
  readonly aliases?: readonly string[];
  /** It will come: why a value is an error until then. */
  readonly notYet?: string;
  /** It cannot come: why a value is an error, and what to do instead. */
  readonly never?: string;
}

export interface Setting<Value> extends ValueKind<Value>, SettingNotes<Value> {}

/** All options of a client: the compiler sees to it that none is missing and none is too many. */
export type SettingTable<Config> = { readonly [Name in keyof Config]-?: Setting<Config[Name]> };

/** A table whose options are not known by their types. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** What options become: nothing is missing, and what is listed in `Changed` has another type than it was given in. */
export type Resolved<Options, Changed> = {
  readonly [Name in keyof Options]-?: Name extends keyof Changed ? Changed[Name] : Exclude<Options[Name], undefined>;
};

export function setting<Value>(kind: ValueKind<Value>, notes: SettingNotes<Value>): Setting<Value> {
  return { ...kind, ...notes };
}
