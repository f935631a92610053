import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProducerRecord } from "../../index.ts";
import type { CsvFormat } from "./csv-columns.ts";
import { CsvParser } from "./csv-parser.ts";
import { type InputItem, type RecordParser, UnreadableInputError } from "./input-item.ts";
import { rawMembers } from "./json-members.ts";
import { JsonParser } from "./json-parser.ts";
import { LineSplitter } from "./line-splitter.ts";
import { type LinesFormat, LinesParser } from "./lines-parser.ts";

function itemsOf(parser: RecordParser, ...pieces: readonly (string | Uint8Array)[]): readonly InputItem[] {
  const items = pieces.flatMap((piece) => [...parser.push(typeof piece === "string" ? Buffer.from(piece) : piece)]);
  return [...items, ...parser.end()];
}

/** Bytes as texts, so that they can be read in a failure. */
function textOf(bytes: Uint8Array | string | null | undefined): string | null | undefined {
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString() : bytes;
}

function readable(items: readonly InputItem[]): readonly unknown[] {
  return items.map((item) => {
    if ("problem" in item) return `${item.line}: ${item.problem}`;
    const { key, value, ...more }: ProducerRecord = item.record;
    return { ...(key !== undefined && { key: textOf(key) }), value: textOf(value), ...more };
  });
}

describe("lines", () => {
  const parser = (format: Partial<LinesFormat> = {}): LinesParser =>
    new LinesParser({ keySeparator: undefined, hasHeaders: false, nullMarker: undefined, ...format });

  it("are values: LF and CRLF end them, an empty one is an empty value, the last needs no end", () => {
    expect(readable(itemsOf(parser(), "one\ntwo\r\n\n\r\nthree\rfour"))).toEqual(
      ["one", "two", "", "", "three\rfour"].map((value) => ({ value })),
    );
    expect(itemsOf(parser(), "one\n").length).toBe(1);
    expect(itemsOf(parser(), "").length).toBe(0);
  });

  it("keep a CR at the very end, which ends no line", () => {
    expect(readable(itemsOf(parser(), "one\r"))).toEqual([{ value: "one\r" }]);
  });

  it("are the same wherever the input is cut, also within a character or a CRLF", () => {
    const text = "grün\r\n€uro\n\n👍🏽 long enough\r\nlast";
    const whole = readable(itemsOf(parser(), text));
    expect(whole).toEqual(["grün", "€uro", "", "👍🏽 long enough", "last"].map((value) => ({ value })));
    const bytes = Buffer.from(text);
    for (let at = 0; at <= bytes.length; at++) {
      expect(readable(itemsOf(parser(), bytes.subarray(0, at), bytes.subarray(at))), `cut at ${at}`).toEqual(whole);
    }
    expect(readable(itemsOf(parser(), ...Array.from(bytes, (byte) => Uint8Array.of(byte))))).toEqual(whole);
  });

  it("are bytes, whatever these are", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (lines) => {
        const noEnds = lines.map((line) => line.map((byte) => (byte === 10 || byte === 13 ? 0 : byte)));
        const input = Buffer.concat(noEnds.flatMap((line) => [line, Buffer.from("\n")]));
        if (input.subarray(0, 3).toString() === "\ufeff") return;
        expect(itemsOf(parser(), input)).toEqual(
          noEnds.map((line, index) => ({ line: index + 1, record: { value: Buffer.from(line) } })),
        );
      }),
    );
  });

  it("begin behind a byte order mark, which only the first one can have", () => {
    expect(readable(itemsOf(parser(), "\ufeffone\n\ufefftwo"))).toEqual([{ value: "one" }, { value: "\ufefftwo" }]);
  });

  it("have a key before the first separator; without one they are wrong, and say where", () => {
    expect(readable(itemsOf(parser({ keySeparator: "::" }), "k1::v1\nk2::v2::more\n::empty\nk4::\nnothing\n\n"))).toEqual([
      { key: "k1", value: "v1" },
      { key: "k2", value: "v2::more" },
      { key: "", value: "empty" },
      { key: "k4", value: "" },
      "5: has no key separator '::'",
      "6: has no key separator '::'",
    ]);
  });

  it("have headers before a tab: repeated, empty, with colons in their values, or none", () => {
    expect(
      readable(itemsOf(parser({ hasHeaders: true }), "a:1,b:,a:2:3\tv\twith tab\n\tno headers\nno tab\nbad\tv\n:x\tv\n")),
    ).toEqual([
      {
        value: "v\twith tab",
        headers: [
          ["a", "1"],
          ["b", ""],
          ["a", "2:3"],
        ],
      },
      { value: "no headers" },
      "3: has no tab behind its headers (--headers)",
      "4: has a header that is not name:value: 'bad'",
      "5: has a header that is not name:value: ':x'",
    ]);
    expect(readable(itemsOf(parser({ hasHeaders: true }), Buffer.from([0x61, 0x3a, 0xff, 0x09, 0x76])))).toEqual([
      "1: has headers that are not UTF-8",
    ]);
  });

  it("turn the null marker into null: keys, values and header values, but no part of them", () => {
    const format = { keySeparator: ":", hasHeaders: true, nullMarker: "NULL" };
    expect(readable(itemsOf(parser(format), "h:NULL\tk:NULL\n\tNULL:v\n\tNULLk:NULLv\n"))).toEqual([
      { key: "k", value: null, headers: [["h", null]] },
      { key: null, value: "v" },
      { key: "NULLk", value: "NULLv" },
    ]);
    expect(readable(itemsOf(parser({ nullMarker: "" }), "a\n\nb"))).toEqual([{ value: "a" }, { value: null }, { value: "b" }]);
  });

  it("that are longer than there should be memory for are left out by themselves", () => {
    const splitter = new LineSplitter(10);
    const pieces = ["0123456789\n0123456", "7890\nshort\n", "0".repeat(9), "0".repeat(9), "0\nend", "0".repeat(8)];
    const lines = [...pieces.flatMap((piece) => [...splitter.push(Buffer.from(piece))]), ...splitter.end()];
    expect(lines.map(({ number, bytes, isTooLong }) => [number, isTooLong ? "too long" : bytes.toString()])).toEqual([
      [1, "0123456789"],
      [2, "too long"],
      [3, "short"],
      [4, "too long"],
      [5, "too long"],
    ]);
  });
});

