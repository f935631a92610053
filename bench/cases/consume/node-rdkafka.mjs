/**
 * node-rdkafka, built from its source: `consume(count, callback)`, which brings many messages at once and is faster than its `data` events;
 * these for the latency. Partitions are assigned; librdkafka wants a group's name nevertheless. It checks no CRC by default.
 */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { KafkaConsumer } = require(process.env.NODE_RDKAFKA);

const MOST_RECORDS = 10_000;
const MOST_BYTES = 4_000_000;
/** How long `consume` waits for so many. */
const PATIENCE_MS = 50;

export async function read({ bootstrap, topic, partitions, style, valueBytes }, pass) {
  const consumer = new KafkaConsumer(
    { "client.id": "bench", "group.id": "bench", "metadata.broker.list": bootstrap, "enable.auto.commit": false },
    { "auto.offset.reset": "earliest" },
  );
  await new Promise((resolve, reject) => {
    consumer
      .once("event.error", reject)
      .once("ready", resolve)
      .connect({}, (error) => error && reject(error));
  });
  consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: 0 })));
  if (style === "latency") return flowing(consumer, pass);
  await many(consumer, pass, Math.min(MOST_RECORDS, Math.floor(MOST_BYTES / valueBytes)));
  await new Promise((resolve) => consumer.disconnect(resolve));
}

async function many(consumer, pass, most) {
  consumer.setDefaultConsumeTimeout(PATIENCE_MS);
  while (!pass.isOver) {
    const messages = await new Promise((resolve, reject) => {
      consumer.consume(most, (error, found) => (error ? reject(error) : resolve(found)));
    });
    for (const { partition, offset, value } of messages) pass.take(partition, offset, value);
    if (messages.length > 0) pass.look();
  }
}

/** Not disconnected, as there is one pass only: with events on their way, that would end the process with a segmentation fault. */
function flowing(consumer, pass) {
  return new Promise((resolve, reject) => {
    consumer.on("event.error", reject);
    consumer.on("data", ({ partition, offset, value }) => {
      if (!pass.isOver && pass.takeOne(partition, offset, value)) resolve();
    });
    consumer.consume();
  });
}
