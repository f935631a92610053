/** The answer with a text beside every error code in it; answers that have no room for one are sent without. */
export function withErrorMessage(value: unknown, message: string): unknown {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map((item) => withErrorMessage(item, message));
  const fields = Object.entries(value).map(([name, field]) => [name, withErrorMessage(field, message)]);
  return { ...Object.fromEntries(fields), ...("errorCode" in value && value.errorCode !== 0 && { errorMessage: message }) };
}
