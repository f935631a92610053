const factor = Number(process.env["KAFKAWIRE_RUNS"] ?? "1");
if (!(factor > 0)) throw new Error(`KAFKAWIRE_RUNS must be a number above 0, not '${process.env["KAFKAWIRE_RUNS"]}'`);

/** How often a property is tried: `KAFKAWIRE_RUNS=20` makes it twenty times as often as in a plain test run. */
export function runs(times: number): { readonly numRuns: number } {
  return { numRuns: Math.max(1, Math.round(times * factor)) };
}

/** How long a test may take: far more than it needs on a slow machine. */
export const patience: { readonly timeout: number } = { timeout: 60_000 * Math.max(1, factor) };
