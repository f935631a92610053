// The two brokers that every scenario must find equal.

import { isRealKafkaAvailable, KAFKA_VERSION, startKafka } from "../support/kafka/kafka-node.ts";

export type BrokerName = "embedded" | "kafka";

export interface RunningBroker {
  readonly bootstrapServers: string;
  /** For people, and for the provenance of what is recorded. */
  readonly description: string;
  stop(): Promise<void>;
}

/** The broker, or undefined if it cannot be had here, which has been said then. */
export function startBroker(name: BrokerName): Promise<RunningBroker | undefined> {
  return name === "kafka" ? startRealKafka() : startEmbedded();
}

/** Kafka's defaults. Test nodes have a session of a second, and are fenced on a machine that is busy with many clients. */
const PATIENT = { "broker.session.timeout.ms": "9000", "broker.heartbeat.interval.ms": "2000" };
/** A share group's partitions are assigned a heartbeat after it is joined: five seconds, unless the broker says otherwise. */
const PROMPT = { "group.share.heartbeat.interval.ms": "500", "group.share.min.heartbeat.interval.ms": "500" };

async function startRealKafka(): Promise<RunningBroker | undefined> {
  if (!isRealKafkaAvailable()) return undefined;
  const kafka = await startKafka(process.env["KAFKA_BOOTSTRAP"] ? {} : { properties: { ...PATIENT, ...PROMPT } });
  const description = kafka.pid === undefined ? `the cluster at ${kafka.bootstrapServers}` : `Apache Kafka ${KAFKA_VERSION}`;
  return { bootstrapServers: kafka.bootstrapServers, description, stop: () => kafka.stop() };
}

/** In this process, which does little else than to wait for its children. */
async function startEmbedded(): Promise<RunningBroker> {
  // Loaded only here: runs against Apache Kafka owe nothing to it.
  const { EmbeddedBroker } = await import("../../src/broker/index.ts");
  // The release that is the control.
  const broker = await EmbeddedBroker.start({ nodes: 1, asVersion: "4.3" });
  const { bootstrapServers } = broker;
  const stop = async (): Promise<void> => {
    await broker.close();
    // A client may have come to terms with UNKNOWN_SERVER_ERROR; we do not.
    if (broker.failures.length > 0) throw new AggregateError(broker.failures, "the embedded broker failed inside");
  };
  return { bootstrapServers, description: "the embedded broker", stop };
}
