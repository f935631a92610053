import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "./clock.ts";

const DAY_MS = 86_400_000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("the machine's clock", () => {
  it("waits a month, though Node's timers reach 24.8 days", () => {
    let fired = 0;
    systemClock.schedule(60 * DAY_MS, () => fired++);
    vi.advanceTimersByTime(60 * DAY_MS - 1);
    expect(fired).toBe(0);
    vi.advanceTimersByTime(1);
    expect(fired).toBe(1);
    vi.advanceTimersByTime(60 * DAY_MS);
    expect(fired).toBe(1);
  });

  it("can be cancelled in any of its turns", () => {
    let fired = 0;
    const timer = systemClock.schedule(60 * DAY_MS, () => fired++);
    vi.advanceTimersByTime(30 * DAY_MS);
    timer.cancel();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(60 * DAY_MS);
    expect(fired).toBe(0);
  });

  it("fires soon what was due in the past", () => {
    let fired = 0;
    systemClock.schedule(-5, () => fired++);
    vi.advanceTimersByTime(0);
    expect(fired).toBe(1);
  });
});
