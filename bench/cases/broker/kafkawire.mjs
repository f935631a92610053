/** The embedded broker in a process of its own, on the build at KAFKAWIRE_BUILD. Prints `host:port`, and ends when its input does. */
const { EmbeddedBroker } = await import(`${process.env.KAFKAWIRE_BUILD}/broker/index.js`);

// The release of the Apache Kafka beside it.
const broker = await EmbeddedBroker.start({ asVersion: "4.3", configs: { "num.partitions": "6" } });
process.stdout.write(`${broker.bootstrapServers}\n`);

process.stdin.resume();
process.stdin.once("end", async () => {
  await broker.close();
  for (const failure of broker.failures) process.stderr.write(`${failure.stack}\n`);
  process.exitCode = broker.failures.length === 0 ? 0 : 1;
});
