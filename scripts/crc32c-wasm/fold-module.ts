/**
 * The WebAssembly behind src/protocol/records/crc32c.ts: it shortens a message to some 500 bytes with the same CRC-32C.
 *
 * A message is a polynomial over GF(2), and its CRC the remainder of a division by P of degree 32. Adding (XOR) any multiple of
 * P changes no remainder. This one has only six terms, and all its exponents are multiples of 8:
 *
 *     M = x^(8·500) + x^(8·215) + x^(8·201) + x^(8·86) + x^(8·75) + 1
 *
 * So a byte may be removed from the front of a message when it is XORed into the bytes 285, 299, 414, 425 and 500 behind it:
 * that adds the byte's multiple of M. Seen from the byte that receives, with s for what a byte has become when it is removed,
 *
 *     s[i] = message[i] ^ s[i-285] ^ s[i-299] ^ s[i-414] ^ s[i-425] ^ s[i-500]
 *
 * which needs no table and no multiplication, and works on 16 bytes at once, because the nearest source is further away. What
 * is left are 500 bytes to be divided in the usual way.
 *
 * Why these numbers: a multiple with four terms needs at least 5,275 bytes of window (P has the factor x + 1, so that three or
 * five are impossible), which halves the speed for a batch of 16 KiB. Among those with six, a short window leaves little to
 * divide, but a load of bytes that were stored a moment ago has to wait for them: of five that were measured 500 bytes were the
 * fastest, by 13% over a megabyte and 6% over 16 KiB against the 437 bytes whose nearest source is 260 away.
 * `sparse-multiples.ts` finds them.
 */
import {
  addInt32,
  assemble,
  type Code,
  getLocal,
  int32,
  isBelow,
  loadVector,
  loop,
  repeatIf,
  setLocal,
  storeVector,
  xorVectors,
} from "./wasm-assembler.ts";

/** How far behind a removed byte those lie that it is XORed into; the last is the window. */
export const FOLD_DISTANCES: readonly number[] = [285, 299, 414, 425, 500];
export const FOLD_WINDOW_BYTES = 500;

const VECTOR_BYTES = 16;
/** Two vectors cost 2% more, eight gain nothing. */
const VECTORS_PER_STEP = 4;
export const FOLD_STEP_BYTES: number = VECTOR_BYTES * VECTORS_PER_STEP;
/** One page, the least there is. */
const MEMORY_PAGES = 1;

const WINDOW = 0;
const TARGET = 1;
const TARGET_END = 2;

/**
 * `fold(window, target, targetEnd)` lets the bytes from `target` to `targetEnd` receive theirs from the bytes that begin at
 * `window` and belong {@link FOLD_WINDOW_BYTES} before them. It goes in whole steps, and at least one.
 */
export function buildFoldModule(): Uint8Array {
  const vectors = Array.from({ length: VECTORS_PER_STEP }, (_, index) => foldVector(index * VECTOR_BYTES));
  const body = loop(
    ...vectors,
    advance(WINDOW),
    advance(TARGET),
    [...getLocal(TARGET), ...getLocal(TARGET_END), ...isBelow],
    repeatIf,
  );
  return assemble({ name: "fold", parameterCount: 3, body }, MEMORY_PAGES);
}

function foldVector(offset: number): Code {
  const sources = FOLD_DISTANCES.map((distance) => [
    ...getLocal(WINDOW),
    ...loadVector(FOLD_WINDOW_BYTES - distance + offset),
    ...xorVectors,
  ]);
  // The target's address lies below everything on the stack until the store takes it.
  return [...getLocal(TARGET), ...getLocal(TARGET), ...loadVector(offset), ...sources.flat(), ...storeVector(offset)];
}

function advance(local: number): Code {
  return [...getLocal(local), ...int32(FOLD_STEP_BYTES), ...addInt32, ...setLocal(local)];
}
