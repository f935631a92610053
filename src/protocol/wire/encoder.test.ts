import { describe, expect, it } from "vitest";
import { InvalidValueError } from "../invalid-value-error.ts";
import { UnsupportedVersionError } from "../unsupported-version-error.ts";
import { Encoder } from "./encoder.ts";
import { int16, int32, type Layout, string, struct, type Wire } from "./wire.ts";

interface Form {
  readonly version?: number;
  readonly flexible?: boolean;
}

function encoded(write: (wire: Wire) => unknown, { version = 0, flexible = false }: Form = {}): string {
  const encoder = new Encoder();
  encoder.begin(version, flexible);
  write(encoder);
  return Buffer.from(encoder.written()).toString("hex");
}

/** What a caller without types may pass. */
function untyped<T>(value: unknown): T {
  return value as T;
}

const flexible = { flexible: true };

describe("numbers", () => {
  it("are written big-endian up to their extremes", () => {
    expect(encoded((wire) => [wire.int8(-128), wire.int8(127)])).toBe("807f");
    expect(encoded((wire) => [wire.int16(-32768), wire.int16(32767)])).toBe("80007fff");
    expect(encoded((wire) => [wire.uint16(0), wire.uint16(65535)])).toBe("0000ffff");
    expect(encoded((wire) => [wire.int32(-2147483648), wire.int32(2147483647)])).toBe("800000007fffffff");
    expect(encoded((wire) => wire.int64(-9223372036854775808n))).toBe("8000000000000000");
    expect(encoded((wire) => wire.int64(9223372036854775807n))).toBe("7fffffffffffffff");
    expect(encoded((wire) => [wire.offset(Number.MAX_SAFE_INTEGER), wire.timestamp(-1)])).toBe("001fffffffffffffffffffffffffffff");
    expect(encoded((wire) => wire.int53(-Number.MAX_SAFE_INTEGER))).toBe("ffe0000000000001");
    expect(encoded((wire) => [wire.float64(1.5), wire.float64(5e-324)])).toBe("3ff80000000000000000000000000001");
    expect(encoded((wire) => wire.float64(Number.NaN))).toBe("7ff8000000000000");
  });

  it("have no sign at zero, except floats", () => {
    expect(encoded((wire) => [wire.int8(-0), wire.int32(-0), wire.offset(-0)])).toBe("00".repeat(13));
    expect(encoded((wire) => wire.float64(-0))).toBe("8000000000000000");
  });
});

describe("a value that was left out", () => {
  it("is written as its default", () => {
    const write = (wire: Wire): unknown => [
      wire.boolean(untyped(undefined), true),
      wire.int16(untyped(undefined), -1),
      wire.offset(untyped(undefined), -2),
      wire.string(untyped(undefined), "x"),
      wire.nullableString(untyped(undefined)),
      wire.nullableString(untyped(undefined), "y"),
      wire.array(untyped<string[]>(undefined), string),
      wire.nullableArray(untyped<string[]>(undefined), string),
    ];
    expect(encoded(write)).toBe("01ffff" + "fffffffffffffffe" + "000178" + "ffff" + "000179" + "00000000" + "ffffffff");
    expect(encoded(write, flexible)).toBe("01ffff" + "fffffffffffffffe" + "0278" + "00" + "0279" + "01" + "00");
  });
});

