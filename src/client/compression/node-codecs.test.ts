import { createRequire } from "node:module";
import * as zlib from "node:zlib";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { MalformedMessageError } from "../../protocol/malformed-message-error.ts";
import { MissingCodecError, OutputLimitError } from "../../protocol/records/compression/codec.ts";
import { decompressZstd } from "../../protocol/records/compression/zstd.ts";
import { encodeMessageSet } from "../../protocol/records/message-set-encoder.ts";
import { readBatches } from "../../protocol/records/read-batches.ts";
import { RecordBatch } from "../../protocol/records/record-batch.ts";
import { nodeCodecs } from "./node-codecs.ts";
import { loadPackage } from "./optional-package.ts";
import { onlyFrameOf, type ZstdPackage, zstdCodecOfPackage } from "./zstd.ts";

const limit = { maxOutputBytes: 1_000_000 };
const text = new TextEncoder().encode("the same again and again, ".repeat(10_000));
const require = createRequire(import.meta.url);
const zstdOfPackage: ZstdPackage = require("@mongodb-js/zstd/bindings.js");

// Whole batches written with Apache Kafka 4.4.0 (fixtures/records.jsonl and records-invalid.jsonl).
const fixtures = {
  "magic2/gzip/single":
    "000000000000000500000054ffffffff024bc00e7d0001000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff000000011f8b08000000000000ff936160606014284bcc294dd535d06500005cfbaebf0f000000",
  "foreign/gzip-multi-member":
    "00000000000000000000025fffffffff024492400e0001000000270000018bcfe568000000018bcfe56986ffffffffffffffffffffffffffff000000281f8b08000000000000ff936160606014284bcc294dd535d065d0611061e2ca4eadd43514838819ea26262533183168b080858d6420c2462061908c1e830d1ba31244d0182a0812b76308e000eb30d1280300bbbf8618640000001f8b08000000000000ff6d92af4b435114c7cf7d3f0c63c8183244c61832c618bef1debdefc79dc81832448688ffc2d425ad8a3683c1b06030180c0683c16030180c0683c16030180c0683c16030180ceebd73aef36d0f5e3adfeff7f03ef77c3b9b5b5dcbb53aab6b7f1fb4603d95dae8ee5a5e6dbb13ea5e4c0f2d4dd8493317557f580d0d15e8b1f1684990415b60410d4e59261aca1c0e6598852a5cb12ccbe3a84eeba001f76c221dba1dbb849a635bff7ff385e55077aaa43b7192067cb2496693c8473056605f9bc215c2279748c29981632d8f46374b46d782325c6805364983e89940c2ad5644ab5f20c51f303d69d328068a29f8c724e15d2b314523e3346df8d1ca18ae2ba67a02d3a15e895cdc26266e273115e14caf32a2e18e051caef5194c7262e29c981ef41a2a8298b87aa77eec55b719d1703776a12f9d63cc2326ee0d331d182e5a7c62e22385ea2f3a317ca66882e40b5d1a121749c52443a63b6316c775c514bd593ff06ccc31a211f6e0421f46230a088798841363da339ba87362127cb87547e6bc6a9d18e953ff42e7660b57b8c424dc64a61b73018d1e31092f6cdda3b9a85a277cbad09bd9466ba0988201d3b7b984a2544c32d6baded8b26a9d88570a7e01fc51e49922040000",
  "foreign/gzip-trailing-garbage":
    "000000000000000000000238ffffffff0229155cd90001000000270000018bcfe568000000018bcfe56986ffffffffffffffffffffffffffff000000281f8b08000000000000ff6d92af4f1c5110c767f607218434841042c8851042c8e572efb23befedeebb865c48439a86340dff02b4a8d6b6695d450502515181405454545454542010151515084445050251814020101515dd7d338f63efd67ebfdf99bccf9b6f0b0070e6d5ce8b977b2a51d085b960eaf9de1b95ceb396aa9ddda740d08e9c4c2d96a9922ba707eb13b8c2a216b1d207b03de9264c9b4d33342b7f139e4d393febb19fd5fc2ab201afa7d1b09b8fba55a00d0778cf2d2984a050e5833ee28c13ad205887d0816f388bf2fcbeba7de64f9c9b76c0c9aa1027eaee33cf719efdb4237e5a2719c0352e6022268d616cc3bb609157e85c52ba09a70b87418b8366568246c11a7c0996704104f74d60e17bb0ccd17c499c7cc8f42b5861b3f04cc51d260b97c12a7a1a5ba7d9827fc11a0ff73d53bf81e97dd876294a84899226a665f814765068285565938ec32e4f92301109d369d863470b13f97f2ac72ec20485864ced423721f158264c948d32ed478623b930d158a1ca4547518e9ea668bed0d7c8f222eb996cc5f423bacf72df33b93f2b077e47eb28343a195ee82a1ab8019d0a934e6b4c6fe30df64998348db6ee43fcc0b74e8ff5a9bcd0e77893571861d2a699e9247ec8c14c987456b5ee2c7ee45ba773b9d09f788ba385672a864c7fe3c76c5acf646bad3b9878e25ba7eb9582ffd7fd4c2d8604000067617262616765",
  "magic2/zstd/single":
    "00000000000000050000004cffffffff0290eed9aa0004000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff0000000128b52ffd00587800001c000000011076616c75652d302d00010000",
  "foreign/zstd-with-content-size":
    "00000000000000000000021dffffffff02e8bb9d2f0004000000270000018bcfe568000000018bcfe56986ffffffffffffffffffffffffffff0000002828b52ffd608603150f00e6544c3d304f9b0e484ee1e21665a734f18596d394bcc2c5ed4e53acd17ab372c65aaa2d3c2eeeb771f4a64db69477764aa935f3fe47e6fdb690f9118c1ad932053c003b0039006be1d8a106d130f6f3ea74eea3c13519963910bcfbace605e7dcfbb28dcc31a670549d7fc040074a89840e3c091c2ff2eb3042cf02051d0690fd4f091aa55dde8873af50cbf3f0fa6cb29597e198c3394dcaa3f0eb4d3be3413887e34e56c5396949f9906c8977304a2a3e220be2dcb6d36eb855251512bf34ba34aaf08e463aa308df3cb3328656bc9bbc113271ee4a635088d7334f982f88c3f9504e6b41176e891cb982246c71c3bc16dfd4a51e8a5b17687c6ad72620b1d05aeb8d7482f6004944d6590b903acc9edd4918ba034813ceb1c51ae9c1bb37259b8b529c8bbd9988c4af6d03107da853ad918672a8a1381189e90c7b0720031129d6011190240f343105aad11804af607068942283c480404acd32bf3cbbb72e183a364bd6d1c21b1205e437d22b4dce08bc6a069aaf96c6c41577497479e3e85c80fbd3e81634c4f17c83a936ddedb5518700e2958a683f102e09882213f5c2b1621b6f12d3f4e03e0103d9c0a60720a87a3d8fb04fe67792053d424fb8ce88433ccc90238828d93a6a3c569b677c4c83a89af9937bc3e98e3a245a51bda45601",
  "foreign/zstd-checksum":
    "000000000000000000000224ffffffff0238b0fa3f0004000000270000018bcfe568000000018bcfe56986ffffffffffffffffffffffffffff0000002828b52ffd0458350f00f6554f3d304f9b0e484ee1e21665a734f18596d394bcc2c5ed281bc9168fa6884e118641d916ea11b10e5a6a644b7967a7945a33ef9f11f3ff98f9118c1ad932053e003e003d008f592403b01b9f8ed1853438c63fafbbaceb81e0dce9442f32bebd31ebd0dcfae7755ce1673afff3ba3829333ad048f08093578f326a2c50d03188ecff4a70c4b75bb00bf4f0fa2b5a0bccf0cc2395d00aa4f0ea8d750008e1192c375a15dffe79dda4e68450b6c4b928a724219305f14d5bc96e38552935b2166e05192ff65438f7cfeb3089d127c237bfa88b9d15e728af744cb4a52d27c4eb9923e6cae1707e9cbc9473e117c99227478226b50c6cf14d5d09a2c8a40c135a1f706cd4ae6d00629175d61be804d6052011575f4d00ea409b360761e81e004df8c61463400f664bb3b727c537d9ab7948bcba1669029e0fe7c7ca95eba3216da8813015923a49b56f30031129ce0111702490ac2905aad1186485571fac656977c15eb46b88dff2dc0d28c3884920e7c908e58e5fb4e1833ccec281d397f2af0a337c36ffa2bb9b2fba3da116f9681e8bc4d1f4e8d1aaa9dcab7031047a18bd517600c60730fc267ad1f1058dee9021ff3dfe62a01d3c0d884a87f3c4cd8afb3a3d768a7053e39a44109b462c36c77c7961fe928105cb628d40f4c05710c5adccdf335815c666a9c3",
  "foreign/zstd-two-frames":
    "000000000000000000000250ffffffff02acaa3e570004000000270000018bcfe568000000018bcfe56986ffffffffffffffffffffffffffff0000002828b52ffd20648d0200b4031c000000011076616c75652d302d002c0014020a6b65792d3116312d6162630032002804321c322e003c06012233003e0050080a6b65792d3428760800ba0110ee53533d0340b860b0ce8bbc618e0128b52ffd602203dd0d00e692463c30e5361d0097978bdb2945b99845b8925398d2329ad0cad882786544ecebff0fcd989d115e0588366db2655f7b4dccabbe77d80e111fd3d52c695ba6380036003400e127874d2e53c02807ff75f8e29167bf9bab618f8bbe791a8f80530fd9ca998a8f7e32953a0a51b759a022301888873f994a5bdd501312a5a14ae39b1f281638e932160178987710570ede633fd1e4f71d873d31e4a06ff5aa9dc871ed6ddb2062fce1743287051ce4326ec32d0fd6c9bdeeb544ae7996add5f1d04e5bad8c93de651dad063cac9467e572da9e165529bfa79443a956919c7ee32eceaa8f7f269d345f3b0ca46edf6e9004bcf69a245f6c334895aebb5e9025b56b8712a45b416e1ca4191dc98b876f8c6bd00a70703627582cd7be0f2165a8504e2a8d32ac01100311a9aa031180208f2c31052a541a0352ca5605972aec0553166cc9820d5ef254405fc218705996b62f280fd12c12d2b89ed84ccd509ca559c87c46e3d99b163d213dda330047a19bdb78369e6d285433babb5a785c008c13479b803db902ac6c62c75c9dab911e60ad8ef360d8caa84c00c744f0e186c22d62dfc32f409812bc7ebe1fc445224788cbc003563c0c3d24772803",
  "foreign/zstd-skippable-frame":
    "000000000000000000000228ffffffff0237dbbab60004000000270000018bcfe568000000018bcfe56986ffffffffffffffffffffffffffff00000028502a4d1803000000aabbcc28b52ffd608603150f00e6544c3d304f9b0e484ee1e21665a734f18596d394bcc2c5ed4e53acd17ab372c65aaa2d3c2eeeb771f4a64db69477764aa935f3fe47e6fdb690f9118c1ad932053c003b0039006be1d8a106d130f6f3ea74eea3c13519963910bcfbace605e7dcfbb28dcc31a670549d7fc040074a89840e3c091c2ff2eb3042cf02051d0690fd4f091aa55dde8873af50cbf3f0fa6cb29597e198c3394dcaa3f0eb4d3be3413887e34e56c5396949f9906c8977304a2a3e220be2dcb6d36eb855251512bf34ba34aaf08e463aa308df3cb3328656bc9bbc113271ee4a635088d7334f982f88c3f9504e6b41176e891cb982246c71c3bc16dfd4a51e8a5b17687c6ad72620b1d05aeb8d7482f6004944d6590b903acc9edd4918ba034813ceb1c51ae9c1bb37259b8b529c8bbd9988c4af6d03107da853ad918672a8a1381189e90c7b0720031129d6011190240f343105aad11804af607068942283c480404acd32bf3cbbb72e183a364bd6d1c21b1205e437d22b4dce08bc6a069aaf96c6c41577497479e3e85c80fbd3e81634c4f17c83a936ddedb5518700e2958a683f102e09882213f5c2b1621b6f12d3f4e03e0103d9c0a60720a87a3d8fb04fe67792053d424fb8ce88433ccc90238828d93a6a3c569b677c4c83a89af9937bc3e98e3a245a51bda45601",
  "magic2/snappy/single":
    "000000000000000500000056ffffffff02e01135990002000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff0000000182534e41505059000000000100000001000000110f381c000000011076616c75652d302d00",
  "magic2/lz4/single":
    "00000000000000050000004fffffffff02f152cdc10003000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff0000000104224d186040820f0000801c000000011076616c75652d302d0000000000",
};
const refused = {
  "gzip-corrupt":
    "000000000000000000000075ffffffff020cd33dee0001000000020000018bcfe568000000018bcfe56814ffffffffffffffffffffffffffff00000003008b08000000000000ff936160606014284bcc294dd535d065d0611061e2ca4eadd43514838819ea26262533183168b080858d6420c2462061900c00c24e1e0240000000",
  "zstd-corrupt":
    "000000000000000000000075ffffffff024dc278760004000000020000018bcfe568000000018bcfe56814ffffffffffffffffffffffffffff0000000300b52ffd0058c40100b4021c000000011076616c75652d302d002c0014020a6b65792d3116312d6162630032002804321c3261626300040020083058e745de30c7010000",
  "snappy-corrupt":
    "000000000000000000000082ffffffff02e4f75a6d0002000000020000018bcfe568000000018bcfe56814ffffffffffffffffffffffffffff0000000382534e41505059000000000100000001000000ff40641c000000011076616c75652d302d002c0014020a6b65792d3116091424312d6162630032002804051740321c76616c75652d322d61626361626300",
  "compressed-but-empty-payload":
    "000000000000000000000031ffffffff02a10999e90001000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff00000001",
};

