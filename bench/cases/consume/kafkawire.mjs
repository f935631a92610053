/**
 * kafkawire, on the build at KAFKAWIRE_BUILD, in its four styles, and with its defaults: the CRC of every batch is checked. Partitions are
 * assigned, without a group. Latency is that of `batches()`.
 */
import { setTimeout as sleep } from "node:timers/promises";

const { Consumer } = await import(`${process.env.KAFKAWIRE_BUILD}/index.js`);

const MOST_RECORDS = 500;
const SLOW_MS = 200;
const styles = { poll500: poll, iterate, batches, run, latency: batches, beside };

export async function read(plan, pass) {
  const { bootstrap, topic, partitions, style } = plan;
  const consumer = new Consumer({ clientId: "bench", bootstrapServers: bootstrap, autoOffsetReset: "earliest" });
  try {
    consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic, partition })));
    await styles[style](consumer, pass, plan);
  } finally {
    await consumer.close();
  }
}

async function poll(consumer, pass) {
  while (!pass.isOver) {
    const records = await consumer.poll({ timeoutMs: 1_000, maxRecords: MOST_RECORDS });
    for (const { partition, offset, value } of records) pass.take(partition, offset, value);
    if (records.count > 0) pass.look();
  }
}

async function iterate(consumer, pass) {
  for await (const { partition, offset, value } of consumer) {
    if (pass.takeOne(partition, offset, value)) return;
  }
}

async function batches(consumer, pass) {
  for await (const { partition, records } of consumer.batches()) {
    for (const { offset, value } of records) pass.take(partition, offset, value);
    if (pass.look()) return;
  }
}

async function run(consumer, pass) {
  const enough = new AbortController();
  const eachRecord = ({ partition, offset, value }) => {
    // What is handed out before the end is known to all is not wanted any more.
    if (!pass.isOver && pass.takeOne(partition, offset, value)) enough.abort();
  };
  await consumer.run({ eachRecord, signal: enough.signal });
}

/**
 * Partition 0 at a pace, and beside it partition 1, which has a backlog: not assigned, paused when some of it has come, or with a function
 * that takes its time. `pass.beside`: how many of its records were read, and how many bytes were waiting when the time was over.
 */
async function beside(consumer, pass, { topic, state }) {
  const enough = new AbortController();
  const other = { topic, partition: 1 };
  let records = 0;
  if (state === "alone") consumer.assign([{ topic, partition: 0 }]);
  const eachRecord = ({ partition, offset, value }) => {
    if (partition === 0) {
      if (pass.isOver || !pass.takeOne(partition, offset, value)) return undefined;
      // Now: what belongs to a function that is at work is let go when it is told to stop.
      const bufferedBytes = consumer.metrics()["consumer-fetch-manager-metrics"]["buffered-bytes"];
      pass.beside = { records, bufferedBytes };
      enough.abort();
      return undefined;
    }
    records++;
    if (state === "slow") return sleep(SLOW_MS, undefined, { signal: enough.signal }).catch(() => undefined);
    consumer.pause(other);
    return undefined;
  };
  await consumer.run({ eachRecord, concurrency: 2, signal: enough.signal });
}

/** One of many that have nothing to read. */
export async function startIdle({ bootstrap, topic, partitions }, index, onRecord) {
  const consumer = new Consumer({ clientId: `bench-${index}`, bootstrapServers: bootstrap, autoOffsetReset: "earliest" });
  consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic, partition })));
  await consumer.run({ eachRecord: ({ partition }) => onRecord(partition) });
}