describe("null and empty", () => {
  it("are two things, in classic and in flexible versions", () => {
    const write = (wire: Wire): unknown => [
      wire.nullableString(null, "x"),
      wire.nullableString(""),
      wire.nullableBytes(null),
      wire.nullableBytes(new Uint8Array()),
      wire.nullableRecords(null),
      wire.nullableRecords(new Uint8Array()),
      wire.nullableArray(null, string),
      wire.nullableArray([], string),
    ];
    expect(encoded(write)).toBe(`ffff0000${"ffffffff00000000".repeat(3)}`);
    expect(encoded(write, flexible)).toBe("0001".repeat(4));
  });

  it("structs are told apart by the byte before them", () => {
    const layout = struct<{ readonly a: number }>((wire, it) => ({ a: wire.int8(it.a, 9) }));
    expect(encoded((wire) => wire.nullableStruct(null, layout, { a: 1 }), flexible)).toBe("ff");
    expect(encoded((wire) => wire.nullableStruct({ a: 7 }, layout), flexible)).toBe("010700");
    expect(encoded((wire) => wire.nullableStruct(untyped({}), layout))).toBe("0109");
  });

  it("is null only from a version on, where the layout says so", () => {
    for (const write of [
      (wire: Wire): unknown => wire.nullableString(null, "", 7),
      (wire: Wire): unknown => wire.nullableBytes(null, new Uint8Array(), 7),
      (wire: Wire): unknown => wire.nullableArray(null, string, [], 7),
    ]) {
      expect(() => encoded(write, { version: 6 })).toThrow(UnsupportedVersionError);
      expect(encoded(write, { version: 7 })).toMatch(/^(ff)+$/);
    }
  });
});

describe("a string", () => {
  it("has a length in bytes and not in characters", () => {
    expect(encoded((wire) => wire.string("ä漢😀\0\ufeff"))).toBe("000d" + "c3a4e6bca2f09f988000efbbbf");
    expect(encoded((wire) => wire.string("ä漢😀\0\ufeff"), flexible)).toBe("0e" + "c3a4e6bca2f09f988000efbbbf");
  });

  it("has at most 32767 bytes, also where its length is a varint", () => {
    for (const form of [{}, flexible]) {
      expect(encoded((wire) => wire.string("a".repeat(32767)), form)).toHaveLength((32767 + (form === flexible ? 3 : 2)) * 2);
      expect(() => encoded((wire) => wire.string("a".repeat(32768)), form)).toThrow("a string of 32768 bytes; Kafka allows 32767");
      expect(() => encoded((wire) => wire.string("ä".repeat(16384)), form)).toThrow("a string of 32768 bytes");
      expect(encoded((wire) => wire.string("ä".repeat(16383)), form)).toMatch(/^(7ffe|ffff01)(c3a4)+$/);
    }
  });

  it("keeps a two-byte length in flexible versions when it is the client id", () => {
    expect(encoded((wire) => [wire.classicNullableString("ab"), wire.classicNullableString(null)], flexible)).toBe("00026162ffff");
  });
});

describe("the length of an array or of bytes", () => {
  it("is a varint of one more in flexible versions, which grows at 127 elements", () => {
    const bytes = (length: number) => (wire: Wire) => wire.bytes(new Uint8Array(length));
    expect(encoded(bytes(126), flexible).slice(0, 4)).toBe("7f00");
    expect(encoded(bytes(127), flexible).slice(0, 4)).toBe("8001");
    expect(encoded((wire) => wire.array([1, 2], int16), flexible)).toBe("0300010002");
    expect(encoded((wire) => wire.array([1, 2], int16))).toBe("0000000200010002");
  });
});

