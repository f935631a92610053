import { expect, it } from "vitest";
import { exponentialBackoffMs } from "./exponential-backoff.ts";

const range = { initialMs: 100, maxMs: 1000 };

it("doubles with each failure, up to the maximum", () => {
  const middle = [0, 1, 2, 3, 4, 5, 60, 5000].map((failures) => exponentialBackoffMs(range, failures, () => 0.5));
  expect(middle).toEqual([0, 100, 200, 400, 800, 1000, 1000, 1000]);
});

it("is off by a fifth at most, and never above the maximum", () => {
  expect(exponentialBackoffMs(range, 1, () => 0)).toBeCloseTo(80);
  expect(exponentialBackoffMs(range, 1, () => 0.999_999)).toBeCloseTo(120, 2);
  expect(exponentialBackoffMs(range, 5, () => 0.999_999)).toBe(1000);
});

it("is never negative, nor anything but a number, whatever the range", () => {
  for (const [initialMs, maxMs] of [
    [0, 0],
    [100, 50],
    [0, 1000],
  ] as const) {
    for (const failures of [0, 1, 2, 100, 2000]) {
      const ms = exponentialBackoffMs({ initialMs, maxMs }, failures, () => 0);
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(ms).toBeLessThanOrEqual(maxMs);
    }
  }
});