async function decode(hex: string): Promise<RecordBatch> {
  return RecordBatch.decodeAsync(Buffer.from(hex, "hex"), { codecs: nodeCodecs });
}

test.each(Object.entries(fixtures))("%s is read", async (_name, hex) => {
  const batch = await decode(hex);
  const records = batch.records();
  expect(records).toHaveLength(batch.recordCount);
  expect(Buffer.from(records[0]?.value ?? []).toString()).toBe("value-0-");
});

test.each(Object.entries(refused))("%s is refused", async (_name, hex) => {
  await expect(decode(hex)).rejects.toThrow(MalformedMessageError);
});

describe.each(["gzip", "snappy", "lz4", "zstd"] as const)("%s", (compression) => {
  const codec = nodeCodecs[compression];
  const compress = async (bytes: Uint8Array): Promise<Uint8Array> => (await codec.compressAsync?.(bytes)) ?? codec.compress(bytes);
  const decompress = async (bytes: Uint8Array, options = limit): Promise<Uint8Array> =>
    (await codec.decompressAsync?.(bytes, options)) ?? codec.decompress(bytes, options);

  test.each([0, 1, 1000, 65_535, 65_536, 250_000])("brings %i bytes back", async (size) => {
    const bytes = text.subarray(0, size);
    const compressed = await compress(bytes);
    if (size > 100) expect(compressed.length).toBeLessThan(size / 2);
    expect(Buffer.compare(await decompress(compressed), bytes)).toBe(0);
  });

  test("stops at the limit", async () => {
    const compressed = await compress(text);
    await expect(decompress(compressed, { maxOutputBytes: 100_000 })).rejects.toThrow(OutputLimitError);
  });

  test("refuses bytes that are not its own, and none at all", async () => {
    await expect(decompress(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]))).rejects.toThrow(MalformedMessageError);
    await expect(decompress(new Uint8Array())).rejects.toThrow(MalformedMessageError);
  });

  test("cut off is refused", async () => {
    const compressed = await compress(text.subarray(0, 3000));
    await expect(decompress(compressed.subarray(0, compressed.length - 6))).rejects.toThrow(MalformedMessageError);
  });

  test("writes a batch that is read again", async () => {
    const records = Array.from({ length: 100 }, (_, index) => ({ key: `k${index}`, value: "v".repeat(50), timestamp: index }));
    const bytes = await RecordBatch.encodeAsync({ records, compression, codecs: nodeCodecs });
    const batch = await RecordBatch.decodeAsync(bytes, { codecs: nodeCodecs });
    expect(batch.compression).toBe(compression);
    expect(batch.records().map((record) => record.timestamp)).toEqual(records.map((record) => record.timestamp));
  });
});

