/** From the command line to the options of a broker. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type EmbeddedBrokerOptions, type KafkaRelease, releases } from "../broker/index.ts";

export const brokerHelp: string = `Usage: kafkawire broker [options]

A Kafka cluster in this process: in memory, on 127.0.0.1, gone when it stops (Ctrl-C). Any Kafka client can use it.

  --port N             port of the first node; the others follow (default 9092; 0 takes free ones)
  --nodes N            how many nodes (default 1)
  --topics LIST        topics to begin with, e.g. orders:3,payments (name:partitions; one partition if there is no number)
  --no-auto-create     asking for a topic that does not exist does not create it
  --as-version V       pass for another Kafka release: ${releases[0]} to ${releases.at(-1)} (the newest by default)
  --users LIST         ask for SASL (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512), e.g. alice:secret,bob:other
  --tls                serve TLS, with a certificate made for this run (its file is printed); or with your own:
  --tls-key FILE, --tls-cert FILE   (PEM)
  --config NAME=VALUE  broker configuration by Kafka's names; may be repeated
  --requests           print every request and answer, not only what is out of the ordinary
  --json               print events as JSON, one a line`;

const options = {
  port: { type: "string" },
  nodes: { type: "string" },
  topics: { type: "string", multiple: true },
  "no-auto-create": { type: "boolean" },
  "as-version": { type: "string" },
  users: { type: "string", multiple: true },
  tls: { type: "boolean" },
  "tls-key": { type: "string" },
  "tls-cert": { type: "string" },
  config: { type: "string", multiple: true },
  requests: { type: "boolean" },
  json: { type: "boolean" },
} as const;

export interface BrokerParameters {
  readonly broker: EmbeddedBrokerOptions;
  readonly printsRequests: boolean;
  readonly printsJson: boolean;
}

type Values = ReturnType<typeof parse>;

/** Throws what is wrong with them. No message repeats what may be a password. */
export function brokerParameters(parameters: readonly string[]): BrokerParameters {
  const values = parse(parameters);
  return { broker: optionsFrom(values), printsRequests: values.requests === true, printsJson: values.json === true };
}

function parse(parameters: readonly string[]) {
  const { values, positionals } = parseArgs({ args: [...parameters], options, allowPositionals: true });
  // What stands alone is often the second of two users.
  if (positionals.length > 0) throw new TypeError("there is a parameter without an option before it; lists are joined by commas");
  return values;
}

function optionsFrom(values: Values): EmbeddedBrokerOptions {
  const { port = "9092", nodes = "1", topics = [], users = [], config = [] } = values;
  const release = values["as-version"];
  return {
    port: numberFrom("--port", port),
    nodes: numberFrom("--nodes", nodes),
    topics: Object.fromEntries(listOf(topics).map(topicFrom)),
    ...(values["no-auto-create"] === true && { autoCreateTopics: false }),
    ...(release !== undefined && { asVersion: releaseFrom(release) }),
    ...(users.length > 0 && { sasl: { users: Object.fromEntries(listOf(users).map(userFrom)) } }),
    ...tlsFrom(values),
    configs: Object.fromEntries(config.map(configFrom)),
  };
}

function listOf(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => text.split(",")).filter((item) => item !== "");
}

function numberFrom(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new TypeError(`${name} takes a number, not '${text}'`);
}

function topicFrom(text: string): [name: string, partitions: number] {
  const [name = "", partitions = "1", ...rest] = text.split(":");
  if (rest.length > 0) throw new TypeError(`--topics takes name:partitions,… and not '${text}'`);
  return [name, numberFrom(`--topics ${name}:`, partitions)];
}

function userFrom(text: string): [user: string, password: string] {
  const colon = text.indexOf(":");
  if (colon < 1 || colon === text.length - 1) throw new TypeError("--users takes user:password,… (no comma in a password)");
  return [text.slice(0, colon), text.slice(colon + 1)];
}

function configFrom(text: string): [name: string, value: string] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new TypeError("--config takes NAME=VALUE");
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function releaseFrom(text: string): KafkaRelease {
  const release = releases.find((known) => known === text);
  if (release === undefined) throw new TypeError(`--as-version takes one of ${releases.join(", ")}, not '${text}'`);
  return release;
}

function tlsFrom({ tls, "tls-key": key, "tls-cert": cert }: Values): Pick<EmbeddedBrokerOptions, "tls"> {
  if (key === undefined && cert === undefined) return tls === true ? { tls: true } : {};
  if (key === undefined || cert === undefined) throw new TypeError("--tls-key and --tls-cert go together");
  return { tls: { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") } };
}
