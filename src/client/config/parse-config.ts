/** From what somebody gave to a configuration without gaps, or to all that is wrong with it. */
import { ConfigError } from "../errors.ts";
import { foreignOption } from "./foreign-options.ts";
import { Secret } from "./secret.ts";
import type { Setting, Settings, SettingTable } from "./setting.ts";
import { quoted, showValue } from "./show-value.ts";
import { nearestName } from "./spelling.ts";

/** What cannot be together. */
export interface Rule<Config> {
  /** Looked at only when these are all right by themselves. */
  readonly between: readonly (keyof Config & string)[];
  readonly problem: (config: Config, given: ReadonlySet<string>) => string | undefined;
}

/** What makes a configuration: everything there is to know of a client's options, and what follows from them. */
export interface ClientConfigSpec<Config extends Parsed, Parsed = Config> {
  /** `Admin`. */
  readonly client: string;
  readonly table: SettingTable<Parsed>;
  /** Defaults that depend on what was given: the same configuration, or one with other defaults, and with what is no option itself. */
  readonly adapt: (config: Parsed, given: ReadonlySet<string>) => Config;
  readonly rules: readonly Rule<Config>[];
}

/**
 * Reads options. Undefined takes the default. The result is frozen.
 *
 * @throws ConfigError with all problems at once, and nothing else, whatever `input` is.
 */
export function parseConfig<Config extends Parsed, Parsed extends object = Config>(
  spec: ClientConfigSpec<Config, Parsed>,
  settings: Settings,
  input: unknown,
): Config {
  const given = givenOptions(input);
  const problems: string[] = [...given.problems];
  const values = new Map<string, unknown>();
  const wrong = new Set<string>();
  for (const name of given.values.keys())
    if (!Object.hasOwn(settings, name)) problems.push(unknownOption(name, spec.client, settings));
  for (const [name, setting] of Object.entries(settings)) {
    const value = given.values.get(name);
    const problem = value === undefined ? undefined : readInto(values, name, setting, value);
    if (!values.has(name)) values.set(name, setting.fallback);
    if (problem === undefined) continue;
    wrong.add(name);
    problems.push(problem);
  }
  const config = Object.fromEntries(values);
  if (!isComplete(spec.table, config)) throw new ConfigError([`the options of ${spec.client} lack defaults`]);
  const names = new Set(given.values.keys());
  const adapted = spec.adapt(config, names);
  problems.push(...brokenRules(spec, adapted, names, wrong));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(adapted);
}

function readInto(values: Map<string, unknown>, name: string, setting: Setting<unknown>, value: unknown): string | undefined {
  const refusal = setting.never ?? setting.notYet;
  if (refusal !== undefined) return `${name}: ${refusal}`;
  try {
    const reading = setting.read(value);
    if ("problem" in reading) return `${name} ${reading.problem}`;
    values.set(name, reading.value);
    return undefined;
  } catch {
    // A getter or a proxy that throws.
    return `${name} must be ${setting.type}, not ${showValue(value)} that cannot be read`;
  }
}

function brokenRules<Config>(
  spec: Pick<ClientConfigSpec<Config>, "rules">,
  config: Config,
  given: ReadonlySet<string>,
  wrong: ReadonlySet<string>,
): readonly string[] {
  const problems: string[] = [];
  for (const { between, problem } of spec.rules) {
    if (between.some((name) => wrong.has(name))) continue;
    const broken = problem(config, given);
    if (broken !== undefined) problems.push(broken);
  }
  return problems;
}

interface GivenOptions {
  /** Without those that are undefined. */
  readonly values: ReadonlyMap<string, unknown>;
  readonly problems: readonly string[];
}

function givenOptions(input: unknown): GivenOptions {
  const values = new Map<string, unknown>();
  const problems: string[] = [];
  if (input === undefined) return { values, problems };
  try {
    if (!isPlainObject(input)) return { values, problems: [`the options must be a plain object, not ${showValue(input)}`] };
    for (const key of Reflect.ownKeys(input)) {
      if (typeof key === "symbol") problems.push(`there is no option with a symbol as its name`);
      else if (Object.getOwnPropertyDescriptor(input, key)?.enumerable === true) takeOption(input, key, values, problems);
    }
  } catch {
    problems.push("the options cannot be read: looking at them throws");
  }
  return { values, problems };
}

function takeOption(input: object, key: string, values: Map<string, unknown>, problems: string[]): void {
  try {
    const value: unknown = Reflect.get(input, key);
    if (value !== undefined) values.set(key, value);
  } catch {
    problems.push(`${quoted(key)} cannot be read: its getter throws`);
  }
}

/** Also one from another realm, or without a prototype. What an instance of a class inherits would be overlooked, so it is none. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null || value instanceof Secret || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || (typeof prototype === "object" && Object.getPrototypeOf(prototype) === null);
}

function isComplete<Config extends object>(table: SettingTable<Config>, values: object): values is Config {
  return Object.keys(table).every((name) => Object.hasOwn(values, name));
}

function unknownOption(name: string, client: string, settings: Settings): string {
  const start = `${client} has no option ${quoted(name)}`;
  const foreign = foreignOption(name, client);
  if (foreign !== undefined) return `${start}: ${foreign}`;
  const spellings = new Map<string, string>();
  for (const [option, setting] of Object.entries(settings)) {
    for (const spelling of spellingsOf(option, setting)) if (!spellings.has(spelling)) spellings.set(spelling, option);
  }
  const exact = spellings.get(name);
  const meant = exact ?? spellings.get(nearestName(name, spellings.keys()) ?? "");
  if (meant === undefined) return `${start}; docs/configuration.md lists them all`;
  return exact === undefined ? `${start}; did you mean ${meant}?` : `${start}; write ${meant}${dotted(name)}`;
}

function dotted(name: string): string {
  return name.includes(".") ? ", or pass properties with dots through configFromProperties()" : "";
}

/** Every way in which other clients write this option. */
function spellingsOf(option: string, { java = [], librdkafka = [], aliases = [] }: Setting<unknown>): readonly string[] {
  return [option, snakeCase(option), ...java, ...librdkafka, ...aliases];
}

/** kafka-python's name of one of our options: `requestTimeoutMs` is `request_timeout_ms`. */
export function snakeCase(option: string): string {
  return option.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
