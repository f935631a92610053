/**
 * node-rdkafka, built from its source. In bulk without delivery reports: `flush` tells that all is done, and the end offsets that all is
 * there. With a promise for every record, the `delivery-report` event resolves it by what `produce` was given as opaque; that is what its
 * HighLevelProducer does, with less between.
 */
import { createRequire } from "node:module";
import { setImmediate as nextTurn } from "node:timers/promises";

const require = createRequire(import.meta.url);
const { CODES, Producer } = require(process.env.NODE_RDKAFKA);

const PATIENCE_MS = 60_000;
/** After so many records the program lets others have the event loop. */
const CHUNK = 1_000;

export async function connect({ bootstrap, topic, codec, style }) {
  const producer = new Producer(
    {
      "client.id": "bench",
      "metadata.broker.list": bootstrap,
      "compression.codec": codec,
      "linger.ms": style === "latency" ? 0 : 5,
      "queue.buffering.max.messages": 500_000,
      dr_cb: style !== "bulk",
    },
    { "request.required.acks": -1 },
  );
  await new Promise((resolve, reject) => {
    producer
      .once("event.error", reject)
      .once("ready", resolve)
      .connect({}, (error) => error && reject(error));
  });
  producer.on("delivery-report", (error, { opaque }) => (error ? opaque.reject(error) : opaque.resolve()));
  producer.setPollInterval(1);
  const flush = () => new Promise((resolve, reject) => producer.flush(PATIENCE_MS, (error) => (error ? reject(error) : resolve())));
  return {
    async bulk(values, isOver) {
      let records = 0;
      while (!isOver()) {
        for (let count = 0; count < CHUNK; count++) {
          while (!give(values[records % values.length])) await nextTurn();
          records++;
        }
        await nextTurn();
      }
      await flush();
      return records;
    },
    async send(value) {
      if (style === "bulk") {
        give(value);
        return flush();
      }
      return new Promise((resolve, reject) => {
        producer.produce(topic, null, value, null, null, { resolve, reject });
      });
    },
    close: () => new Promise((resolve) => producer.disconnect(resolve)),
  };

  /** Whether there was room in the queue. */
  function give(value) {
    try {
      producer.produce(topic, null, value);
      return true;
    } catch (error) {
      if (error.code === CODES.ERRORS.ERR__QUEUE_FULL) return false;
      throw error;
    }
  }
}
