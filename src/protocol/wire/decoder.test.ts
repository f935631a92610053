import { describe, expect, it } from "vitest";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { Decoder } from "./decoder.ts";
import { int32, type Layout, string, struct, type Wire } from "./wire.ts";

interface Form {
  readonly version?: number;
  readonly flexible?: boolean;
}

/** Everything in `hex` as one value that `read` takes from the wire. */
function decoded<T>(hex: string, read: (wire: Wire) => T, { version = 0, flexible = false }: Form = {}): T {
  const decoder = new Decoder(Buffer.from(hex, "hex"), version, flexible);
  const value = read(decoder);
  decoder.expectEnd();
  return value;
}

function refusal(hex: string, read: (wire: Wire) => unknown, form?: Form): string {
  try {
    decoded(hex, read, form);
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedMessageError);
    if (error instanceof MalformedMessageError) return `${error.problem} @${error.offset}`;
  }
  return "no refusal";
}

const flexible = { flexible: true };
const hexOf = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString("hex"));

describe("numbers", () => {
  it("are big-endian and signed", () => {
    expect(decoded("80", (wire) => wire.int8(0))).toBe(-128);
    expect(decoded("8001", (wire) => wire.int16(0))).toBe(-32767);
    expect(decoded("80000001", (wire) => wire.int32(0))).toBe(-2147483647);
  });

  it("of type uint16 are not signed", () => {
    expect(decoded("ffff", (wire) => wire.uint16(0))).toBe(65535);
  });

  it("of 64 bits are exact to both extremes", () => {
    expect(decoded("7fffffffffffffff", (wire) => wire.int64(0n))).toBe(9223372036854775807n);
    expect(decoded("8000000000000000", (wire) => wire.int64(0n))).toBe(-9223372036854775808n);
    expect(decoded("0020000000000001", (wire) => wire.int64(0n))).toBe(9007199254740993n);
  });

  it.each(["int53", "offset", "timestamp"] as const)("of type %s are exact up to 2^53 - 1 and refused beyond", (type) => {
    expect(decoded("001fffffffffffff", (wire) => wire[type](0))).toBe(Number.MAX_SAFE_INTEGER);
    expect(decoded("ffe0000000000001", (wire) => wire[type](0))).toBe(-Number.MAX_SAFE_INTEGER);
    expect(decoded("fffffffffffffffe", (wire) => wire[type](0))).toBe(-2);
    expect(refusal("0020000000000000", (wire) => wire[type](0))).toMatch(/^9007199254740992 is beyond .* @0$/);
    expect(refusal("8000000000000000", (wire) => wire[type](0))).toMatch(/^-9223372036854775808 is beyond/);
  });

  it("of type float64 may be anything that Java writes", () => {
    // fixtures/primitives.jsonl.gz: 1.5 and Double.MIN_VALUE; then the special values of IEEE 754.
    expect(decoded("3ff8000000000000", (wire) => wire.float64(0))).toBe(1.5);
    expect(decoded("0000000000000001", (wire) => wire.float64(0))).toBe(5e-324);
    expect(decoded("7ff8000000000000", (wire) => wire.float64(0))).toBeNaN();
    expect(decoded("fff0000000000000", (wire) => wire.float64(0))).toBe(Number.NEGATIVE_INFINITY);
    expect(decoded("8000000000000000", (wire) => wire.float64(0))).toBe(-0);
  });

  it("that the bytes end within are refused", () => {
    expect(refusal("000000", (wire) => wire.int32(0))).toBe("4 bytes expected, 3 are left @0");
    expect(refusal("00000000000000", (wire) => wire.int64(0n))).toBe("8 bytes expected, 7 are left @0");
    expect(refusal("", (wire) => wire.boolean(false))).toBe("1 bytes expected, 0 are left @0");
  });

  it("are read at any place of a larger buffer", () => {
    const decoder = new Decoder(Buffer.from("eeee0001ee", "hex").subarray(1), 0, false, 1, 3);
    expect(decoder.int16()).toBe(1);
    expect(() => decoder.int8()).toThrow(expect.objectContaining({ offset: 3 }));
  });
});

describe("a boolean", () => {
  it("is true for any byte but zero, as in Java", () => {
    expect(decoded("00", (wire) => wire.boolean(true))).toBe(false);
    for (const hex of ["01", "02", "80", "ff"]) expect(decoded(hex, (wire) => wire.boolean(false))).toBe(true);
  });
});