const inner = struct<{ readonly a: number }>((wire, it) => ({ a: wire.int8(it.a) }));
const refused: readonly [string, (wire: Wire) => unknown][] = [
  ["boolean", (wire) => wire.boolean(untyped("false"))],
  ["boolean null", (wire) => wire.boolean(untyped(null))],
  ["int8 128", (wire) => wire.int8(128)],
  ["int8 -129", (wire) => wire.int8(-129)],
  ["int8 null", (wire) => wire.int8(untyped(null))],
  ["int16 32768", (wire) => wire.int16(32768)],
  ["int16 fraction", (wire) => wire.int16(1.5)],
  ["int16 NaN", (wire) => wire.int16(Number.NaN)],
  ["uint16 -1", (wire) => wire.uint16(-1)],
  ["uint16 65536", (wire) => wire.uint16(65536)],
  ["int32 2^31", (wire) => wire.int32(2147483648)],
  ["int32 text", (wire) => wire.int32(untyped("5"))],
  ["int32 bigint", (wire) => wire.int32(untyped(5n))],
  ["int32 object", (wire) => wire.int32(untyped({}))],
  ["int64 number", (wire) => wire.int64(untyped(5))],
  ["int64 2^63", (wire) => wire.int64(9223372036854775808n)],
  ["int64 null", (wire) => wire.int64(untyped(null), -1n)],
  ["int53 2^53", (wire) => wire.int53(Number.MAX_SAFE_INTEGER + 1)],
  ["int53 infinite", (wire) => wire.int53(Number.POSITIVE_INFINITY)],
  ["offset bigint", (wire) => wire.offset(untyped(5n))],
  ["timestamp Date", (wire) => wire.timestamp(untyped(new Date(0)))],
  ["float64 text", (wire) => wire.float64(untyped("1"))],
  ["uuid hexadecimal", (wire) => wire.uuid("00000000-0000-0000-0000-000000000001")],
  ["uuid null", (wire) => wire.uuid(untyped(null))],
  ["uuid number", (wire) => wire.uuid(untyped(1))],
  ["string number", (wire) => wire.string(untyped(1))],
  ["string null", (wire) => wire.string(untyped(null))],
  ["string array", (wire) => wire.nullableString(untyped(["a"]))],
  ["client id", (wire) => wire.classicNullableString(untyped(1))],
  ["bytes text", (wire) => wire.bytes(untyped("abc"))],
  ["bytes array", (wire) => wire.bytes(untyped([1]))],
  ["bytes null", (wire) => wire.bytes(untyped(null))],
  ["records null", (wire) => wire.records(untyped(null))],
  ["bytes ArrayBuffer", (wire) => wire.nullableBytes(untyped(new ArrayBuffer(1)))],
  ["array object", (wire) => wire.array(untyped<string[]>({ length: 1 }), string)],
  ["array null", (wire) => wire.array(untyped<string[]>(null), string)],
  ["array text", (wire) => wire.nullableArray(untyped<string[]>("abc"), string)],
  ["element null", (wire) => wire.array(untyped<string[]>([null]), string)],
  ["element struct null", (wire) => wire.array(untyped<{ readonly a: number }[]>([null]), inner)],
  ["struct null", (wire) => wire.struct(untyped(null), inner)],
  ["struct number", (wire) => wire.struct(untyped(1), inner)],
];

describe("a value that its field cannot carry", () => {
  it.each(refused)("is refused: %s", (_name, write) => {
    expect(() => encoded(write)).toThrow(InvalidValueError);
    expect(() => encoded((wire) => write(wire.since(1)), { version: 1, flexible: true })).toThrow(InvalidValueError);
  });

  it.each(refused)("is refused in a tagged field as well: %s", (_name, write) => {
    const layout: Layout<object> = struct((wire, _it) => ({ field: write(wire.tag(3)) }));
    expect(() => encoded((wire) => wire.struct({}, layout), flexible)).toThrow(InvalidValueError);
  });
});

describe("a value that the version has no field for", () => {
  const message = struct<{ readonly old: number; readonly young: string; readonly harmless: number }>((wire, it) => ({
    old: wire.until(1).int32(it.old, -1),
    young: wire.since(3).string(it.young),
    harmless: wire.since(3).ignorable.int32(it.harmless, 5),
  }));
  const encode = (value: object, version: number): string => encoded((wire) => wire.struct(untyped(value), message), { version });

  it("is refused, because dropping it would change what the message means", () => {
    expect(() => encode({ old: 0 }, 2)).toThrow(UnsupportedVersionError);
    expect(() => encode({ young: "x" }, 2)).toThrow("version 2 has no such field, so its value cannot be sent");
  });

  it("passes when it is the default", () => {
    expect(encode({ old: -1, young: "" }, 2)).toBe("");
    expect(encode({}, 2)).toBe("");
  });

  it("is dropped when the field is ignorable", () => {
    expect(encode({ harmless: 6 }, 2)).toBe("");
    expect(encode({ harmless: 6 }, 3)).toBe("0000" + "00000006");
  });

  it("may be any kind of value", () => {
    const writes: readonly ((wire: Wire) => unknown)[] = [
      (wire) => wire.boolean(true),
      (wire) => wire.int64(1n),
      (wire) => wire.uuid("AAAAAAAAAAAAAAAAAAAAAQ"),
      (wire) => wire.nullableString(""),
      (wire) => wire.bytes(Uint8Array.of(1)),
      (wire) => wire.nullableRecords(new Uint8Array()),
      (wire) => wire.array(["a"], string),
      (wire) => wire.nullableArray([], int32),
      (wire) => wire.struct({ a: 1 }, inner),
      (wire) => wire.nullableStruct({ a: 0 }, inner),
    ];
    for (const write of writes) {
      expect(() => encoded((wire) => write(wire.since(2)), { version: 1 })).toThrow(UnsupportedVersionError);
      expect(encoded((wire) => write(wire.since(2).ignorable), { version: 1 })).toBe("");
    }
  });
});

