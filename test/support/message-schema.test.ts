import { describe, expect, it } from "vitest";
import { withoutComments } from "./message-schema.ts";

describe("withoutComments", () => {
  it("drops comments, and leaves slashes in strings alone", () => {
    const json = withoutComments('// "a"\n{ "about": "see http://x \\"// y\\"", // why\n "n": 1 }');
    expect(JSON.parse(json)).toEqual({ about: 'see http://x "// y"', n: 1 });
  });
});