describe("gzip", () => {
  const member = gzipSync("first ");
  const second = gzipSync("second");

  test("of several members reads as one", () => {
    expect(Buffer.from(nodeCodecs.gzip.decompress(Buffer.concat([member, second]), limit)).toString()).toBe("first second");
  });

  test.each([
    ["bytes", Buffer.from("garbage!")],
    ["a damaged header", Buffer.from([0x1f, 0x8b, 7, 0, 0, 0, 0, 0, 0, 0, 0])],
  ])("with %s behind its members is read, as by Java", (_what, garbage) => {
    const bytes = Buffer.concat([member, second, garbage]);
    expect(Buffer.from(nodeCodecs.gzip.decompress(bytes, limit)).toString()).toBe("first second");
  });

  test("counts all members together against the limit, garbage or not", () => {
    const big = gzipSync(new Uint8Array(60_000));
    for (const tail of [[], [Buffer.from("garbage!")]]) {
      const bytes = Buffer.concat([big, big, ...tail]);
      expect(() => nodeCodecs.gzip.decompress(bytes, { maxOutputBytes: 119_999 })).toThrow(OutputLimitError);
      expect(nodeCodecs.gzip.decompress(bytes, { maxOutputBytes: 120_000 })).toHaveLength(120_000);
    }
  });

  test("lies in one piece of the size that its trailer names, which is not believed any further", async () => {
    const bytes = gzipSync(Buffer.alloc(100_000, "kafka"));
    const [now, later] = [nodeCodecs.gzip.decompress(bytes, limit), await nodeCodecs.gzip.decompressAsync!(bytes, limit)];
    expect([now, later].map(({ length, buffer }) => [length, buffer.byteLength])).toEqual(Array(2).fill([100_000, 100_001]));
    bytes.writeUInt32LE(0xffff_ffff, bytes.length - 4);
    expect(() => nodeCodecs.gzip.decompress(bytes, limit)).toThrow(MalformedMessageError);
  });

  test("with a wrong checksum is refused", () => {
    const bytes = Buffer.from(member);
    bytes[bytes.length - 8]! ^= 1;
    expect(() => nodeCodecs.gzip.decompress(bytes, limit)).toThrow(MalformedMessageError);
  });

  test("inside a message set of format 0 or 1 is read", () => {
    for (const magic of [0, 1] as const) {
      const bytes = encodeMessageSet({
        magic,
        records: [
          { offset: 3, value: "v" },
          { offset: 9, value: "w" },
        ],
        compression: "gzip",
        codecs: nodeCodecs,
      });
      const [batch] = readBatches(bytes, { codecs: nodeCodecs });
      expect(batch?.records().map((record) => record.offset)).toEqual([3, 9]);
    }
  });
});

