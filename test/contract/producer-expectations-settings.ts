// Rows of producer-expectations.ts: what settings do, and which are refused.

import { json, strings } from "../../src/index.ts";
import { failureOf } from "./failure-of.ts";
import { type Expectation, placeOf, refusedWith, TOO_LARGE } from "./producer-expectations-stage.ts";

const CONFIGURATION = "Java's choice: what cannot work is refused when the producer is made, with all problems at once";

export const settingExpectations: readonly Expectation[] = [
  {
    what: "servers in a list, and acks='all'",
    theirs: [5, -1, 2],
    show: async ({ plain, topic, bootstrapServers }) => {
      const producer = plain({ bootstrapServers: [bootstrapServers, bootstrapServers], acks: "all" });
      return placeOf(await producer.send(topic, { value: "it", partition: 5 }));
    },
  },
  {
    what: "gzip, and a record of 2 MB where max_request_size is 20 MiB",
    theirs: [5, -1, 2_000_000],
    show: async ({ plain, topic }) => {
      const producer = plain({ compression: "gzip", maxRequestSize: 1024 * 1024 * 20 });
      return placeOf(await producer.send(topic, { value: TOO_LARGE, partition: 5 }));
    },
  },
  {
    what: "a thousand messages with gzip",
    theirs: true,
    show: async ({ plain, topic }) => {
      const producer = plain({ compression: "gzip" });
      const sent = Array.from({ length: 1000 }, (_, i) => producer.send(topic, { value: `msg ${i}`, partition: 5 }));
      await producer.flush();
      return (await Promise.all(sent)).every(({ offset }, i) => offset === i);
    },
  },
  {
    what: "a serializer that fails",
    theirs: "TypeError",
    ours: "SerializationError",
    why: "it names topic and part; the serializer's own error is its cause",
    show: ({ producer, topic }) => {
      const keySerializer = {
        serialize: (): never => {
          throw new TypeError("no such key");
        },
      };
      return failureOf(() => producer({ keySerializer }).send(topic, { key: 42, value: "it", partition: 0 }));
    },
  },
  {
    what: "serializers make bytes",
    theirs: [["ping", '{"foo":"bar"}']],
    show: async ({ producer, topic, log }) => {
      const sender = producer<string, unknown>({ keySerializer: strings, valueSerializer: json });
      await sender.send(topic, { key: "ping", value: { foo: "bar" }, partition: 4 });
      return log(4);
    },
  },
  {
    what: "acks=0 tells no offset",
    theirs: 0,
    ours: -1,
    why: "nobody knows the offset: -1 as in Java, and as kafka-python has documented it",
    show: async ({ plain, topic }) => (await plain({ acks: 0 }).send(topic, { value: "it", partition: 5 })).offset,
  },
  {
    what: "acks=1 tells the offset",
    theirs: true,
    show: async ({ plain, topic }) => (await plain({ acks: 1 }).send(topic, { value: "it", partition: 6 })).offset >= 0,
  },
  {
    what: "a topic that there is not, after max_block_ms",
    theirs: null,
    ours: "RequestTimeoutError",
    why: "kafka-python has it created, though allow_auto_create_topics is False; Java waits and then fails",
    show: ({ plain, unique }) =>
      failureOf(() => plain({ allowAutoCreateTopics: false, maxBlockMs: 500 }).send(unique("none"), { value: "it" })),
  },
  {
    what: "an unknown key",
    theirs: "ValueError",
    ours: "ConfigError",
    why: CONFIGURATION,
    show: refusedWith({ noSuchKey: 1 }),
  },
  {
    what: "compression that there is not",
    theirs: "ValueError",
    ours: "ConfigError",
    why: CONFIGURATION,
    show: refusedWith({ compression: "brotli" }),
  },
  { what: "acks that there are not", theirs: null, ours: "ConfigError", why: CONFIGURATION, show: refusedWith({ acks: 2 }) },
  {
    what: "enable_idempotence=True and acks=1",
    theirs: "KafkaConfigurationError",
    ours: "ConfigError",
    why: CONFIGURATION,
    show: refusedWith({ enableIdempotence: true, acks: 1 }),
  },
  {
    what: "enable_idempotence=True and retries=0",
    theirs: "KafkaConfigurationError",
    ours: "ConfigError",
    why: CONFIGURATION,
    show: refusedWith({ enableIdempotence: true, retries: 0 }),
  },
  {
    what: "enable_idempotence=True and six in flight",
    theirs: "KafkaConfigurationError",
    ours: "ConfigError",
    why: CONFIGURATION,
    show: refusedWith({ enableIdempotence: true, maxInFlightRequestsPerConnection: 6 }),
  },
  {
    what: "transactional_id and enable_idempotence=False",
    theirs: "KafkaConfigurationError",
    ours: "ConfigError",
    why: CONFIGURATION,
    show: refusedWith({ transactionalId: "id", enableIdempotence: false }),
  },
  {
    what: "a delivery timeout shorter than a request's",
    theirs: "KafkaConfigurationError",
    ours: "ConfigError",
    why: CONFIGURATION,
    show: refusedWith({ deliveryTimeoutMs: 1000 }),
  },
];
