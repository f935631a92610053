/** Everything that is wrong with the options of a broker. They come from JavaScript as well, where no compiler has looked at them. */

import { releases } from "../protocol/index.ts";
import { isRefusal } from "./cluster/refusal.ts";
import { invalidTopicName } from "./cluster/topics.ts";
import { problemWithBrokerConfig } from "./configs/broker-configs.ts";
import { checkedTopicConfigs } from "./configs/resources/topic-resource.ts";
import type { JournalOptions } from "./journal/journal.ts";
import type { EmbeddedBrokerOptions, InitialTopic } from "./options.ts";
import { saslProblems } from "./security/sasl-problems.ts";
import { tlsProblems } from "./security/tls-problems.ts";
import { isRecord, unknownNames } from "./untyped.ts";

const OPTIONS: Readonly<Record<keyof EmbeddedBrokerOptions, true>> = {
  nodes: true,
  port: true,
  topics: true,
  autoCreateTopics: true,
  asVersion: true,
  tls: true,
  sasl: true,
  rack: true,
  configs: true,
  clock: true,
  seed: true,
  transport: true,
  journal: true,
};
const TOPIC_OPTIONS: readonly string[] = ["partitions", "replicationFactor", "configs"];
const JOURNAL_OPTIONS: Readonly<Record<keyof JournalOptions, true>> = { maxEntries: true, maxBytes: true };

const MOST_NODES = 100;
const MOST_PARTITIONS = 10_000;
const FIRST_PORT_TOO_HIGH = 65_536;

/** An option that is not known is a mistake, not a wish. */
export function* optionProblems(options: EmbeddedBrokerOptions): Iterable<string> {
  const { nodes = 1, port = 0, asVersion, seed, sasl, tls, transport = "tcp", topics = {}, journal } = options;
  yield* unknownNames(options, Object.keys(OPTIONS), (name) => `there is no option '${name}'`);
  if (!isWhole(nodes, 1, MOST_NODES)) yield `nodes must be from 1 to ${MOST_NODES}, not ${String(nodes)}`;
  else if (!isWhole(port, 0, FIRST_PORT_TOO_HIGH - nodes)) yield `port ${String(port)} leaves no room for ${nodes} nodes`;
  if (asVersion !== undefined && !releases.includes(asVersion)) {
    yield `asVersion must be one of ${releases.join(", ")}, not ${String(asVersion)}`;
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) yield `seed must be a whole number, not ${String(seed)}`;
  if (transport !== "tcp" && transport !== "memory") yield `transport must be tcp or memory, not ${String(transport)}`;
  if (transport === "memory" && tls !== undefined) yield "TLS needs the tcp transport";
  yield* rackProblems(options, nodes);
  yield* configProblems(options);
  if (tls !== undefined) yield* tlsProblems(tls);
  if (sasl !== undefined) yield* saslProblems(sasl);
  if (journal !== undefined) yield* journalProblems(journal);
  yield* clockProblems(options);
  if (!isRecord(topics)) yield "topics must be an object: names, and a number of partitions each";
  // Where the number of nodes makes no sense, nothing can be said of replicas.
  const places = isWhole(nodes, 1, MOST_NODES) ? nodes : MOST_NODES;
  if (isRecord(topics)) for (const [name, topic] of Object.entries(topics)) yield* topicProblems(name, topic, places);
}

/** What speaks against creating this topic in a cluster of so many nodes. */
export function* topicProblems(name: string, topic: InitialTopic, nodes: number): Iterable<string> {
  const invalid = invalidTopicName(name);
  if (invalid !== undefined) yield `topic name: ${invalid}`;
  if (typeof topic !== "number" && !isRecord(topic)) {
    yield `topic ${name} must be a number of partitions, or an object`;
    return;
  }
  const { partitions = 1, replicationFactor = 1, configs = {} } = typeof topic === "number" ? { partitions: topic } : topic;
  if (typeof topic !== "number") yield* unknownNames(topic, TOPIC_OPTIONS, (unknown) => `topic ${name} has no option '${unknown}'`);
  if (!isWhole(partitions, 1, MOST_PARTITIONS)) yield `topic ${name} cannot have ${String(partitions)} partitions`;
  if (!isWhole(replicationFactor, 1, nodes)) {
    yield `topic ${name} cannot have ${String(replicationFactor)} replicas on ${nodes} nodes`;
  }
  const texts = isRecord(configs) ? Object.entries(configs) : [];
  if (!isRecord(configs) || texts.some(([, value]) => typeof value !== "string")) {
    yield `configs of topic ${name} must be texts by name`;
    return;
  }
  const checked = checkedTopicConfigs(new Map(texts.map(([config, value]) => [config, String(value)])));
  if (isRefusal(checked)) yield `topic ${name}: ${checked.message ?? checked.error}`;
}

function* rackProblems({ rack }: EmbeddedBrokerOptions, nodes: number): Iterable<string> {
  if (rack === undefined || typeof rack === "string") return;
  if (!Array.isArray(rack) || !rack.every((one) => typeof one === "string")) yield "rack must be a text, or a list of texts";
  else if (rack.length !== nodes) yield `${rack.length} racks for ${nodes} nodes`;
}

function* configProblems({ configs = {}, autoCreateTopics }: EmbeddedBrokerOptions): Iterable<string> {
  if (autoCreateTopics !== undefined && typeof autoCreateTopics !== "boolean") yield "autoCreateTopics must be true or false";
  if (!isRecord(configs)) {
    yield "configs must be an object: texts by name";
    return;
  }
  for (const [name, value] of Object.entries(configs)) {
    const problem = typeof value === "string" ? problemWithBrokerConfig(name, value) : `configuration ${name} must be a text`;
    if (problem !== undefined) yield problem;
  }
  if (autoCreateTopics !== undefined && "auto.create.topics.enable" in configs) {
    yield "autoCreateTopics and the configuration auto.create.topics.enable are the same: give one of them";
  }
}

function* journalProblems(journal: JournalOptions): Iterable<string> {
  if (!isRecord(journal)) {
    yield "journal must be an object";
    return;
  }
  yield* unknownNames(journal, Object.keys(JOURNAL_OPTIONS), (name) => `the journal has no option '${name}'`);
  for (const [name, value] of Object.entries(journal)) {
    if (value !== undefined && !isWhole(value, 1, Number.MAX_SAFE_INTEGER)) {
      yield `${name} of the journal must be a whole number from 1, not ${String(value)}`;
    }
  }
}

function* clockProblems({ clock }: EmbeddedBrokerOptions): Iterable<string> {
  if (clock === undefined) return;
  if (typeof clock?.now !== "function" || typeof clock.schedule !== "function") yield "clock must have now() and schedule()";
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}
