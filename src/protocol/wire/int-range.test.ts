import { expect, it } from "vitest";
import { highHalf, lowHalf, MAX_SAFE, safeNumberFromHalves } from "./int-range.ts";

it.each([
  ["0000000000000000", 0],
  ["0000000000000001", 1],
  ["ffffffffffffffff", -1],
  ["fffffffffffffffe", -2],
  ["00000000ffffffff", 4_294_967_295],
  ["0000000100000000", 4_294_967_296],
  ["ffffffff00000000", -4_294_967_296],
  ["fffffffeffffffff", -4_294_967_297],
  ["001fffffffffffff", MAX_SAFE],
  ["ffe0000000000001", -MAX_SAFE],
])("%s is %i, exactly, in both directions", (hex, value) => {
  const bytes = Buffer.from(hex, "hex");
  expect(safeNumberFromHalves(bytes.readInt32BE(0), bytes.readUInt32BE(4))).toBe(value);
  const written = Buffer.alloc(8);
  written.writeInt32BE(highHalf(value), 0);
  written.writeUInt32BE(lowHalf(value), 4);
  expect(written.toString("hex")).toBe(hex);
});

it.each(["0020000000000000", "0020000000000001", "ffe0000000000000", "7fffffffffffffff", "8000000000000000"])(
  "%s has no exact number",
  (hex) => {
    const bytes = Buffer.from(hex, "hex");
    expect(safeNumberFromHalves(bytes.readInt32BE(0), bytes.readUInt32BE(4))).toBeUndefined();
  },
);
