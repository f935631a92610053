/** Rejects if any of them does, and never resolves. */
export function firstFailureOf(works: readonly Promise<unknown>[]): Promise<never> {
  const failed = new Promise<never>((_, reject) => {
    for (const work of works) work.catch(reject);
  });
  // Whoever races against it hears of it; after the race nobody has to.
  failed.catch(() => undefined);
  return failed;
}
