import * as zlib from "node:zlib";
import { describe, expect, it } from "vitest";
import { MalformedMessageError } from "../../protocol/malformed-message-error.ts";
import { OutputLimitError } from "../../protocol/records/compression/codec.ts";
import { decompressZstd } from "../../protocol/records/compression/zstd.ts";
import { nodeCodecs } from "./node-codecs.ts";
import { ZstdContext, type ZstdHandleStream } from "./zstd-context.ts";

const SOME_NODE = "22.15.0";

type Unfold = (frame: Uint8Array) => Uint8Array;

/** A stream of node:zlib with a handle, as far as it is used. It leaves its state alone when `unfold` throws. */
function streamWith(unfold: Unfold): ZstdHandleStream {
  const left = new Uint32Array(2);
  const writeSync = (
    _flush: number,
    input: Uint8Array,
    inputStart: number,
    inputSize: number,
    output: Uint8Array,
    outputStart: number,
    outputSize: number,
  ): void => {
    let unfolded: Uint8Array;
    try {
      unfolded = unfold(input.subarray(inputStart, inputStart + inputSize));
    } catch {
      return;
    }
    const size = Math.min(unfolded.length, outputSize);
    output.set(unfolded.subarray(0, size), outputStart);
    left[0] = outputSize - size;
    left[1] = size < unfolded.length ? 1 : 0;
  };
  const stream = { on: () => stream, _handle: { writeSync }, _writeState: left };
  return stream;
}

const unfoldOwn: Unfold = (frame) => decompressZstd(frame, { maxOutputBytes: 1_000_000 });

function contextWith(unfold: Unfold = unfoldOwn, nodeVersion: string = SOME_NODE): { context: ZstdContext; opened: () => number } {
  let opened = 0;
  const create = (): ZstdHandleStream => {
    opened++;
    return streamWith(unfold);
  };
  return { context: new ZstdContext(create, nodeVersion), opened: () => opened };
}

/** A frame of one stored block, which says that `claimed` bytes are in it. */
function frameOf(content: Uint8Array, claimed: number = content.length): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0]);
  header.writeUInt32LE(claimed, 5);
  return Buffer.concat([header, lastBlock(content)]);
}

/** A frame that does not say how much is in it, with a window of 2 MiB: as Java streams it. */
function unsized(content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x58]), lastBlock(content)]);
}

function lastBlock(content: Uint8Array): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE(content.length * 8 + 1, 0, 3);
  return Buffer.concat([header, content]);
}

const text = (size: number): Buffer => Buffer.alloc(size, '{"id":12345,"name":"alice"},');

/** `toEqual` takes seconds for so much. */
const isText = (bytes: Uint8Array | undefined, size: number): boolean => bytes !== undefined && text(size).equals(bytes);

describe("the context of zstd", () => {
  it("is one for all frames", () => {
    const { context, opened } = contextWith();
    for (const size of [1, 100, 10_000]) expect(context.unfold(frameOf(text(size)), size)).toEqual(text(size));
    for (const size of [1, 100, 10_000]) expect(context.unfoldUpTo(unsized(text(size)), size + 1)).toEqual(text(size));
    expect(opened()).toBe(1);
  });

  it("gives memory that is not written to again, no larger than what is in it", () => {
    const { context } = contextWith();
    const first = context.unfoldUpTo(unsized(Buffer.alloc(50_000, "a")), 131_073);
    context.unfoldUpTo(unsized(Buffer.alloc(50_000, "b")), 131_073);
    expect(first).toEqual(Buffer.alloc(50_000, "a"));
    expect(first?.buffer.byteLength).toBe(50_000);
  });

  it("is another one after a frame that it refused", () => {
    const { context, opened } = contextWith();
    const frame = frameOf(text(100));
    expect(context.unfold(frame.subarray(0, 50), 100)).toBeUndefined();
    expect(context.unfold(frame, 100)).toEqual(text(100));
    expect(opened()).toBe(2);
  });

  it("gives nothing when there is more in a frame than it says, or less, or more than there is room", () => {
    const { context } = contextWith();
    expect(context.unfold(frameOf(text(100)), 99)).toBeUndefined();
    expect(context.unfold(frameOf(text(100)), 101)).toBeUndefined();
    expect(context.unfoldUpTo(unsized(text(100)), 99)).toBeUndefined();
  });

  it("gives nothing for good when the handle is not what it was", () => {
    const wrong = contextWith((frame) => unfoldOwn(frame).fill(0));
    const failing = contextWith(() => {
      throw new Error("no such call");
    });
    for (const { context, opened } of [wrong, failing]) {
      expect(context.unfold(frameOf(text(100)), 100)).toBeUndefined();
      expect(context.unfoldUpTo(unsized(text(100)), 101)).toBeUndefined();
      expect(opened()).toBe(1);
    }
    const without = new ZstdContext(() => ({ on: () => undefined }), SOME_NODE);
    expect(without.unfold(frameOf(text(100)), 100)).toBeUndefined();
  });

  it("touches no handle of a Node that is not known yet", () => {
    const { context, opened } = contextWith(unfoldOwn, "99.0.0");
    expect(context.unfold(frameOf(text(100)), 100)).toBeUndefined();
    expect(opened()).toBe(0);
  });
});

