/** The command line of the runner. */
import { parseArgs } from "node:util";

export const USAGE = `npm run -s bench -- SUITE [--json] [--quick] [--runs N] [--clients a,b] [--brokers a,b] [--cases a,b] [--node current] [--write-readme]
npm run -s bench -- --write-readme      renders bench/README.md again from bench/results/

  --json          one JSON object a line instead of a table
  --quick         shorter warm-up and measurement; the results are not kept
  --runs N        how many processes per client and case (5; in the suite "groups" 2)
  --brokers a,b   which brokers (of the suite "broker")
  --node current  kafkawire runs on the Node of the runner instead of the one that all clients share
  --write-readme  puts the results of this run into bench/README.md`;

export interface Options {
  /** Undefined: only render the README from kept results. */
  readonly suite: string | undefined;
  readonly json: boolean;
  readonly quick: boolean;
  readonly runs: number;
  /** Undefined: all. */
  readonly clients: readonly string[] | undefined;
  readonly cases: readonly string[] | undefined;
  readonly brokers: readonly string[] | undefined;
  readonly currentNode: boolean;
  readonly writeReadme: boolean;
}

/** A mistake on the command line: shown with the usage, without a stack. */
export class UsageError extends Error {}

/** @param runsOf how many there are unless said otherwise, by the name of the suite */
export function optionsFromArguments(args: readonly string[], runsOf: (suite: string | undefined) => number): Options {
  const { values, positionals } = parse(args);
  const runs = Number(values.runs ?? runsOf(positionals[0]));
  if (!Number.isInteger(runs) || runs < 1) throw new UsageError(`--runs takes a positive number, not ${values.runs}`);
  if (values.node !== undefined && values.node !== "current") throw new UsageError(`--node takes "current", not ${values.node}`);
  if (positionals.length > 1) throw new UsageError(`one suite at a time, not ${positionals.join(" and ")}`);
  if (positionals.length === 0 && !values["write-readme"]) throw new UsageError("which suite?");
  return {
    suite: positionals[0],
    json: values.json ?? false,
    quick: values.quick ?? false,
    runs,
    clients: values.clients?.split(","),
    cases: values.cases?.split(","),
    brokers: values.brokers?.split(","),
    currentNode: values.node === "current",
    writeReadme: values["write-readme"] ?? false,
  };
}

/** Those of `all` that are named, in that order; all if none is. */
export function picked<T extends { readonly name: string }>(
  kind: string,
  all: readonly T[],
  names: readonly string[] | undefined,
): readonly T[] {
  return names?.map((name) => oneOf(kind, all, name)) ?? all;
}

/** @throws UsageError when there is none of that name */
export function oneOf<T extends { readonly name: string }>(kind: string, all: readonly T[], name: string): T {
  const found = all.find((it) => it.name === name);
  if (found === undefined) throw new UsageError(`no ${kind} "${name}"; there is ${all.map((it) => it.name).join(", ")}`);
  return found;
}

// Not annotated: the type follows from the table of options.
const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean" },
        quick: { type: "boolean" },
        runs: { type: "string" },
        clients: { type: "string" },
        cases: { type: "string" },
        brokers: { type: "string" },
        node: { type: "string" },
        "write-readme": { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
};
