import { describe, expect, it } from "vitest";
import type { Annotation } from "../protocol/index.ts";
import { annotatedHex } from "./annotated-hex.ts";

const PLAIN = { write: () => undefined, isTerminal: false };

function whole(children: readonly Annotation[], size: number): Annotation {
  return { path: "", name: "frame", type: "request", start: 0, end: size, value: undefined, children };
}

function leaf(name: string, start: number, end: number, value: unknown, note?: string): Annotation {
  return { path: name, name, type: "bytes", start, end, value, ...(note === undefined ? {} : { note }) };
}

describe("annotated bytes on a terminal", () => {
  it("show position, bytes, name, value and note in one line", () => {
    const text = annotatedHex(Uint8Array.of(0, 18), whole([leaf("requestApiKey", 0, 2, 18, "ApiVersions")], 2), PLAIN);
    expect(text.split(/ {2,}/)).toEqual(["", "0", "00 12", "requestApiKey", "18", "ApiVersions"]);
  });

  it("take a further line for every eight bytes", () => {
    const text = annotatedHex(new Uint8Array(17), whole([leaf("value", 0, 17, new Uint8Array(17))], 17), PLAIN);
    expect(text.split("\n").map((line) => line.trim().split(/ {2}/)[0])).toEqual(["0", "8", "16"]);
  });

  it("indent the parts of a struct below its name", () => {
    const inner = { ...leaf("header", 0, 1, undefined), type: "struct", children: [leaf("flag", 0, 1, true)] };
    const [heading, part] = annotatedHex(Uint8Array.of(1), whole([inner], 1), PLAIN).split("\n");
    expect(heading?.trimStart()).toBe("header struct");
    expect(part?.indexOf("flag")).toBe((heading?.indexOf("header") ?? 0) + 2);
  });

  it("never pass on what a terminal would act on: text on the wire is anybody's", () => {
    const hostile = "\u001b[2Jtopic\u0000\u202e";
    const text = annotatedHex(new Uint8Array(8), whole([leaf("name", 0, 8, hostile)], 8), PLAIN);
    expect(text).toContain('"·[2Jtopic··"');
  });
});
