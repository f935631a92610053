import { expect, it } from "vitest";
import { clientThrottleMs, isAbsurdThrottle } from "./client-throttling.ts";

it("begins with the version in which the broker stopped waiting itself", () => {
  expect([7, 8].map((version) => clientThrottleMs("Fetch", version, 500))).toEqual([0, 500]);
  expect([5, 6].map((version) => clientThrottleMs("Produce", version, 500))).toEqual([0, 500]);
  expect([1, 2].map((version) => clientThrottleMs("ApiVersions", version, 500))).toEqual([0, 500]);
  expect(clientThrottleMs("ElectLeaders", 0, 500)).toBe(500);
});

it("never holds for APIs of which Java does not say so", () => {
  expect(clientThrottleMs("ConsumerGroupHeartbeat", 1, 500)).toBe(0);
  expect(clientThrottleMs("constructor", 1, 500)).toBe(0);
});

it("Q2: takes no time for what is no time, and an absurd one for five minutes", () => {
  expect([0, -1, -2_147_483_648, Number.NaN].map((ms) => clientThrottleMs("Fetch", 11, ms))).toEqual([0, 0, 0, 0]);
  expect(clientThrottleMs("Fetch", 11, 2_147_483_647)).toBe(300_000);
});

it("Q2: calls absurd what no quota asks for", () => {
  expect([-1, 0, 300_000, 300_001, 2_147_483_647].map(isAbsurdThrottle)).toEqual([true, false, false, true, true]);
});
