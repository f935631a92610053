/** Deep equality of two field values. A property that is `undefined` or missing stands for its default in `expected`. */
export function sameValue(value: unknown, expected: unknown): boolean {
  // Not `Object.is` alone: a zero with a sign is still the default.
  if (value === expected || Object.is(value, expected)) return true;
  if (typeof value !== "object" || typeof expected !== "object" || value === null || expected === null) return false;
  if (value instanceof Uint8Array) return expected instanceof Uint8Array && sameBytes(value, expected);
  if (Array.isArray(value)) return Array.isArray(expected) && sameElements(value, expected);
  const known = new Map<string | symbol, unknown>(Reflect.ownKeys(expected).map((key) => [key, Reflect.get(expected, key)]));
  return Reflect.ownKeys(value).every((key) => {
    const field: unknown = Reflect.get(value, key);
    return field === undefined || (known.has(key) && sameValue(field, known.get(key)));
  });
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

function sameElements(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((value, i) => sameValue(value, other[i]));
}
