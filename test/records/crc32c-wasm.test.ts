/** The generated WebAssembly of the CRC: that it is what its generator writes, and that the arithmetic it rests on is true. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { FOLD_DISTANCES, FOLD_STEP_BYTES, FOLD_WINDOW_BYTES } from "../../scripts/crc32c-wasm/fold-module.ts";
import { renderFoldModule } from "../../scripts/crc32c-wasm/generate.ts";
import { isSparseMultiple, sparseMultiples } from "../../scripts/crc32c-wasm/sparse-multiples.ts";

const GENERATED = fileURLToPath(new URL("../../src/protocol/records/crc32c-wasm-module.ts", import.meta.url));

test("crc32c-wasm-module.ts is what its generator writes", () => {
  expect(readFileSync(GENERATED, "utf8"), "run npx tsx scripts/crc32c-wasm/generate.ts").toBe(renderFoldModule());
});

test("the distances stand for a multiple of the polynomial, and no neighbours of them do", () => {
  expect(isSparseMultiple(FOLD_DISTANCES)).toBe(true);
  for (let index = 0; index < FOLD_DISTANCES.length; index++) {
    expect(isSparseMultiple(FOLD_DISTANCES.with(index, FOLD_DISTANCES[index]! + 1))).toBe(false);
  }
});

test("long division agrees: the multiple leaves no remainder", () => {
  const POLYNOMIAL = 0x1_1edc_6f41n;
  let multiple = FOLD_DISTANCES.reduce(
    (sum, distance) => sum ^ (1n << BigInt(8 * (FOLD_WINDOW_BYTES - distance))),
    1n << BigInt(8 * FOLD_WINDOW_BYTES),
  );
  for (let power = 8 * FOLD_WINDOW_BYTES; power >= 32; power--) {
    if (((multiple >> BigInt(power)) & 1n) === 1n) multiple ^= POLYNOMIAL << BigInt(power - 32);
  }
  expect(multiple).toBe(0n);
});

test("the search finds them", () => {
  expect([...sparseMultiples(270, 500)]).toContainEqual(FOLD_DISTANCES);
});

test("a step never reads what it writes", () => {
  expect(Math.min(...FOLD_DISTANCES)).toBeGreaterThan(FOLD_STEP_BYTES);
  expect(Math.max(...FOLD_DISTANCES)).toBe(FOLD_WINDOW_BYTES);
});
