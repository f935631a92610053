// KIP-482: a struct of a flexible version ends in a count, then (tag, size, payload) with ascending tags.
import { describe, expect, it } from "vitest";
import { InvalidValueError } from "../invalid-value-error.ts";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { UnsupportedVersionError } from "../unsupported-version-error.ts";
import { Decoder } from "./decoder.ts";
import { Encoder } from "./encoder.ts";
import { unknownTagsOf, withUnknownTags } from "./unknown-tags.ts";
import { int32, type Layout, struct } from "./wire.ts";

interface Inner {
  readonly id: number;
  readonly epoch: number;
}
interface Message {
  readonly first: number;
  readonly two: string | null;
  readonly four: number;
  readonly five: readonly number[];
  readonly six: Inner;
  readonly seven: Inner | null;
}

const inner = struct<Inner>((wire, it) => ({ id: wire.int32(it.id, -1), epoch: wire.int16(it.epoch, -1) }));
const message = struct<Message>((wire, it) => ({
  first: wire.int8(it.first),
  two: wire.tag(2).nullableString(it.two),
  four: wire.tag(4).int32(it.four, -1),
  five: wire.tag(5).array(it.five, int32),
  six: wire.tag(6).struct(it.six, inner),
  seven: wire.tag(7).nullableStruct(it.seven, inner),
}));
const AT_DEFAULT: Message = { first: 1, two: null, four: -1, five: [], six: { id: -1, epoch: -1 }, seven: null };

function encoded<T>(layout: Layout<T>, value: T, isFlexible = true): string {
  const encoder = new Encoder();
  encoder.begin(0, isFlexible);
  encoder.struct(value, layout);
  return Buffer.from(encoder.written()).toString("hex");
}

function decoded<T>(layout: Layout<T>, hex: string): T {
  const decoder = new Decoder(Buffer.from(hex, "hex"), 0, true);
  const value = decoder.struct(undefined, layout);
  decoder.expectEnd();
  return value;
}

function refusal(hex: string): string {
  try {
    return `no refusal, but ${JSON.stringify(decoded(message, hex))}`;
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedMessageError);
    return error instanceof MalformedMessageError ? `${error.problem} @${error.offset}` : "";
  }
}

const tag = (number: number, hex: string): { tag: number; data: Uint8Array } => ({ tag: number, data: Buffer.from(hex, "hex") });

describe("a tagged field", () => {
  it("is left out at its default, and an empty section takes one byte", () => {
    expect(encoded(message, AT_DEFAULT)).toBe("0100");
    expect(decoded(message, "0100")).toEqual(AT_DEFAULT);
  });

  it.each<[string, Partial<Message>]>([
    ["0101" + "0203" + "036b6b", { two: "kk" }],
    ["0101" + "0201" + "01", { two: "" }],
    ["0101" + "0404" + "00000000", { four: 0 }],
    ["0101" + "0505" + "0200000009", { five: [9] }],
    ["0101" + "0607" + "00000003ffff00", { six: { id: 3, epoch: -1 } }],
    ["0101" + "0708" + "01ffffffffffff00", { seven: { id: -1, epoch: -1 } }],
    ["0102" + "0201" + "01" + "0404" + "7fffffff", { two: "", four: 2147483647 }],
  ])("is written as tag, size and payload: %s", (hex, fields) => {
    expect(encoded(message, { ...AT_DEFAULT, ...fields })).toBe(hex);
    expect(decoded(message, hex)).toEqual({ ...AT_DEFAULT, ...fields });
  });

  it("that was sent at its default all the same is read, as in Java, and left out when written again", () => {
    const read = decoded(message, "0101" + "0404" + "ffffffff");
    expect(read).toEqual(AT_DEFAULT);
    expect(encoded(message, read)).toBe("0100");
  });

  it("that is a struct ends in a section of its own, unknown tags included", () => {
    const hex = "0101" + "060a" + "00000003ffff" + "01" + "0901aa";
    const read = decoded(message, hex);
    expect(unknownTagsOf(read.six)).toEqual([tag(9, "aa")]);
    expect(encoded(message, read)).toBe(hex);
  });

  it("with a null in the payload is not a field at its default when the default is something else", () => {
    const layout = struct<{ readonly a: string | null }>((wire, it) => ({ a: wire.tag(0).nullableString(it.a, "x") }));
    expect(encoded(layout, { a: null })).toBe("01" + "0001" + "00");
    expect(encoded(layout, { a: "x" })).toBe("00");
    expect(decoded(layout, "00")).toEqual({ a: "x" });
    expect(decoded(layout, "01000100")).toEqual({ a: null });
  });

  it("does not exist in versions that are not flexible", () => {
    expect(encoded(message, AT_DEFAULT, false)).toBe("01");
    expect(() => encoded(message, { ...AT_DEFAULT, four: 5 }, false)).toThrow("has no such field");
  });

  it("larger than the encoder's first guess of its size is written whole", () => {
    const two = "k".repeat(300);
    expect(encoded(message, { ...AT_DEFAULT, two })).toBe(`0101${"02ae02"}${"ad02"}${"6b".repeat(300)}`);
  });
});

