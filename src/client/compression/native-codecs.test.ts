import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Codec, MissingCodecError, OutputLimitError } from "../../protocol/records/compression/codec.ts";
import { portableLz4, portableSnappy } from "../../protocol/records/compression/portable-codecs.ts";
import { RecordBatch } from "../../protocol/records/record-batch.ts";
import { ASYNC_FROM_BYTES } from "./async-threshold.ts";
import { type Lz4Package, lz4CodecOfPackage } from "./lz4.ts";
import { type SnappyPackage, snappyCodecOfPackage } from "./snappy.ts";

// What snappy and LZ4 have in common; what they have not is in snappy.test.ts and lz4.test.ts.

const require = createRequire(import.meta.url);
const snappy: SnappyPackage = require("snappy");
const lz4: Lz4Package = require("lz4-napi");

/** The functions of either package under the same names. */
interface Native {
  compress(bytes: Uint8Array): Promise<Uint8Array>;
  decompress(bytes: Uint8Array): Promise<string | Uint8Array>;
}

interface Candidate {
  readonly name: "snappy" | "lz4";
  readonly portable: Codec;
  readonly real: Native;
  codecOf(load: () => Native): Codec;
}

const candidates: readonly Candidate[] = [
  {
    name: "snappy",
    portable: portableSnappy,
    real: { compress: (bytes) => snappy.compress(bytes), decompress: (bytes) => snappy.uncompress(bytes) },
    codecOf: (load) =>
      snappyCodecOfPackage(() => {
        const { compress, decompress } = load();
        return { compress, uncompress: decompress };
      }),
  },
  {
    name: "lz4",
    portable: portableLz4,
    real: { compress: (bytes) => lz4.compress(bytes), decompress: (bytes) => lz4.decompressFrame(bytes) },
    codecOf: (load) =>
      lz4CodecOfPackage(() => {
        const { compress, decompress } = load();
        return {
          compress,
          decompressFrame: async (bytes) => {
            const output = await decompress(bytes);
            return typeof output === "string" ? Buffer.from(output) : output;
          },
        };
      }),
  },
];

const options = { maxOutputBytes: 4_000_000 };
const json = Buffer.from(
  Array.from({ length: 12_000 }, (_, index) =>
    JSON.stringify({ id: index, at: Math.imul(index, 2654435761), tag: "retail" }),
  ).join(),
);
const noise = randomBytesOf(json.length);
const mixed = Buffer.from(json.map((byte, index) => (index % 90_000 < 40_000 ? byte : noise[index]!)));
const inputs = { json, noise, mixed, zeros: Buffer.alloc(json.length) };
const sizes = [0, 1, 1000, 32_768, 65_535, 65_536, 65_537, 98_305, 131_072, 131_073, 500_000];

function counting(native: Native): { readonly load: () => Native; readonly calls: Record<"load" | keyof Native, number> } {
  const calls = { load: 0, compress: 0, decompress: 0 };
  const counted: Native = {
    compress: (bytes) => {
      calls.compress++;
      return native.compress(bytes);
    },
    decompress: (bytes) => {
      calls.decompress++;
      return native.decompress(bytes);
    },
  };
  const load = (): Native => {
    calls.load++;
    return counted;
  };
  return { load, calls };
}

/** A result or an error, in a form that can be compared. */
async function outcomeOf(work: () => Uint8Array | Promise<Uint8Array> | undefined): Promise<unknown> {
  try {
    const output = await work();
    return output === undefined ? undefined : Buffer.from(output).toString("latin1");
  } catch (error) {
    return error instanceof Error ? { constructor: error.constructor, message: error.message } : error;
  }
}

