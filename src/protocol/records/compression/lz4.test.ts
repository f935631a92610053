import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KafkaError } from "../../kafka-error.ts";
import { MalformedMessageError } from "../../malformed-message-error.ts";
import { readBatches } from "../read-batches.ts";
import { OutputLimitError } from "./codec.ts";
import { decompressLz4Block } from "./lz4-block.ts";
import { compressLz4, decompressLz4, frameLz4Blocks, readLz4Frame } from "./lz4-frame.ts";
import { xxhash32 } from "./xxhash32.ts";

const limit = { maxOutputBytes: 1_000_000 };
const text = new TextEncoder().encode(
  "Wikipedia is a free, web-based, collaborative, multilingual encyclopedia project. ".repeat(20),
);

// Whole batches with 40 records, written with Apache Kafka 4.4.0 and lz4-java (fixtures/records.jsonl, foreign/...).
const fixtures = {
  "foreign/lz4-content-checksum":
    "0000000000000000000002eaffffffff02aaf8a2fd0003000000270000018bcfe568000000018bcfe56986ffffffffffffffffffffffffffff0000002804224d186440a7a6020000f20b1c000000011076616c75652d302d002c0014020a6b65792d31161400a1312d6162630032002804170022321c170010321700001a00622e003c060122150013331500001800413e00500832002234281d0016341d00002000414400640a200022352e200019352000002300624000780c01341e001c361e000021005128008c010e45001337c20081372d002e00a0011015001338c30010383c0073002a00b4011201bf0010391300004300613e00c801140cf1002230246b002331301d00002000524400dc0116200023312a200001130105030083003e00f0011801301d0004190106200052500084021a43002333362600072a01062900522c0098021c29002334122900a3342d002600ac021e0118110001270162003800c002202b0023361e1a0004230162003e00d402221d001437d4001737d400643800e8022401ce00011e01068500524a00fc02263d001439d400042e010626005150009003282600233230d40017323701062900632000a4032a01ce009232312d003200b8032c3a001332d4001132340162003800cc032e1a001333d4001432280173003200e0033001ce0017324c0262004400f4033237001335d40011322501068500524a0088043423001336d40014322e010626006444009c043601ce00073101062300522c00b0043849001438d4001038d40032c4043a17001439d40001340173002c00d8043c01ce001433220161003e00ec043e3100233331d400173356026200440080054020001332d40011332501068b00543e00940542760214332801062000525000a8054443001334d40017333701062900522c00bc054629001335d400203335760234d00548760211332e0162003800e4054a2b001437d40004280162003e00f8054c1d001438d400075c02640038008c064e760211331f01a06162636162636162630000000000460cd76e",
  "foreign/lz4-block-checksum":
    "0000000000000000000002eaffffffff02015974be0003000000270000018bcfe568000000018bcfe56986ffffffffffffffffffffffffffff0000002804224d18705084a6020000f20b1c000000011076616c75652d302d002c0014020a6b65792d31161400a1312d6162630032002804170022321c170010321700001a00622e003c060122150013331500001800413e00500832002234281d0016341d00002000414400640a200022352e200019352000002300624000780c01341e001c361e000021005128008c010e45001337c20081372d002e00a0011015001338c30010383c0073002a00b4011201bf0010391300004300613e00c801140cf1002230246b002331301d00002000524400dc0116200023312a200001130105030083003e00f0011801301d0004190106200052500084021a43002333362600072a01062900522c0098021c29002334122900a3342d002600ac021e0118110001270162003800c002202b0023361e1a0004230162003e00d402221d001437d4001737d400643800e8022401ce00011e01068500524a00fc02263d001439d400042e010626005150009003282600233230d40017323701062900632000a4032a01ce009232312d003200b8032c3a001332d4001132340162003800cc032e1a001333d4001432280173003200e0033001ce0017324c0262004400f4033237001335d40011322501068500524a0088043423001336d40014322e010626006444009c043601ce00073101062300522c00b0043849001438d4001038d40032c4043a17001439d40001340173002c00d8043c01ce001433220161003e00ec043e3100233331d400173356026200440080054020001332d40011332501068b00543e00940542760214332801062000525000a8054443001334d40017333701062900522c00bc054629001335d400203335760234d00548760211332e0162003800e4054a2b001437d40004280162003e00f8054c1d001438d400075c02640038008c064e760211331f01a061626361626361626300bf57edc900000000",
  "foreign/lz4-content-size":
    "0000000000000000000002eeffffffff02896b66fc0003000000270000018bcfe568000000018bcfe56986ffffffffffffffffffffffffffff0000002804224d186870860400000000000071a6020000f20b1c000000011076616c75652d302d002c0014020a6b65792d31161400a1312d6162630032002804170022321c170010321700001a00622e003c060122150013331500001800413e00500832002234281d0016341d00002000414400640a200022352e200019352000002300624000780c01341e001c361e000021005128008c010e45001337c20081372d002e00a0011015001338c30010383c0073002a00b4011201bf0010391300004300613e00c801140cf1002230246b002331301d00002000524400dc0116200023312a200001130105030083003e00f0011801301d0004190106200052500084021a43002333362600072a01062900522c0098021c29002334122900a3342d002600ac021e0118110001270162003800c002202b0023361e1a0004230162003e00d402221d001437d4001737d400643800e8022401ce00011e01068500524a00fc02263d001439d400042e010626005150009003282600233230d40017323701062900632000a4032a01ce009232312d003200b8032c3a001332d4001132340162003800cc032e1a001333d4001432280173003200e0033001ce0017324c0262004400f4033237001335d40011322501068500524a0088043423001336d40014322e010626006444009c043601ce00073101062300522c00b0043849001438d4001038d40032c4043a17001439d40001340173002c00d8043c01ce001433220161003e00ec043e3100233331d400173356026200440080054020001332d40011332501068b00543e00940542760214332801062000525000a8054443001334d40017333701062900522c00bc054629001335d400203335760234d00548760211332e0162003800e4054a2b001437d40004280162003e00f8054c1d001438d400075c02640038008c064e760211331f01a06162636162636162630000000000",
  "foreign/lz4-all-flags":
    "0000000000000000000002f6ffffffff029ffffb750003000000270000018bcfe568000000018bcfe56986ffffffffffffffffffffffffffff0000002804224d187c6086040000000000008aa6020000f20b1c000000011076616c75652d302d002c0014020a6b65792d31161400a1312d6162630032002804170022321c170010321700001a00622e003c060122150013331500001800413e00500832002234281d0016341d00002000414400640a200022352e200019352000002300624000780c01341e001c361e000021005128008c010e45001337c20081372d002e00a0011015001338c30010383c0073002a00b4011201bf0010391300004300613e00c801140cf1002230246b002331301d00002000524400dc0116200023312a200001130105030083003e00f0011801301d0004190106200052500084021a43002333362600072a01062900522c0098021c29002334122900a3342d002600ac021e0118110001270162003800c002202b0023361e1a0004230162003e00d402221d001437d4001737d400643800e8022401ce00011e01068500524a00fc02263d001439d400042e010626005150009003282600233230d40017323701062900632000a4032a01ce009232312d003200b8032c3a001332d4001132340162003800cc032e1a001333d4001432280173003200e0033001ce0017324c0262004400f4033237001335d40011322501068500524a0088043423001336d40014322e010626006444009c043601ce00073101062300522c00b0043849001438d4001038d40032c4043a17001439d40001340173002c00d8043c01ce001433220161003e00ec043e3100233331d400173356026200440080054020001332d40011332501068b00543e00940542760214332801062000525000a8054443001334d40017333701062900522c00bc054629001335d400203335760234d00548760211332e0162003800e4054a2b001437d40004280162003e00f8054c1d001438d400075c02640038008c064e760211331f01a061626361626361626300bf57edc900000000460cd76e",
};
// What Java refuses.
const refused = {
  "foreign/lz4-two-frames":
    "000000000000000000000308ffffffff02f4a212460003000000270000018bcfe568000000018bcfe56986ffffffffffffffffffffffffffff0000002804224d1860408254000000f20b1c000000011076616c75652d302d002c0014020a6b65792d31161400a1312d6162630032002804170022321c170010321700001a00622e003c060122150013331500001800c03e0050080a6b65792d3428760000000004224d1860408265020000a5616c75652d342d6162630300d1004400640a0a6b65792d352e76200019352000a2616263004000780c01341e001c361e000021005128008c010e4500223710270081372d002e00a001101500223816150010383c0082002a00b40112011c130010391300004300603e00c801140c8800323130241c002331301d00002000524400dc0116200023312a200016312000002300733e00f0011801301d0019321d0000200052500084021a430023333626001c332600002900522c0098021c29002334122900a3342d002600ac021e0118110001270162003800c002202b0023361e1a0004230162003e00d402221d001437d4001637710074003800e8022401ce00011e01069801524a00fc02263d001439d400042e010626005150009003282600233230d40017323701062900632000a4032a01ce009232312d003200b8032c3a001332d4001132340162003800cc032e1a001333d4001432280173003200e0033001ce0017324c0262004400f4033237001335d40011322501068500524a0088043423001336d40014322e010626006444009c043601ce00073101062300522c00b0043849001438d4001038d40032c4043a17001439d40001340173002c00d8043c01ce001433220161003e00ec043e3100233331d400173356026200440080054020001332d40011332501068b00543e00940542760214332801062000525000a8054443001334d40017333701062900522c00bc054629001335d400203335760234d00548760211332e0162003800e4054a2b001437d40004280162003e00f8054c1d001438d400075c02640038008c064e760211331f01a06162636162636162630000000000",
  "foreign/lz4-dependent-blocks-flag":
    "0000000000000000000002e6ffffffff02caa971950003000000270000018bcfe568000000018bcfe56986ffffffffffffffffffffffffffff0000002804224d184040c0a6020000f20b1c000000011076616c75652d302d002c0014020a6b65792d31161400a1312d6162630032002804170022321c170010321700001a00622e003c060122150013331500001800413e00500832002234281d0016341d00002000414400640a200022352e200019352000002300624000780c01341e001c361e000021005128008c010e45001337c20081372d002e00a0011015001338c30010383c0073002a00b4011201bf0010391300004300613e00c801140cf1002230246b002331301d00002000524400dc0116200023312a200001130105030083003e00f0011801301d0004190106200052500084021a43002333362600072a01062900522c0098021c29002334122900a3342d002600ac021e0118110001270162003800c002202b0023361e1a0004230162003e00d402221d001437d4001737d400643800e8022401ce00011e01068500524a00fc02263d001439d400042e010626005150009003282600233230d40017323701062900632000a4032a01ce009232312d003200b8032c3a001332d4001132340162003800cc032e1a001333d4001432280173003200e0033001ce0017324c0262004400f4033237001335d40011322501068500524a0088043423001336d40014322e010626006444009c043601ce00073101062300522c00b0043849001438d4001038d40032c4043a17001439d40001340173002c00d8043c01ce001433220161003e00ec043e3100233331d400173356026200440080054020001332d40011332501068b00543e00940542760214332801062000525000a8054443001334d40017333701062900522c00bc054629001335d400203335760234d00548760211332e0162003800e4054a2b001437d40004280162003e00f8054c1d001438d400075c02640038008c064e760211331f01a06162636162636162630000000000",
  "lz4-corrupt-descriptor-checksum":
    "00000000000000000000007affffffff0214796d0b0003000000020000018bcfe568000000018bcfe56814ffffffffffffffffffffffffffff0000000304224d186040833a000000f20b1c000000011076616c75652d302d002c0014020a6b65792d31161400a1312d6162630032002804170022321c170090322d6162636162630000000000",
};

