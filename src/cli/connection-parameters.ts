/** The parameters that every command has which talks to a cluster, and the options that they make. */
import { readFileSync } from "node:fs";
import {
  type AdminOptions,
  type ConfigFromProperties,
  type ConsumerOptions,
  configFromProperties,
  type IgnoredProperty,
  type ProducerOptions,
  type PropertiesInput,
} from "../index.ts";
import { UsageError } from "./usage-error.ts";

/** @param timeout what `--timeout` limits */
export function connectionHelpWith(timeout: string): string {
  return `Connection:
  -b, --bootstrap-servers LIST   host:port,… of the cluster (default localhost:9092); --bootstrap-server is the same
  --tls                          encrypt the connection
  --tls-ca FILE                  whom to trust instead of the authorities that Node trusts (PEM); implies --tls
  --properties FILE              a .properties file as Java's and librdkafka's clients have it
  -X NAME=VALUE                  one option of the client, by our, Java's or librdkafka's name; may be repeated
  --timeout SECONDS              ${timeout}
  --verbose                      tell on standard error all that the client does
  --json                         print JSON instead of text`;
}

export const connectionHelp: string = connectionHelpWith("how long the whole may take (default 60)");

export const connectionOptions = {
  "bootstrap-servers": { type: "string", short: "b" },
  // As Kafka's own tools call it.
  "bootstrap-server": { type: "string" },
  tls: { type: "boolean" },
  "tls-ca": { type: "string" },
  properties: { type: "string" },
  option: { type: "string", short: "X", multiple: true },
  timeout: { type: "string" },
  verbose: { type: "boolean" },
  json: { type: "boolean" },
} as const;

interface Values {
  readonly [name: string]: unknown;
}

export interface ClientOptions<Options> {
  readonly options: Options;
  readonly ignored: readonly IgnoredProperty[];
}

export function adminOptions(values: Values): ClientOptions<AdminOptions> {
  const { options, ignored } = optionsFrom(values, (input) => configFromProperties(input, "admin"));
  return { options: { ...options, ...fromFlags(values), ...callTimes(secondsOf(values)) }, ignored };
}

/** @param more properties that have flags of their own, `acks=1` */
export function producerOptions(values: Values, more: readonly string[]): ClientOptions<ProducerOptions> {
  const { options, ignored } = optionsFrom(values, (input) => configFromProperties(input, "producer"), more);
  return { options: { ...options, ...fromFlags(values), ...deliveryTimes(secondsOf(values), options) }, ignored };
}

/** Of a consumer that reads what it is told, without a group: what has to do with one has no effect. */
export function consumerOptions(values: Values): ClientOptions<ConsumerOptions> {
  const { options, ignored } = optionsFrom(values, (input) => configFromProperties(input, "consumer"));
  const times = callTimes(secondsOf(values));
  const noGroup = { name: "group.id", reason: "no group is joined, and nothing committed" };
  return {
    options: {
      // Where it begins is looked up before; retention may have been faster.
      autoOffsetReset: "earliest",
      allowAutoCreateTopics: false,
      ...options,
      groupId: undefined,
      groupInstanceId: undefined,
      enableAutoCommit: undefined,
      ...fromFlags(values),
      ...times,
      ...fetchTimes(times, options),
    },
    ignored: options.groupId === undefined ? ignored : [...ignored, noGroup],
  };
}

/** Of a member of a group, which commits what it has read. */
export function memberOptions(values: Values, groupId: string): ClientOptions<ConsumerOptions> {
  const { options, ignored } = optionsFrom(values, (input) => configFromProperties(input, "consumer"));
  const times = callTimes(secondsOf(values));
  const defaults: ConsumerOptions = { autoOffsetReset: "earliest", allowAutoCreateTopics: false };
  const fixed = { ...fromFlags(values), ...times, ...fetchTimes(times, options) };
  return { options: { ...defaults, ...options, groupId, ...fixed }, ignored };
}

/** A fetch must not wait as long as a request may take. */
function fetchTimes({ requestTimeoutMs }: AdminOptions, { fetchMaxWaitMs = LONGEST_FETCH_MS }: ConsumerOptions): ConsumerOptions {
  return requestTimeoutMs === undefined ? {} : { fetchMaxWaitMs: Math.min(fetchMaxWaitMs, Math.floor(requestTimeoutMs / 2)) };
}

/** What is said on the command line wins over -X, and -X over the file. */
function optionsFrom<Options>(
  { properties, option }: Values,
  read: (input: PropertiesInput) => ConfigFromProperties<Options>,
  flags: readonly string[] = [],
): ClientOptions<Options> {
  const file = read(typeof properties === "string" ? textOf(properties) : "");
  const single = read([option ?? []].flat().map(String));
  const flag = read(flags);
  return {
    options: { ...file.options, ...single.options, ...flag.options },
    ignored: [...file.ignored, ...single.ignored, ...flag.ignored],
  };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`--properties: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function fromFlags(values: Values): ConnectionFlags {
  const { tls, "tls-ca": sslCafile } = values;
  const { "bootstrap-servers": ours, "bootstrap-server": kafkas } = values;
  if (ours !== undefined && kafkas !== undefined) {
    throw new UsageError("--bootstrap-servers and --bootstrap-server are the same: give one of them");
  }
  const bootstrapServers = ours ?? kafkas;
  return {
    ...(typeof bootstrapServers === "string" && { bootstrapServers }),
    ...((tls === true || sslCafile !== undefined) && { securityProtocol: "SSL" }),
    ...(typeof sslCafile === "string" && { sslCafile }),
  };
}

type ConnectionFlags = Pick<AdminOptions, "bootstrapServers" | "securityProtocol" | "sslCafile">;

const MS_PER_SECOND = 1000;
/** Of one request, and of the first connection: the clients' own defaults. */
const LONGEST_REQUEST_MS = 30_000;
/** The consumer's own default. */
const LONGEST_FETCH_MS = 500;

function secondsOf({ timeout }: Values): number | undefined {
  if (typeof timeout !== "string") return undefined;
  const seconds = Number(timeout);
  if (timeout.trim() === "" || !(seconds > 0)) throw new UsageError(`--timeout takes seconds, not '${timeout}'`);
  return seconds;
}

function callTimes(seconds: number | undefined): AdminOptions {
  if (seconds === undefined) return {};
  const defaultApiTimeoutMs = Math.ceil(seconds * MS_PER_SECOND);
  const requestTimeoutMs = Math.min(LONGEST_REQUEST_MS, defaultApiTimeoutMs);
  return { defaultApiTimeoutMs, requestTimeoutMs, bootstrapTimeoutMs: requestTimeoutMs };
}

/** A record's time is that of waiting for others and of at least one request. */
function deliveryTimes(seconds: number | undefined, { lingerMs = 0 }: ProducerOptions): ProducerOptions {
  if (seconds === undefined) return {};
  const timeoutMs = Math.ceil(seconds * MS_PER_SECOND);
  const requestTimeoutMs = Math.max(1, Math.min(LONGEST_REQUEST_MS, timeoutMs - lingerMs));
  return {
    deliveryTimeoutMs: timeoutMs,
    defaultApiTimeoutMs: timeoutMs,
    maxBlockMs: timeoutMs,
    requestTimeoutMs,
    bootstrapTimeoutMs: requestTimeoutMs,
  };
}