describe("the buffer", () => {
  // It begins with 1024 bytes: everything is written so that it crosses that border at each of its bytes.
  const LEAD = Array.from({ length: 44 }, (_, i) => 990 + i);
  const writes: readonly [string, (wire: Wire) => unknown, string][] = [
    ["an int64", (wire) => wire.int64(0x0102030405060708n), "0102030405060708"],
    ["an offset", (wire) => wire.offset(0x01020304050607), "0001020304050607"],
    ["an int32", (wire) => wire.int32(0x01020304), "01020304"],
    ["a uuid", (wire) => wire.uuid("HKxf0sL8pQgDP-OdRSr0AA"), "1cac5fd2c2fca508033fe39d452af400"],
    ["a string", (wire) => wire.string("abcdefgh"), "096162636465666768"],
    ["a string of other characters", (wire) => wire.string("abcdeä漢"), "0b6162636465c3a4e6bca2"],
    ["bytes", (wire) => wire.bytes(Buffer.from("0102030405060708", "hex")), "090102030405060708"],
    ["bytes with a length of two bytes", (wire) => wire.bytes(new Uint8Array(300).fill(1)), `ad02${"01".repeat(300)}`],
    ["text with a length of three bytes", (wire) => wire.string("a".repeat(20_000)), `a19c01${"61".repeat(20_000)}`],
    ["an array", (wire) => wire.array([1, 2, 3], int32), "04000000010000000200000003"],
  ];

  it.each(writes)("grows under %s at every alignment, and holds what was written before", (_name, write, hex) => {
    for (const lead of LEAD) {
      const before = Buffer.alloc(lead, 0xab);
      const encoder = new Encoder();
      encoder.begin(0, true);
      for (const byte of before) encoder.int8((byte << 24) >> 24);
      write(encoder);
      encoder.int16(0x7e7f);
      expect(Buffer.from(encoder.written()).toString("hex")).toBe(`${before.toString("hex")}${hex}7e7f`);
      expect(encoder.position).toBeLessThanOrEqual(encoder.capacity);
    }
  });

  it("grows under text and bytes that are many times larger than it", () => {
    const large = Buffer.alloc(100_000, 0x61);
    const hex = encoded((wire) => [wire.int8(1), wire.bytes(large), wire.string("b".repeat(30_000)), wire.int8(2)]);
    expect(hex).toBe(`01000186a0${large.toString("hex")}7530${"62".repeat(30_000)}02`);
  });

  it("doubles, so that writing byte by byte copies little", () => {
    const encoder = new Encoder();
    const capacities = new Set<number>();
    for (let i = 0; i < 100_000; i++) {
      encoder.int8(1);
      capacities.add(encoder.capacity);
    }
    expect([...capacities]).toEqual([1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072]);
  });

  it("is used again after a reset, also after a failure within a message", () => {
    const encoder = new Encoder(4);
    const layout = struct<{ readonly a: number; readonly b: number }>((wire, it) => ({
      a: wire.tag(0).int8(it.a),
      b: wire.tag(1).int8(it.b),
    }));
    for (const b of [1, 1000, 2]) {
      encoder.reset();
      encoder.begin(0, true);
      if (b === 1000) expect(() => encoder.struct({ a: 7, b }, layout)).toThrow(InvalidValueError);
      else {
        encoder.struct({ a: 7, b }, layout);
        expect(Buffer.from(encoder.written()).toString("hex")).toBe(`020001070101${b === 1 ? "01" : "02"}`);
      }
    }
  });
});
