import { describe, expect, it } from "vitest";
import { harmlessText } from "./harmless-text.ts";

describe("harmless text", () => {
  it.each([
    ["plain: ä 漢字 🎉", "plain: ä 漢字 🎉"],
    ["two\nlines\r\n\tand more", "two\\nlines\\r\\n\\tand more"],
    ["\u001b[31mred\u009b0m", "\\u001b[31mred\\u009b0m"],
    ["right\u202eto left\u2028line\ufeff", "right\\u202eto left\\u2028line\\ufeff"],
    ["half \ud800 pair", "half \\ud800 pair"],
    ["tag \u{e0001}", "tag \\udb40\\udc01"],
  ])("spells out what a terminal acts on: %j", (text, expected) => {
    expect(harmlessText(text)).toBe(expected);
  });

  it("cuts what is too long, before and after it is spelled out", () => {
    expect(harmlessText("x".repeat(2000))).toBe(`${"x".repeat(999)}…`);
    expect(harmlessText("\u0000".repeat(2000))).toHaveLength(1000);
    expect(harmlessText("abcdef", 4)).toBe("abc…");
  });

  it("changes nothing when it is done again", () => {
    const once = harmlessText("\u001b]0;title\u0007\n");
    expect(harmlessText(once)).toBe(once);
  });
});
