/** Stands in the journal where there was a password, a token, or what is as good as one. */
export const REDACTED = "(redacted)";

/** The field of an API's request that holds one. */
const secretFields: ReadonlyMap<string, string> = new Map([
  ["SaslAuthenticate", "authBytes"],
  ["AlterUserScramCredentials", "saltedPassword"],
]);

/** What the journal may keep of a request's body: a journal is printed, attached to bug reports and stored by CI. */
export function withoutSecrets(api: string, body: unknown): unknown {
  const field = secretFields.get(api);
  return field === undefined ? body : without(field, body);
}

function without(field: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => without(field, item));
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  const fields = Object.entries(value).map(([name, inner]) => [name, name === field ? REDACTED : without(field, inner)]);
  return Object.fromEntries(fields);
}
