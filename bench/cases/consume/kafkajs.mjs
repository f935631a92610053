/**
 * kafkajs with `eachBatch`, its fastest way: a batch is what a fetch brought of a partition. It reads in groups only; each pass has a new
 * one. Nothing is committed. It checks no CRC.
 */
import kafkajs from "kafkajs";
import "../own-process/kafkajs-codecs.mjs";

const { Kafka, logLevel } = kafkajs;
/** By default 5 s, for which `disconnect` waits at the end of the topic. No other wait is as long: there are always records. */
const MAX_WAIT_MS = 500;

export async function read({ bootstrap, topic }, pass, passNumber) {
  const client = new Kafka({ clientId: "bench", brokers: [bootstrap], logLevel: logLevel.NOTHING });
  const consumer = client.consumer({ groupId: `bench-${process.pid}-${passNumber}`, maxWaitTimeInMs: MAX_WAIT_MS });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    const eachBatch = async ({ batch: { partition, messages } }) => {
      if (pass.isOver) return;
      for (const { offset, value } of messages) pass.take(partition, Number(offset), value);
      if (pass.look()) resolve();
    };
    consumer.run({ autoCommit: false, eachBatch }).catch(reject);
  });
  await consumer.disconnect();
}

/** One of many that have nothing to read, with the client's defaults. */
export async function startIdle({ bootstrap, topic }, index, onRecord) {
  const client = new Kafka({ clientId: `bench-${index}`, brokers: [bootstrap], logLevel: logLevel.NOTHING });
  const consumer = client.consumer({ groupId: `bench-${process.pid}-${index}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ autoCommit: false, eachMessage: async ({ partition }) => onRecord(partition) });
}
