import fc from "fast-check";
import { expect, test } from "vitest";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { readVarint, readVarlong, readVarlongBig, sizeOfVarint, sizeOfVarlong, writeVarint, writeVarlong } from "./varint.ts";

const MAX_INT64 = 2n ** 63n - 1n;

function at(hex: string): { bytes: Uint8Array; position: number; end: number } {
  const bytes = Buffer.from(hex, "hex");
  return { bytes, position: 0, end: bytes.length };
}

function hexOf(write: (bytes: Uint8Array) => number): string {
  const bytes = Buffer.alloc(12);
  return bytes.toString("hex", 0, write(bytes));
}

// Written and read by Apache Kafka 4.4.0 (ByteUtils).
test.each([
  ["00", 0],
  ["01", -1],
  ["7e", 63],
  ["8001", 64],
  ["80808002", 2097152],
  ["feffffff0f", 2147483647],
  ["ffffffff0f", -2147483648],
])("varint %s is %i in both directions", (hex, value) => {
  expect(readVarint(at(hex))).toBe(value);
  expect(hexOf((bytes) => writeVarint(bytes, 0, value))).toBe(hex);
  expect(sizeOfVarint(value)).toBe(hex.length / 2);
});

test.each([
  ["feffffff1f", 4294967295n],
  ["8080808020", 4294967296n],
  ["feffffffffffff1f", 9007199254740991n],
  ["8280808080808020", 9007199254740993n],
  ["8180808080808020", -9007199254740993n],
  ["feffffffffffffffff01", MAX_INT64],
  ["ffffffffffffffffff01", -MAX_INT64 - 1n],
])("varlong %s is %s in both directions", (hex, value) => {
  expect(readVarlongBig(at(hex))).toBe(value);
  expect(hexOf((bytes) => writeVarlong(bytes, 0, value))).toBe(hex);
  expect(sizeOfVarlong(value)).toBe(hex.length / 2);
});

test("a varlong beyond 2^53 reads as NaN and never as a number that is almost right", () => {
  expect(readVarlong(at("feffffffffffff1f"))).toBe(Number.MAX_SAFE_INTEGER);
  expect(readVarlong(at("8280808080808020"))).toBeNaN();
  expect(readVarlong(at("8180808080808020"))).toBeNaN();
});

test("like in Java, forms that are longer than needed count and bits above the width are dropped", () => {
  expect(readVarint(at("8000"))).toBe(0);
  expect(readVarint(at("ffffffff7f"))).toBe(-2147483648);
  expect(readVarlongBig(at("808080808000"))).toBe(0n);
  expect(readVarlongBig(at("ffffffff7f"))).toBe(-17179869184n);
  expect(readVarlongBig(at("ffffffffffffffffff7f"))).toBe(-MAX_INT64 - 1n);
});

test.each(["80", "808080808000", "ffffffffff01", "ffffffffffffffffff01"])("varint %s is refused", (hex) => {
  expect(() => readVarint(at(hex))).toThrow(MalformedMessageError);
});

test.each(["80", "8080808080808080808001", "ffffffffffffffffffff01"])("varlong %s is refused", (hex) => {
  expect(() => readVarlongBig(at(hex))).toThrow(MalformedMessageError);
  expect(() => readVarlong(at(hex))).toThrow(MalformedMessageError);
});

test("a number and a bigint of the same value have the same bytes", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      const hex = hexOf((bytes) => writeVarlong(bytes, 0, value));
      expect(hexOf((bytes) => writeVarlong(bytes, 0, BigInt(value)))).toBe(hex);
      expect(readVarlong(at(hex))).toBe(value);
    }),
  );
});
