import { describe, expect, it } from "vitest";
import { primitiveFixtures } from "../../../test/support/fixtures.ts";
import { uuidFromBytes, writeUuid, ZERO_UUID } from "./uuid.ts";

// Written by Apache Kafka's Uuid.toString (fixtures/primitives.jsonl.gz).
const fixtures = primitiveFixtures().flatMap((it) => (it.type === "uuid" ? [it] : []));

function bytesOf(text: string): string | undefined {
  const target = Buffer.alloc(18, 0xee);
  if (!writeUuid(text, target, 1)) return undefined;
  expect([target[0], target[17]]).toEqual([0xee, 0xee]);
  return target.toString("hex", 1, 17);
}

describe("a uuid", () => {
  it.each(fixtures)("reads $value and is $hex, as in Kafka", ({ value, hex }) => {
    expect(bytesOf(value)).toBe(hex);
    expect(uuidFromBytes(Buffer.from(hex, "hex"), 0)).toBe(value);
  });

  it("may begin with a minus sign", () => {
    // 0xf8 is 62 in its upper six bits, which base64url writes as "-".
    const hex = "f8000000000000000000000000000000";
    expect(uuidFromBytes(Buffer.from(hex, "hex"), 0)).toBe("-AAAAAAAAAAAAAAAAAAAAA");
    expect(bytesOf("-AAAAAAAAAAAAAAAAAAAAA")).toBe(hex);
  });

  it("of zeros is no id", () => {
    expect(uuidFromBytes(new Uint8Array(16), 0)).toBe(ZERO_UUID);
    expect(bytesOf(ZERO_UUID)).toBe("00".repeat(16));
  });

  it("of ones is written with underscores", () => {
    expect(uuidFromBytes(new Uint8Array(16).fill(0xff), 0)).toBe(`${"_".repeat(21)}w`);
    expect(bytesOf(`${"_".repeat(21)}w`)).toBe("ff".repeat(16));
  });

  it("has one spelling: the four surplus bits are zero", () => {
    for (const last of "BCDEFGHIJKLMNOP") expect(bytesOf(`${"A".repeat(21)}${last}`)).toBeUndefined();
    expect(bytesOf(`${"A".repeat(21)}Q`)).toBe(`${"00".repeat(15)}01`);
  });

  it("is neither padded, nor hexadecimal, nor of the other base64 alphabet", () => {
    const wrong = [
      "",
      "A",
      `${ZERO_UUID}==`,
      "00000000-0000-0000-0000-000000000000",
      `+${"A".repeat(21)}`,
      `/${"A".repeat(21)}`,
      `é${"A".repeat(21)}`,
    ];
    for (const text of wrong) expect(bytesOf(text)).toBeUndefined();
  });
});
