import { describe, expect, it } from "vitest";
import { readProperties } from "./properties-text.ts";

function read(input: unknown): { readonly found: object; readonly problems: readonly string[] } {
  const problems: string[] = [];
  return { found: Object.fromEntries(readProperties(input, problems)), problems };
}

describe("the text of a .properties file", () => {
  it.each([
    ["a=1\nb=2", { a: "1", b: "2" }],
    ["a = 1\r\nb: 2\rc 3", { a: "1", b: "2", c: "3" }],
    ["# comment = no\n  ! neither\n\n\ta=1", { a: "1" }],
    ["list=a,\\\n     b,\\\n  c", { list: "a,b,c" }],
    ["a=not continued\\\\\nb=2", { a: "not continued\\", b: "2" }],
    ["a\\=b\\:c\\ d=1", { "a=b:c d": "1" }],
    ["a=\\u0041\\t\\n\\x", { a: "A\t\nx" }],
    ["a==b=c", { a: "=b=c" }],
    ["a=1\na=2", { a: "2" }],
    ["a\nb=", { a: "", b: "" }],
    ["a=1\\", { a: "1" }],
    ["# comment \\\na=1", { a: "1" }],
    ["", {}],
  ])("%j", (text, found) => {
    expect(read(text)).toEqual({ found, problems: [] });
  });

  it("tells the line of what cannot be read", () => {
    expect(read("a=1\n=2\nb=\\u12G4")).toEqual({
      found: { a: "1" },
      problems: ["line 2 has no name before its value", "line 3: \\u must be followed by four hexadecimal digits"],
    });
  });
});

describe("lines of key=value", () => {
  it("escape nothing, so that a password is written as it is", () => {
    expect(read(["a = b ", "p=x\\u0041=#!"]).found).toEqual({ a: "b", p: "x\\u0041=#!" });
  });

  it("do not repeat what may be a password", () => {
    expect(read(["hunter2", "=hunter2", 5])).toEqual({
      found: {},
      problems: [
        "a line is not of the form key=value",
        "a line is not of the form key=value",
        "5 is not a text of the form key=value",
      ],
    });
  });
});

describe("an object", () => {
  it("may hold texts, numbers and booleans, and nothing else", () => {
    expect(read({ a: "x", b: 5, c: false, d: undefined, e: null, f: [] })).toEqual({
      found: { a: "x", b: "5", c: "false" },
      problems: [
        "'e' must be a text, a number, true or false, not null",
        "'f' must be a text, a number, true or false, not a list",
      ],
    });
  });

  it("and nothing that is neither", () => {
    expect(read(5).problems).toEqual(["properties must be the text of a file, a list of key=value, or an object, not 5"]);
  });
});
