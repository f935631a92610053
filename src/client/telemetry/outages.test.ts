import { describe, expect, it } from "vitest";
import { Outages } from "./outages.ts";

const MINUTE = 60_000;

describe("outages", () => {
  it("are news when they begin, for each new reason, and every five minutes", () => {
    const outages = new Outages();
    const isNews = (reason: string, nowMs: number): boolean => outages.failed("b1", reason, nowMs).isNews;
    expect(isNews("refused", 0)).toBe(true);
    expect(isNews("refused", 1)).toBe(false);
    expect(isNews("timed out", 2)).toBe(true);
    expect(isNews("refused", 3)).toBe(false);
    expect(isNews("refused", 4 * MINUTE)).toBe(false);
    expect(isNews("refused", 5 * MINUTE + 2)).toBe(true);
    expect(isNews("timed out", 5 * MINUTE + 3)).toBe(false);
  });

  it("count from their beginning to their end", () => {
    const outages = new Outages();
    outages.failed("b1", "refused", 100);
    expect(outages.failed("b1", "refused", 350)).toEqual({ isNews: false, count: 2, forMs: 250 });
    expect(outages.recovered("b1", 400)).toEqual({ count: 2, forMs: 300 });
    expect(outages.recovered("b1", 401)).toBeUndefined();
    expect(outages.failed("b1", "refused", 500)).toEqual({ isNews: true, count: 1, forMs: 0 });
  });

  it("are over when they were not heard of for five minutes", () => {
    const outages = new Outages();
    outages.failed("b1", "refused", 0);
    expect(outages.failed("b1", "refused", 5 * MINUTE)).toEqual({ isNews: true, count: 1, forMs: 0 });
  });

  it("are remembered up to a thousand, the oldest forgotten first", () => {
    const outages = new Outages();
    for (let broker = 0; broker <= 1000; broker++) outages.failed(`b${broker}`, "refused", broker);
    expect(outages.recovered("b0", 2000)).toBeUndefined();
    expect(outages.recovered("b1", 2000)).toEqual({ count: 1, forMs: 1999 });
    expect(outages.recovered("b1000", 2000)).toEqual({ count: 1, forMs: 1000 });
  });
});