describe("a tag that nobody knows", () => {
  it("is kept with its struct and written again at its place", () => {
    // 1 and 3 stand before and between the known tags 2 and 4; 100 behind them.
    const hex = "0105" + "0100" + "0201" + "01" + "0302aabb" + "0404" + "00000005" + "6401cc";
    const read = decoded(message, hex);
    expect(read).toMatchObject({ two: "", four: 5 });
    expect(unknownTagsOf(read)).toEqual([tag(1, ""), tag(3, "aabb"), tag(100, "cc")]);
    expect(encoded(message, read)).toBe(hex);
  });

  it("takes 32 bits", () => {
    const hex = "0101" + "ffffffff0f" + "0100";
    expect(unknownTagsOf(decoded(message, hex))).toEqual([tag(4294967295, "00")]);
    expect(encoded(message, decoded(message, hex))).toBe(hex);
  });

  it("is no property of the struct that a field's name could meet", () => {
    const read = decoded(message, "0101" + "6401cc");
    expect(Object.keys(read)).toEqual(["first", "two", "four", "five", "six", "seven"]);
    expect(unknownTagsOf(decoded(message, "0100"))).toEqual([]);
  });

  it("may stand in any struct of the message", () => {
    const list = struct<{ readonly list: readonly Inner[] }>((wire, it) => ({ list: wire.array(it.list, inner) }));
    const hex = "02" + "00000001" + "0002" + "01" + "0700" + "01" + "0801ee";
    const read = decoded(list, hex);
    expect(unknownTagsOf(read.list[0]!)).toEqual([tag(7, "")]);
    expect(unknownTagsOf(read)).toEqual([tag(8, "ee")]);
    expect(encoded(list, read)).toBe(hex);
  });

  it("is sorted among the others when a caller adds it, and refused when its number is taken", () => {
    expect(encoded(message, withUnknownTags({ ...AT_DEFAULT, four: 5 }, [tag(9, "99"), tag(3, "33")]))).toBe(
      "0103" + "030133" + "0404" + "00000005" + "090199",
    );
    for (const tags of [[tag(4, "")], [tag(9, ""), tag(9, "")]]) {
      expect(() => encoded(message, withUnknownTags({ ...AT_DEFAULT, four: 5 }, tags))).toThrow(InvalidValueError);
    }
  });

  it("is refused in versions that are not flexible, since there is no place for it", () => {
    const write = (): string => encoded(message, withUnknownTags(AT_DEFAULT, [tag(9, "99")]), false);
    expect(write).toThrow(UnsupportedVersionError);
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 32])("is refused when its number %d cannot stand on the wire", (number) => {
    expect(() => encoded(message, withUnknownTags(AT_DEFAULT, [tag(number, "99")]))).toThrow(InvalidValueError);
  });
});

describe("a section of tagged fields is refused", () => {
  it.each([
    ["0102" + "0404" + "00000005" + "0404" + "00000005", "tag 4 after tag 4: tags must ascend @8"],
    ["0102" + "0404" + "00000005" + "0201" + "01", "tag 2 after tag 4: tags must ascend @8"],
    ["0102" + "6400" + "6400", "tag 100 after tag 100: tags must ascend @4"],
    ["0102" + "6500" + "6400", "tag 100 after tag 101: tags must ascend @4"],
  ])("when tags come twice or descend, where Java is lenient: %s", (hex, problem) => {
    expect(refusal(hex)).toBe(problem);
  });

  it.each([
    ["0101" + "0403" + "000000", "4 bytes expected, 3 are left @4"],
    ["0101" + "0400", "4 bytes expected, 0 are left @4"],
    ["0101" + "0203" + "0461" + "62", "a length of 3 where at most 2 fit @4"],
  ])("when a known field's declared size is too small, where Java ignores the size: %s", (hex, problem) => {
    expect(refusal(hex)).toBe(problem);
  });

  it.each([
    ["0101" + "0405" + "0000000500", "1 bytes are left over @8"],
    ["0102" + "0405" + "0000000500" + "0501" + "01", "1 bytes are left over @8"],
    ["0101" + "0608" + "00000003ffff0000", "1 bytes are left over @11"],
    ["0101" + "0709" + "01ffffffffffff00" + "00", "1 bytes are left over @12"],
  ])("when a known field's declared size is too large: %s", (hex, problem) => {
    expect(refusal(hex)).toBe(problem);
  });

  it.each([
    ["0101" + "0405" + "00000005", "tag 4 declares 5 bytes, 4 are left @2"],
    ["0101" + "64ffffffff0f", "tag 100 declares 4294967295 bytes, 0 are left @2"],
    ["01" + "ffffffff0f", "4294967295 tagged fields cannot fit into 0 bytes @1"],
    ["0103" + "01000200", "3 tagged fields cannot fit into 4 bytes @1"],
    ["01", "1 bytes expected, 0 are left @1"],
  ])("when it claims more than is there: %s", (hex, problem) => {
    expect(refusal(hex)).toBe(problem);
  });

  it("but its numbers may be longer than they need to be", () => {
    expect(decoded(message, "01" + "8100" + "8400" + "8400" + "00000005").four).toBe(5);
    expect(decoded(message, "01" + "8000")).toEqual(AT_DEFAULT);
  });
});
