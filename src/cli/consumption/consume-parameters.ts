/** From the command line to what `kafkawire consume` is to do. */
import { parseArgs } from "node:util";
import type { ConsumerOptions } from "../../index.ts";
import { type ClientOptions, connectionOptions, consumerOptions, memberOptions } from "../connection-parameters.ts";
import { UsageError } from "../usage-error.ts";
import { HexWriter } from "./hex-writer.ts";
import { JsonWriter } from "./json-writer.ts";
import { type Place, placeFrom } from "./place.ts";
import { everyFilter, type RecordFilter, recordFilter } from "./record-filter.ts";
import type { RecordWriter, WriterOptions } from "./record-writer.ts";
import { TableWriter } from "./table-writer.ts";
import { TextWriter } from "./text-writer.ts";

const options = {
  ...connectionOptions,
  from: { type: "string" },
  until: { type: "string" },
  follow: { type: "boolean", short: "f" },
  count: { type: "string", short: "n" },
  partition: { type: "string", short: "p", multiple: true },
  group: { type: "string", short: "g" },
  filter: { type: "string", multiple: true },
  format: { type: "string" },
  quiet: { type: "boolean", short: "q" },
  "key-separator": { type: "string", short: "K" },
  headers: { type: "boolean" },
  null: { type: "string" },
} as const;

export interface ConsumeParameters {
  readonly topic: string;
  readonly from: Place;
  /** undefined: the end, or with `follow` never. */
  readonly until: Place | undefined;
  readonly follows: boolean;
  /** Infinity for all. */
  readonly count: number;
  /** undefined: all. */
  readonly partitions: readonly number[] | undefined;
  /** The group whose member reads. */
  readonly group: string | undefined;
  readonly filter: RecordFilter | undefined;
  readonly writer: RecordWriter;
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
  readonly printsJson: boolean;
  /** Without a sign of life. */
  readonly timeoutMs: number;
  readonly client: ClientOptions<ConsumerOptions>;
}

export interface Surroundings {
  readonly isTerminal: boolean;
  readonly nowMs: number;
}

type Values = ReturnType<typeof parse>["values"];

/** @throws UsageError, or what parseArgs throws, or ConfigError */
export function consumeParameters(parameters: readonly string[], { isTerminal, nowMs }: Surroundings): ConsumeParameters {
  const { values, positionals } = parse(parameters);
  const [topic, ...more] = positionals;
  if (topic === undefined || topic === "") throw new UsageError("say which topic");
  if (more.length > 0) throw new UsageError(`one topic at a time, not also '${more.join("', '")}'`);
  const { group } = values;
  const follows = values.follow === true || group !== undefined;
  const client = group === undefined ? consumerOptions(values) : clientOfMember(values, group, nowMs);
  const filters = (values.filter ?? []).map(recordFilter);
  return {
    topic,
    from: placeFrom("--from", values.from ?? (values.follow === true ? "end" : "beginning"), nowMs),
    until: untilFrom(values.until, follows, nowMs),
    follows,
    count: values.count === undefined ? Number.POSITIVE_INFINITY : countFrom(values.count),
    partitions: values.partition === undefined ? undefined : partitionsFrom(values.partition),
    group,
    filter: filters.length === 0 ? undefined : everyFilter(filters),
    writer: writerOf(values, isTerminal),
    isQuiet: values.quiet === true,
    isVerbose: values.verbose === true,
    printsJson: values.json === true,
    timeoutMs: client.options.defaultApiTimeoutMs ?? DEFAULT_TIMEOUT_MS,
    client,
  };
}

/** What the group has not committed decides where it begins; who shares partitions does not choose them, and has no end. */
function clientOfMember(values: Values, group: string, nowMs: number): ClientOptions<ConsumerOptions> {
  const other = (["until", "partition", "follow"] as const).find((name) => values[name] !== undefined);
  if (other !== undefined) throw new UsageError(`--${other} does not go with --group, which shares out the partitions and goes on`);
  if (group === "") throw new UsageError("--group takes the name of a group");
  const client = memberOptions(values, group);
  if (values.from === undefined) return client;
  const { kind } = placeFrom("--from", values.from, nowMs);
  if (kind !== "beginning" && kind !== "end") {
    throw new UsageError("with --group, --from takes beginning or end: where to begin if the group has committed nothing");
  }
  return { ...client, options: { ...client.options, autoOffsetReset: kind === "end" ? "latest" : "earliest" } };
}

const DEFAULT_TIMEOUT_MS = 60_000;

function parse(parameters: readonly string[]) {
  return parseArgs({ args: [...parameters], options, allowPositionals: true });
}

function untilFrom(text: string | undefined, follows: boolean, nowMs: number): Place | undefined {
  if (text === undefined) return undefined;
  const place = placeFrom("--until", text, nowMs);
  if (place.kind === "beginning") throw new UsageError("--until beginning: there is nothing before it");
  if (follows && (place.kind === "end" || place.kind === "before the end")) {
    throw new UsageError(`--follow goes on at the end, --until ${text} does not: leave out one of them`);
  }
  return place;
}

/** The options that only some formats have. */
const FORMAT_OPTIONS: ReadonlyMap<keyof Values, readonly string[]> = new Map([
  ["key-separator", ["text"]],
  ["headers", ["text", "table"]],
  ["null", ["text", "table"]],
]);

function writerOf(values: Values, isTerminal: boolean): RecordWriter {
  const format = formatOf(values);
  for (const [name, formats] of FORMAT_OPTIONS) {
    if (values[name] !== undefined && !formats.includes(format)) {
      throw new UsageError(`--${name} belongs to --format ${formats.join(" and ")}, not to ${format}`);
    }
  }
  const writerOptions: WriterOptions = {
    isTerminal,
    keySeparator: separatorFrom(values["key-separator"]),
    showsHeaders: values.headers === true,
    nullMarker: values.null ?? "null",
  };
  switch (format) {
    case "text":
      return new TextWriter(writerOptions);
    case "json":
      return new JsonWriter();
    case "hex":
      return new HexWriter();
    case "table":
      return new TableWriter(writerOptions);
    default:
      throw new UsageError(`--format takes text, json, hex or table, not '${format}'`);
  }
}

function formatOf({ format, json }: Values): string {
  if (json !== true) return format ?? "text";
  if (format === undefined || format === "json") return "json";
  throw new UsageError(`--json is --format json, not ${format}`);
}

/** A tab is hard to type. */
function separatorFrom(text: string | undefined): string | undefined {
  return text?.replaceAll("\\t", "\t");
}

const LARGEST_INT32 = 2_147_483_647;

function partitionsFrom(texts: readonly string[]): readonly number[] {
  const words = texts.flatMap((text) => text.split(","));
  const wrong = words.find((word) => !(/^\d{1,10}$/.test(word) && Number(word) <= LARGEST_INT32));
  if (wrong !== undefined) throw new UsageError(`--partition takes numbers from 0 on, not '${wrong}'`);
  return [...new Set(words.map(Number))];
}

function countFrom(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count > 0) return count;
  throw new UsageError(`--count takes a number from 1 on, not '${text}'`);
}
