import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base64FromBytes, bytesFromBase64 } from "./base64.ts";

describe("base64", () => {
  it("agrees with Node's for all bytes and lengths", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = Buffer.from(bytes).toString("base64");
        expect(base64FromBytes(bytes)).toBe(text);
        expect(bytesFromBase64(text)).toEqual(bytes);
      }),
    );
  });

  it("reads exactly the texts that Node would write", () => {
    const texts = fc.string({ unit: fc.constantFrom(...Array.from("AQgwZz+/=_- \n")), maxLength: 12 });
    fc.assert(
      fc.property(texts, (text) => {
        const isCanonical = Buffer.from(text, "base64").toString("base64") === text;
        expect(bytesFromBase64(text) !== undefined).toBe(isCanonical);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(["A", "AA", "AAA", "AB==", "AAB=", "A===", "====", "AA==AAAA", "AA=A", "ÄAAA", "AA A"])("refuses %j", (text) => {
    expect(bytesFromBase64(text)).toBeUndefined();
  });
});
