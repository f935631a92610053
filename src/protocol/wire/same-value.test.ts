import { describe, expect, it } from "vitest";
import { sameValue } from "./same-value.ts";
import { withUnknownTags } from "./unknown-tags.ts";

describe("two field values are the same", () => {
  it.each([
    [1, 1],
    [1n, 1n],
    [-0, 0],
    [Number.NaN, Number.NaN],
    [null, null],
    ["", ""],
    [Uint8Array.of(1, 2), Buffer.from([1, 2])],
    [
      [1, [2]],
      [1, [2]],
    ],
    [
      { a: 1, b: { c: [] } },
      { a: 1, b: { c: [] } },
    ],
    // What was left out stands for the default.
    [{}, { a: 1 }],
    [{ a: undefined }, { a: 1 }],
  ])("when they would be sent with the same bytes: %o and %o", (value, expected) => {
    expect(sameValue(value, expected)).toBe(true);
  });

  it.each([
    [1, 2],
    [1, 1n],
    [0, null],
    [null, {}],
    [{}, null],
    ["", null],
    [[], null],
    [[1], [1, 2]],
    [Uint8Array.of(1), Uint8Array.of(2)],
    [Uint8Array.of(1), [1]],
    [[1], Uint8Array.of(1)],
    [{ a: 2 }, { a: 1 }],
    [{ a: 1, b: 1 }, { a: 1 }],
    [withUnknownTags({ a: 1 }, [{ tag: 7, data: Uint8Array.of(1) }]), { a: 1 }],
  ])("and not otherwise: %o and %o", (value, expected) => {
    expect(sameValue(value, expected)).toBe(false);
  });
});