describe("JSON", () => {
  const read = (...pieces: readonly (string | Uint8Array)[]): readonly unknown[] => readable(itemsOf(new JsonParser(), ...pieces));

  it("is an object per line with key, value, headers, partition and timestamp", () => {
    const line = {
      key: "k",
      value: "v",
      headers: { a: "1", b: null, c: ["2", null] },
      partition: 3,
      timestampMs: 1_700_000_000_000,
    };
    expect(read(`${JSON.stringify(line)}\n{}\n\n  \r\n{"value":null,"headers":[["a","1"],["a",null]],"partition":null}`)).toEqual([
      {
        key: "k",
        value: "v",
        headers: [
          ["a", "1"],
          ["b", null],
          ["c", "2"],
          ["c", null],
        ],
        partition: 3,
        timestampMs: 1_700_000_000_000,
      },
      { key: null, value: null },
      {
        key: null,
        value: null,
        headers: [
          ["a", "1"],
          ["a", null],
        ],
      },
    ]);
  });

  it("sends what is no string as it stands: digits, order, blanks and repeated names stay", () => {
    expect(read('{"key":12345678901234567890, "value": {"2": 1.0, "1": [ 1e2,"}{" ], "1": "\\u0041" } }')).toEqual([
      { key: "12345678901234567890", value: '{"2": 1.0, "1": [ 1e2,"}{" ], "1": "\\u0041" }' },
    ]);
    expect(read('{"value":[]}\n{"value":false}\n{"value":-1}\n{"value":"a\\"b\\\\"}\n{"value":1,"value":2}')).toEqual([
      { key: null, value: "[]" },
      { key: null, value: "false" },
      { key: null, value: "-1" },
      { key: null, value: 'a"b\\' },
      { key: null, value: "2" },
    ]);
  });

  it("finds the text of every member of any object", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 2, "\t"), (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        const read: unknown = JSON.parse(text);
        const raw = Object.fromEntries([...rawMembers(text)].map(([name, value]) => [name, JSON.parse(value)]));
        expect(raw).toEqual(read);
      }),
    );
  });

  it.each([
    ["nonsense", /^1: is no JSON: /],
    ["[1]", /^1: is no JSON object: \[1\]; --format lines/],
    ['"text"', /^1: is no JSON object/],
    ['{"id":1}', /^1: has a member 'id', which is none of key, value, headers, partition, timestampMs; --format lines/],
    ['{"__proto__":1}', /^1: has a member '__proto__'/],
    ['{"partition":-1}', /^1: has a partition that is no whole number from 0 on: -1$/],
    ['{"partition":"1"}', /^1: has a partition/],
    ['{"timestampMs":1.5}', /^1: has a timestampMs/],
    ['{"headers":"a:1"}', /^1: has headers that are neither/],
    ['{"headers":{"a":1}}', /^1: has a header 'a' whose value is neither a text nor null$/],
    ['{"headers":[["a"]]}', /^1: has a header that is not \["name", "value"\]: \["a"\]$/],
    ['{"headers":[["a","1","2"]]}', /^1: has a header that is not/],
    ['{"value":"\\ud800"}', /^1: has half of a surrogate pair in its value/],
  ])("says what is wrong with %s, and goes on", (line, problem) => {
    expect(read(`${line}\n{"value":"fine"}`)).toEqual([expect.stringMatching(problem), { key: null, value: "fine" }]);
  });

  it("says where it is not UTF-8", () => {
    expect(read("{}\n", Uint8Array.of(0x22, 0xff, 0x22))).toEqual([{ key: null, value: null }, "2: is not UTF-8"]);
  });
});