describe("zstd without node:zlib", () => {
  const missing = (): never => {
    throw new MissingCodecError("zstd", "install it", { packageName: "@mongodb-js/zstd" });
  };

  test("and without the package is read by our own decoder, and cannot be written", async () => {
    const codec = zstdCodecOfPackage(missing);
    const compressed = await zstdOfPackage.compress(Buffer.from(text));
    expect(Buffer.compare((await codec.decompressAsync?.(compressed, limit)) ?? Buffer.alloc(0), text)).toBe(0);
    expect(() => codec.compress(text)).toThrow(MissingCodecError);
    await expect(codec.compressAsync?.(text)).rejects.toThrow(/install it/);
  });

  test("with the package is written at the level asked for, asynchronously", async () => {
    const codec = zstdCodecOfPackage(() => zstdOfPackage);
    const bytes = Buffer.from(Array.from({ length: 20_000 }, (_, index) => `${Math.imul(index, 2654435761) % 977},`).join(""));
    const fast = await codec.compressAsync?.(bytes, 1);
    const small = await codec.compressAsync?.(bytes, 19);
    expect(small?.length).toBeLessThan(fast?.length ?? 0);
    expect(() => codec.compress(bytes)).toThrow(/asynchronously only/);
  });

  test("our own decoder reads what the package writes", async () => {
    // Text, noise, and runs, in sizes around those at which zstd changes its formats.
    for (const size of [1, 40, 255, 256, 1023, 1024, 20_000, 131_071, 131_073, 200_000]) {
      const noise = Buffer.from(Array.from({ length: size }, (_, index) => Math.imul(index, 2654435761) >>> 24));
      const mixed = Buffer.from(noise.map((byte, index) => (index % 100 < 60 ? byte & 15 : 97 + (index % 7))));
      for (const bytes of [noise, mixed, Buffer.alloc(size, 9), Buffer.from(text.subarray(0, size))]) {
        for (const level of [-5, 3, 9]) {
          const compressed = await zstdOfPackage.compress(bytes, level);
          expect(Buffer.compare(decompressZstd(compressed, limit), bytes)).toBe(0);
        }
      }
    }
  });
});

