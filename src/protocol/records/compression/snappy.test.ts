import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KafkaError } from "../../kafka-error.ts";
import { MalformedMessageError } from "../../malformed-message-error.ts";
import { readBatches } from "../read-batches.ts";
import { OutputLimitError } from "./codec.ts";
import { compressSnappyBlock, decompressSnappyBlock, maxSnappyBlockBytes, snappyBlockSize } from "./snappy-block.ts";
import { compressSnappy, decompressSnappy, frameSnappyBlocks, readSnappyStream } from "./snappy-framing.ts";

const limit = { maxOutputBytes: 1_000_000 };
const text = new TextEncoder().encode(
  "Wikipedia is a free, web-based, collaborative, multilingual encyclopedia project. ".repeat(20),
);

// Whole batches with 40 records, written with Apache Kafka 4.4.0 and snappy-java (fixtures/records.jsonl, foreign/...).
const fixtures = {
  "foreign/snappy-raw":
    "0000000000000000000002c7ffffffff0206a037290002000000270000018bcfe568000000018bcfe56986ffffffffffffffffffffffffffff000000288609641c000000011076616c75652d302d002c0014020a6b65792d3116091424312d6162630032002804051704321c091700320117011a142e003c060122091500330d1501180c3e0050080532043428091d0034191d01200c4400640a052004352e092000353220000123144000780c0134091e00363e1e0001211028008c010e054500370dc21c372d002e00a00110051500380dc30038013c18002a00b40112010dbf003901130143143e00c801140c05f1043024096b0431300d1d0120104400dc0116092004312a0d2025130461620d031c003e00f0011801300d1d3119192010500084021a09430433360d263d2a1929102c0098021c09290434120d2924342d002600ac021e01180d11252714003800c00220092b04361e0d1a312314003e00d40222091d003711d400371dd4143800e802240111ce251e0461620d0314004a00fc0226093d003911d4312e192610500090032805260432300dd400323d371929142000a4032a010dce2032312d003200b8032c093a00320dd40032253414003800cc032e091a00330dd40032312818003200e00330010dce0432341dce104400f40332093700350dd4043235192004616201d408880434092300360dd40032312e19ab1444009c04360111ce3d311923102c00b004380949003811d4003801d408c4043a0917003911d4253418002c00d8043c010dce0033312214003e00ec043e05310433310dd400335d5614004400800540092000320dd400332525198b103e009405425176003331281920105000a80544094300340dd400333d371929102c00bc0546092900350dd4043335417608d0054851760033252e14003800e4054a092b003711d4312814003e00f8054c091d003811d45d5c140038008c064e51763c33392d61626361626361626361626300",
  "foreign/snappy-xerial-1k-blocks":
    "000000000000000000000305ffffffff02a1f5a09c0002000000270000018bcfe568000000018bcfe56986ffffffffffffffffffffffffffff0000002882534e41505059000000000100000001000002518008641c000000011076616c75652d302d002c0014020a6b65792d3116091424312d6162630032002804051704321c091700320117011a142e003c060122091500330d1501180c3e0050080532043428091d0034191d01200c4400640a052004352e092000353220000123144000780c0134091e00363e1e0001211028008c010e054500370dc21c372d002e00a00110051500380dc30038013c18002a00b40112010dbf003901130143143e00c801140c05f1043024096b0431300d1d0120104400dc0116092004312a0d2025130461620d031c003e00f0011801300d1d3119192010500084021a09430433360d263d2a1929102c0098021c09290434120d2924342d002600ac021e01180d11252714003800c00220092b04361e0d1a312314003e00d40222091d003711d400371dd4143800e802240111ce251e0461620d0314004a00fc0226093d003911d4312e192610500090032805260432300dd400323d371929142000a4032a010dce2032312d003200b8032c093a00320dd4043232019d14003800cc032e091a00330dd40032312818003200e00330010dce0432340131096514004400f40332093700350dd4043235192004616201d408880434092300360dd40032312e094601261444009c04360111ce3d311923102c00b004380949003811d4003801d408c4043a0917003911d4253418002c00d8043c010dce0033312214003e00ec043e05310433310dd400335d5614004400800540092000320dd400332525198b103e009405425176003331281920105000a80544094300340dd400333d37206162636162636162630000006b86017c002c00bc05460c6b65792d33351276616c75652d33352d002600d00548011876091128362d616263003800e4054a092b04371e0d1a0037011a011d103e00f8054c091d0438240d1d00380d1d01201838008c064e012a0d1a38392d61626361626361626361626300",
  "foreign/snappy-xerial-concatenated":
    "000000000000000000000326ffffffff02818198030002000000270000018bcfe568000000018bcfe56986ffffffffffffffffffffffffffff0000002882534e415050590000000001000000010000005264641c000000011076616c75652d302d002c0014020a6b65792d3116091424312d6162630032002804051704321c091700320117011a142e003c060122091500330d1501182c3e0050080a6b65792d34287682534e4150505900000000010000000100000253800824616c75652d342d616263150330004400640a0a6b65792d352e760520003532200024616263004000780c0134091e00363e1e0001211028008c010e054504371009271c372d002e00a00110051504381609150038013c1c002a00b40112011c0913003901130143143e00c801140c018808313024091c0431300d1d0120104400dc0116092004312a0d20003119200123183e00f0011801300d1d0032321d00012010500084021a09430433360d2600333e26000129102c0098021c09290434120d2924342d002600ac021e01180d11252714003800c00220092b04361e0d1a312314003e00d40222091d003711d40037197118003800e802240111ce251e0461620d0314004a00fc0226093d003911d4312e192610500090032805260432300dd400323d371929142000a4032a010dce2032312d003200b8032c093a00320dd4043232019d14003800cc032e091a00330dd40032312818003200e00330010dce0432340131096514004400f40332093700350dd4043235192004616201d408880434092300360dd40032312e094601261444009c04360111ce3d311923102c00b004380949003811d4003801d408c4043a0917003911d4253418002c00d8043c010dce0033312214003e00ec043e05310433310dd400335d5614004400800540092000320dd400332525198b103e009405425176003331281920105000a80544094300340dd400333d371929102c00bc0546092900350dd4043335417608d0054851760033252e14003800e4054a092b003711d4312814003e00f8054c091d3c382476616c75652d33382d6162636162000000242284636162630038008c064e012a76616c75652d33392d61626361626361626361626300",
};