test("the check values of XXH32 with seed 0", () => {
  // https://github.com/Cyan4973/xxHash: of nothing, of "a", of "abc", and of a text longer than one stripe.
  const hash = (input: string): string => xxhash32(new TextEncoder().encode(input)).toString(16);
  expect([hash(""), hash("a"), hash("abc"), hash("Nobody inspects the spammish repetition")]).toEqual([
    "2cc5d05",
    "550d7456",
    "32d153ff",
    "e2293b2f",
  ]);
});

/** Literals, a match, and literals. */
function blockOf(literals: Uint8Array, distance: number, length: number, tail: Uint8Array): Uint8Array {
  const rest = (size: number): number[] => (size < 15 ? [] : [size - 15]);
  const token = (count: number, match: number): number => Math.min(count, 15) * 16 + Math.min(match, 15);
  const first = [token(literals.length, length - 4), ...rest(literals.length), ...literals, distance, 0, ...rest(length - 4)];
  return Uint8Array.from([...first, token(tail.length, 0), ...rest(tail.length), ...tail]);
}

describe("an LZ4 block", () => {
  const output = new Uint8Array(100);

  test("of literals and a match that feeds itself unfolds", () => {
    // Token: 2 literals, match of 4 + 3 bytes from 2 back; then one literal.
    const block = Uint8Array.from([0x23, 0x61, 0x62, 2, 0, 0x10, 0x63]);
    const end = decompressLz4Block(block, 0, block.length, output, 0, 100);
    expect(new TextDecoder().decode(output.subarray(0, end))).toBe("ababababac");
  });

  test.each([
    ["is empty", []],
    ["ends inside its literals", [0x50, 0x61]],
    ["ends inside a length", [0xf0, 255]],
    ["ends inside a match", [0x10, 0x61, 1]],
    ["ends behind a match", [0x10, 0x61, 1, 0]],
    ["reaches back before its start", [0x10, 0x61, 2, 0, 0x10, 0x61]],
    ["reaches nowhere back", [0x10, 0x61, 0, 0, 0x10, 0x61]],
  ])("that %s is refused", (_what, bytes) => {
    const block = Uint8Array.from(bytes);
    expect(() => decompressLz4Block(block, 0, block.length, output, 0, 100)).toThrow(MalformedMessageError);
  });

  test("unfolds any literals and any match, near its end and far from it, and writes nothing behind it", () => {
    const letters = Uint8Array.from({ length: 40 }, (_, index) => 97 + (index % 26));
    for (let literals = 1; literals <= 34; literals++) {
      for (const distance of [1, 2, 3, 4, 5, 7, 8, 15, 16, 33].filter((it) => it <= literals)) {
        for (const length of [4, 5, 7, 8, 9, 15, 16, 17, 18, 33, 60, 128, 129, 200]) {
          for (const tail of [0, 1, 8, 15, 16, 17, 30]) {
            const block = blockOf(letters.subarray(0, literals), distance, length, letters.subarray(0, tail));
            const expected = [...letters.subarray(0, literals)];
            while (expected.length < literals + length) expected.push(expected.at(-distance)!);
            expected.push(...letters.subarray(0, tail));
            const room = new Uint8Array(expected.length + 20).fill(255);
            const end = decompressLz4Block(block, 0, block.length, room, 0, expected.length);
            expected.push(...Array.from({ length: 20 }, () => 255));
            if (end !== expected.length - 20 || Buffer.compare(room, Uint8Array.from(expected)) !== 0) {
              throw new Error(`${literals} literals, ${length} from ${distance} back, ${tail} literals`);
            }
          }
        }
      }
    }
  });

  test("never writes beyond its room", () => {
    const block = Uint8Array.from([0x1f, 0x61, 1, 0, 200, 0x10, 0x63]);
    expect(() => decompressLz4Block(block, 0, block.length, output, 0, 100)).toThrow(OutputLimitError);
  });
});

