import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Secret } from "../../config/secret.ts";
import { copiedOptions } from "./copied-options.ts";
import { errorFrom, toldError } from "./thread-messages.ts";

describe("options on their way to another thread", () => {
  it("are as they were, with secrets spelled out", () => {
    const options = {
      a: 1,
      b: ["x", { c: Uint8Array.of(1) }],
      d: undefined,
      e: /x/g,
      f: null,
      g: new Secret("pw"),
      h: { i: new Secret("k") },
    };
    expect(structuredClone(copiedOptions(options))).toEqual({ ...options, g: "pw", h: { i: "k" } });
  });

  it.each([
    [{ a: { b: [() => 0] } }, "option a.b[0] is a function"],
    [{ a: Symbol("s") }, "option a is a symbol"],
    [{ a: new URL("file:///a") }, "option a is a URL"],
    [{ a: new Map() }, "option a is a Map"],
  ])("name what would be something else there: %o", (options, expected) => {
    expect(() => copiedOptions(options)).toThrow(expected);
  });

  it("end where something has itself in it", () => {
    const a: Record<string, unknown> = {};
    a["self"] = a;
    expect(() => copiedOptions({ a })).toThrow("option a.self is an object that has itself in it");
  });
});

describe("errors on their way to another thread", () => {
  it("keep name, words, place, code and causes", () => {
    const cause = Object.assign(new RangeError("deep"), { code: "E_DEEP" });
    const error = new TypeError("shallow", { cause });
    const came = errorFrom(structuredClone(toldError(error)));
    expect(came).toMatchObject({
      name: "TypeError",
      message: "shallow",
      stack: error.stack,
      cause: { name: "RangeError", code: "E_DEEP" },
    });
    expect(inspect(came)).toContain("E_DEEP");
  });

  it("are errors, whatever was thrown", () => {
    expect(errorFrom(toldError("a text"))).toMatchObject({ name: "Error", message: "a text" });
    const endless = new Error("round");
    endless.cause = endless;
    expect(errorFrom(toldError(endless)).message).toBe("round");
  });
});
