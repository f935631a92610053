import { describe, expect, it } from "vitest";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { decodePrincipal, encodePrincipal } from "./principal.ts";

// Two bytes of version, compact strings "User" and "al", token flag, no tagged fields.
const PRINCIPAL = "0000" + "0555736572" + "03616c" + "01" + "00";

describe("a principal", () => {
  it("is its version, type, name and whether a token spoke for it", () => {
    const principal = { type: "User", name: "al", tokenAuthenticated: true };
    expect(decodePrincipal(Buffer.from(PRINCIPAL, "hex"))).toEqual(principal);
    expect(Buffer.from(encodePrincipal(principal)).toString("hex")).toBe(PRINCIPAL);
  });

  it.each(["", "00", `0001${PRINCIPAL.slice(4)}`, `ffff${PRINCIPAL.slice(4)}`, PRINCIPAL.slice(0, -2), `${PRINCIPAL}00`])(
    "of another version, cut off or too long is refused: '%s'",
    (hex) => {
      expect(() => decodePrincipal(Buffer.from(hex, "hex"))).toThrow(MalformedMessageError);
    },
  );
});
