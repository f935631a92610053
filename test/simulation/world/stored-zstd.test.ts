import { describe, expect, it } from "vitest";
import { nodeCodecs } from "../../../src/client/index.ts";
import { portableCodecs } from "../../../src/protocol/index.ts";
import { storedZstd } from "./stored-zstd.ts";

const LIMIT = { maxOutputBytes: 1_000_000 };

describe("the simulation's zstd", () => {
  it.each([0, 1, 15, 16, 17, 5000, 131_071, 131_072, 131_073, 300_000])("is read as it was written: %i bytes", async (length) => {
    const mixed = Uint8Array.from({ length }, (_, at) => (at % 700 < 400 ? 7 : at % 251));
    for (const bytes of [mixed, new Uint8Array(length), mixed.map((_, at) => at % 251)]) {
      const frame = storedZstd(bytes);
      expect(Buffer.compare(portableCodecs.zstd.decompress(frame, LIMIT), bytes)).toBe(0);
      expect(Buffer.compare((await nodeCodecs.zstd.decompressAsync?.(frame, LIMIT)) ?? new Uint8Array(1), bytes)).toBe(0);
    }
  });

  it("makes less of what is the same", () => {
    expect(storedZstd(new Uint8Array(2500)).length).toBeLessThan(20);
  });
});