describe("CSV", () => {
  const read = (text: string, format: Partial<CsvFormat> = {}, cut = text.length): readonly unknown[] => {
    const whole = { separator: ",", keyColumn: undefined, valueColumn: undefined, hasHeaders: false, nullMarker: undefined };
    const bytes = Buffer.from(text);
    return readable(itemsOf(new CsvParser({ ...whole, ...format }), bytes.subarray(0, cut), bytes.subarray(cut)));
  };

  it("of key and value alone says itself what is what, in any order", () => {
    expect(read("value,key\nv1,k1\n\n,k2\r\n")).toEqual([
      { key: "k1", value: "v1" },
      { key: "k2", value: "" },
    ]);
    expect(read("value\nv1")).toEqual([{ key: null, value: "v1" }]);
    expect(read("headers,value\na:1,v1", { hasHeaders: true })).toEqual([{ key: null, value: "v1", headers: [["a", "1"]] }]);
  });

  it("of other columns makes a JSON object of each row, in their order; one of them may be the key", () => {
    expect(read('id,2,1,value\n7,"a ""quoted"" word",,x')).toEqual([
      { key: null, value: '{"id":"7","2":"a \\"quoted\\" word","1":"","value":"x"}' },
    ]);
    expect(read("id,name\n7,seven\n8,NULL", { keyColumn: "id", nullMarker: "NULL" })).toEqual([
      { key: "7", value: '{"id":"7","name":"seven"}' },
      { key: "8", value: '{"id":"8","name":null}' },
    ]);
    expect(read("id,name\n7,seven", { keyColumn: "id", valueColumn: "name" })).toEqual([{ key: "7", value: "seven" }]);
    expect(read("headers,id\nh:1,7", { hasHeaders: true })).toEqual([{ key: null, value: '{"id":"7"}', headers: [["h", "1"]] }]);
    expect(read("__proto__,b\n1,2")).toEqual([{ key: null, value: '{"__proto__":"1","b":"2"}' }]);
  });

  it("has cells in quotes that hold separators, quotes and whole lines, wherever the input is cut", () => {
    const text = 'key,value\n"a,b","line one\r\nline ""two""\n\nline four"\nplain,"in ""quotes"""\n"",""\n';
    const rows = [
      { key: "a,b", value: 'line one\r\nline "two"\n\nline four' },
      { key: "plain", value: 'in "quotes"' },
      { key: "", value: "" },
    ];
    for (let cut = 0; cut <= text.length; cut++) expect(read(text, {}, cut), `cut at ${cut}`).toEqual(rows);
  });

  it("names the line that a wrong row begins in, and goes on behind it", () => {
    expect(read('key,value\n"a\nb",c,d\nk,v\n"x"y,v\nk2,v2\n"open,\nand so on')).toEqual([
      "2: has 3 cells where the first line has 2",
      { key: "k", value: "v" },
      "5: has text behind the closing quote of its cell 1",
      { key: "k2", value: "v2" },
      "7: has a quote that is never closed",
    ]);
  });

  it("may have another separator, and a byte order mark", () => {
    expect(read("\ufeffkey;value\n1,5;2", { separator: ";" })).toEqual([{ key: "1,5", value: "2" }]);
  });

  it.each([
    ["a,b\n", { keyColumn: "c" }, "the first line has no column 'c'; it has 'a', 'b'"],
    ["a,b\n", { valueColumn: "" }, "the first line has no column ''"],
    ["a,b\n", { hasHeaders: true }, "the first line has no column 'headers'"],
    ["a,a\n", {}, "the first line has the column 'a' twice"],
    ['"a"b,c\n', {}, "line 1, which should name the columns, has text behind the closing quote"],
  ])("that begins with %j cannot be read with %j", (text, format, problem) => {
    expect(() => read(text, format)).toThrow(UnreadableInputError);
    expect(() => read(text, format)).toThrow(problem);
  });
});
