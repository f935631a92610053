/** Looking at what a caller gave without believing its type. */

export function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A problem for every name that is not among those that are known. */
export function* unknownNames(value: object, known: readonly string[], problem: (name: string) => string): Iterable<string> {
  for (const name of Object.keys(value)) if (!known.includes(name)) yield problem(name);
}