test("what a stream wrote becomes no batch unless it is one whole zstd frame of what was given", () => {
  // It says that it has three bytes, and has them in a block that is stored: "abc".
  const frame = Buffer.from("28b52ffd2003190000616263", "hex");
  expect(decompressZstd(frame, limit)).toEqual(Uint8Array.from(Buffer.from("abc")));
  expect(onlyFrameOf(3, frame)).toBe(frame);
  expect(() => onlyFrameOf(4, frame)).toThrow("no zstd frame of 4");
  const wrong = [frame.subarray(0, -1), Buffer.concat([frame, frame]), Buffer.concat([frame, Buffer.of(0)]), Buffer.alloc(0)];
  for (const bytes of wrong) expect(() => onlyFrameOf(3, bytes)).toThrow();
});

describe("our snappy and LZ4 agree with the native packages", () => {
  test("in both directions", () => {
    const snappy = require("snappy");
    const lz4 = require("lz4-napi");
    const raw = snappy.compressSync(Buffer.from(text));
    expect(Buffer.compare(nodeCodecs.snappy.decompress(raw, limit), text)).toBe(0);
    // A batch below 32 KiB is one block behind 16 bytes of header and 4 of size.
    const one = nodeCodecs.snappy.compress(text.subarray(0, 30_000));
    expect(Buffer.compare(snappy.uncompressSync(Buffer.from(one.subarray(20)), { asBuffer: true }), text.subarray(0, 30_000))).toBe(
      0,
    );
    expect(Buffer.compare(lz4.decompressFrameSync(Buffer.from(nodeCodecs.lz4.compress(text))), text)).toBe(0);
  });
});