describe.each(candidates)("$name with its package", ({ name, portable, real, codecOf }) => {
  describe.each(Object.entries(inputs))("of %s", (_what, input) => {
    test.each(sizes)("brings %i bytes back, as our own codec does", async (size) => {
      const bytes = input.subarray(0, size);
      const codec = codecOf(() => real);
      const compressed = await codec.compressAsync?.(bytes);
      if (compressed === undefined) throw new Error("nothing was compressed");
      expect(Buffer.compare(portable.decompress(compressed, options), bytes)).toBe(0);
      for (const source of [compressed, portable.compress(bytes)]) {
        expect(Buffer.compare((await codec.decompressAsync?.(source, options)) ?? noise, bytes)).toBe(0);
      }
    });
  });

  test("compresses about as well as our own", async () => {
    const compressed = await codecOf(() => real).compressAsync?.(json);
    expect(compressed?.length).toBeLessThan(portable.compress(json).length * 1.1);
    const stored = await codecOf(() => real).compressAsync?.(noise);
    expect(stored?.length).toBeLessThan(portable.compress(noise).length * 1.01);
  });

  test("loads it for the first big input, and once", async () => {
    const { load, calls } = counting(real);
    const codec = codecOf(load);
    // Of what is read the size is known only roughly.
    const small = portable.compress(json.subarray(0, ASYNC_FROM_BYTES / 8));
    codec.decompress(codec.compress(json), options);
    await codec.compressAsync?.(json.subarray(0, ASYNC_FROM_BYTES - 1));
    await codec.decompressAsync?.(small, options);
    expect(calls).toEqual({ load: 0, compress: 0, decompress: 0 });

    await codec.decompressAsync?.(portable.compress(json), options);
    expect(calls.load).toBe(1);
    expect(calls.decompress).toBeGreaterThan(0);
    expect(calls.compress).toBe(0);
    await codec.compressAsync?.(json);
    expect(calls.load).toBe(1);
    expect(calls.compress).toBeGreaterThan(1);
  });

  test("without it is our own, which it looks for once", async () => {
    let looked = 0;
    const codec = codecOf(() => {
      looked++;
      throw new MissingCodecError(name, "install it");
    });
    const compressed = portable.compress(json);
    for (let round = 0; round < 3; round++) {
      expect(await outcomeOf(() => codec.compressAsync?.(json))).toBe(Buffer.from(compressed).toString("latin1"));
      expect(Buffer.compare((await codec.decompressAsync?.(compressed, options)) ?? noise, json)).toBe(0);
    }
    expect(looked).toBe(1);
  });

  test.each<[string, Native]>([
    ["fails", { compress: () => Promise.reject(new Error("no thread")), decompress: () => Promise.reject(new Error("no thread")) }],
    ["throws", { compress: () => fail(), decompress: () => fail() }],
    ["answers nonsense", { compress: async () => Buffer.from("nonsense"), decompress: async () => Buffer.alloc(9_000_000) }],
    ["answers nothing", { compress: async () => Buffer.alloc(0), decompress: async () => Buffer.alloc(9_000_000) }],
  ])("that %s is our own", async (_what, native) => {
    const codec = codecOf(() => native);
    const compressed = portable.compress(json);
    expect(Buffer.compare((await codec.compressAsync?.(json)) ?? noise, compressed)).toBe(0);
    expect(Buffer.compare((await codec.decompressAsync?.(compressed, options)) ?? noise, json)).toBe(0);
  });

  test("hands over nothing that may unfold to more than the limit", async () => {
    const { load, calls } = counting(real);
    const codec = codecOf(load);
    const compressed = portable.compress(json.subarray(0, 200_000));
    await expect(codec.decompressAsync?.(compressed, { maxOutputBytes: 199_999 })).rejects.toThrow(OutputLimitError);
    expect(calls).toEqual({ load: 0, compress: 0, decompress: 0 });
    expect(await codec.decompressAsync?.(compressed, { maxOutputBytes: 200_000 })).toHaveLength(200_000);
  });

  test("with bytes changed, cut off or added gives what our own gives, errors included", async () => {
    const codec = codecOf(() => real);
    const compressed = Buffer.from(portable.compress(mixed.subarray(0, 150_000)));
    const nearStart = fc.nat(200);
    const anywhere = fc.nat(compressed.length - 1);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.oneof(nearStart, anywhere), fc.nat(255)), { maxLength: 3 }),
        anywhere,
        fc.nat(3),
        (changes, at, how) => checkDamaged(changes, at, how),
      ),
      { numRuns: 150 },
    );

    async function checkDamaged(changes: readonly [number, number][], at: number, how: number): Promise<void> {
      let bytes = Buffer.from(compressed);
      for (const [position, byte] of changes) bytes[position] = byte;
      if (how === 1) bytes = bytes.subarray(0, at);
      if (how === 2) bytes = Buffer.concat([bytes, bytes.subarray(at)]);
      expect(await outcomeOf(() => codec.decompressAsync?.(bytes, options))).toEqual(
        await outcomeOf(() => portable.decompress(bytes, options)),
      );
    }
  });

  test("writes and reads a big batch", async () => {
    const codecs = { [name]: codecOf(() => real) };
    const records = Array.from({ length: 3000 }, (_, index) => ({ key: `k${index}`, value: json.subarray(index, index + 90) }));
    const bytes = await RecordBatch.encodeAsync({ records, compression: name, codecs });
    const own = RecordBatch.decode(bytes, { codecs: { [name]: portable } }).records();
    const read = (await RecordBatch.decodeAsync(bytes, { codecs })).records();
    expect(read).toHaveLength(records.length);
    expect(read.map(({ value }) => Buffer.from(value ?? []).toString())).toEqual(
      own.map(({ value }) => Buffer.from(value ?? []).toString()),
    );
  });
});

/** Bytes that no codec makes smaller; the same in every run. */
function randomBytesOf(length: number): Buffer {
  let state = 2463534242;
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index++) {
    // Xorshift, Marsaglia 2003.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state;
  }
  return bytes;
}

function fail(): never {
  throw new TypeError("not such an argument");
}
