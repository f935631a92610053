/** The kinds of values that options have. */
import { Secret } from "./secret.ts";
import type { Reading, ValueKind } from "./setting.ts";
import { showValue } from "./show-value.ts";

/** Java's and librdkafka's largest int; nothing on the wire is larger. */
export const INT32_MAX = 2_147_483_647;

export interface NumberLimits {
  readonly min: number;
  readonly max: number;
  readonly unit?: "ms" | "bytes";
  /** `Infinity` is a value too, written so in properties or with this sentinel. */
  readonly infinite?: boolean;
  readonly fractions?: boolean;
}

export function number(limits: NumberLimits): ValueKind<number> {
  const { min, max, unit, infinite = false, fractions = false } = limits;
  const range = `${min} … ${max}${infinite ? ", or Infinity" : ""}`;
  const what = `${fractions ? "a number" : "a whole number"} from ${min} to ${max}${infinite ? ", or Infinity" : ""}`;
  const isIn = (value: unknown): value is number =>
    typeof value === "number" &&
    ((infinite && value === Infinity) ||
      (Number.isFinite(value) && (fractions || Number.isInteger(value)) && value >= min && value <= max));
  return {
    type: "number",
    range,
    ...(unit === undefined ? {} : { unit }),
    read: (value) => (isIn(value) ? { value } : mustBe(what, value)),
    fromText: numberFromText,
  };
}

export function milliseconds(min = 0, max: number = INT32_MAX): ValueKind<number> {
  return number({ min, max, unit: "ms" });
}

export function bytes(min: number, max: number = INT32_MAX): ValueKind<number> {
  return number({ min, max, unit: "bytes" });
}

export const flag: ValueKind<boolean> = {
  type: "boolean",
  read: (value) => (typeof value === "boolean" ? { value } : mustBe("true or false", value)),
  fromText: flagFromText,
};

/** Not empty. */
export const text: ValueKind<string> = {
  type: "string",
  read: (value) => (typeof value === "string" && value !== "" ? { value } : mustBe("a text that is not empty", value)),
  fromText: (written) => written,
};

/** May be empty. */
export const anyText: ValueKind<string> = {
  ...text,
  read: (value) => (typeof value === "string" ? { value } : mustBe("a text", value)),
};

/** Prints as `[redacted]`, also in messages about itself. */
export const secret: ValueKind<Secret> = {
  type: "string | Secret",
  read: (value) => {
    if (value instanceof Secret) return { value };
    if (typeof value === "string" && value !== "") return { value: new Secret(value) };
    return { problem: "must be a text that is not empty, or a Secret" };
  },
  fromText: (written) => (written === "" ? written : new Secret(written)),
};

/** One of a few words. Some have more than one spelling; upper and lower case make no difference. */
export function choice<Word extends string>(
  words: readonly Word[],
  synonyms: Readonly<Record<string, Word>> = {},
): ValueKind<Word> {
  const bySpelling = new Map<string, Word>();
  for (const word of words) bySpelling.set(word.toLowerCase(), word);
  for (const [spelling, word] of Object.entries(synonyms)) bySpelling.set(spelling.toLowerCase(), word);
  const type = words.map((word) => `'${word}'`).join(" | ");
  return {
    type,
    read: (value) => {
      const word = typeof value === "string" ? bySpelling.get(value.toLowerCase()) : undefined;
      return word === undefined ? mustBe(`one of ${words.join(", ")}`, value) : { value: word };
    },
    fromText: (written) => written,
  };
}

/** A function, or an object that has these functions. */
export function callable<Value>(what: string, accepts: (value: unknown) => value is Value): ValueKind<Value> {
  return {
    type: what,
    read: (value) => (accepts(value) ? { value } : mustBe(what, value)),
    fromText: (written) => written,
  };
}

/** Left out, it stays undefined. */
export function optional<Value>(kind: ValueKind<Value>): ValueKind<Value | undefined> {
  return kind;
}

export function mustBe(what: string, value: unknown): { readonly problem: string } {
  return {
    problem: `must be ${what}, not ${showValue(value)}${typeof value === "string" && value.trim() !== value ? " (with spaces around it)" : ""}`,
  };
}

/** Whether a reading succeeded. */
export function isRead<Value>(reading: Reading<Value>): reading is { readonly value: Value } {
  return "value" in reading;
}

/** Decimal only: `0x10` or an empty text are not numbers in properties. */
export function numberFromText(written: string): unknown {
  const trimmed = written.trim();
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(trimmed)) return Number(trimmed);
  return /^\+?infinity$/i.test(trimmed) ? Infinity : written;
}

/** As librdkafka reads it. */
export function flagFromText(written: string): unknown {
  const lower = written.trim().toLowerCase();
  if (["true", "t", "1"].includes(lower)) return true;
  return ["false", "f", "0"].includes(lower) ? false : written;
}