const writing = Object.entries(nodeCodecs).filter(([name]) => name !== "zstd" || "zstdCompressSync" in zlib);

test.each(writing)("%s: what many batches come to at the same time is each batch's own", async (_name, codec) => {
  const batches = Array.from({ length: 12 }, (_, batch) =>
    Buffer.from(Array.from({ length: 20_000 }, (_, line) => `${batch}-${(line * 7919) % 10_007}`).join("\n")),
  );
  for (let round = 0; round < 3; round++) {
    const compressed = await Promise.all(batches.map((bytes) => codec.compressAsync?.(bytes)));
    const read = compressed.map((bytes) => codec.decompress(bytes ?? new Uint8Array(0), limit));
    expect(read.map((bytes, index) => Buffer.compare(bytes, batches[index]!))).toEqual(batches.map(() => 0));
  }
});

test("a package that is missing, or is not what it should be, is named", () => {
  const recognise = (loaded: unknown): loaded is object => typeof loaded === "number";
  expect(() => loadPackage("zstd", "@kafkawire/no-such-package", recognise)).toThrow(MissingCodecError);
  expect(() => loadPackage("zstd", "@kafkawire/no-such-package", recognise)).toThrow(
    /install the npm package "@kafkawire\/no-such-package"/,
  );
  expect(() => loadPackage("zstd", "vitest/package.json", recognise)).toThrow(/does not have the functions/);
});