describe("LZ4 as Kafka's clients write it", () => {
  test.each(Object.entries(fixtures))("%s is read", (_name, hex) => {
    const [batch] = readBatches(Buffer.from(hex, "hex"));
    expect(batch?.records()).toHaveLength(batch?.recordCount ?? -1);
    expect(Buffer.from(batch?.records()[1]?.value ?? []).toString()).toBe("value-1-abc");
  });

  test.each(Object.entries(refused))("%s is refused, as by Java", (_name, hex) => {
    const [batch] = readBatches(Buffer.from(hex, "hex"));
    expect(() => batch?.records()).toThrow(MalformedMessageError);
  });

  test("is written as one frame of independent blocks of 64 KiB, with Java's flags", () => {
    const bytes = compressLz4(text);
    expect(Buffer.from(bytes.subarray(0, 7)).toString("hex")).toBe("04224d18604082");
    expect(Buffer.from(bytes.subarray(-4)).toString("hex")).toBe("00000000");
  });

  test("stores what does not get smaller", () => {
    const noise = Uint8Array.from({ length: 70_000 }, (_, index) => (Math.imul(index, 2654435761) >>> 11) & 255);
    const bytes = compressLz4(noise);
    expect(bytes.length).toBeLessThanOrEqual(noise.length + 7 + 2 * 4 + 4);
    expect(Buffer.from(decompressLz4(bytes, limit)).equals(noise)).toBe(true);
  });

  test("may have a wrong header checksum in format 0 only", () => {
    const bytes = compressLz4(text).with(6, 0x1a);
    expect(decompressLz4(bytes, { ...limit, magic: 0 })).toHaveLength(text.length);
    expect(() => decompressLz4(bytes, { ...limit, magic: 1 })).toThrow(/checksum/);
  });

  test("stops at the limit without making more", () => {
    const bytes = compressLz4(new Uint8Array(300_000));
    expect(() => decompressLz4(bytes, { maxOutputBytes: 299_999 })).toThrow(OutputLimitError);
    expect(decompressLz4(bytes, { maxOutputBytes: 300_000 })).toHaveLength(300_000);
  });

  test("cut off anywhere is refused", () => {
    const bytes = compressLz4(text);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decompressLz4(bytes.subarray(0, length), limit)).toThrow(MalformedMessageError);
    }
  });
});

