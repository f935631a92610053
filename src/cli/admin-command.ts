/** Commands that ask a cluster something: their parameters, their connection, and how their failures look. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { nearestName } from "../client/config/spelling.ts";
import { Admin, type AdminOptions } from "../index.ts";
import { type Command, FAILED, OK, type Output } from "./command.ts";
import { complain, failureOf, reporting } from "./complaints.ts";
import { adminOptions, connectionHelp, connectionOptions } from "./connection-parameters.ts";
import { harmlessJson } from "./harmless-text.ts";
import { UsageError } from "./usage-error.ts";

/** The options of `parseArgs`, without the ones that all commands have. */
type ExtraOptions = NonNullable<ParseArgsConfig["options"]>;

/** What somebody wants to be told or done. */
export interface Subcommand {
  readonly name: string;
  /** What follows the name: `NAME... [--if-exists]`. */
  readonly parameters: string;
  readonly summary: string;
  readonly options?: ExtraOptions;
  run(call: AdminCall): Promise<Printed>;
}

export interface AdminCall {
  readonly admin: Admin;
  /** For another client of the same cluster. */
  readonly options: AdminOptions;
  /** What stands alone. */
  readonly names: readonly string[];
  readonly flag: (name: string) => boolean;
  readonly value: (name: string) => string | undefined;
  readonly values: (name: string) => readonly string[];
}

/** The same for people and for programs. */
export interface Printed {
  readonly text: string;
  readonly json: unknown;
  /** Of the things that were asked for, some failed: the exit code says so. */
  readonly hasFailures?: boolean;
}

export interface AdminCommandInit {
  readonly name: string;
  readonly summary: string;
  readonly subcommands: readonly Subcommand[];
  /** Which one is meant when none is named. */
  readonly standard?: string;
}

export function adminCommand(init: AdminCommandInit): Command {
  const help = helpOf(init);
  return {
    name: init.name,
    summary: init.summary,
    help,
    async run(parameters, output) {
      try {
        return await runSubcommand(init, parameters, output);
      } catch (error) {
        return failureOf({ command: init.name, help, error });
      }
    },
  };
}

async function runSubcommand(init: AdminCommandInit, parameters: readonly string[], output: Output): Promise<number> {
  const { subcommand, rest } = chosen(init, parameters);
  const { values, positionals } = valuesOf(subcommand, rest);
  const { options, ignored } = adminOptions(values);
  for (const { name, reason } of ignored) complain(init.name, `${name} has no effect here: ${reason}`);
  const reported = { ...options, ...reporting((text) => complain(init.name, text), values["verbose"] === true) };
  await using admin = new Admin(reported);
  const printed = await subcommand.run({
    admin,
    options: reported,
    names: positionals,
    flag: (name) => values[name] === true,
    value: (name) => textOf(values[name]),
    values: (name) => [values[name] ?? []].flat().map(String),
  });
  output.write(values["json"] === true ? `${harmlessJson(printed.json)}\n` : printed.text);
  return printed.hasFailures === true ? FAILED : OK;
}

interface Values {
  readonly [name: string]: string | boolean | (string | boolean)[] | undefined;
}

function valuesOf(
  { options }: Subcommand,
  args: readonly string[],
): { readonly values: Values; readonly positionals: readonly string[] } {
  return parseArgs({ args: [...args], options: { ...connectionOptions, ...options }, allowPositionals: true });
}

function chosen(init: AdminCommandInit, parameters: readonly string[]): { subcommand: Subcommand; rest: readonly string[] } {
  const [first, ...rest] = parameters;
  const named = init.subcommands.find(({ name }) => name === first);
  if (named !== undefined) return { subcommand: named, rest };
  const standard = init.subcommands.find(({ name }) => name === init.standard);
  if (standard !== undefined && (first === undefined || first.startsWith("-"))) return { subcommand: standard, rest: parameters };
  const names = init.subcommands.map(({ name }) => name);
  if (first === undefined || first.startsWith("-")) throw new UsageError(`say what to do: ${names.join(", ")}`);
  const meant = nearestName(first, names);
  throw new UsageError(`there is no '${init.name} ${first}'${meant === undefined ? "" : `; did you mean '${meant}'?`}`);
}

function helpOf({ name, summary, subcommands, standard }: AdminCommandInit): string {
  const lines = subcommands.map((one) => {
    const isStandard = one.name === standard ? " (also without a word)" : "";
    return `  ${name} ${one.name} ${one.parameters}`.trimEnd().concat(`\n      ${one.summary}${isStandard}`);
  });
  return [`Usage: kafkawire ${name} WHAT [options]`, "", `${summary}.`, "", ...lines, "", connectionHelp].join("\n");
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function needNames(names: readonly string[], what: string): void {
  if (names.length === 0) throw new UsageError(`say which ${what}`);
}

/** A whole number from the command line. */
export function numberOf(name: string, text: string): number {
  if (/^-?\d{1,10}$/.test(text)) return Number(text);
  throw new UsageError(`${name} takes a number, not '${text}'`);
}

/** `NAME=VALUE`. */
export function pairOf(option: string, text: string): readonly [name: string, value: string] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new UsageError(`${option} takes NAME=VALUE, not '${text}'`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}
