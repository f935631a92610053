import { describe, expect, it } from "vitest";
import { decodeUtf8, encodeUtf8, writeAscii } from "./utf8.ts";

function decoded(hex: string): string {
  const bytes = Buffer.from(hex, "hex");
  return decodeUtf8(bytes, 0, bytes.length);
}

// Long enough that the decoder takes its other way.
const LONG = "61".repeat(60);

describe("text", () => {
  it.each(["", LONG])("keeps a leading byte order mark and NUL characters", (rest) => {
    const tail = "a".repeat(rest.length / 2);
    expect(decoded(`efbbbf${rest}`)).toBe(`\ufeff${tail}`);
    expect(decoded(`00${rest}00`)).toBe(`\0${tail}\0`);
    expect(Buffer.from(encodeUtf8(`\ufeff\0${tail}`)).toString("hex")).toBe(`efbbbf00${rest}`);
  });

  it.each(["", LONG])("is UTF-8 of one to four bytes a character", (rest) => {
    const tail = "a".repeat(rest.length / 2);
    expect(decoded(`41c3a4e6bca2f09f9880${rest}`)).toBe(`Aä漢😀${tail}`);
    expect(Buffer.from(encodeUtf8(`Aä漢😀${tail}`)).toString("hex")).toBe(`41c3a4e6bca2f09f9880${rest}`);
  });

  it.each(["", LONG])("that is malformed reads as replacement characters and is no error", (rest) => {
    const tail = "a".repeat(rest.length / 2);
    for (const broken of ["ff", "c3", "e6bc"]) expect(decoded(`41${broken}41${rest}`)).toBe(`A\ufffdA${tail}`);
  });

  it("is read from its own range only", () => {
    expect(decodeUtf8(Buffer.from("78616279", "hex"), 1, 3)).toBe("ab");
    expect(decodeUtf8(Buffer.from("78c3a479", "hex"), 1, 3)).toBe("ä");
  });

  it("of ASCII is written in place, other text is left to the encoder", () => {
    const target = Buffer.alloc(4);
    expect(writeAscii(target, 1, "\u007fa")).toBe(true);
    expect(target.toString("hex")).toBe("007f6100");
    expect(writeAscii(target, 0, "a\u0080")).toBe(false);
  });

  it("with half a surrogate pair is written with U+FFFD", () => {
    expect(Buffer.from(encodeUtf8("\ud800")).toString("hex")).toBe("efbfbd");
  });
});
