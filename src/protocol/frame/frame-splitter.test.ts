import { describe, expect, it } from "vitest";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { DEFAULT_MAX_FRAME_BYTES, FrameSplitter } from "./frame-splitter.ts";

const FRAMES = ["00000000", "0000000161", "00000003010203", "000000080000000100000002", "00000002ffff"];
const STREAM = Buffer.from(FRAMES.join(""), "hex");

function split(chunks: readonly Uint8Array[], splitter: FrameSplitter = new FrameSplitter()): string[] {
  const frames = chunks.flatMap((chunk) => splitter.push(chunk)).map((frame) => Buffer.from(frame).toString("hex"));
  splitter.end();
  return frames;
}

describe("a stream of frames", () => {
  it("comes apart in the same frames wherever it is cut in two or three", () => {
    for (let first = 0; first <= STREAM.length; first++) {
      for (let second = first; second <= STREAM.length; second++) {
        const chunks = [STREAM.subarray(0, first), STREAM.subarray(first, second), STREAM.subarray(second)];
        expect(split(chunks)).toEqual(FRAMES);
      }
    }
  });

  it("comes apart in the same frames byte by byte, and with empty chunks between", () => {
    const bytes = [...STREAM].flatMap((byte) => [new Uint8Array(), Uint8Array.of(byte)]);
    expect(split(bytes)).toEqual(FRAMES);
  });

  it("gives out each frame with the chunk that completes it", () => {
    const splitter = new FrameSplitter();
    expect(splitter.push(STREAM.subarray(0, 4))).toHaveLength(1);
    expect(splitter.push(STREAM.subarray(4, 8))).toHaveLength(0);
    expect(splitter.buffered).toBe(4);
    expect(splitter.push(STREAM.subarray(8, 9))).toHaveLength(1);
    expect(splitter.buffered).toBe(0);
    expect(splitter.push(STREAM.subarray(9))).toHaveLength(3);
  });

  it("may come in chunks whose memory is used again for the next", () => {
    const splitter = new FrameSplitter();
    const memory = Buffer.alloc(1);
    const frames: string[] = [];
    for (const byte of STREAM) {
      memory[0] = byte;
      for (const frame of splitter.push(memory)) frames.push(Buffer.from(frame).toString("hex"));
    }
    // A frame that lies in one chunk is a view of it; one of several chunks is not.
    expect(frames).toEqual(FRAMES);
  });

  it("that ends in the middle of a frame, or of its size, is reported", () => {
    for (let length = 1; length < STREAM.length; length++) {
      const isBorder = [4, 9, 16, 28].includes(length);
      const read = (): string[] => split([STREAM.subarray(0, length)]);
      if (isBorder) expect(read()).toEqual(FRAMES.slice(0, read().length));
      else expect(read).toThrow(/^the stream ended within a frame, after \d+ bytes of it$/);
    }
  });
});

describe("the size of a frame", () => {
  const hostile = ["ffffffff", "80000000", "7fffffff", "06400001"];

  it.each(hostile)("%s is refused as soon as its four bytes are here, however they came", (hex) => {
    const size = Buffer.from(hex, "hex");
    expect(() => new FrameSplitter().push(size)).toThrow(MalformedMessageError);
    const splitter = new FrameSplitter();
    for (const byte of size.subarray(0, 3)) splitter.push(Uint8Array.of(byte));
    expect(() => splitter.push(size.subarray(3))).toThrow(/a frame of -?\d+ bytes; from 0 to 104857600 are allowed/);
  });

  it("may be all that Kafka allows by default, and costs no memory before the bytes come", () => {
    expect(DEFAULT_MAX_FRAME_BYTES).toBe(104_857_600);
    const before = process.memoryUsage().arrayBuffers;
    const splitters = Array.from({ length: 50 }, () => new FrameSplitter());
    for (const splitter of splitters) expect(splitter.push(Buffer.from("0640000000", "hex"))).toEqual([]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
    expect(splitters.every(({ buffered }) => buffered === 5)).toBe(true);
  });

  it.each([1, 4, 100])("that cannot be does not cost the frames before it, in chunks of %d bytes", (length) => {
    const stream = Buffer.concat([STREAM, Buffer.from("ffffffff00", "hex")]);
    const splitter = new FrameSplitter();
    const frames: string[] = [];
    const read = (): void => {
      for (let start = 0; start < stream.length; start += length) {
        for (const frame of splitter.push(stream.subarray(start, start + length))) frames.push(Buffer.from(frame).toString("hex"));
      }
      splitter.end();
    };
    expect(read).toThrow(MalformedMessageError);
    expect(frames).toEqual(FRAMES);
    expect(() => splitter.push(Uint8Array.of(0))).toThrow(MalformedMessageError);
  });

  it("is limited to what the caller says", () => {
    const three = Buffer.from("00000003010203", "hex");
    expect(new FrameSplitter({ maxFrameBytes: 3 }).push(three)).toHaveLength(1);
    expect(() => new FrameSplitter({ maxFrameBytes: 2 }).push(three)).toThrow("a frame of 3 bytes; from 0 to 2 are allowed");
  });
});

describe("a big frame in tiny chunks", () => {
  function secondsFor(size: number): number {
    const splitter = new FrameSplitter();
    const head = Buffer.alloc(4);
    head.writeInt32BE(size);
    splitter.push(head);
    const chunk = Buffer.alloc(16, 7);
    const startedAt = performance.now();
    let frames: readonly Uint8Array[] = [];
    for (let sent = 0; sent < size; sent += chunk.length) frames = splitter.push(chunk);
    expect(frames[0]?.length).toBe(size + 4);
    return (performance.now() - startedAt) / 1000;
  }

  it("takes time in proportion to its size, and not to the square of it", () => {
    secondsFor(100_000);
    // 65 536 and 262 144 chunks: copying all of the buffered bytes for each would be 34 and 550 GB.
    expect(secondsFor(1_048_576)).toBeLessThan(2);
    expect(secondsFor(4_194_304)).toBeLessThan(8);
  });

  it("stands in memory that the caller made, even when that was not zeroed", () => {
    const made: number[] = [];
    const allocate = (bytes: number): Uint8Array => {
      made.push(bytes);
      return new Uint8Array(bytes).fill(0xee);
    };
    const splitter = new FrameSplitter({ allocate });
    const frames = [...splitter.push(STREAM.subarray(0, 5)), ...splitter.push(STREAM.subarray(5))];
    expect(frames.map((frame) => Buffer.from(frame).toString("hex"))).toEqual(FRAMES);
    expect(made.length).toBeGreaterThan(0);
  });

  it("makes room at once for what the caller trusts, and for no more", () => {
    expect(() => new FrameSplitter({ trustedBytes: -1 })).toThrow("trustedBytes");
    const splitter = new FrameSplitter({ trustedBytes: 1 << 20 });
    const frame = new Uint8Array((1 << 20) + 4).fill(7);
    new DataView(frame.buffer).setInt32(0, 1 << 20);
    const frames: Uint8Array[] = [];
    for (let start = 0; start < frame.length; start += 65_536) frames.push(...splitter.push(frame.subarray(start, start + 65_536)));
    expect(frames).toHaveLength(1);
    expect(Buffer.from(frames[0]!).equals(frame)).toBe(true);
  });
});
