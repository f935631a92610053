import { availableParallelism } from "node:os";

export interface Options {
  readonly firstSeed: number;
  readonly seeds: number;
  readonly workers: number;
  readonly json: boolean;
  /** Prints the journal of each seed, also of those that pass. */
  readonly journal: boolean;
  /** The name of a planted bug. */
  readonly plant: string | undefined;
  readonly prove: boolean;
}

export const USAGE = `usage: npm run -s simulate -- [--seeds N] [--seed S] [options]

  --seeds N      how many seeds, from 1 or from --seed on; 100 unless a seed is named
  --seed S       the first seed, or the only one without --seeds
  --workers W    how many processes; as many as there are cores
  --journal      print what happened, also for seeds that pass
  --json         one line of JSON per seed that fails, and one for all
  --plant NAME   plant a known bug into a copy of the sources, and look for it there
  --prove        plant each known bug in turn: all must be found within 200 seeds
  --help         this text`;

export class UsageError extends Error {}

const DEFAULT_SEEDS = 100;

export function optionsFromArguments(words: readonly string[]): Options {
  const values = new Map<string, string>();
  const flags = new Set<string>();
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const [name = "", inline] = word.split("=", 2);
    if (["--json", "--journal", "--prove"].includes(name) && inline === undefined) flags.add(name);
    else if (["--seeds", "--seed", "--workers", "--plant"].includes(name)) values.set(name, inline ?? left.shift() ?? "");
    else throw new UsageError(`unknown argument ${word}`);
  }
  const seed = whole(values, "--seed", 0);
  const plant = values.get("--plant");
  if (plant === "") throw new UsageError("--plant needs the name of a planted bug");
  return {
    firstSeed: seed ?? 1,
    seeds: whole(values, "--seeds", 1) ?? (seed === undefined ? DEFAULT_SEEDS : 1),
    workers: whole(values, "--workers", 1) ?? availableParallelism(),
    json: flags.has("--json"),
    journal: flags.has("--journal"),
    prove: flags.has("--prove"),
    plant,
  };
}

function whole(values: ReadonlyMap<string, string>, name: string, least: number): number | undefined {
  const text = values.get(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text === "" || !Number.isSafeInteger(value) || value < least || value > 0x7fff_ffff) {
    throw new UsageError(`${name} must be a whole number from ${least} on, not '${text}'`);
  }
  return value;
}