describe("a string", () => {
  it("has a length of two bytes, or in flexible versions a varint of one more", () => {
    expect(decoded("00026162", (wire) => wire.string(""))).toBe("ab");
    expect(decoded("036162", (wire) => wire.string(""), flexible)).toBe("ab");
    expect(decoded("0000", (wire) => wire.string(""))).toBe("");
    expect(decoded("01", (wire) => wire.string(""), flexible)).toBe("");
  });

  it("that is null is not empty", () => {
    expect(decoded("ffff", (wire) => wire.nullableString(""))).toBeNull();
    expect(decoded("00", (wire) => wire.nullableString(""), flexible)).toBeNull();
    expect(decoded("0000", (wire) => wire.nullableString(null))).toBe("");
    expect(decoded("01", (wire) => wire.nullableString(null), flexible)).toBe("");
  });

  it("may be null only where the layout says so", () => {
    expect(refusal("ffff", (wire) => wire.string(""))).toMatch("may not be null");
    expect(refusal("00", (wire) => wire.string(""), flexible)).toMatch("may not be null");
  });

  it("may be null only from a version on, where the layout says so", () => {
    const read = (wire: Wire): string | null => wire.nullableString("", "", 7);
    expect(decoded("ffff", read, { version: 7 })).toBeNull();
    expect(refusal("ffff", read, { version: 6 })).toMatch("may be null only from version 7 on");
  });

  it("has at most 32767 bytes, also where its length is a varint", () => {
    const text = "61".repeat(32767);
    expect(decoded(`7fff${text}`, (wire) => wire.string(""))).toHaveLength(32767);
    expect(decoded(`808002${text}`, (wire) => wire.string(""), flexible)).toHaveLength(32767);
    expect(refusal(`818002${text}61`, (wire) => wire.string(""), flexible)).toBe("a length of 32768 where at most 32767 fit @0");
  });

  it("with a negative length other than null's is refused", () => {
    expect(refusal("fffe", (wire) => wire.nullableString(null))).toBe("a length of -2 @0");
    expect(refusal("8000", (wire) => wire.nullableString(null))).toBe("a length of -32768 @0");
  });

  it("cannot be longer than the bytes that are left", () => {
    expect(refusal("000361", (wire) => wire.string(""))).toBe("a length of 3 where at most 1 fit @0");
    expect(refusal("0461", (wire) => wire.string(""), flexible)).toBe("a length of 3 where at most 1 fit @0");
  });

  it("keeps a two-byte length in flexible versions when it is the client id", () => {
    expect(decoded("00026162", (wire) => wire.classicNullableString(null), flexible)).toBe("ab");
    expect(decoded("ffff", (wire) => wire.classicNullableString(""), flexible)).toBeNull();
  });
});

describe.each(["bytes", "records"] as const)("%s", (type) => {
  const nullable = type === "bytes" ? "nullableBytes" : "nullableRecords";

  it("have a length of four bytes, or in flexible versions a varint of one more", () => {
    expect(hexOf(decoded("0000000201ff", (wire) => wire[type](new Uint8Array())))).toBe("01ff");
    expect(hexOf(decoded("0301ff", (wire) => wire[type](new Uint8Array()), flexible))).toBe("01ff");
  });

  it("that are null are not empty", () => {
    expect(decoded("ffffffff", (wire) => wire[nullable](null))).toBeNull();
    expect(decoded("00", (wire) => wire[nullable](null), flexible)).toBeNull();
    expect(hexOf(decoded("00000000", (wire) => wire[nullable](null)))).toBe("");
    expect(hexOf(decoded("01", (wire) => wire[nullable](null), flexible))).toBe("");
    expect(refusal("ffffffff", (wire) => wire[type](new Uint8Array()))).toMatch("may not be null");
    expect(refusal("00", (wire) => wire[type](new Uint8Array()), flexible)).toMatch("may not be null");
  });

  it("cannot be longer than the bytes that are left, whatever they claim", () => {
    expect(refusal("7fffffff00", (wire) => wire[type](new Uint8Array()))).toBe("a length of 2147483647 where at most 1 fit @0");
    expect(refusal("ffffffff0f00", (wire) => wire[type](new Uint8Array()), flexible)).toBe(
      "a length of 4294967294 where at most 1 fit @0",
    );
    expect(refusal("fffffffe", (wire) => wire[nullable](null))).toBe("a length of -2 @0");
  });

  it("are a view of the message and no copy", () => {
    const message = Buffer.from("0301ff", "hex");
    expect(new Decoder(message, 0, true)[type]().buffer).toBe(message.buffer);
  });
});

const empty: Layout<object> = struct((_wire, _it) => ({}));

