/**
 * kafkajs gathers nothing by itself: a `send` is a request. In bulk the application makes the batches, for one partition each and a few
 * at once. Not idempotent: that is experimental, and allows one request at a time.
 */
import kafkajs from "kafkajs";
import "../own-process/kafkajs-codecs.mjs";

const { CompressionTypes, Kafka, logLevel } = kafkajs;
const types = { none: CompressionTypes.None, lz4: CompressionTypes.LZ4, zstd: CompressionTypes.ZSTD };
const ALL = -1;
const BATCH_BYTES = 900_000;
const MOST_RECORDS = 1_000;
const AT_ONCE = 6;

export async function connect({ bootstrap, topic, partitions, codec, valueBytes }) {
  const client = new Kafka({ clientId: "bench", brokers: [bootstrap], logLevel: logLevel.ERROR });
  const producer = client.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  const options = { topic, acks: ALL, compression: types[codec] };
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
          const messages = Array.from({ length: batchSize }, () => ({ value: values[records++ % values.length], partition }));
          await producer.send({ ...options, messages });
        }
      }
    },
    send: (value) => producer.send({ ...options, messages: [{ value }] }),
    sendTogether: (values) => producer.send({ ...options, messages: values.map((value) => ({ value })) }),
    close: () => producer.disconnect(),
  };
}
