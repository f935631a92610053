import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { MalformedMessageError } from "../../protocol/malformed-message-error.ts";
import { OutputLimitError } from "../../protocol/records/compression/codec.ts";
import { compressLz4, decompressLz4, readLz4Frame } from "../../protocol/records/compression/lz4-frame.ts";
import { xxhash32 } from "../../protocol/records/compression/xxhash32.ts";
import { type Lz4Package, lz4CodecOfPackage } from "./lz4.ts";

interface FrameOptions {
  readonly contentChecksum?: boolean;
  readonly blockChecksums?: boolean;
}

const require = createRequire(import.meta.url);
const native: Lz4Package & {
  compressFrameSync(bytes: Uint8Array, options?: FrameOptions): Buffer;
  decompressFrameSync(bytes: Uint8Array): Buffer;
} = require("lz4-napi");
const options = { maxOutputBytes: 8_000_000 };
const text = Buffer.from(Array.from({ length: 60_000 }, (_, index) => `${Math.imul(index, 2654435761) % 977},`).join(""));
const EMPTY_STORED_BLOCK = [0, 0, 0, 0x80];
const EMPTY_COMPRESSED_BLOCK = [1, 0, 0, 0, 0];

/** The package, and how many bytes each frame had that it was asked to unfold. */
function recording(): { readonly load: () => Lz4Package; readonly asked: number[] } {
  const asked: number[] = [];
  const recorded: Lz4Package = {
    compress: (bytes) => native.compress(bytes),
    decompressFrame: (bytes) => {
      asked.push(bytes.length);
      return native.decompressFrame(bytes);
    },
  };
  return { load: () => recorded, asked };
}

async function decompress(
  load: () => Lz4Package,
  bytes: Uint8Array,
  given: Parameters<typeof decompressLz4>[1] = options,
): Promise<Uint8Array> {
  return (await lz4CodecOfPackage(load).decompressAsync?.(bytes, given)) ?? new Uint8Array();
}

test.each([1, 9, 17])("what is written with level %i is smaller, and read by others", async (level) => {
  const codec = lz4CodecOfPackage(() => native);
  const [usual, frame] = await Promise.all([codec.compressAsync?.(text), codec.compressAsync?.(text, level)]);
  expect(Buffer.compare(native.decompressFrameSync(frame!), text)).toBe(0);
  if (level > 1) expect(frame!.length).toBeLessThan(usual!.length);
});

describe("frames of other writers", () => {
  test.each<[string, FrameOptions]>([
    ["no checksum", {}],
    ["a checksum of the content", { contentChecksum: true }],
    ["a checksum per block", { blockChecksums: true }],
    ["all checksums", { contentChecksum: true, blockChecksums: true }],
  ])("with %s and large blocks are handed over, and refused when they are damaged", async (_what, frameOptions) => {
    const frame = native.compressFrameSync(text, frameOptions);
    const { load, asked } = recording();
    expect(Buffer.compare(await decompress(load, frame), text)).toBe(0);
    expect(asked).toEqual([frame.length]);

    // A literal in the middle: only a checksum can tell.
    const damaged = Buffer.from(frame);
    damaged[frame.length - 12]! ^= 1;
    if (Object.keys(frameOptions).length > 0) await expect(decompress(load, damaged)).rejects.toThrow(MalformedMessageError);
    else expect(Buffer.compare(await decompress(load, damaged), decompressLz4(damaged, options))).toBe(0);
  });

  test("end where the first frame ends, whatever follows", async () => {
    const frame = compressLz4(text);
    for (const tail of [frame, Buffer.from("garbage")]) {
      const { load, asked } = recording();
      expect(Buffer.compare(await decompress(load, Buffer.concat([frame, tail])), text)).toBe(0);
      expect(asked).toEqual([frame.length]);
    }
  });

  test.each([
    ["stored", EMPTY_STORED_BLOCK],
    ["compressed", EMPTY_COMPRESSED_BLOCK],
  ])("with an empty %s block are read by our codec, because the package would stop there", async (_what, block) => {
    const frame = compressLz4(text);
    const bytes = Buffer.concat([frame.subarray(0, 7), Uint8Array.from(block), frame.subarray(7)]);
    expect(native.decompressFrameSync(bytes)).toHaveLength(0);
    const { load, asked } = recording();
    expect(Buffer.compare(await decompress(load, bytes), text)).toBe(0);
    expect(asked).toEqual([]);
  });

  test("with a wrong header checksum are read in format 0 only, by our codec", async () => {
    const frame = compressLz4(text).with(6, 0x1a);
    const { load, asked } = recording();
    expect(Buffer.compare(await decompress(load, frame, { ...options, magic: 0 }), text)).toBe(0);
    await expect(decompress(load, frame, { ...options, magic: 1 })).rejects.toThrow(/checksum of its header/);
    expect(asked).toEqual([]);
  });

  test("with dependent blocks are refused, although the package would read them", async () => {
    const frame = Buffer.from(compressLz4(text));
    frame[4]! &= ~0x20;
    frame[6] = xxhash32(frame, 4, 6) >>> 8;
    expect(native.decompressFrameSync(frame)).toHaveLength(text.length);
    await expect(decompress(() => native, frame)).rejects.toThrow(/depend on each other/);
  });
});

test("the limit is held against what the blocks can unfold to, not against what they claim", async () => {
  const frame = compressLz4(text);
  const { outputBound } = readLz4Frame(frame);
  expect(outputBound).toBeGreaterThan(text.length);
  const { load, asked } = recording();
  // Too close to call: our codec counts exactly.
  expect(await decompress(load, frame, { maxOutputBytes: outputBound - 1 })).toHaveLength(text.length);
  expect(await decompress(load, frame, { maxOutputBytes: text.length })).toHaveLength(text.length);
  await expect(decompress(load, frame, { maxOutputBytes: text.length - 1 })).rejects.toThrow(OutputLimitError);
  expect(asked).toEqual([]);
  expect(await decompress(load, frame, { maxOutputBytes: outputBound })).toHaveLength(text.length);
  expect(asked).toEqual([frame.length]);
});

test("a few bytes that unfold to many blocks are handed over", async () => {
  const frame = compressLz4(new Uint8Array(600_000));
  expect(frame.length).toBeLessThan(5000);
  const { load, asked } = recording();
  expect(await decompress(load, frame)).toHaveLength(600_000);
  expect(asked).toEqual([frame.length]);
});

test("is written as Java writes it, in blocks of 64 KiB, which the package reads", async () => {
  const frame = await lz4CodecOfPackage(() => native).compressAsync?.(text);
  if (frame === undefined) throw new Error("nothing was written");
  expect(Buffer.from(frame.subarray(0, 7)).toString("hex")).toBe("04224d18604082");
  expect(readLz4Frame(frame)).toMatchObject({
    end: frame.length,
    maxBlockBytes: 65_536,
  });
  expect(readLz4Frame(frame).blocks).toHaveLength(Math.ceil(text.length / 65_536));
  expect(Buffer.compare(native.decompressFrameSync(frame), text)).toBe(0);
});
