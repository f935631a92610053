import { describe, expect, it } from "vitest";
import { primitiveFixtures } from "../../../test/support/fixtures.ts";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { Decoder } from "./decoder.ts";
import { sizeOfUnsignedVarint, writeUnsignedVarint } from "./varint.ts";

// Written and read by Apache Kafka's ByteUtils (fixtures/primitives.jsonl.gz).
const written = primitiveFixtures().flatMap((it) => (it.type === "uvarint" ? [it] : []));
const odd = primitiveFixtures().flatMap((it) => (it.type === "decode-uvarint" ? [it] : []));

function read(hex: string): { value: number; consumed: number } {
  const decoder = new Decoder(Buffer.from(hex, "hex"), 0, true);
  return { value: decoder.unsignedVarint(), consumed: decoder.position };
}

describe("an unsigned varint", () => {
  it.each(written)("is written by Kafka as $hex for $value, and by us", ({ value, hex }) => {
    const target = Buffer.alloc(8);
    const end = writeUnsignedVarint(target, 1, Number(value));
    expect(target.toString("hex", 1, end)).toBe(hex);
    expect(sizeOfUnsignedVarint(Number(value))).toBe(hex.length / 2);
    expect(read(hex)).toEqual({ value: Number(value), consumed: hex.length / 2 });
  });

  it.each(odd.filter(({ error }) => error !== undefined))("is refused by Kafka and by us when it reads $hex", ({ hex }) => {
    expect(() => read(hex)).toThrow(MalformedMessageError);
  });

  it("may be longer than it needs to be, as in Kafka", () => {
    const overlong = odd.find(({ hex }) => hex === "8000");
    expect(overlong).toMatchObject({ value: "0", consumed: 2 });
    expect(read("8000")).toEqual({ value: 0, consumed: 2 });
    expect(read("8180808000")).toEqual({ value: 1, consumed: 5 });
  });

  it("of exactly 32 bits is the largest", () => {
    expect(odd.find(({ hex }) => hex === "ffffffff0f")).toMatchObject({ value: "4294967295" });
    expect(read("ffffffff0f").value).toBe(4_294_967_295);
  });

  it("of more than 32 bits is refused, where Kafka drops the surplus bits silently", () => {
    expect(odd.find(({ hex }) => hex === "ffffffff7f")).toMatchObject({ value: "4294967295" });
    for (const hex of ["ffffffff1f", "ffffffff7f", "8080808010"]) {
      expect(() => read(hex)).toThrow("more than 32 bits");
    }
  });

  it("of more than five bytes is refused at its first byte", () => {
    const decoder = new Decoder(Buffer.from("00808080808000", "hex"), 0, true);
    decoder.position = 1;
    expect(() => decoder.unsignedVarint()).toThrow(
      expect.objectContaining({ offset: 1, problem: "a varint of more than five bytes" }),
    );
  });

  it("that ends in the middle is refused", () => {
    for (const hex of ["", "80", "ffff", "ffffffff"]) expect(() => read(hex)).toThrow(MalformedMessageError);
  });
});
