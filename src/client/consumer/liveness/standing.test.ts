import { describe, expect, it } from "vitest";
import { Standing } from "./standing.ts";

const PATIENCE_MS = 10_000;

describe("the standing of a partition", () => {
  it("becomes a stall once its time is over, which is told once", () => {
    const standing = new Standing(5, 0);
    const told = [0, 9999, 10_000, 20_000].map((nowMs) => standing.hasStalled(nowMs, PATIENCE_MS));
    expect(told).toEqual([false, false, true, false]);
  });

  it("is good again when it goes on: then it is known for how long it did not, and its time begins anew", () => {
    const standing = new Standing(5, 0);
    standing.hasStalled(12_000, PATIENCE_MS);
    expect(standing.goesOn(6, 30_000)).toBe(30_000);
    expect(standing.goesOn(7, 31_000)).toBeUndefined();
    expect([standing.position, standing.hasStalled(40_999, PATIENCE_MS), standing.hasStalled(41_000, PATIENCE_MS)]).toEqual([
      7,
      false,
      true,
    ]);
  });

  it("remembers the last position that was known", () => {
    const standing = new Standing(5, 0);
    standing.goesOn(undefined, 1);
    expect(standing.position).toBe(5);
  });

  it("needs help when the stall begins, and again after longer and longer pauses: an outage of hours is no storm of requests", () => {
    const standing = new Standing(5, 0);
    const helpedAt: number[] = [];
    for (let nowMs = 0; nowMs <= 3_600_000; nowMs += 2500) {
      standing.hasStalled(nowMs, PATIENCE_MS);
      if (standing.needsHelp(nowMs, PATIENCE_MS)) helpedAt.push(nowMs / 1000);
    }
    expect(helpedAt.slice(0, 8)).toEqual([10, 20, 40, 80, 160, 320, 620, 920]);
    expect(helpedAt).toHaveLength(16);
  });
});