describe("a snappy block", () => {
  test("of a literal and a copy that feeds itself unfolds", () => {
    // Size 9; literal "ab"; copy of 7 bytes from 2 back: one-byte distance, length 4 + 3.
    const output = new Uint8Array(9);
    const block = Uint8Array.from([9, 1 << 2, 0x61, 0x62, (3 << 2) | 1, 2]);
    expect(decompressSnappyBlock(block, 0, block.length, output, 0)).toBe(9);
    expect(new TextDecoder().decode(output)).toBe("ababababa");
  });

  test.each([
    ["claims more than its bytes can hold", [0xff, 0xff, 0xff, 0x7f, 0]],
    ["has a size of six bytes", [0x80, 0x80, 0x80, 0x80, 0x80, 1]],
    ["reaches back before its start", [4, 0, 0x61, (0 << 2) | 1, 5]],
    ["reaches nowhere back", [5, 0, 0x61, (0 << 2) | 1, 0]],
    ["unfolds to less than it says", [9, 0, 0x61]],
    ["unfolds to more than it says", [1, 1 << 2, 0x61, 0x62]],
    ["ends inside a literal", [9, 8 << 2, 0x61]],
    ["ends inside a copy", [5, 0, 0x61, 2, 1]],
    ["ends inside a long length", [5, 61 << 2, 1]],
    ["is empty", []],
  ])("that %s is refused", (_what, bytes) => {
    const block = Uint8Array.from(bytes);
    expect(() => {
      const size = snappyBlockSize(block, 0, block.length);
      decompressSnappyBlock(block, 0, block.length, new Uint8Array(size), 0);
    }).toThrow(MalformedMessageError);
  });

  test("has room for the worst case", () => {
    const noise = Uint8Array.from({ length: 65_536 }, (_, index) => (Math.imul(index, 2654435761) >>> 11) & 255);
    const target = new Uint8Array(maxSnappyBlockBytes(noise.length));
    const end = compressSnappyBlock(noise, 0, noise.length, target, 0);
    expect(end).toBeLessThanOrEqual(target.length);
    const output = new Uint8Array(noise.length);
    decompressSnappyBlock(target, 0, end, output, 0);
    expect(Buffer.from(output).equals(noise)).toBe(true);
  });
});

