import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backoffMs } from "./backoff.ts";

const settings = { retryBackoffMs: 100, retryBackoffMaxMs: 1_000 };
const middle = (): number => 0.5;

describe("the pause before a request is sent again", () => {
  test("doubles from the first to the longest", () => {
    expect([1, 2, 3, 4, 5, 6, 60, 5_000].map((failures) => backoffMs(failures, settings, middle))).toEqual([
      100, 200, 400, 800, 1_000, 1_000, 1_000, 1_000,
    ]);
  });

  test("varies by a fifth, also when it has become the longest, and is never longer than that", () => {
    expect(backoffMs(1, settings, () => 0)).toBe(80);
    expect(backoffMs(1, settings, () => 0.999_999)).toBeCloseTo(120, 2);
    expect(backoffMs(50, settings, () => 0)).toBe(800);
    expect(backoffMs(50, settings, () => 0.999_999)).toBe(1_000);
  });

  test("is a finite time within its bounds, whatever the number of failures", () => {
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.nat(), chance, fc.nat(10_000), fc.nat(100_000), (failures, random, retryBackoffMs, retryBackoffMaxMs) => {
        const ms = backoffMs(failures, { retryBackoffMs, retryBackoffMaxMs }, () => random);
        expect(ms).toBeGreaterThanOrEqual(Math.min(retryBackoffMs, retryBackoffMaxMs) * 0.8 - 1e-6);
        expect(ms).toBeLessThanOrEqual(retryBackoffMaxMs);
      }),
    );
  });
});
