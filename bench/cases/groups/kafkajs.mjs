/** kafkajs with `eachMessage`. It has one protocol, the eager one, and no static members. */
import kafkajs from "kafkajs";

const { Kafka, logLevel } = kafkajs;

export async function join({ bootstrap, topic, group, clientId, sessionTimeoutMs, heartbeatIntervalMs }, tell) {
  const client = new Kafka({ clientId, brokers: [bootstrap], logLevel: logLevel.NOTHING });
  const consumer = client.consumer({ groupId: group, sessionTimeout: sessionTimeoutMs, heartbeatInterval: heartbeatIntervalMs });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const { CRASH, GROUP_JOIN, HEARTBEAT } = consumer.events;
  // It restarts by itself after what may pass.
  consumer.on(CRASH, ({ payload: { error, restart } }) => {
    if (restart) return;
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  });
  consumer.on(GROUP_JOIN, () => tell.assigned());
  let last;
  consumer.on(HEARTBEAT, ({ payload: { groupGenerationId } }) => {
    if (groupGenerationId !== last) tell.generation(groupGenerationId);
    last = groupGenerationId;
  });
  await consumer.run({ eachMessage: async ({ partition, message }) => tell.handled(partition, message.offset) });
  return { close: () => consumer.disconnect() };
}
