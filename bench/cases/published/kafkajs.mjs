/** kafkajs, as the published benchmark uses it. */
import kafkajs from "kafkajs";
import { records } from "./record.mjs";

const { Kafka, logLevel, Partitioners } = kafkajs;

export async function connect(plan) {
  const { bootstrap, topic, acks, form, recordsPerSend } = plan;
  const client = new Kafka({ clientId: "benchmarks", brokers: [bootstrap], logLevel: logLevel.ERROR });
  const producer = client.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    ...(form !== "honest" && recordsPerSend > 1 && { maxInFlightRequests: recordsPerSend }),
  });
  await producer.connect();
  return {
    send: (index) => producer.send({ topic, acks, messages: records(index, plan) }),
    close: () => producer.disconnect(),
  };
}
