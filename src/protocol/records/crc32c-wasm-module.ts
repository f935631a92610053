/**
 * A generated table: `npx tsx scripts/crc32c-wasm/generate.ts` writes it. What the module does and why it is right is said in
 * scripts/crc32c-wasm/fold-module.ts; crc32c-folding.ts uses it.
 */

/** So many bytes are left of a message, and carried from one piece of it to the next. */
export const FOLD_WINDOW_BYTES = 500;

/** The module's function works on so many bytes at a time. */
export const FOLD_STEP_BYTES = 64;

// biome-ignore format: one number per line would make 297 of them.
/** A WebAssembly module that exports `memory`, of 64 KiB, and `fold(window, target, targetEnd)`. */
export const foldModule: readonly number[] = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 3, 127, 127, 127, 0, 3, 2, 1, 0, 5, 4, 1,
  1, 1, 1, 7, 17, 2, 6, 109, 101, 109, 111, 114, 121, 2, 0, 4, 102, 111, 108, 100, 0, 0, 10, 248,
  1, 1, 245, 1, 0, 3, 64, 32, 1, 32, 1, 253, 0, 0, 0, 32, 0, 253, 0, 0, 215, 1, 253, 81,
  32, 0, 253, 0, 0, 201, 1, 253, 81, 32, 0, 253, 0, 0, 86, 253, 81, 32, 0, 253, 0, 0, 75, 253,
  81, 32, 0, 253, 0, 0, 0, 253, 81, 253, 11, 0, 0, 32, 1, 32, 1, 253, 0, 0, 16, 32, 0, 253,
  0, 0, 231, 1, 253, 81, 32, 0, 253, 0, 0, 217, 1, 253, 81, 32, 0, 253, 0, 0, 102, 253, 81, 32,
  0, 253, 0, 0, 91, 253, 81, 32, 0, 253, 0, 0, 16, 253, 81, 253, 11, 0, 16, 32, 1, 32, 1, 253,
  0, 0, 32, 32, 0, 253, 0, 0, 247, 1, 253, 81, 32, 0, 253, 0, 0, 233, 1, 253, 81, 32, 0, 253,
  0, 0, 118, 253, 81, 32, 0, 253, 0, 0, 107, 253, 81, 32, 0, 253, 0, 0, 32, 253, 81, 253, 11, 0,
  32, 32, 1, 32, 1, 253, 0, 0, 48, 32, 0, 253, 0, 0, 135, 2, 253, 81, 32, 0, 253, 0, 0, 249,
  1, 253, 81, 32, 0, 253, 0, 0, 134, 1, 253, 81, 32, 0, 253, 0, 0, 123, 253, 81, 32, 0, 253, 0,
  0, 48, 253, 81, 253, 11, 0, 48, 32, 0, 65, 192, 0, 106, 33, 0, 32, 1, 65, 192, 0, 106, 33, 1,
  32, 1, 32, 2, 73, 13, 0, 11, 11,
];