describe("snappy as Kafka's clients write it", () => {
  test.each(Object.entries(fixtures))("%s is read", (_name, hex) => {
    const [batch] = readBatches(Buffer.from(hex, "hex"));
    expect(batch?.records()).toHaveLength(batch?.recordCount ?? -1);
    expect(Buffer.from(batch?.records()[1]?.value ?? []).toString()).toBe("value-1-abc");
  });

  test("is written in xerial framing with blocks of 32 KiB", () => {
    const bytes = compressSnappy(new Uint8Array(70_000));
    expect(Buffer.from(bytes.subarray(0, 16)).toString("hex")).toBe("82534e41505059000000000100000001");
    expect(Buffer.alloc(70_000).equals(decompressSnappy(bytes, limit))).toBe(true);
  });

  test("counts the output of all blocks together against the limit, before it makes any", () => {
    const bytes = compressSnappy(new Uint8Array(70_000));
    expect(() => decompressSnappy(bytes, { maxOutputBytes: 69_999 })).toThrow(OutputLimitError);
    expect(decompressSnappy(bytes, { maxOutputBytes: 70_000 })).toHaveLength(70_000);
  });

  test.each([0, 4, 15, 17, 19, 21, 40])("cut off after %i bytes is refused", (length) => {
    expect(() => decompressSnappy(compressSnappy(text).subarray(0, length), limit)).toThrow(MalformedMessageError);
  });

  test("with a negative block size, or for a reader of the future, is refused", () => {
    const bytes = compressSnappy(text);
    expect(() => decompressSnappy(bytes.with(16, 0xff), limit)).toThrow(MalformedMessageError);
    expect(() => decompressSnappy(bytes.with(15, 2), limit)).toThrow(/reader of version 2/);
  });
});

describe("a snappy stream, for codecs that unfold its blocks elsewhere,", () => {
  // The records follow the 61 bytes of the batch's header.
  const payloadOf = (name: keyof typeof fixtures): Buffer => Buffer.from(fixtures[name], "hex").subarray(61);

  test.each(Object.keys(fixtures) as (keyof typeof fixtures)[])("%s is known by its blocks, which lie side by side", (name) => {
    const payload = payloadOf(name);
    const output = decompressSnappy(payload, limit);
    const { blocks, outputSize } = readSnappyStream(payload, limit.maxOutputBytes);
    expect(outputSize).toBe(output.length);
    let end = 0;
    for (const block of blocks) {
      expect(block.outputStart).toBe(end);
      end += block.outputSize;
      const unfolded = new Uint8Array(block.outputSize);
      decompressSnappyBlock(payload, block.start, block.end, unfolded, 0);
      expect(Buffer.from(unfolded).equals(output.subarray(block.outputStart, end))).toBe(true);
    }
    expect(end).toBe(outputSize);
  });

  test("is refused by what its blocks declare together", () => {
    const payload = payloadOf("foreign/snappy-xerial-1k-blocks");
    const { blocks, outputSize } = readSnappyStream(payload, limit.maxOutputBytes);
    expect(blocks.length).toBeGreaterThan(1);
    expect(() => readSnappyStream(payload, outputSize - 1)).toThrow(OutputLimitError);
    expect(readSnappyStream(payload, outputSize).outputSize).toBe(outputSize);
  });

  test("is the same whether its blocks were compressed in place or elsewhere", () => {
    const bytes = compressSnappy(Buffer.alloc(70_000, "some text "));
    const { blocks } = readSnappyStream(bytes, limit.maxOutputBytes);
    expect(frameSnappyBlocks(blocks.map(({ start, end }) => bytes.subarray(start, end)))).toEqual(bytes);
    expect(frameSnappyBlocks([])).toEqual(compressSnappy(new Uint8Array()));
  });
});

test("whatever is compressed comes back", () => {
  const repetitive = fc
    .array(fc.constantFrom("a", "ab", "kafka", "offset:12345;"), { maxLength: 300 })
    .map((parts) => new TextEncoder().encode(parts.join("")));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 3000 }), repetitive), (bytes) => {
      expect(Buffer.from(decompressSnappy(compressSnappy(bytes), limit)).equals(bytes)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test("changed bytes give bytes or a typed error", () => {
  const bytes = compressSnappy(text);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
      try {
        decompressSnappy(bytes.with(at, byte), limit);
      } catch (error) {
        expect(error).toBeInstanceOf(KafkaError);
      }
    }),
    { numRuns: 300 },
  );
});
