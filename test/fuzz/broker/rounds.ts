/** How many times as much as in an ordinary test run is tried: `FUZZ_ROUNDS=50 npx vitest run test/fuzz/broker`. */
export const ROUNDS: number = Number(process.env["FUZZ_ROUNDS"] ?? 1);

/** Where a longer run begins, so that it tries something else: `FUZZ_SEED=7`. */
export const SEED: number = Number(process.env["FUZZ_SEED"] ?? 1);

/** Of a test that a number of rounds makes longer. */
export const TIMEOUT_MS: number = 120_000 * ROUNDS;
