/**
 * @platformatic/kafka gathers nothing in `send`: one is a request. In bulk the application makes the batches, for one partition each and
 * a few at once. (Its ProducerStream gathers, but has only one request on its way.) Not idempotent: that allows one request at a time.
 */
import { ProduceAcks, Producer } from "@platformatic/kafka";

const BATCH_BYTES = 900_000;
const MOST_RECORDS = 2_000;
const AT_ONCE = 6;

export async function connect({ bootstrap, topic, partitions, codec, valueBytes }) {
  const producer = new Producer({ clientId: "bench", bootstrapBrokers: [bootstrap], acks: ProduceAcks.ALL, compression: codec });
  const batchSize = Math.min(MOST_RECORDS, Math.floor(BATCH_BYTES / valueBytes));
  return {
    async bulk(values, isOver) {
      let records = 0;
      let batches = 0;
      await Promise.all(Array.from({ length: AT_ONCE }, sendBatches));
      return records;

      async function sendBatches() {
        while (!isOver()) {
          const partition = batches++ % partitions;
          const messages = Array.from({ length: batchSize }, () => ({
            topic,
            value: values[records++ % values.length],
            partition,
          }));
          await producer.send({ messages, acks: ProduceAcks.ALL });
        }
      }
    },
    send: (value) => producer.send({ messages: [{ topic, value }], acks: ProduceAcks.ALL }),
    sendTogether: (values) => producer.send({ messages: values.map((value) => ({ topic, value })), acks: ProduceAcks.ALL }),
    close: () => producer.close(),
  };
}