describe("an LZ4 frame, for codecs that unfold it elsewhere,", () => {
  // The records follow the 61 bytes of the batch's header.
  const payloadOf = (name: keyof typeof fixtures): Buffer => Buffer.from(fixtures[name], "hex").subarray(61);

  test.each(Object.keys(fixtures) as (keyof typeof fixtures)[])(
    "%s ends where its batch ends, and is bound by its blocks",
    (name) => {
      const payload = payloadOf(name);
      const output = decompressLz4(payload, limit);
      const frame = readLz4Frame(payload);
      expect(frame.end).toBe(payload.length);
      expect(frame.outputBound).toBeGreaterThanOrEqual(output.length);
      expect(frame.outputBound).toBeLessThanOrEqual(frame.blocks.length * frame.maxBlockBytes);
      expect([undefined, output.length]).toContain(frame.contentSize);
      expect(readLz4Frame(Buffer.concat([payload, payload])).end).toBe(payload.length);
      for (let length = 0; length < payload.length; length++) {
        expect(() => readLz4Frame(payload.subarray(0, length))).toThrow(MalformedMessageError);
      }
    },
  );

  test("with the size of its content says so", () => {
    const payload = payloadOf("foreign/lz4-content-size");
    expect(readLz4Frame(payload).contentSize).toBe(decompressLz4(payload, limit).length);
  });

  test("of blocks that are stored, or small, has a bound to match", () => {
    const noise = Uint8Array.from({ length: 100 }, (_, index) => index);
    expect(readLz4Frame(compressLz4(noise)).outputBound).toBe(noise.length);
    const zeros = readLz4Frame(compressLz4(new Uint8Array(3000)));
    expect(zeros.outputBound).toBeGreaterThanOrEqual(3000);
    expect(zeros.outputBound).toBeLessThan(10_000);
  });

  test("needs the right header checksum", () => {
    expect(() => readLz4Frame(compressLz4(text).with(6, 0x1a))).toThrow(/checksum of its header/);
  });

  test("is the same whether its blocks were compressed in place or elsewhere, and stores those that grew", () => {
    // Two blocks of text, and one of bytes that do not repeat.
    const bytes = Buffer.concat([Buffer.alloc(131_072, "some text "), Uint8Array.from({ length: 200 }, (_, index) => index)]);
    const frame = compressLz4(bytes);
    const grown = new Uint8Array(80_000);
    const blocks = readLz4Frame(frame).blocks.map(({ start, end, isStored }) => (isStored ? grown : frame.subarray(start, end)));
    expect(blocks).toContain(grown);
    expect(Buffer.from(frameLz4Blocks(bytes, blocks)).equals(frame)).toBe(true);
    expect(frameLz4Blocks(new Uint8Array(), [])).toEqual(compressLz4(new Uint8Array()));
  });
});

