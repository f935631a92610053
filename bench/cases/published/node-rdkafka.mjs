/**
 * node-rdkafka: as the published benchmark uses it, with a flush after every send, one request at a time, and `linger.ms` 100 for batches;
 * in the honest form with its own defaults, and without the flushes.
 */
import { createRequire } from "node:module";
import { records } from "./record.mjs";

const require = createRequire(import.meta.url);
const { Producer } = require(process.env.NODE_RDKAFKA);

export async function connect(plan) {
  const { bootstrap, topic, acks, form, recordsPerSend } = plan;
  const isHonest = form === "honest";
  const settings = isHonest
    ? { partitioner: "murmur2_random" }
    : { "linger.ms": recordsPerSend === 1 ? 0 : recordsPerSend, "max.in.flight": recordsPerSend };
  const producer = new Producer(
    { "client.id": "benchmarks", "metadata.broker.list": bootstrap, dr_cb: true, ...settings },
    { acks },
  );
  await new Promise((resolve, reject) => {
    producer
      .once("event.error", reject)
      .once("ready", resolve)
      .connect({}, (error) => error && reject(error));
  });
  producer.on("delivery-report", (error, { opaque }) => (error ? opaque.reject(error) : opaque.resolve()));
  producer.setPollInterval(1);
  return {
    send(index) {
      const delivered = records(index, plan).map(
        ({ key, value, headers, partition = null }) =>
          new Promise((resolve, reject) => {
            const bytes = Buffer.from(value);
            producer.produce(topic, partition, bytes, key, null, { resolve, reject }, [headers]);
          }),
      );
      if (!isHonest) producer.flush();
      return delivered.length === 1 ? delivered[0] : Promise.all(delivered);
    },
    close: () => new Promise((resolve) => producer.disconnect(resolve)),
  };
}
