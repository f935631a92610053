import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { OutputLimitError } from "../../protocol/records/compression/codec.ts";
import {
  compressSnappy,
  decompressSnappy,
  frameSnappyBlocks,
  readSnappyStream,
} from "../../protocol/records/compression/snappy-framing.ts";
import { blocksOf } from "./map-in-lanes.ts";
import { type SnappyPackage, snappyCodecOfPackage } from "./snappy.ts";

const require = createRequire(import.meta.url);
const native: SnappyPackage & { compressSync(bytes: Uint8Array): Buffer; uncompressSync(bytes: Uint8Array): Buffer } =
  require("snappy");
const options = { maxOutputBytes: 1_000_000 };
const text = Buffer.from(Array.from({ length: 20_000 }, (_, index) => `${Math.imul(index, 2654435761) % 977},`).join(""));

/** The package, and the sizes of the blocks that it was asked to unfold. */
function recording(): { readonly load: () => SnappyPackage; readonly asked: number[] } {
  const asked: number[] = [];
  const recorded: SnappyPackage = {
    compress: (bytes) => native.compress(bytes),
    uncompress: async (bytes) => {
      const output = await native.uncompress(bytes);
      asked.push(output.length);
      return output;
    },
  };
  return { load: () => recorded, asked };
}

function framed(...blockBytes: readonly number[]): Uint8Array {
  let position = 0;
  const blocks = blockBytes.map((size) => {
    position += size;
    return native.compressSync(text.subarray(position - size, position));
  });
  return frameSnappyBlocks(blocks);
}

test("a raw block is handed over whole, and its result is not copied", async () => {
  const { load, asked } = recording();
  const raw = native.compressSync(text);
  const output = await snappyCodecOfPackage(load).decompressAsync?.(raw, options);
  expect(Buffer.compare(output ?? raw, text)).toBe(0);
  expect(asked).toEqual([text.length]);
});

test("the blocks of a stream, and of streams in a row, are handed over one by one", async () => {
  const { load, asked } = recording();
  const stream = Buffer.concat([framed(20_000, 30_000), framed(40_000)]);
  const output = await snappyCodecOfPackage(load).decompressAsync?.(stream, options);
  expect(Buffer.compare(output ?? stream, decompressSnappy(stream, options))).toBe(0);
  expect(asked.toSorted((a, b) => a - b)).toEqual([20_000, 30_000, 40_000]);
});

test("small blocks are unfolded here, wherever they stand", async () => {
  const { load, asked } = recording();
  const stream = framed(10, 30_000, 8191, 30_000, 8192, 0, 1);
  const output = await snappyCodecOfPackage(load).decompressAsync?.(stream, options);
  expect(Buffer.compare(output ?? stream, text.subarray(0, 76_394))).toBe(0);
  expect(asked.toSorted((a, b) => a - b)).toEqual([8192, 30_000, 30_000]);
});

test("a stream of nothing but small blocks does not need the package", async () => {
  let loaded = 0;
  const codec = snappyCodecOfPackage(() => {
    loaded++;
    return native;
  });
  const stream = frameSnappyBlocks(blocksOf(text, 1024).map((block) => native.compressSync(block)));
  expect(Buffer.compare((await codec.decompressAsync?.(stream, options)) ?? stream, text)).toBe(0);
  expect(loaded).toBe(0);
});

test("a bomb of a few bytes is weighed by what it unfolds to", async () => {
  const { load, asked } = recording();
  const raw = native.compressSync(Buffer.alloc(500_000));
  expect(raw.length).toBeLessThan(30_000);
  await expect(snappyCodecOfPackage(load).decompressAsync?.(raw, { maxOutputBytes: 499_999 })).rejects.toThrow(OutputLimitError);
  expect(asked).toEqual([]);
  expect(await snappyCodecOfPackage(load).decompressAsync?.(raw, options)).toHaveLength(500_000);
  expect(asked).toEqual([500_000]);
});

test("is written in Java's blocks of 32 KiB, which the package reads one by one", async () => {
  const stream = await snappyCodecOfPackage(() => native).compressAsync?.(text);
  if (stream === undefined) throw new Error("nothing was written");
  const { blocks } = readSnappyStream(stream, options.maxOutputBytes);
  expect(blocks.map((block) => block.outputSize)).toEqual(
    readSnappyStream(compressSnappy(text), options.maxOutputBytes).blocks.map((block) => block.outputSize),
  );
  const read = blocks.map(({ start, end }) => native.uncompressSync(stream.subarray(start, end)));
  expect(Buffer.compare(Buffer.concat(read), text)).toBe(0);
});
