/** @platformatic/kafka, as the published benchmark uses it. */
import { Producer, stringSerializers } from "@platformatic/kafka";
import { records } from "./record.mjs";

export function connect(plan) {
  const { bootstrap, topic, acks } = plan;
  const producer = new Producer({ clientId: "benchmarks", bootstrapBrokers: [bootstrap], serializers: stringSerializers });
  return {
    send: (index) => producer.send({ messages: records(index, plan).map((fields) => ({ topic, ...fields })), acks }),
    close: () => producer.close(),
  };
}