interface NodeZstd {
  zstdCompressSync(bytes: Uint8Array, options: object): Buffer;
  createZstdDecompress(options: object): ZstdHandleStream;
}

const isNodeZstd = (module: object): module is NodeZstd => "zstdCompressSync" in module && "createZstdDecompress" in module;

// Before Node 22.15 there is nothing to be tested: node:zlib knows no zstd, and the codec is another one.
const ofThisNode: object = zlib;
if (isNodeZstd(ofThisNode)) describe("zstd of this Node", () => testsOf(ofThisNode));

function testsOf(node: NodeZstd): void {
  const codec = nodeCodecs.zstd;
  const maxOutputBytes = 1_000_000;
  const compressed = (bytes: Uint8Array): Buffer => node.zstdCompressSync(bytes, { pledgedSrcSize: bytes.length });

  it("has the handle that the context is made of", () => {
    const context = new ZstdContext(() => node.createZstdDecompress({}), process.versions.node);
    expect(isText(context.unfold(compressed(text(70_000)), 70_000), 70_000)).toBe(true);
  });

  it("unfolds all sizes exactly, whether frames say how much is in them or not", async () => {
    for (const size of [0, 1, 63, 64, 65, 4_096, 65_536, 131_072]) {
      for (const frame of [compressed(text(size)), frameOf(text(size)), unsized(text(size))].slice(0, size < 131_072 ? 3 : 1)) {
        expect(isText(codec.decompress(frame, { maxOutputBytes }), size)).toBe(true);
        expect(isText(await codec.decompressAsync?.(frame, { maxOutputBytes }), size)).toBe(true);
      }
    }
    const large = await codec.decompressAsync?.(compressed(text(900_000)), { maxOutputBytes });
    expect(isText(large, 900_000)).toBe(true);
    expect(large?.buffer.byteLength).toBeLessThan(900_100);
  });

  it("refuses damaged frames with a typed error, and reads on", () => {
    const frame = compressed(text(50_000));
    const damaged = Buffer.from(frame).fill(0xff, 12, frame.length);
    damaged.set(frame.subarray(0, 12));
    for (let count = 0; count < 3; count++) {
      expect(() => codec.decompress(damaged, { maxOutputBytes })).toThrow(MalformedMessageError);
      expect(isText(codec.decompress(frame, { maxOutputBytes }), 50_000)).toBe(true);
    }
  });

  it("believes no size that the blocks of a frame cannot have, and none above the limit", async () => {
    const claims = frameOf(text(100), 900_000);
    expect(() => codec.decompress(claims, { maxOutputBytes })).toThrow(MalformedMessageError);
    await expect(codec.decompressAsync?.(claims, { maxOutputBytes })).rejects.toThrow(MalformedMessageError);
    for (const frame of [compressed(text(60_000)), unsized(text(60_000))])
      expect(() => codec.decompress(frame, { maxOutputBytes: 59_999 })).toThrow(OutputLimitError);
  });
}
