/**
 * kafkawire, on the build at KAFKAWIRE_BUILD, in its four styles, and with its defaults: the CRC of every batch is checked. Partitions are
 * assigned, without a group. Latency is that of `batches()`.
 */
const { Consumer } = await import(`${process.env.KAFKAWIRE_BUILD}/index.js`);

const MOST_RECORDS = 500;
const styles = { poll500: poll, iterate, batches, run, latency: batches };

export async function read({ bootstrap, topic, partitions, style }, pass) {
  const consumer = new Consumer({ clientId: "bench", bootstrapServers: bootstrap, autoOffsetReset: "earliest" });
  try {
    consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic, partition })));
    await styles[style](consumer, pass);
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
