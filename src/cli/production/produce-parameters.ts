/** From the command line to what `kafkawire produce` is to do. */
import { parseArgs } from "node:util";
import type { ProducerOptions } from "../../index.ts";
import { type ClientOptions, connectionOptions, producerOptions } from "../connection-parameters.ts";
import { CsvParser } from "../record-input/csv-parser.ts";
import type { RecordParser } from "../record-input/input-item.ts";
import { JsonParser } from "../record-input/json-parser.ts";
import { LinesParser } from "../record-input/lines-parser.ts";
import { UsageError } from "../usage-error.ts";

const options = {
  ...connectionOptions,
  file: { type: "string" },
  format: { type: "string" },
  partition: { type: "string", short: "p" },
  compression: { type: "string", short: "z" },
  acks: { type: "string" },
  "stop-on-error": { type: "boolean" },
  "key-separator": { type: "string", short: "K" },
  headers: { type: "boolean" },
  null: { type: "string" },
  "key-column": { type: "string" },
  "value-column": { type: "string" },
  "column-separator": { type: "string" },
} as const;

export interface ProduceParameters {
  readonly topic: string;
  readonly file: string | undefined;
  readonly parser: RecordParser;
  readonly partition: number | undefined;
  readonly stopsOnError: boolean;
  readonly isVerbose: boolean;
  readonly printsJson: boolean;
  readonly client: ClientOptions<ProducerOptions>;
}

type Values = ReturnType<typeof parse>["values"];

/** @throws UsageError, or what parseArgs throws, or ConfigError */
export function produceParameters(parameters: readonly string[]): ProduceParameters {
  const { values, positionals } = parse(parameters);
  const [topic, ...more] = positionals;
  if (topic === undefined || topic === "") throw new UsageError("say which topic");
  if (more.length > 0) throw new UsageError(`one topic at a time, not also '${more.join("', '")}'`);
  const client = clientOf(values);
  if (client.options.transactionalId !== undefined) {
    throw new UsageError("records are not sent in a transaction here: leave transactional.id out of -X and --properties");
  }
  return {
    topic,
    file: values.file,
    parser: parserOf(values),
    partition: values.partition === undefined ? undefined : partitionFrom(values.partition),
    stopsOnError: values["stop-on-error"] === true,
    isVerbose: values.verbose === true,
    printsJson: values.json === true,
    client,
  };
}

function parse(parameters: readonly string[]) {
  return parseArgs({ args: [...parameters], options, allowPositionals: true });
}

function clientOf(values: Values): ClientOptions<ProducerOptions> {
  return producerOptions(values, [
    ...(values.acks === undefined ? [] : [`acks=${values.acks}`]),
    ...(values.compression === undefined ? [] : [`compression.type=${values.compression}`]),
  ]);
}

/** The options that only some formats have. */
const FORMAT_OPTIONS: ReadonlyMap<keyof Values, readonly string[]> = new Map([
  ["key-separator", ["lines"]],
  ["headers", ["lines", "csv"]],
  ["null", ["lines", "csv"]],
  ["key-column", ["csv"]],
  ["value-column", ["csv"]],
  ["column-separator", ["csv"]],
]);

function parserOf(values: Values): RecordParser {
  const { format = "lines" } = values;
  for (const [name, formats] of FORMAT_OPTIONS) {
    if (values[name] !== undefined && !formats.includes(format)) {
      throw new UsageError(`--${name} belongs to --format ${formats.join(" and ")}, not to ${format}`);
    }
  }
  const [hasHeaders, nullMarker] = [values.headers === true, values.null];
  switch (format) {
    case "lines":
      return new LinesParser({ keySeparator: separatorFrom(values["key-separator"]), hasHeaders, nullMarker });
    case "json":
      return new JsonParser();
    case "csv":
      return new CsvParser({
        separator: columnSeparatorFrom(values["column-separator"]),
        keyColumn: values["key-column"],
        valueColumn: values["value-column"],
        hasHeaders,
        nullMarker,
      });
    default:
      throw new UsageError(`--format takes lines, json or csv, not '${format}'`);
  }
}

/** A tab is hard to type. */
function separatorFrom(text: string | undefined): string | undefined {
  if (text === "") throw new UsageError("--key-separator takes a text that is not empty");
  return text?.replaceAll("\\t", "\t");
}

function columnSeparatorFrom(text = ","): string {
  const separator = text.replaceAll("\\t", "\t");
  if (separator.length === 1 && !'"\r\n'.includes(separator)) return separator;
  throw new UsageError(`--column-separator takes a single character that is no quote, not '${text}'`);
}

const LARGEST_INT32 = 2_147_483_647;

function partitionFrom(text: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) <= LARGEST_INT32) return Number(text);
  throw new UsageError(`--partition takes a number from 0 on, not '${text}'`);
}
