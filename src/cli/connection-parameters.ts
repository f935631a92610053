/** The parameters that every command has which talks to a cluster, and the options that they make. */
import { readFileSync } from "node:fs";
import { type AdminOptions, configFromProperties, type IgnoredProperty } from "../index.ts";
import { UsageError } from "./usage-error.ts";

export const connectionHelp: string = `Connection:
  -b, --bootstrap-servers LIST   host:port,… of the cluster (default localhost:9092)
  --tls                          encrypt the connection
  --tls-ca FILE                  whom to trust instead of the authorities that Node trusts (PEM); implies --tls
  --properties FILE              a .properties file as Java's and librdkafka's clients have it
  -X NAME=VALUE                  one option of the client, by our, Java's or librdkafka's name; may be repeated
  --timeout SECONDS              how long the whole may take (default 60)
  --verbose                      tell on standard error all that the client does
  --json                         print JSON instead of text`;

export const connectionOptions = {
  "bootstrap-servers": { type: "string", short: "b" },
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

/** The options of the client: what is said on the command line wins over -X, and -X over the file. */
export function clientOptions(values: Values): { readonly options: AdminOptions; readonly ignored: readonly IgnoredProperty[] } {
  const { properties } = values;
  const file = configFromProperties(typeof properties === "string" ? textOf(properties) : "", "admin");
  const single = configFromProperties([values["option"] ?? []].flat().map(String), "admin");
  return { options: { ...file.options, ...single.options, ...fromFlags(values) }, ignored: [...file.ignored, ...single.ignored] };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`--properties: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function fromFlags({ "bootstrap-servers": bootstrapServers, tls, "tls-ca": sslCafile, timeout }: Values): AdminOptions {
  return {
    ...(typeof bootstrapServers === "string" && { bootstrapServers }),
    ...((tls === true || sslCafile !== undefined) && { securityProtocol: "SSL" }),
    ...(typeof sslCafile === "string" && { sslCafile }),
    ...(typeof timeout === "string" && timesOf(timeout)),
  };
}

const MS_PER_SECOND = 1000;
/** Of one request, and of the first connection: the clients' own defaults. */
const LONGEST_REQUEST_MS = 30_000;

function timesOf(text: string): AdminOptions {
  const seconds = Number(text);
  if (text.trim() === "" || !(seconds > 0)) throw new UsageError(`--timeout takes seconds, not '${text}'`);
  const defaultApiTimeoutMs = Math.ceil(seconds * MS_PER_SECOND);
  const requestTimeoutMs = Math.min(LONGEST_REQUEST_MS, defaultApiTimeoutMs);
  return { defaultApiTimeoutMs, requestTimeoutMs, bootstrapTimeoutMs: requestTimeoutMs };
}
