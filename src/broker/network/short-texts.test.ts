import { expect, it } from "vitest";
import { withShortTexts } from "./short-texts.ts";

const MOST = 32_767;

it("an answer without long texts stays the object that it was", () => {
  const body = {
    errorMessage: "no",
    groups: [{ groupId: "a".repeat(MOST) }],
    assignment: new Uint8Array(40_000),
    epoch: 3n,
    none: null,
  };
  expect(withShortTexts(body)).toBe(body);
});

it.each(["a", "\u00e4", "\u6f22", "\u{1f600}"])(
  "a text of many %s is cut to what a string can hold, wherever it stands",
  (character) => {
    const body = { groups: [{ errorMessage: character.repeat(40_000), groupId: "g" }] };
    const short = withShortTexts(body) as typeof body;
    const { errorMessage = "", groupId } = short.groups[0] ?? {};
    const bytes = Buffer.byteLength(errorMessage);
    expect(groupId).toBe("g");
    expect(bytes).toBeLessThanOrEqual(MOST);
    expect(bytes).toBeGreaterThan(MOST - 6);
    expect(errorMessage.startsWith(character.repeat(8000))).toBe(true);
  },
);
