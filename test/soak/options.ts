import { parseArgs } from "node:util";

export const USAGE = `usage: npm run -s soak -- consume [--minutes 30] [--seed 1] [--samples FILE] [--plant leak|overrun|pin]

  --minutes M   how long; what counts is the second half
  --seed S      of the sizes of records, and of the broker
  --samples F   appends every sample to that file, one JSON object a line
  --plant NAME  a mistake that has to be found: then the run fails, as it must`;

export class UsageError extends Error {}

const PLANTS = ["leak", "overrun", "pin"] as const;
/** leak: a handler keeps every record. overrun: a consumer asks for more than is allowed. pin: a kept record keeps a whole answer. */
export type Plant = (typeof PLANTS)[number];

export interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly plant: Plant | undefined;
  /** Where samples are written. */
  readonly samplesFile: string | undefined;
}

/** Undefined: only the usage is wanted. */
export function optionsFromArguments(words: readonly string[]): Options | undefined {
  const { positionals, values } = parse(words);
  if (values.help === true) return undefined;
  if (positionals.length !== 1 || positionals[0] !== "consume")
    throw new UsageError(`there is no soak of '${positionals.join(" ")}'`);
  const minutes = Number(values.minutes);
  const seed = Number(values.seed);
  if (!(minutes > 0)) throw new UsageError(`--minutes takes a number above 0, not ${values.minutes}`);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new UsageError(`--seed takes a whole number, not ${values.seed}`);
  const plant = PLANTS.find((name) => name === values.plant);
  if (plant === undefined && values.plant !== undefined) throw new UsageError(`nobody knows how to plant '${values.plant}'`);
  return { minutes, seed, plant, samplesFile: values.samples };
}

// Not annotated: the type follows from the table of options.
const parse = (words: readonly string[]) => {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        minutes: { type: "string", default: "30" },
        seed: { type: "string", default: "1" },
        plant: { type: "string" },
        samples: { type: "string" },
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
};
