import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance, nearestName } from "./spelling.ts";

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
    ["ab", "ba", 1],
    ["clinetId", "clientId", 1],
    ["ca", "abc", 3],
  ])("from '%s' to '%s' is %i", (one, other, distance) => {
    expect(editDistance(one, other)).toBe(distance);
    expect(editDistance(other, one)).toBe(distance);
  });

  it("is never more than the longer name has letters, and nothing only between equals", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (one, other) => {
        const distance = editDistance(one, other);
        expect(distance).toBeLessThanOrEqual(Math.max(one.length, other.length));
        expect(distance === 0).toBe(one === other);
      }),
    );
  });
});

describe("nearestName", () => {
  it("overlooks case, dots, dashes and underscores", () => {
    expect(nearestName("Client_Id", ["clientId", "groupId"])).toBe("clientId");
  });

  it("finds nothing where nothing is near, and does not try with endless names", () => {
    expect(nearestName("colour", ["clientId"])).toBeUndefined();
    expect(nearestName("", ["a"])).toBeUndefined();
    expect(nearestName("clientId".repeat(1000), ["clientId".repeat(1000)])).toBeUndefined();
  });
});
