// A real Kafka and an embedded broker that were told the same.

import { EmbeddedBroker } from "../../src/broker/index.ts";
import { ADMIN, ADMIN_PASSWORD, nodeSettings } from "../live/node-settings.ts";
import { KAFKA_VERSION, startKafka } from "../support/kafka/kafka-node.ts";
import type { Address } from "./conversation.ts";

export type Side = "embedded" | "kafka";

export const SIDES: readonly Side[] = ["embedded", "kafka"];

export interface BothBrokers {
  readonly addresses: Readonly<Record<Side, Address>>;
  /** Errors inside the embedded broker. */
  readonly failures: readonly Error[];
  stop(): Promise<void>;
}

/** What both are told. Kafka's harness already sets most of it, for one small node. */
const SAME: Readonly<Record<string, string>> = {
  "group.initial.rebalance.delay.ms": "0",
  "log.index.size.max.bytes": "1048576",
  "log.segment.bytes": "16777216",
  // The scripts' records are of 1970, which no other setting would spare.
  "log.retention.ms": "-1",
  "num.partitions": "1",
  "offsets.topic.num.partitions": "1",
  "offsets.topic.replication.factor": "1",
  "transaction.state.log.num.partitions": "1",
  "transaction.state.log.replication.factor": "1",
};

const RELEASE = "4.3";

/** Without the authorizer, which the embedded broker has not got. */
export function kafkaSettings(): Record<string, string> {
  const {
    "authorizer.class.name": _authorizer,
    "super.users": _users,
    "delegation.token.secret.key": _key,
    ...rest
  } = nodeSettings;
  return {
    ...rest,
    ...SAME,
    // The harness's short session is for restarts; on a busy machine the broker would lose its leaderships in the middle of a script.
    "broker.session.timeout.ms": "30000",
    "broker.heartbeat.interval.ms": "2000",
    // The embedded broker moves no group from one protocol to the other while it has members.
    "group.consumer.migration.policy": "disabled",
  };
}

export async function startBothBrokers(): Promise<BothBrokers> {
  if (!KAFKA_VERSION.startsWith(`${RELEASE}.`)) throw new Error(`Kafka ${KAFKA_VERSION} is no ${RELEASE}`);
  const kafka = await startKafka({ properties: kafkaSettings() });
  try {
    const sasl = { users: { [ADMIN]: ADMIN_PASSWORD }, mechanisms: ["PLAIN", "SCRAM-SHA-256"] as const, maxReauthMs: 3_600_000 };
    const embedded = await EmbeddedBroker.start({ asVersion: RELEASE, sasl, configs: SAME });
    const [node] = embedded.nodes;
    if (node === undefined) throw new Error("the embedded broker has no node");
    return {
      addresses: { embedded: node, kafka },
      get failures() {
        return embedded.failures;
      },
      stop: async () => {
        await Promise.all([embedded.close(), kafka.stop()]);
      },
    };
  } catch (error) {
    await kafka.stop();
    throw error;
  }
}
