/** kafkawire, on the build at KAFKAWIRE_BUILD. */
import { record, records } from "./record.mjs";

const { Producer } = await import(`${process.env.KAFKAWIRE_BUILD}/index.js`);

export function connect(plan) {
  const { bootstrap, topic, acks, form, recordsPerSend } = plan;
  const producer = new Producer({ clientId: "benchmarks", bootstrapServers: bootstrap, acks, lingerMs: 0 });
  return {
    send: (index) =>
      recordsPerSend === 1 ? producer.send(topic, record(index, form)) : producer.sendBatch(topic, records(index, plan)),
    close: () => producer.close(),
  };
}
