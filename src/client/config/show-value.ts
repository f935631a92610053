const LONGEST = 60;

/** A value for an error message: short, on one line, and never by calling what the value brings along. */
export function showValue(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "bigint") return `${shortened(value.toString())}n`;
  if (typeof value === "number" || typeof value === "boolean" || value === null || value === undefined) return String(value);
  if (typeof value === "symbol") return "a symbol";
  if (typeof value === "function") return "a function";
  return isList(value) ? "a list" : "an object";
}

/** A name or a text that came from outside, in quotes. */
export function quoted(text: string): string {
  return `'${shortened(text).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "\u{fffd}")}'`;
}

function shortened(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

function isList(value: unknown): boolean {
  try {
    return Array.isArray(value);
  } catch {
    // A revoked proxy cannot even be asked.
    return false;
  }
}
