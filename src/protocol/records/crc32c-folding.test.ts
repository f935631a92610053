import crc32cOfNpm from "crc-32/crc32c.js";
import { afterEach, expect, test, vi } from "vitest";
import { Crc32cFolding } from "./crc32c-folding.ts";

const MEMORY_BYTES = 64 * 1024;
const PIECE_BYTES = 24 * 1024;
const WINDOW_BYTES = 500;

const noise = Uint8Array.from({ length: 4 * MEMORY_BYTES }, (_, index) => (Math.imul(index, 2654435761) >>> 13) & 255);

function expected(start: number, end: number, seed = 0): number {
  return crc32cOfNpm.buf(noise.subarray(start, end), seed) >>> 0;
}

function loaded(): Crc32cFolding {
  const folding = Crc32cFolding.load();
  if (folding === null) throw new Error("this Node has WebAssembly, and folding must use it");
  return folding;
}

function fold(start: number, end: number, seed = 0): number {
  return ~loaded().register(noise, start, end, ~seed) >>> 0;
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test("every length from a window on, at every alignment, agrees with the crc-32 package", () => {
  const folding = loaded();
  for (let length = WINDOW_BYTES; length < WINDOW_BYTES + 300; length++) {
    const start = length & 15;
    expect(~folding.register(noise, start, start + length, -1) >>> 0).toBe(expected(start, start + length));
  }
  for (let start = 0; start < 32; start++) expect(fold(start, start + 2000)).toBe(expected(start, start + 2000));
});

test("input that ends around a piece, around two, and behind the whole memory", () => {
  for (const pieces of [1, 2, 3, 8]) {
    for (const more of [-65, -64, -63, -1, 0, 1, 63, 64, 65, WINDOW_BYTES - 1, WINDOW_BYTES, WINDOW_BYTES + 1, 563, 564, 565]) {
      const length = pieces * PIECE_BYTES + more;
      expect(fold(5, 5 + length), `${pieces} pieces and ${more} bytes`).toBe(expected(5, 5 + length));
    }
  }
  expect(fold(0, noise.length)).toBe(expected(0, noise.length));
});

test("what was folded before leaves nothing behind", () => {
  const folding = loaded();
  for (const length of [100_000, 600, 24_576, 2000, 65_536, 1000]) {
    expect(~folding.register(noise, 7, 7 + length, -1) >>> 0).toBe(expected(7, 7 + length));
  }
});

test("a checksum goes on from the bytes before, whatever they were", () => {
  for (const seed of [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0xe306_9283]) {
    expect(fold(3, 5000, seed)).toBe(expected(3, 5000, seed | 0));
  }
});

test("the bytes may be a part of a larger buffer, a Buffer of Node's pool, or shared memory", () => {
  const folding = loaded();
  const pooled = Buffer.from(noise.subarray(0, 3000));
  const shared = new Uint8Array(new SharedArrayBuffer(4000), 11, 3500);
  shared.set(noise.subarray(0, 3500));
  expect(~folding.register(pooled, 1, 2900, -1) >>> 0).toBe(expected(1, 2900));
  expect(~folding.register(noise.subarray(100, 4000), 1, 2900, -1) >>> 0).toBe(expected(101, 3000));
  expect(~folding.register(shared, 1, 2900, -1) >>> 0).toBe(expected(1, 2900));
});

class Refuses {
  constructor() {
    throw new Error("Refused to compile or instantiate WebAssembly module");
  }
}

class Module {}

class WithoutExports {
  readonly exports = {};
}

class WithAnotherMemory {
  readonly exports = { memory: {}, fold: () => undefined };
}

test.each([
  ["there is no WebAssembly", null],
  ["it is not what it should be", { Module: "module" }],
  ["compiling is forbidden, or there are no vectors", { Module: Refuses, Instance: WithoutExports }],
  ["there is no memory", { Module, Instance: Refuses }],
  ["the instance has no exports", { Module, Instance: WithoutExports }],
  ["the memory is of another kind", { Module, Instance: WithAnotherMemory }],
])("without folding when %s, and the checksum is the same", async (_, webAssembly) => {
  expect(Crc32cFolding.load(webAssembly)).toBeNull();
  vi.stubGlobal("WebAssembly", webAssembly);
  vi.resetModules();
  const { crc32c } = await import("./crc32c.ts");
  for (const length of [0, 100, 1023, 1024, 5000, 100_000]) expect(crc32c(noise, 3, 3 + length)).toBe(expected(3, 3 + length));
});

test("the module is compiled once, for the first long input", async () => {
  const compiled: number[] = [];
  const real: unknown = Reflect.get(globalThis, "WebAssembly");
  const { Module: RealModule, Instance } = Object(real);
  class CountedModule extends RealModule {
    constructor(bytes: Uint8Array) {
      super(bytes);
      compiled.push(bytes.length);
    }
  }
  vi.stubGlobal("WebAssembly", { Module: CountedModule, Instance });
  vi.resetModules();
  const { crc32c } = await import("./crc32c.ts");
  expect(crc32c(noise, 0, 1023)).toBe(expected(0, 1023));
  expect(compiled).toEqual([]);
  for (const length of [2000, 3000]) expect(crc32c(noise, 0, length)).toBe(expected(0, length));
  expect(compiled).toHaveLength(1);
});
