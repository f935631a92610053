import { describe, expect, it } from "vitest";
import { MalformedMessageError } from "../../protocol/index.ts";
import { FrameReader } from "./frame-reader.ts";
import { ForeignSpeakerError } from "./frame-size-problem.ts";

function frame(size: number, fill = 7): Uint8Array {
  const bytes = new Uint8Array(4 + size).fill(fill);
  new DataView(bytes.buffer).setInt32(0, size);
  return bytes;
}

/** Reads as a socket does: into the reader's buffer, `chunk` bytes at a time, and counts how often. */
function read(reader: FrameReader, bytes: Uint8Array, chunk: number = bytes.length): number {
  let reads = 0;
  for (let start = 0; start < bytes.length; reads++) {
    const buffer = reader.buffer();
    const part = bytes.subarray(start, start + Math.min(chunk, buffer.length));
    buffer.set(part);
    reader.push(part.length);
    start += part.length;
  }
  return reads;
}

function collect(options: { maxBytes?: number; isExpected?: () => boolean } = {}): { reader: FrameReader; frames: Uint8Array[] } {
  const frames: Uint8Array[] = [];
  const { maxBytes = 1_000_000, isExpected = () => true } = options;
  return { frames, reader: new FrameReader(maxBytes, isExpected, (one) => frames.push(one)) };
}

describe("C10: a stream of answers", () => {
  const parts = [frame(4, 1), frame(5, 2), frame(70_000, 3), frame(4, 4), frame(65_532, 5), frame(65_533, 6), frame(300, 7)];
  const stream = new Uint8Array(Buffer.concat(parts));

  it.each([1, 2, 3, 4, 5, 7, 8, 100, 65_535, 65_536, 65_537, stream.length])(
    "comes apart the same in chunks of %d bytes",
    (chunk) => {
      const { reader, frames } = collect();
      read(reader, stream, chunk);
      expect(frames.map((one) => Buffer.from(one).equals(parts[frames.indexOf(one)]!))).toEqual(parts.map(() => true));
      expect(reader.buffered).toBe(0);
    },
  );

  it.each([1, 2, 3])("keeps %d bytes of a size behind a whole answer, which are not those that the answer began with", (bytes) => {
    const { reader, frames } = collect({ maxBytes: 100_000_000 });
    const large = frame(0x0101_0203);
    const both = new Uint8Array(Buffer.concat([frame(5), large]));
    read(reader, both.subarray(0, 9 + bytes));
    read(reader, both.subarray(9 + bytes));
    expect(frames.map(({ length }) => length)).toEqual([9, large.length]);
  });

  it("comes apart the same wherever it is cut in two", () => {
    const small = new Uint8Array(Buffer.concat([frame(4, 1), frame(9, 2), frame(5, 3)]));
    for (let cut = 0; cut <= small.length; cut++) {
      const { reader, frames } = collect();
      read(reader, small.subarray(0, cut));
      read(reader, small.subarray(cut));
      expect(frames.map((one) => one.length)).toEqual([8, 13, 9]);
    }
  });
});

describe("memory", () => {
  it("of a frame is exactly its own, so that keeping a frame keeps nothing else", () => {
    const { reader, frames } = collect();
    read(reader, new Uint8Array(Buffer.concat([frame(10), frame(200_000), frame(20)])), 50_000);
    expect(frames.map(({ buffer, byteOffset }) => [buffer.byteLength, byteOffset])).toEqual([
      [14, 0],
      [200_004, 0],
      [24, 0],
    ]);
  });

  it("of a large frame is made once, and what the socket reads lands in it directly", () => {
    const { reader, frames } = collect();
    const bytes = frame(500_000);
    read(reader, bytes.subarray(0, 10));
    const place = reader.buffer();
    expect(place.length).toBe(500_004 - 10);
    expect(read(reader, bytes.subarray(10))).toBe(1);
    expect(frames[0]!.buffer).toBe(place.buffer);
  });

  it("is not the memory of the frame before: what was handed out does not change", () => {
    const { reader, frames } = collect();
    read(reader, frame(10, 1));
    read(reader, frame(10, 2));
    expect(frames[0]![9]).toBe(1);
  });
});

