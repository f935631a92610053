import { parseArgs } from "node:util";
import { type EtlPlant, type EtlProtocol, PLANTS } from "./etl-plan.ts";

export const USAGE = `usage: npm run -s etl -- [--records 500000] [--seed 1] [--protocol classic|consumer|mixed] [--real] [--acts N] [--blows N] [--plant NAME]

  --records N    how many are sent through three levels
  --seed S       of all that happens; on the embedded broker the same seed is the same run
  --protocol P   classic: range, cooperative-sticky, sticky; consumer: KIP-848; mixed: range, cooperative-sticky, KIP-848
  --real         three nodes of Apache Kafka, which are killed, frozen and shut down in turn; members are processes, and killed as well
  --acts N       how many things happen to members: they join, leave, die, are frozen, take too long
  --blows N      how many happen to brokers
  --plant NAME   a mistake that has to be found: outside (offsets are no part of the transaction), uncommitted (so is what is read)`;

export class UsageError extends Error {}

const PROTOCOLS: Readonly<Record<string, readonly EtlProtocol[]>> = {
  classic: ["range", "cooperative-sticky", "sticky"],
  consumer: ["consumer", "consumer", "consumer"],
  mixed: ["range", "cooperative-sticky", "consumer"],
};

export interface Options {
  readonly records: number;
  readonly seed: number;
  readonly protocols: readonly EtlProtocol[];
  readonly isReal: boolean;
  readonly acts: number;
  readonly blows: number;
  readonly plant: EtlPlant | undefined;
}

/** Undefined: only the usage is wanted. */
export function optionsFromArguments(words: readonly string[]): Options | undefined {
  const values = parse(words);
  if (values.help === true) return undefined;
  const protocols = Object.hasOwn(PROTOCOLS, values.protocol) ? PROTOCOLS[values.protocol] : undefined;
  if (protocols === undefined) throw new UsageError(`there is no protocol '${values.protocol}'`);
  const plant = PLANTS.find((name) => name === values.plant);
  if (plant === undefined && values.plant !== undefined) throw new UsageError(`nobody knows how to plant '${values.plant}'`);
  return {
    records: whole("records", values.records, 1),
    seed: whole("seed", values.seed, 0),
    protocols,
    isReal: values.real === true,
    acts: whole("acts", values.acts, 1),
    blows: whole("blows", values.blows, 1),
    plant,
  };
}

function whole(name: string, text: string, least: number): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < least)
    throw new UsageError(`--${name} takes a whole number from ${least}, not ${text}`);
  return number;
}

// Not annotated: the type follows from the table of options.
const parse = (words: readonly string[]) => {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        records: { type: "string", default: "500000" },
        seed: { type: "string", default: "1" },
        protocol: { type: "string", default: "classic" },
        real: { type: "boolean" },
        acts: { type: "string", default: "60" },
        blows: { type: "string", default: "8" },
        plant: { type: "string" },
        help: { type: "boolean" },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
};
