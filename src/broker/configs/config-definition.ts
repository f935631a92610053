/** One configuration name: what kind of value it takes and what it is by default. */
export interface ConfigDefinition {
  readonly name: string;
  readonly type: ConfigType;
  /** As text, the way Kafka's APIs carry values; null for "not set". */
  readonly defaultValue: string | null;
  /** One sentence; DescribeConfigs can carry it. */
  readonly documentation: string;
  /** What numbers and words are allowed, where not every value of the type is. */
  readonly min?: number;
  readonly max?: number;
  /** Of a list: what its elements may be. */
  readonly values?: readonly string[];
  /** A number that is allowed besides those from `min` to `max`. */
  readonly exception?: number;
  /** A rule that the fields above cannot say: what is wrong with the value, in Kafka's words, or undefined. */
  readonly refusal?: (value: string) => string | undefined;
  /** Decided when the broker starts. */
  readonly isReadOnly?: boolean;
}

export type ConfigType = "boolean" | "string" | "int" | "short" | "long" | "double" | "list" | "password";

/** Reads values by type. The tables' own tests prove that every default parses. */
export abstract class ConfigReader {
  /** Undefined for a name that no table has. */
  abstract get(name: string): string | null | undefined;

  string(name: string): string {
    return this.#required(name);
  }

  int(name: string): number {
    return Number(this.#required(name));
  }

  boolean(name: string): boolean {
    return this.#required(name) === "true";
  }

  list(name: string): readonly string[] {
    return elementsOf(this.#required(name));
  }

  #required(name: string): string {
    const value = this.get(name);
    if (value === undefined || value === null) throw new TypeError(`the configuration ${name} has no value`);
    return value;
  }
}

/** The elements of a list, as Kafka splits it: by commas with space around them. */
export function elementsOf(list: string): readonly string[] {
  const text = list.trim();
  return text === "" ? [] : text.split(",").map((element) => element.trim());
}
