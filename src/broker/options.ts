import type { KafkaRelease } from "../protocol/index.ts";
import { BrokerOptionsError } from "./broker-options-error.ts";
import type { Clock } from "./clock.ts";
import type { JournalOptions } from "./journal/journal.ts";
import type { TlsOptions } from "./network/tcp-transport.ts";
import { optionProblems } from "./option-problems.ts";
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

/** Throws one error that names everything that is wrong. */
export function checkOptions(options: EmbeddedBrokerOptions): void {
  const problems = [...optionProblems(options)];
  if (problems.length > 0) throw new BrokerOptionsError(problems);
}
