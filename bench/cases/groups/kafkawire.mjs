/** kafkawire's `run`, on the build at KAFKAWIRE_BUILD. With KIP-848 the broker says how long a session is, and how often it wants to hear. */
const { Consumer } = await import(`${process.env.KAFKAWIRE_BUILD}/index.js`);

export async function join({ bootstrap, topic, group, clientId, protocol, assignor, instanceId, ...times }, tell) {
  const { sessionTimeoutMs, heartbeatIntervalMs } = times;
  const consumer = new Consumer({
    bootstrapServers: bootstrap,
    groupId: group,
    clientId,
    groupProtocol: protocol,
    ...(protocol === "classic" ? { sessionTimeoutMs, heartbeatIntervalMs } : {}),
    ...(assignor === "" ? {} : { partitionAssignmentStrategy: assignor }),
    ...(instanceId === "" ? {} : { groupInstanceId: instanceId }),
    autoOffsetReset: "earliest",
  });
  consumer.subscribe(topic, { onPartitionsAssigned: () => tell.assigned(consumer.groupMetadata().generationId) });
  const reading = consumer.run({ eachRecord: ({ partition, offset }) => tell.handled(partition, offset) });
  let isClosing = false;
  reading.catch((error) => {
    if (isClosing) return;
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  });
  return {
    close: () => {
      isClosing = true;
      return consumer.close();
    },
  };
}
