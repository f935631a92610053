import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { portableCodecs } from "../../../protocol/index.ts";
import { storedZstdFrame } from "./zstd-stored-frame.ts";

interface ZstdPackage {
  decompress(bytes: Buffer): Promise<Buffer>;
}
const require = createRequire(import.meta.url);
/** Facebook's own library: a reader that is not ours. */
const zstdOfPackage: ZstdPackage = require("@mongodb-js/zstd/bindings.js");

const BLOCK = 131_072;

/** Bytes that differ from block to block. */
function content(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >>> 8) * 7 + (index >>> 16)) & 0xff);
}

describe("a zstd frame of stored blocks", () => {
  it.each([0, 1, 255, 256, 65_792, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK + 7])(
    "of %i bytes is read",
    async (length) => {
      const bytes = content(length);
      const frame = storedZstdFrame(bytes);
      expect(Buffer.compare(portableCodecs.zstd.decompress(frame, { maxOutputBytes: length }), bytes)).toBe(0);
      expect(Buffer.compare(await zstdOfPackage.decompress(Buffer.from(frame)), bytes)).toBe(0);
    },
  );

  it("says how large the content is, in blocks of the largest size that there is", () => {
    const frame = storedZstdFrame(content(BLOCK + 1));
    const hex = (from: number, to: number): string => Buffer.from(frame.subarray(from, to)).toString("hex");
    // Magic number, descriptor, window of 128 KiB, 131,073 as content size; then 131,072 << 3, and 1 << 3 with the bit of the last.
    expect(hex(0, 13)).toBe("28b52ffd803801000200000010");
    expect(hex(13 + BLOCK, 13 + BLOCK + 3)).toBe("090000");
    expect(frame.length).toBe(10 + 2 * 3 + BLOCK + 1);
  });
});
