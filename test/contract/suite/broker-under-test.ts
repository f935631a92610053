// The brokers that keep the contract: embedded ones and real ones, of any release.

import { EmbeddedBroker, LATEST_RELEASE, releases } from "../../../src/broker/index.ts";
import { startBroker } from "../../interop/brokers.ts";
import { KAFKA_VERSION } from "../../support/kafka/kafka-node.ts";
import { startOldKafka } from "../../support/kafka/old-kafka.ts";

export type BrokerKind = "embedded" | "kafka";

export interface BrokerUnderTest {
  readonly kind: BrokerKind;
  /** `2.8`: which contracts it cannot keep follows from it. */
  readonly release: string;
  /** For people. */
  readonly description: string;
  readonly bootstrapServers: string;
  /** Throws if the broker met an error of its own. */
  stop(): Promise<void>;
}

/** A minute before 2.6, which is too long to be waited for. */
const PATIENCE = { "transaction.abort.timed.out.transaction.cleanup.interval.ms": "5000" } as const;

/** One node. `release` is the newest one unless said otherwise. */
export async function embeddedBroker(release: string = LATEST_RELEASE): Promise<BrokerUnderTest> {
  const asVersion = releases.find((known) => known === release);
  if (asVersion === undefined) throw new Error(`no embedded broker passes for Kafka ${release}: ${releases.join(", ")}`);
  const broker = await EmbeddedBroker.start({ asVersion, configs: PATIENCE });
  const stop = async (): Promise<void> => {
    await broker.close();
    if (broker.failures.length > 0) throw new AggregateError(broker.failures, "the embedded broker failed inside");
  };
  const description = `the embedded broker as ${release}`;
  return { kind: "embedded", release, description, bootstrapServers: broker.bootstrapServers, stop };
}

/** The Kafka of every day, or undefined if it cannot be had here, which has been said then. */
export async function currentKafka(): Promise<BrokerUnderTest | undefined> {
  const broker = await startBroker("kafka");
  return broker && { kind: "kafka", release: releaseOf(KAFKA_VERSION), ...broker };
}

/** A broker of an older line: `2.8.2`. */
export async function oldKafka(version: string): Promise<BrokerUnderTest> {
  const kafka = await startOldKafka(version, { properties: PATIENCE });
  const { bootstrapServers } = kafka;
  const description = `Apache Kafka ${version}`;
  return { kind: "kafka", release: releaseOf(version), description, bootstrapServers, stop: () => kafka.stop() };
}

/** `2.8` of `2.8.2`, `0.11` of `0.11.0.3`. */
export function releaseOf(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}