describe("an array", () => {
  it("has a length of four bytes, or in flexible versions a varint of one more", () => {
    expect(decoded("0000000200016100016a", (wire) => wire.array([], string))).toEqual(["a", "j"]);
    expect(decoded("030261026a", (wire) => wire.array([], string), flexible)).toEqual(["a", "j"]);
  });

  it("of int32 has numbers with a sign", () => {
    const numbers = [1, -1, 2147483647, -2147483648];
    const hex = "00000001ffffffff7fffffff80000000";
    expect(decoded(`00000004${hex}`, (wire) => wire.array([], int32))).toEqual(numbers);
    expect(decoded(`05${hex}`, (wire) => wire.nullableArray(null, int32), flexible)).toEqual(numbers);
  });

  it("that is null is not empty", () => {
    expect(decoded("ffffffff", (wire) => wire.nullableArray([], string))).toBeNull();
    expect(decoded("00", (wire) => wire.nullableArray([], string), flexible)).toBeNull();
    expect(decoded("00000000", (wire) => wire.nullableArray(null, string))).toEqual([]);
    expect(decoded("01", (wire) => wire.nullableArray(null, string), flexible)).toEqual([]);
    expect(refusal("ffffffff", (wire) => wire.array([], string))).toMatch("may not be null");
    expect(refusal("00", (wire) => wire.array([], string), flexible)).toMatch("may not be null");
  });

  it("may be null only from a version on, where the layout says so", () => {
    const read = (wire: Wire): unknown => wire.nullableArray([], string, [], 1);
    expect(decoded("ffffffff", read, { version: 1 })).toBeNull();
    expect(refusal("ffffffff", read, { version: 0 })).toMatch("may be null only from version 1 on");
  });

  it.each([
    ["int8", 1],
    ["int16", 2],
    ["int32", 4],
    ["offset", 8],
    ["uuid", 16],
  ] as const)("of %s cannot have more elements than fit into the bytes that are left", async (type, size) => {
    const layout: Layout<unknown> = (await import("./wire.ts"))[type];
    expect(refusal(`00000003${"00".repeat(3 * size - 1)}`, (wire) => wire.array([], layout))).toMatch(
      /^3 elements .*cannot fit .*@0$/,
    );
    expect(decoded(`00000003${"00".repeat(3 * size)}`, (wire) => wire.array([], layout))).toHaveLength(3);
  });

  it("of 2^31 elements is refused before anything is allocated", () => {
    expect(refusal("7fffffff", (wire) => wire.array([], empty))).toMatch(/^2147483647 elements .*cannot fit into 0 bytes @0$/);
    expect(refusal("8080808008", (wire) => wire.array([], empty), flexible)).toMatch(
      /^2147483647 elements .*cannot fit into 0 bytes @0$/,
    );
    expect(refusal("80000000", (wire) => wire.array([], empty))).toBe("a length of -2147483648 @0");
  });
});

describe("a struct", () => {
  it("that may be null follows a byte that says whether it is there", () => {
    const layout = struct<{ readonly a: number }>((wire, it) => ({ a: wire.int8(it.a) }));
    expect(decoded("ff", (wire) => wire.nullableStruct(null, layout), flexible)).toBeNull();
    expect(decoded("010700", (wire) => wire.nullableStruct(null, layout), flexible)).toEqual({ a: 7 });
    expect(decoded("0107", (wire) => wire.nullableStruct(null, layout))).toEqual({ a: 7 });
  });

  it.each(["00", "02", "80", "fe"])("has no other such byte: %s is refused", (marker) => {
    expect(refusal(`${marker}00`, (wire) => wire.nullableStruct(null, empty), flexible)).toMatch(/neither 1 .* @0$/);
  });

  it("without fields still ends in a section of tagged fields in flexible versions", () => {
    expect(decoded("00", (wire) => wire.struct({}, empty), flexible)).toEqual({});
    expect(decoded("", (wire) => wire.struct({}, empty))).toEqual({});
    expect(refusal("", (wire) => wire.struct({}, empty), flexible)).toMatch("1 bytes expected");
  });
});

describe("a message", () => {
  it("that is longer than its layout is refused", () => {
    expect(refusal("000000", (wire) => wire.int8(0))).toBe("2 bytes are left over @1");
  });

  it("reads fields that the version lacks as their default, and takes no bytes for them", () => {
    const read = (wire: Wire): unknown[] => [
      wire.since(2).int32(0, -7),
      wire.until(0).nullableString(null, "default"),
      wire.since(2).array([], string),
      wire.since(2).int64(0n, 9n),
      wire.int8(0),
    ];
    expect(decoded("05", read, { version: 1 })).toEqual([-7, "default", [], 9n, 5]);
  });
});
