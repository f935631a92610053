import type { Clock } from "./clock.ts";
import { invalidTopicName } from "./cluster/topics.ts";
import { problemWithBrokerConfig } from "./configs/broker-configs.ts";
import type { JournalOptions } from "./journal/journal.ts";
import type { TlsOptions } from "./network/tcp-transport.ts";
import { type KafkaRelease, releases } from "./releases/releases.ts";
import type { SaslOptions } from "./security/sasl-options.ts";

/** A topic to begin with: a number of partitions, or more. */
export type InitialTopic =
  | number
  | {
      readonly partitions?: number;
      readonly replicationFactor?: number;
      readonly configs?: Readonly<Record<string, string>>;
    };

export interface EmbeddedBrokerOptions {
  /** How many nodes the cluster has; they are numbered from 1. */
  readonly nodes?: number;
  /** Port of the first node, the others follow; 0, the default, takes free ones. */
  readonly port?: number;
  readonly topics?: Readonly<Record<string, InitialTopic>>;
  /** Whether asking for a topic that does not exist creates it, as in Kafka. On by default. */
  readonly autoCreateTopics?: boolean;
  /** The Kafka release to pass for: which versions of which APIs there are. The newest by default. */
  readonly asVersion?: KafkaRelease;
  /** Serves TLS instead of plain TCP; `true` with a certificate made for this broker, `caCertificate` of which clients must trust. */
  readonly tls?: TlsOptions | true;
  /** Asks clients to authenticate. */
  readonly sasl?: SaslOptions;
  /** The rack of all nodes, or of each. */
  readonly rack?: string | readonly string[];
  /** Broker configuration by Kafka's names, e.g. `{ "group.initial.rebalance.delay.ms": "3000" }`. */
  readonly configs?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** Makes everything that is left to chance (ids, the weather of a network in memory) the same in every run. */
  readonly seed?: number;
  /** `memory` opens no ports: connect through `broker.network`. */
  readonly transport?: "tcp" | "memory";
  readonly journal?: JournalOptions;
}

const KNOWN_OPTIONS: ReadonlySet<string> = new Set<keyof EmbeddedBrokerOptions>([
  "nodes",
  "port",
  "topics",
  "autoCreateTopics",
  "asVersion",
  "tls",
  "sasl",
  "rack",
  "configs",
  "clock",
  "seed",
  "transport",
  "journal",
]);

const MOST_NODES = 100;

/** Throws one error that names everything that is wrong. An option that is not known is a mistake, not a wish. */
export function checkOptions(options: EmbeddedBrokerOptions): void {
  const problems = [...problemsOf(options)];
  if (problems.length > 0) throw new TypeError(`the embedded broker cannot start: ${problems.join("; ")}`);
}

function* problemsOf(options: EmbeddedBrokerOptions): Iterable<string> {
  const { nodes = 1, port = 0, asVersion, rack, tls, transport, configs = {} } = options;
  for (const name of Object.keys(options)) if (!KNOWN_OPTIONS.has(name)) yield `there is no option '${name}'`;
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > MOST_NODES) yield `nodes must be from 1 to ${MOST_NODES}, not ${nodes}`;
  if (!Number.isInteger(port) || port < 0 || port + nodes > 65_536) yield `port ${port} leaves no room for ${nodes} nodes`;
  if (asVersion !== undefined && !releases.includes(asVersion)) yield `asVersion must be one of ${releases.join(", ")}`;
  if (Array.isArray(rack) && rack.length !== nodes) yield `${rack.length} racks for ${nodes} nodes`;
  if (transport === "memory" && tls !== undefined) yield "TLS needs the tcp transport";
  for (const [name, value] of Object.entries(configs)) {
    const problem = problemWithBrokerConfig(name, value);
    if (problem !== undefined) yield problem;
  }
  yield* topicProblems(options, nodes);
}

function* topicProblems({ topics = {} }: EmbeddedBrokerOptions, nodes: number): Iterable<string> {
  for (const [name, topic] of Object.entries(topics)) {
    const invalid = invalidTopicName(name);
    if (invalid !== undefined) yield `topic name: ${invalid}`;
    const { partitions = 1, replicationFactor = 1 } = typeof topic === "number" ? { partitions: topic } : topic;
    if (!Number.isInteger(partitions) || partitions < 1) yield `topic ${name} cannot have ${partitions} partitions`;
    if (!(replicationFactor >= 1 && replicationFactor <= nodes))
      yield `topic ${name} cannot have ${replicationFactor} replicas on ${nodes} nodes`;
  }
}
