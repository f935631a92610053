/** The hashes that clients agree on, so that records with one key are in one partition whoever writes them. */
import { crc32, murmur2 } from "../../../protocol/index.ts";

/** Of `bytes[start, end)`. */
type Hash = (bytes: Uint8Array, start: number, end: number) => number;

export type HashName = "crc32" | "fnv1a" | "murmur2";

/** Not negative, so that the remainder is a partition. */
const HASHES: Readonly<Record<HashName, Hash>> = {
  crc32,
  fnv1a,
  // Java's Utils.toPositive, and librdkafka's.
  murmur2: (bytes, start, end) => murmur2(bytes, start, end) & 0x7fff_ffff,
};

const OFFSET_BASIS = 0x811c_9dc5;
const PRIME = 0x0100_0193;

/** librdkafka's, which is Sarama's: 32 bits taken for a signed number, and of that the absolute value. */
function fnv1a(bytes: Uint8Array, start: number, end: number): number {
  let hash = OFFSET_BASIS | 0;
  for (let position = start; position < end; position++) hash = Math.imul(hash ^ bytes[position]!, PRIME);
  return Math.abs(hash);
}

const encoder = new TextEncoder();
/** Of the text that is being hashed; nothing stays in it. */
const scratch = new Uint8Array(1024);
const MOST_BYTES_PER_UNIT = 3;
/** Above this, the platform's encoder is faster than a loop although each call of it costs a fixed price. */
const LOOP_UP_TO = 32;

/** Hashes bytes, or text by its UTF-8: without allocating, unless it is long. */
export class KeyHash {
  readonly #hash: Hash;

  constructor(name: HashName) {
    this.#hash = HASHES[name];
  }

  of(key: Uint8Array | string): number {
    return typeof key === "string" ? this.#ofText(key) : this.#hash(key, 0, key.length);
  }

  #ofText(text: string): number {
    const length = text.length;
    if (length <= LOOP_UP_TO) {
      let seen = 0;
      for (let index = 0; index < length; index++) {
        const code = text.charCodeAt(index);
        seen |= code;
        scratch[index] = code;
      }
      if (seen < 0x80) return this.#hash(scratch, 0, length);
    }
    if (length * MOST_BYTES_PER_UNIT <= scratch.length) return this.#hash(scratch, 0, encoder.encodeInto(text, scratch).written);
    const bytes = encoder.encode(text);
    return this.#hash(bytes, 0, bytes.length);
  }
}
