import { describe, expect, it } from "vitest";
import { giveBack } from "./give-back.ts";

const canGiveBack = "transfer" in ArrayBuffer.prototype;

describe("memory that is given back", () => {
  it(canGiveBack ? "is gone at once, with all views of it" : "is left to the collector where Node cannot do better", () => {
    const bytes = Buffer.allocUnsafeSlow(100_000);
    const part = bytes.subarray(10, 20);
    giveBack(bytes);
    expect([bytes.length, part.length]).toEqual(canGiveBack ? [0, 0] : [100_000, 10]);
    giveBack(bytes);
  });

  it("is never a part of something larger, which others read", () => {
    const whole = Buffer.allocUnsafeSlow(100_000);
    giveBack(whole.subarray(0, 99_999));
    giveBack(whole.subarray(1));
    expect(whole.length).toBe(100_000);
  });
});
