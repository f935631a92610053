/**
 * @platformatic/kafka with the `data` events of its stream, which cost less than its iterator. It reads in groups only; each pass has a
 * new one. Nothing is committed. It checks no CRC.
 */
import { Consumer, MessagesStreamModes } from "@platformatic/kafka";

/** As kafkajs: `close` waits for it at the end of the topic. */
const MAX_WAIT_MS = 500;
/** By default 50 MB for an answer. It is the slower the larger they are: that costs it more than a hundred times as much as this does. */
const MAX_BYTES = 1_048_576;

export async function read({ bootstrap, topic }, pass, passNumber) {
  const consumer = new Consumer({
    clientId: "bench",
    groupId: `bench-${process.pid}-${passNumber}`,
    bootstrapBrokers: [bootstrap],
    autocommit: false,
    maxWaitTime: MAX_WAIT_MS,
    maxBytes: MAX_BYTES,
  });
  const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.EARLIEST });
  await new Promise((resolve, reject) => {
    stream.on("error", reject);
    stream.on("data", ({ partition, offset, value }) => {
      if (!pass.isOver && pass.takeOne(partition, Number(offset), value)) resolve();
    });
  });
  await consumer.close(true);
}

/** One of many that have nothing to read, with the client's defaults. */
export async function startIdle({ bootstrap, topic }, index, onRecord) {
  const groupId = `bench-${process.pid}-${index}`;
  const consumer = new Consumer({ clientId: `bench-${index}`, groupId, bootstrapBrokers: [bootstrap], autocommit: false });
  const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.EARLIEST });
  stream.on("data", ({ partition }) => onRecord(partition));
}
