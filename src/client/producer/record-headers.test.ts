import { expect, it } from "vitest";
import type { RecordHeaders } from "./producer-record.ts";
import { headerPairs } from "./record-headers.ts";

const bytes = new Uint8Array([1, 2]);

it("takes pairs in their order, the same name again and again", () => {
  const pairs = [
    ["a", "1"],
    ["b", bytes],
    ["a", null],
  ] as const;
  expect(headerPairs(pairs)).toEqual(pairs);
});

it("takes a Map, and an object whose lists repeat the name and whose undefined values are left out", () => {
  expect(headerPairs(new Map([["a", "1"]]))).toEqual([["a", "1"]]);
  expect(headerPairs({ a: ["1", null, bytes], b: "2", c: undefined })).toEqual([
    ["a", "1"],
    ["a", null],
    ["a", bytes],
    ["b", "2"],
  ]);
});

it("takes none for none", () => {
  expect(headerPairs(undefined)).toEqual([]);
  expect(headerPairs({})).toEqual([]);
  expect(headerPairs(JSON.parse("null"))).toEqual([]);
});

it("takes names as they are, those of every object's properties, too", () => {
  expect(headerPairs(JSON.parse('{"__proto__": "1", "constructor": "2"}'))).toEqual([
    ["__proto__", "1"],
    ["constructor", "2"],
  ]);
});

it.each([
  ["a number as a value", { a: 1 }],
  ["a number in a list of values", { a: ["x", 1] }],
  ["undefined as a pair's value", [["a", undefined]]],
  ["a pair of one", [["a"]]],
  ["a pair of three", [["a", "b", "c"]]],
  ["a name that is no text", [[1, "a"]]],
  ["text", "a=b"],
  ["a Map with numbers", new Map([["a", 1]])],
])("refuses %s, and says what", (_what, headers) => {
  expect(() => headerPairs(headers as unknown as RecordHeaders)).toThrow(/header/);
});