test("what is compressed keeps no memory but its own, and nothing that follows is written there", () => {
  const first = compressLz4(text);
  const copy = first.slice();
  expect(compressLz4(text.slice(1_000))).not.toEqual(first);
  expect(first).toEqual(copy);
  expect(first.buffer.byteLength).toBe(first.length);
});

test("whatever is compressed comes back", () => {
  const repetitive = fc
    .array(fc.constantFrom("a", "ab", "kafka", "offset:12345;"), { maxLength: 300 })
    .map((parts) => new TextEncoder().encode(parts.join("")));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 3000 }), repetitive), (bytes) => {
      expect(Buffer.from(decompressLz4(compressLz4(bytes), limit)).equals(bytes)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

describe("a compression level", () => {
  // Its words come again, in another order.
  const words = ["orders", "payments", "somebody", "{", "}", '"id":', "42", "2026-", "eu-west", "null"];
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state >>> 16;
  };
  const prose = Buffer.from(Array.from({ length: 40_000 }, () => words[next() % words.length]).join(""));

  test.each([0, 1, 12, 13, 100, 65_535, 65_536, 65_537, prose.length])("gives %i bytes back, whichever it is", (length) => {
    const bytes = prose.subarray(7, 7 + length);
    for (const level of [1, 2, 9, 17]) {
      expect(Buffer.from(decompressLz4(compressLz4(bytes, level), limit)).equals(bytes)).toBe(true);
    }
  });

  test("that is higher makes fewer bytes, if it can, and never more", () => {
    const sizes = [1, 3, 6, 9, 12].map((level) => compressLz4(prose, level).length);
    expect(sizes).toEqual(sizes.toSorted((one, other) => other - one));
    expect(sizes.at(-1)).toBeLessThan(compressLz4(prose).length * 0.8);
    expect(sizes.at(-1)).toBeLessThan(sizes[0]!);
  });

  test("gives back whatever there is", () => {
    const repetitive = fc
      .array(fc.constantFrom("a", "ab", "kafka", "offset:12345;", "\0"), { maxLength: 300 })
      .map((parts) => new TextEncoder().encode(parts.join("")));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 3000 }), repetitive), fc.integer({ min: 1, max: 17 }), (bytes, level) => {
        const compressed = compressLz4(bytes, level);
        expect(Buffer.from(decompressLz4(compressed, limit)).equals(bytes)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

test("changed bytes give bytes or a typed error", () => {
  const bytes = compressLz4(text);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
      try {
        decompressLz4(bytes.with(at, byte), limit);
      } catch (error) {
        expect(error).toBeInstanceOf(KafkaError);
      }
    }),
    { numRuns: 300 },
  );
});
