import { markAsUntransferable } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { giveBack } from "./give-back.ts";

describe("memory that is given back", () => {
  it("is gone at once, with all views of it", () => {
    const bytes = Buffer.allocUnsafeSlow(100_000);
    const part = bytes.subarray(10, 20);
    giveBack(bytes);
    expect([bytes.length, part.length]).toEqual([0, 0]);
    giveBack(bytes);
  });

  it("is no error where it cannot be moved", () => {
    const bytes = Buffer.allocUnsafeSlow(100_000);
    markAsUntransferable(bytes.buffer);
    expect(() => giveBack(bytes)).not.toThrow();
  });

  it("is never a part of something larger, which others read", () => {
    const whole = Buffer.allocUnsafeSlow(100_000);
    giveBack(whole.subarray(0, 99_999));
    giveBack(whole.subarray(1));
    expect(whole.length).toBe(100_000);
  });
});
