/**
 * kafkawire, on the build at KAFKAWIRE_BUILD. Idempotent with five requests on their way, as it is by default. In bulk with `produce`,
 * which makes no promise, and without a callback: `flush` tells that all is done, and the end offsets that all is there.
 */
import { setImmediate as nextTurn } from "node:timers/promises";

const { Producer } = await import(`${process.env.KAFKAWIRE_BUILD}/index.js`);

/** After so many records the program lets others have the event loop. */
const CHUNK = 1_000;

export async function connect({ bootstrap, topic, codec, style }) {
  const isBulk = style === "bulk";
  const producer = new Producer({
    clientId: "bench",
    bootstrapServers: bootstrap,
    acks: "all",
    compression: codec,
    lingerMs: isBulk ? 5 : 0,
    batchSize: 1_000_000,
  });
  return {
    async bulk(values, isOver) {
      let records = 0;
      while (!isOver()) {
        for (let count = 0; count < CHUNK; count++) {
          const record = { value: values[records % values.length] };
          while (!producer.produce(topic, record)) await producer.ready();
          records++;
        }
        await nextTurn();
      }
      await producer.flush();
      return records;
    },
    send: (value) => producer.send(topic, { value }),
    close: () => producer.close(),
  };
}