describe("a size that cannot be", () => {
  const heads: readonly [name: string, hex: string, message: RegExp][] = [
    ["C12: is negative", "ffffffff", /a frame of -1 bytes was announced; from 4 to 1000 are allowed/],
    ["C12: is too short for a correlation id", "00000003", /a frame of 3 bytes/],
    [
      "C11: is larger than allowed",
      "000003e9",
      /a frame of 1001 bytes.*allowed; if the answer is right, raise receiveMessageMaxBytes/,
    ],
    ["C13: is garbage", "deadbeef", /a frame of -559038737 bytes/],
  ];

  it.each(heads)("%s: is refused when its four bytes are here, whatever the chunks", (_name, hex, message) => {
    const bytes = Buffer.from(hex, "hex");
    for (const chunk of [1, 4]) expect(() => read(collect({ maxBytes: 1000 }).reader, bytes, chunk)).toThrow(message);
    expect(() => read(collect({ maxBytes: 1000 }).reader, bytes)).toThrow(MalformedMessageError);
  });

  it("C11: is read at the limit itself, which is that of the answer without its size", () => {
    const { reader, frames } = collect({ maxBytes: 12 });
    const frame = Buffer.from("0000000c0102030405060708090a0b0c", "hex");
    read(reader, frame);
    expect(frames.map((one) => Buffer.from(one))).toEqual([frame]);
  });

  it("C11: costs no memory", () => {
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 20 }, () => collect({ maxBytes: 1000 }).reader);
    for (const reader of readers) expect(() => read(reader, Buffer.from("06400000", "hex"))).toThrow();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
  });

  it("C28: says that the broker speaks TLS when its bytes are a TLS alert", () => {
    const read15 = (): unknown => read(collect().reader, Buffer.from("15030300020246", "hex"));
    expect(read15).toThrow(ForeignSpeakerError);
    expect(read15).toThrow("the broker speaks TLS on this port and we do not: set securityProtocol to SSL");
  });

  it("C11: says that an HTTP server answers", () => {
    expect(() => read(collect().reader, Buffer.from("HTTP/1.1 400 Bad Request"))).toThrow("an HTTP server answers on this port");
  });

  it.each([
    ["<!DOCTYPE HTML PUBLIC", '"<!DOCTYP…"'],
    ["-ERR unknown command", '"-ERR unk…"'],
    ["220\r\nftp.example.com", '"220\\r\\nftp…"'],
  ])("C11: says that the bytes are text, as those of an old web server, Redis, FTP: %j", (text, shown) => {
    const reading = (): unknown => read(collect().reader, Buffer.from(text));
    expect(reading).toThrow(ForeignSpeakerError);
    expect(reading).toThrow(`these bytes are text, ${shown}: something else than a Kafka broker answers on this port`);
  });

  it("C11: does not take a large answer for text because of its size", () => {
    const answer = Buffer.from([0x20, 0x20, 0x20, 0x20, 0, 0, 0, 1]);
    expect(() => read(collect({ maxBytes: 1000 }).reader, answer)).toThrow("if the answer is right, raise receiveMessageMaxBytes");
  });
});

describe("bytes that nobody asked for", () => {
  it.each([1, 4, 100])("are no answer: %d of them", (count) => {
    const { reader } = collect({ isExpected: () => false });
    expect(() => read(reader, new Uint8Array(count).fill(9))).toThrow(`${count} bytes arrived that nobody asked for`);
  });

  it("are noticed behind the last answer that was due", () => {
    let due = 1;
    const frames: Uint8Array[] = [];
    const reader = new FrameReader(
      1000,
      () => due > 0,
      (one) => {
        due--;
        frames.push(one);
      },
    );
    expect(() => read(reader, new Uint8Array([...frame(4), 0]))).toThrow("1 bytes arrived that nobody asked for");
    expect(frames).toHaveLength(1);
  });
});

it("after it was stopped, looks at nothing, not even at the rest of the same chunk", () => {
  const frames: Uint8Array[] = [];
  const reader: FrameReader = new FrameReader(
    1000,
    () => true,
    (one) => {
      frames.push(one);
      reader.stop();
    },
  );
  read(reader, new Uint8Array(Buffer.concat([frame(4), frame(4), Buffer.from("ffffffff", "hex")])));
  read(reader, Buffer.from("ffffffff", "hex"));
  expect(frames).toHaveLength(1);
});
