import { nodeCodecs } from "../../../src/client/index.ts";
import type { Codec, Codecs } from "../../../src/protocol/index.ts";
import type { Dice } from "./dice.ts";
import { storedZstd } from "./stored-zstd.ts";

const MOST_TURNS = 3;

/** Somebody's threads are busy, or not; a codec of theirs fails, or never does. */
export interface Threads {
  /** What a batch may take; 0: it is done at once, more or less. */
  readonly mostMs: number;
  readonly failureChance: number;
}

export function drawThreads(dice: Dice): Threads {
  return { mostMs: dice.pick([0, 0, 0, 2, 20, 300]), failureChance: dice.pick([0, 0, 0, 0, 0.02]) };
}

/**
 * Codecs that take as long as the dice say: work on another thread ends when that thread pleases, and no seed could tell when. The bytes are
 * read at the end, when somebody may have made something else of them.
 */
export function simulatedCodecs(threads: Threads, dice: Dice, wait: (ms: number) => Promise<void>): Codecs {
  const { gzip, snappy, lz4, zstd } = nodeCodecs;
  return {
    gzip: onThreads(gzip, threads, dice, wait),
    snappy: onThreads(snappy, threads, dice, wait),
    lz4: onThreads(lz4, threads, dice, wait),
    zstd: onThreads({ ...zstd, compress: storedZstd }, threads, dice, wait),
  };
}

function onThreads(codec: Codec, { mostMs, failureChance }: Threads, dice: Dice, wait: (ms: number) => Promise<void>): Codec {
  return {
    ...codec,
    compressAsync: async (bytes, level) => {
      const fails = dice.chance(failureChance);
      if (mostMs > 0) await wait(dice.integer(mostMs + 1));
      else for (let turns = dice.integer(MOST_TURNS); turns > 0; turns--) await Promise.resolve();
      if (fails) throw new Error("no memory for the codec");
      return codec.compress(bytes, level);
    },
    decompressAsync: async (bytes, options) => {
      if (mostMs > 0) await wait(dice.integer(mostMs + 1));
      return codec.decompress(bytes, options);
    },
  };
}
