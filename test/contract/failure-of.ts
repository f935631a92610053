/** The name of the error that a call ends with, at once or later; null if it does not. */
export async function failureOf(call: () => unknown): Promise<string | null> {
  try {
    await call();
    return null;
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}
