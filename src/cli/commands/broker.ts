import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { EmbeddedBroker, type EmbeddedBrokerOptions, type KafkaRelease, releases } from "../../broker/index.ts";
import { brokerEventLine, isQuiet } from "../broker-event-line.ts";
import { type Command, OK, type Output, WRONG_USAGE } from "../command.ts";
import { untilStopped } from "../until-stopped.ts";

const help = `Usage: kafkawire broker [options]

A Kafka cluster in this process: in memory, on 127.0.0.1, gone when it stops (Ctrl-C). Any Kafka client can use it.

  --port N             port of the first node; the others follow (default 9092; 0 takes free ones)
  --nodes N            how many nodes (default 1)
  --topics LIST        topics to begin with, e.g. orders:3,payments (name:partitions)
  --no-auto-create     asking for a topic that does not exist does not create it
  --as-version V       pass for another Kafka release: ${releases[0]} to ${releases.at(-1)} (the newest by default)
  --users LIST         ask for SASL (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512), e.g. alice:secret,bob:other
  --tls                serve TLS, with a certificate made for this run (its file is printed); or with your own:
  --tls-key FILE, --tls-cert FILE   (PEM)
  --config NAME=VALUE  broker configuration by Kafka's names; may be repeated
  --requests           print every request too, not only what is out of the ordinary
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

type Values = ReturnType<typeof parse>;

function parse(parameters: readonly string[]) {
  return parseArgs({ args: [...parameters], options, allowPositionals: false }).values;
}

export const broker: Command = {
  name: "broker",
  summary: "runs a Kafka cluster in this process, for any client",
  help,
  async run(parameters, output) {
    let values: Values;
    let wanted: EmbeddedBrokerOptions;
    try {
      values = parse(parameters);
      wanted = optionsFrom(values);
    } catch (error) {
      process.stderr.write(`kafkawire broker: ${error instanceof Error ? error.message : String(error)}\n\n${help}\n`);
      return WRONG_USAGE;
    }
    const stopped = untilStopped();
    const cluster = await EmbeddedBroker.start(wanted);
    const certificate = announce(cluster, values, output);
    try {
      const signal = await stopped;
      await cluster.close();
      say(output, values, { event: "stopped", signal }, `stopped by ${signal}`);
    } finally {
      if (certificate !== undefined) rmSync(dirname(certificate), { recursive: true });
    }
    return OK;
  },
};

function optionsFrom(values: Values): EmbeddedBrokerOptions {
  const { port = "9092", nodes = "1", topics = [], users = [], config = [] } = values;
  const release = values["as-version"];
  return {
    port: numberFrom("--port", port),
    nodes: numberFrom("--nodes", nodes),
    topics: Object.fromEntries(listOf(topics).map(topicFrom)),
    autoCreateTopics: values["no-auto-create"] !== true,
    ...(release === undefined ? {} : { asVersion: releaseFrom(release) }),
    ...(users.length === 0 ? {} : { sasl: { users: Object.fromEntries(listOf(users).map(userFrom)) } }),
    ...tlsFrom(values),
    configs: Object.fromEntries(config.map((text) => pairFrom("--config", text, "="))),
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
  const [name = "", partitions = "1"] = text.split(":");
  return [name, numberFrom(`--topics ${name}:`, partitions)];
}

function userFrom(text: string): [user: string, password: string] {
  // The text holds a password, and must not be repeated.
  if (!/^[^:]+:.+$/.test(text)) throw new TypeError("--users takes user:password,…");
  return pairFrom("--users", text, ":");
}

function pairFrom(option: string, text: string, separator: string): [name: string, value: string] {
  const index = text.indexOf(separator);
  if (index < 1) throw new TypeError(`${option} takes NAME${separator}VALUE, not '${text}'`);
  return [text.slice(0, index), text.slice(index + 1)];
}

function releaseFrom(text: string): KafkaRelease {
  const release = releases.find((known) => known === text);
  if (release === undefined) throw new TypeError(`--as-version takes one of ${releases.join(", ")}, not '${text}'`);
  return release;
}

function tlsFrom({ tls, "tls-key": key, "tls-cert": cert }: Values): Pick<EmbeddedBrokerOptions, "tls"> {
  if ((key === undefined) !== (cert === undefined)) throw new TypeError("--tls-key and --tls-cert go together");
  if (key !== undefined && cert !== undefined) return { tls: { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") } };
  return tls === true ? { tls: true } : {};
}

/** Prints where the cluster is, and from then on what happens. @returns the file that the certificate was written to */
function announce(cluster: EmbeddedBroker, values: Values, output: Output): string | undefined {
  const { bootstrapServers, caCertificate } = cluster;
  let certificate: string | undefined;
  if (caCertificate !== undefined) {
    certificate = join(mkdtempSync(join(tmpdir(), "kafkawire-")), "ca.pem");
    writeFileSync(certificate, caCertificate);
  }
  const trust = certificate === undefined ? "" : `, TLS; clients trust ${certificate}`;
  say(output, values, { event: "listening", bootstrapServers, certificate }, `listening on ${bootstrapServers}${trust}`);
  cluster.journal.onEntry((entry) => {
    if (values.requests !== true && isQuiet(entry)) return;
    const line = brokerEventLine(entry, values.json === true);
    if (line !== undefined) output.write(`${line}\n`);
  });
  return certificate;
}

function say(output: Output, { json }: Values, event: Readonly<Record<string, unknown>>, text: string): void {
  output.write(json === true ? `${JSON.stringify(event)}\n` : `${text}\n`);
}
