import { expect, it } from "vitest";
import { LogFrames } from "./log-frames.ts";

function frame(partition: number, offset: bigint, key: string | null, value: string | null): Buffer {
  const head = Buffer.alloc(20);
  head.writeInt32BE(partition, 0);
  head.writeBigInt64BE(offset, 4);
  head.writeInt32BE(key === null ? -1 : key.length, 12);
  head.writeInt32BE(value === null ? -1 : value.length, 16);
  return Buffer.concat([head, Buffer.from(key ?? ""), Buffer.from(value ?? "")]);
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString();
}

const STREAM = Buffer.concat([
  frame(0, 0n, null, "first"),
  frame(7, 5_000_000_000n, "key", null),
  frame(1, 2n, "", ""),
  frame(2, 3n, "of it", "last"),
]);
const RECORDS = [
  [0, 0, null, "first"],
  [7, 5_000_000_000, "key", null],
  [1, 2, "", ""],
  [2, 3, "of it", "last"],
];

it("finds the records of a stream wherever its chunks begin and end", () => {
  for (let size = 1; size <= STREAM.length; size++) {
    const seen: unknown[] = [];
    const frames = new LogFrames((partition, offset, value, key) => {
      seen.push([partition, offset, textOf(key), textOf(value)]);
    });
    for (let at = 0; at < STREAM.length; at += size) frames.push(STREAM.subarray(at, at + size));
    expect(seen).toEqual(RECORDS);
    expect(frames.isAtEnd).toBe(true);
  }
});

it("is not at its end while a part of a record is missing", () => {
  const frames = new LogFrames(() => undefined);
  frames.push(STREAM.subarray(0, -1));
  expect(frames.isAtEnd).toBe(false);
});
