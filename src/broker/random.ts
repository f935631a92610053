import { randomBytes } from "node:crypto";

/** Chance as the broker uses it: for ids, for the simulated network. With a seed, the same every time. */
export interface Random {
  /** From 0 (included) to 1 (excluded). */
  next(): number;
  /** An integer from 0 (included) to `below` (excluded). */
  integer(below: number): number;
  bytes(length: number): Uint8Array;
  /** In Kafka's spelling: 22 characters of base64url, as topic ids have. Never one that Kafka reserves. */
  uuid(): string;
  /** In Java's spelling with dashes, as member ids end. */
  javaUuid(): string;
}

const UUID_BYTES = 16;

/** Another sequence for every seed: sfc32 (Chris Doty-Humphrey), 128 bits of state. */
export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = 1;
  const nextWord = (): number => {
    const word = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + word) | 0;
    return word >>> 0;
  };
  // The first words still show how alike two seeds are.
  for (let round = 0; round < 15; round++) nextWord();
  const next = (): number => nextWord() / 0x1_0000_0000;
  return randomFrom(next, (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256)));
}

export const systemRandom: Random = randomFrom(
  () => Math.random(),
  (length) => randomBytes(length),
);

function randomFrom(next: () => number, bytes: (length: number) => Uint8Array): Random {
  return {
    next,
    bytes,
    integer: (below) => Math.floor(next() * below),
    uuid: () => {
      // Kafka never gives out an id that begins with a dash: command line tools would take it for an option.
      for (;;) {
        const id = Buffer.from(version4(bytes(UUID_BYTES))).toString("base64url");
        if (!id.startsWith("-")) return id;
      }
    },
    javaUuid: () => {
      const hex = Buffer.from(version4(bytes(UUID_BYTES))).toString("hex");
      return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
    },
  };
}

/** Marks the bytes as a random uuid (RFC 9562), as Java's `UUID.randomUUID` does. */
function version4(bytes: Uint8Array): Uint8Array {
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes;
}
