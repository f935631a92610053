import { describe, expect, it } from "vitest";
import { constantTimeEqual } from "./constant-time-equal.ts";
import { SaslError } from "./sasl-error.ts";
import { bytesFromText, quotedFromPeer, requireCredential, saslNameFromText, textFromPeer, textFromSaslName } from "./sasl-text.ts";

describe("text from a peer", () => {
  it("is refused when it is not UTF-8, instead of being read as something else", () => {
    expect(() => textFromPeer("PLAIN", Uint8Array.of(0x61, 0xff))).toThrow(expect.objectContaining({ code: "SASL_MALFORMED" }));
  });

  it("keeps a leading byte order mark, which is part of a password as any other character", () => {
    expect(textFromPeer("PLAIN", Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe("\ufeffa");
  });

  it("is refused over 64 KiB, in both directions", () => {
    expect(textFromPeer("PLAIN", new Uint8Array(65_536))).toHaveLength(65_536);
    expect(() => textFromPeer("PLAIN", new Uint8Array(65_537))).toThrow(expect.objectContaining({ code: "SASL_UNACCEPTABLE" }));
    expect(() => bytesFromText("PLAIN", "a".repeat(65_537))).toThrow(expect.objectContaining({ code: "SASL_INVALID_CREDENTIALS" }));
  });

  it("is quoted without characters that move the cursor or the reading direction, and cut", () => {
    expect(quotedFromPeer("a\r\n\u001b[31mb\u202ec\u2028")).toBe("a\\u{d}\\u{a}\\u{1b}[31mb\\u{202e}c\\u{2028}");
    expect(quotedFromPeer("x".repeat(300))).toBe(`${"x".repeat(256)}…`);
  });
});

describe("a credential", () => {
  it.each([
    ["empty", ""],
    ["NUL", "a\0b"],
    ["surrogate", "a\ud800b"],
  ])("is refused when %s, without being shown", (word, value) => {
    expect(() => requireCredential("PLAIN", "password", value)).toThrow(SaslError);
    expect(() => requireCredential("PLAIN", "password", value)).toThrow(new RegExp(`the password .*${word}`));
  });

  it("may hold any character that UTF-8 can express", () => {
    expect(() => requireCredential("PLAIN", "password", "päss ªⅨ \u{1f511}\n")).not.toThrow();
  });
});

describe("a SASL name", () => {
  it.each(["user", "us=er,x", "=2C", "=,=,", "ü=ß", "=3D2C"])("comes back from %j", (name) => {
    expect(saslNameFromText(name)).not.toContain(",");
    expect(textFromSaslName(saslNameFromText(name))).toBe(name);
  });

  it.each(["", "a,b", "a=b", "a=2c", "a=3d", "a=", "a=2", "a\0b"])("is not read from %j", (name) => {
    expect(textFromSaslName(name)).toBeUndefined();
  });
});

describe("the comparison in constant time", () => {
  it("sees every bit and the length", () => {
    const bytes = Uint8Array.of(1, 2, 3);
    expect(constantTimeEqual(bytes, Uint8Array.of(1, 2, 3))).toBe(true);
    for (let bit = 0; bit < 24; bit++) {
      const changed = bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      expect(constantTimeEqual(bytes, changed)).toBe(false);
    }
    expect(constantTimeEqual(bytes, Uint8Array.of(1, 2))).toBe(false);
    expect(constantTimeEqual(new Uint8Array(0), new Uint8Array(0))).toBe(true);
  });
});
