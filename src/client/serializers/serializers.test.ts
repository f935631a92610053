import { describe, expect, expectTypeOf, it } from "vitest";
import { serializerFixtures } from "../../../test/support/fixtures.ts";
import { SerializationError } from "../errors.ts";
import { bytes } from "./bytes.ts";
import { json } from "./json.ts";
import { float64, int32, int64 } from "./numbers.ts";
import type { Deserializer, Serde, SerializedBytes, Serializer } from "./serializer.ts";
import { strings } from "./strings.ts";

const hex = (serialized: SerializedBytes): string | undefined =>
  serialized === null ? undefined : Buffer.from(serialized).toString("hex");
const unhex = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits, "hex"));

function errorOf(attempt: () => unknown): SerializationError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof SerializationError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("the formats are Java's", () => {
  it.each(serializerFixtures())("$format of $value", ({ format, value, hex: expected }) => {
    const read = unhex(expected);
    switch (format) {
      case "strings":
        expect(hex(strings.serialize(value, "t"))).toBe(expected);
        expect(strings.deserialize(read, "t")).toBe(value);
        break;
      case "int32":
        expect(hex(int32.serialize(Number(value), "t"))).toBe(expected);
        expect(int32.deserialize(read, "t")).toBe(Number(value));
        break;
      case "int64":
        expect(hex(int64.serialize(BigInt(value), "t"))).toBe(expected);
        expect(int64.deserialize(read, "t")).toBe(BigInt(value));
        break;
      case "float64":
        expect(hex(float64.serialize(Number(value), "t"))).toBe(expected);
        expect(float64.deserialize(read, "t")).toBe(Number(value));
    }
  });
});

describe("strings", () => {
  it("hands text on as it is, to be encoded into its batch", () => {
    expect(strings.serialize("käse", "t")).toBe("käse");
  });

  it("reads bytes in the middle of a buffer, and U+FFFD where they are no text", () => {
    expect(strings.deserialize(unhex("41ff6242").subarray(1, 3), "t")).toBe("\ufffdb");
  });
});

describe("int64", () => {
  it("takes safe integers too, and reads bigints always", () => {
    expect(hex(int64.serialize(-2, "t"))).toBe("fffffffffffffffe");
    expect(int64.deserialize(unhex("000000000000002a"), "t")).toBe(42n);
  });
});

describe("bytes", () => {
  it("gives back what it gets", () => {
    const value = unhex("0001ff");
    expect(bytes.serialize(value, "t")).toBe(value);
    expect(bytes.deserialize(value, "t")).toBe(value);
  });
});

describe("json", () => {
  it.each([[{ a: [1, "ä", null] }], ["text"], [0], [false], [[]]])("writes and reads %j", (value) => {
    const text = json.serialize(value, "t");
    expect(text).toBe(JSON.stringify(value));
    expect(json.deserialize(Buffer.from(text ?? ""), "t")).toEqual(value);
  });

  it("has what JSON.stringify makes of dates and toJSON", () => {
    expect(json.serialize({ at: new Date(0), of: { toJSON: () => "x" } }, "t")).toBe('{"at":"1970-01-01T00:00:00.000Z","of":"x"}');
  });

  it("keeps the cause of what it cannot write or read, and shows none of it", () => {
    const loop: Record<string, unknown> = { password: "hunter2" };
    loop["self"] = loop;
    const writing = errorOf(() => json.serialize(loop, "t"));
    expect(writing.cause).toBeInstanceOf(TypeError);
    const reading = errorOf(() => json.deserialize(Buffer.from('{"password":"hunter2'), "t"));
    expect(reading.cause).toBeInstanceOf(SyntaxError);
    expect(`${writing.message} ${reading.message}`).not.toMatch(/hunter2|password/);
  });

  it("reads no text with holes in it", () => {
    expect(errorOf(() => json.deserialize(unhex("22ff22"), "orders")).message).toBe("topic 'orders': 3 bytes are no JSON in UTF-8");
  });
});

const all: Readonly<Record<string, Serializer<unknown> & Deserializer<unknown>>> = { strings, json, bytes, int32, int64, float64 };

describe.each(Object.entries(all))("%s", (_, serde) => {
  it("leaves null as it is, both ways", () => {
    expect(serde.serialize(null, "t")).toBeNull();
    expect(serde.serialize(undefined, "t")).toBeNull();
    expect(serde.deserialize(null, "t")).toBeNull();
  });
});

describe("what does not fit is an error that names the topic, and shows nothing of the value", () => {
  it.each([
    ["strings takes text, not a number", strings, 5],
    ["strings takes text, not an object", strings, Buffer.from("x")],
    ["bytes takes a Uint8Array, not a string", bytes, "secret"],
    ["bytes takes a Uint8Array, not an array", bytes, [1, 2]],
    ["int32 takes whole numbers from -2147483648 to 2147483647, not this number", int32, 1.5],
    ["int32 takes whole numbers from -2147483648 to 2147483647, not this number", int32, 2 ** 31],
    ["int32 takes whole numbers from -2147483648 to 2147483647, not this number", int32, Number.NaN],
    ["int32 takes whole numbers from -2147483648 to 2147483647, not this bigint", int32, 5n],
    ["int32 takes whole numbers from -2147483648 to 2147483647, not this string", int32, "5"],
    ["int64 takes bigints of 64 bits and safe integers, not this number", int64, 2 ** 53],
    ["int64 takes bigints of 64 bits and safe integers, not this bigint", int64, 2n ** 63n],
    ["int64 takes bigints of 64 bits and safe integers, not this bigint", int64, -(2n ** 63n) - 1n],
    ["int64 takes bigints of 64 bits and safe integers, not this number", int64, 0.5],
    ["float64 takes numbers, not a string", float64, "1"],
    ["float64 takes numbers, not a bigint", float64, 1n],
    ["json has no text for a function", json, (): void => undefined],
    ["json cannot write it: it contains a bigint or itself, or its toJSON() has thrown", json, { n: 1n }],
  ] satisfies readonly (readonly [string, Serializer<never>, unknown])[])("%s", (problem, serde, value) => {
    const loose: Serializer<unknown> = serde;
    const error = errorOf(() => loose.serialize(value, "orders"));
    expect(error).toMatchObject({ code: "SERIALIZATION", retriable: false, topic: "orders", part: undefined, problem });
    expect(error.message).toBe(`topic 'orders': ${problem}`);
  });

  it.each([
    ["int32 has 4 bytes, not 3", int32, "000000"],
    ["int64 has 8 bytes, not 4", int64, "00000000"],
    ["float64 has 8 bytes, not 0", float64, ""],
  ] satisfies readonly (readonly [string, Deserializer<unknown>, string])[])("%s", (problem, serde, digits) => {
    expect(errorOf(() => serde.deserialize(unhex(digits), "orders")).problem).toBe(problem);
  });
});

it("the types say what goes in and what comes out", () => {
  expectTypeOf(strings).toEqualTypeOf<Serde<string>>();
  expectTypeOf(int64.serialize).parameter(0).toEqualTypeOf<number | bigint>();
  expectTypeOf(int64.deserialize(null, "t")).toEqualTypeOf<bigint | null>();
  expectTypeOf(json.deserialize(null, "t")).toEqualTypeOf<unknown>();
  // @ts-expect-error: a number is no text
  expect(() => strings.serialize(1, "t")).toThrow(SerializationError);
  expectTypeOf(bytes).toExtend<Serializer<Buffer>>();
});
