import { describe, expect, it } from "vitest";
import { HexWriter } from "./hex-writer.ts";
import { JsonWriter } from "./json-writer.ts";
import type { ReadRecord, RecordWriter, WriterOptions } from "./record-writer.ts";
import { TableWriter } from "./table-writer.ts";
import { TextWriter } from "./text-writer.ts";

const PLAIN: WriterOptions = { isTerminal: false, keySeparator: undefined, showsHeaders: false, nullMarker: "null" };

function recordOf(more: Partial<ReadRecord> = {}): ReadRecord {
  return {
    topic: "orders",
    partition: 0,
    offset: 7,
    timestamp: Date.UTC(2026, 4, 1),
    timestampType: "CreateTime",
    leaderEpoch: 3,
    key: Buffer.from("k1"),
    value: Buffer.from("hello"),
    headers: [],
    serializedKeySize: 2,
    serializedValueSize: 5,
    ...more,
  };
}

function written(writer: RecordWriter, ...records: readonly ReadRecord[]): string {
  return records.map((record) => Buffer.from(writer.write(record)).toString("latin1")).join("");
}

/** The bytes that a terminal acts on. */
function controlsIn(text: string): readonly number[] {
  return [...Buffer.from(text)].filter((byte) => byte < 0x20 || byte === 0x7f);
}

const HOSTILE = Buffer.from("\u001b]0;owned\u0007\r\n");

describe("--format text", () => {
  it("is a line for each value, as bytes", () => {
    const binary = recordOf({ value: Uint8Array.of(0xff, 0x00, 0x1b) });
    expect(written(new TextWriter(PLAIN), recordOf(), binary)).toBe("hello\n\xff\x00\x1b\n");
  });

  it("has keys, headers and tombstones where they are asked for, as produce reads them", () => {
    const headers = [
      ["a", Buffer.from("1")],
      ["b", null],
    ] as const;
    const writer = new TextWriter({ ...PLAIN, keySeparator: ":", showsHeaders: true, nullMarker: "NULL" });
    expect(written(writer, recordOf({ headers: [...headers] as never }), recordOf({ key: null, value: null }))).toBe(
      "a:1,b:NULL\tk1:hello\n\tNULL:NULL\n",
    );
  });

  it("has nothing on a terminal that it would act on, in keys, values and headers", () => {
    const writer = new TextWriter({ ...PLAIN, isTerminal: true, keySeparator: "|", showsHeaders: true });
    const text = Buffer.from(
      writer.write(recordOf({ key: HOSTILE, value: HOSTILE, headers: [[HOSTILE.toString(), HOSTILE]] })),
    ).toString();
    expect(controlsIn(text)).toEqual([0x09, 0x0a]);
    expect(text).toContain("]0;owned");
  });
});

describe("--format json", () => {
  it("is a line with all that is known", () => {
    const headers: ReadRecord["headers"] = [
      ["a", Buffer.from("1")],
      ["a", null],
    ];
    expect(JSON.parse(written(new JsonWriter(), recordOf({ headers })))).toEqual({
      topic: "orders",
      partition: 0,
      offset: 7,
      timestamp: Date.UTC(2026, 4, 1),
      timestampType: "CreateTime",
      leaderEpoch: 3,
      key: "k1",
      value: "hello",
      headers: [
        ["a", "1"],
        ["a", null],
      ],
    });
  });

  it("has bytes that are no text as base64, nulls as null, and control characters by their numbers", () => {
    const line = written(new JsonWriter(), recordOf({ key: Uint8Array.of(0xff), value: null, headers: [["h", HOSTILE]] }));
    expect(controlsIn(line)).toEqual([0x0a]);
    expect(JSON.parse(line)).toMatchObject({ key: { base64: "/w==" }, value: null, headers: [["h", HOSTILE.toString()]] });
  });
});

describe("--format hex", () => {
  it("has every byte, sixteen in a line, and what is null", () => {
    const record = recordOf({ key: null, value: Buffer.from("0123456789abcdef\u001b"), headers: [["h\n", Uint8Array.of(0xff)]] });
    expect(Buffer.from(new HexWriter().write(record)).toString()).toBe(
      [
        "orders-0  offset 7  2026-05-01T00:00:00.000Z",
        "  key: null",
        "  value: 17 bytes",
        "    000000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef",
        "    000010  1b                                               ·",
        "  header h·: 1 byte",
        "    000000  ff                                               ·",
        "",
        "",
      ].join("\n"),
    );
  });
});

describe("--format table", () => {
  it("has columns that grow with what comes", () => {
    const writer = new TableWriter({ ...PLAIN, isTerminal: true });
    const text =
      writer.head +
      [
        recordOf(),
        recordOf({ key: null, value: null, timestamp: -1, offset: 12_345_678_901 }),
        recordOf({ key: Buffer.from("a longer key"), offset: 8 }),
      ]
        .map((record) => writer.write(record))
        .join("");
    expect(text.split("\n")).toEqual([
      "PARTITION      OFFSET  TIMESTAMP                 KEY           VALUE",
      "        0           7  2026-05-01T00:00:00.000Z  k1            hello",
      "        0  12345678901  no time                   null          null",
      "        0            8  2026-05-01T00:00:00.000Z  a longer key  hello",
      "",
    ]);
  });

  it("cuts keys that are too long, shows headers when asked, and is harmless", () => {
    const writer = new TableWriter({ ...PLAIN, showsHeaders: true });
    expect(writer.head).toMatch(/KEY +HEADERS +VALUE\n$/);
    const line = writer.write(recordOf({ key: Buffer.alloc(100, "x"), value: HOSTILE, headers: [["a", null]] }));
    expect(line).toContain(`${"x".repeat(39)}…  a:null`);
    expect(controlsIn(line)).toEqual([0x0a]);
  });
});
