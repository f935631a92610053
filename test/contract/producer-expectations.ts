// What users of kafka-python's producer are used to, and what they get here. A row is a rule; `theirs` is what kafka-python 3.0.12
// shows when it is run (test/interop/python/kafka_python_expectations.py); where we differ on purpose, `ours` and `why` say so. The rows are
// in three files: sending and closing here, settings, transactions.

import type { ProducerRecord } from "../../src/index.ts";
import { failureOf } from "./failure-of.ts";
import { settingExpectations } from "./producer-expectations-settings.ts";
import { type Expectation, placeOf, TOO_LARGE } from "./producer-expectations-stage.ts";
import { transactionExpectations } from "./producer-expectations-transactions.ts";

const KEYS = 30;
const AT = 1_700_000_000_123;

const sending: readonly Expectation[] = [
  {
    what: "send(topic, value) tells where it was written",
    theirs: ["records", 6, 0, -1, 11],
    show: async ({ plain, topic }) => {
      const told = await plain().send(topic, { value: "Hello world", partition: 6 });
      return ["records", told.partition, told.offset, told.serializedKeySize, told.serializedValueSize];
    },
  },
  {
    what: "bootstrap_connected after the first send",
    theirs: false,
    ours: true,
    why: "true since a bootstrap server has answered; kafka-python 3.0.12 is true only until then",
    show: async ({ plain, topic }) => {
      const producer = plain();
      await producer.send(topic, { value: "it" });
      return producer.bootstrapConnected();
    },
  },
  {
    what: "a key without a value is a tombstone",
    theirs: [0, 4, -1],
    show: async ({ plain, topic }) => placeOf(await plain().send(topic, { key: "gone", value: null, partition: 0 })),
  },
  {
    what: "neither key nor value",
    theirs: "ValueError",
    ours: null,
    why: "Java takes such records, and so do brokers",
    show: ({ plain, topic }) => failureOf(() => plain().send(topic, { partition: 0 })),
  },
  {
    what: "text without a serializer",
    theirs: "TypeError",
    ours: null,
    why: "text is written as UTF-8: value='Hello kafka!' of the specification then does what it says",
    show: ({ plain, topic }) => failureOf(() => plain().send(topic, { value: "Hello kafka!", partition: 0 })),
  },
  {
    what: "a number without a serializer",
    theirs: "TypeError",
    ours: "SerializationError",
    why: "what has no bytes is a SerializationError, whoever finds it",
    show: ({ producer, topic }) => failureOf(() => producer<number, number>().send(topic, { value: 42, partition: 0 })),
  },
  {
    what: "headers are a list of pairs",
    theirs: null,
    show: ({ plain, topic }) => {
      const headers = [
        ["content-encoding", Buffer.from("base64")],
        ["same", ""],
        ["same", "2"],
      ] as const;
      return failureOf(() => plain().send(topic, { value: "it", headers, partition: 0 }));
    },
  },
  {
    what: "a header's value may be null",
    theirs: "TypeError",
    ours: null,
    why: "Java takes them, and other producers send them",
    show: ({ plain, topic }) => failureOf(() => plain().send(topic, { value: "it", headers: [["a", null]], partition: 0 })),
  },
  {
    what: "headers that are no pairs",
    theirs: "TypeError",
    ours: "IllegalStateError",
    why: "arguments that make no sense are IllegalStateErrors, the error of kafka-python's own calls in the wrong state",
    show: ({ plain, topic }) => {
      const record: ProducerRecord = JSON.parse('{ "value": "it", "headers": ["a"], "partition": 0 }');
      return failureOf(() => plain().send(topic, record));
    },
  },
  {
    what: "a partition that there is not",
    theirs: "ValueError",
    ours: "IllegalStateError",
    why: "arguments that make no sense are IllegalStateErrors, the error of kafka-python's own calls in the wrong state",
    show: ({ plain, topic }) => failureOf(() => plain().send(topic, { value: "it", partition: 99 })),
  },
  {
    what: "a negative partition",
    theirs: "ValueError",
    ours: "IllegalStateError",
    why: "arguments that make no sense are IllegalStateErrors, the error of kafka-python's own calls in the wrong state",
    show: ({ plain, topic }) => failureOf(() => plain().send(topic, { value: "it", partition: -1 })),
  },
  {
    what: "bytes in any wrapping",
    theirs: [
      [0, 2, 2],
      [0, -1, 2],
    ],
    show: async ({ plain, topic }) => {
      const producer = plain();
      const bytes = new TextEncoder().encode("_it_").subarray(1, 3);
      const both = await producer.send(topic, { key: Buffer.from("it"), value: bytes, partition: 0 });
      return [placeOf(both), placeOf(await producer.send(topic, { value: Buffer.from("it"), partition: 0 }))];
    },
  },
  {
    what: "keys decide the partition",
    theirs: [2, 6, 4, 5, 5, 1, 3, 2, 6, 0, 6, 3, 2, 5, 3, 6, 4, 6, 2, 6, 0, 4, 1, 0, 5, 4, 6, 3, 0, 1],
    show: async ({ plain, topic }) => {
      const records = Array.from({ length: KEYS }, (_, i) => ({ key: `key ${i}`, value: "it" }));
      return (await plain().sendBatch(topic, records)).map(({ partition }) => partition);
    },
  },
  {
    what: "an empty key is a key",
    theirs: 2,
    show: async ({ plain, topic }) => (await plain().send(topic, { key: "", value: "it" })).partition,
  },
  {
    what: "timestamp_ms",
    theirs: AT,
    show: async ({ plain, topic }) => (await plain().send(topic, { value: "it", timestampMs: AT, partition: 0 })).timestamp,
  },
  {
    what: "the time is that of sending",
    theirs: true,
    show: async ({ plain, topic }) => {
      const before = Date.now();
      const { timestamp } = await plain().send(topic, { value: "it", partition: 0 });
      return Math.abs(timestamp - before) < 10_000;
    },
  },
  {
    what: "a record larger than max_request_size",
    theirs: "MessageSizeTooLargeError",
    ours: "RecordTooLargeError",
    why: "Java's name",
    show: ({ plain, topic }) => failureOf(() => plain().send(topic, { value: TOO_LARGE, partition: 0 })),
  },
  {
    what: "a topic with an illegal name",
    theirs: "ValueError",
    ours: "BrokerError",
    why: "which names are legal is for the broker to say: INVALID_TOPIC_EXCEPTION",
    show: ({ plain }) => failureOf(() => plain().send("not a legal name", { value: "it" })),
  },
  {
    what: "partitions_for",
    theirs: [0, 1, 2, 3, 4, 5, 6],
    show: async ({ plain, topic }) => (await plain().partitionsFor(topic)).map(({ partition }) => partition),
  },
  {
    what: "flush waits for all that was sent",
    theirs: true,
    show: async ({ plain, topic }) => {
      const producer = plain({ lingerMs: 50_000, deliveryTimeoutMs: 100_000 });
      let delivered = 0;
      for (let i = 0; i < 1000; i++) void producer.send(topic, { value: `msg ${i}`, partition: 1 }).then(() => delivered++);
      await producer.flush();
      return delivered === 1000;
    },
  },
  {
    what: "offsets of a partition rise in the order of sending",
    theirs: true,
    show: async ({ plain, topic }) => {
      const producer = plain({ batchSize: 200 });
      const sent = Array.from({ length: 1000 }, (_, i) => producer.send(topic, { value: `msg ${i}`, partition: 1 }));
      const offsets = (await Promise.all(sent)).map(({ offset }) => offset);
      return offsets.every((offset, i) => offset === (offsets[0] ?? -1) + i);
    },
  },
  {
    what: "callbacks of a partition come in the order of sending",
    theirs: true,
    show: async ({ plain, topic }) => {
      const producer = plain({ batchSize: 100 });
      const called: number[] = [];
      for (let i = 0; i < 100; i++) producer.produce(topic, { value: "it", partition: 2 }, () => called.push(i));
      await producer.flush();
      return called.length === 100 && called.every((it, i) => it === i);
    },
  },
  {
    what: "300 records without a key, sent together, go to more than one partition",
    theirs: true,
    ours: false,
    why: "they share a batch: records without a key stay with a partition until it has a batch's worth (KIP-794)",
    show: async ({ plain, topic }) => {
      const told = await plain().sendBatch(
        topic,
        Array.from({ length: 300 }, () => ({ value: "it" })),
      );
      return new Set(told.map(({ partition }) => partition)).size > 1;
    },
  },
  {
    what: "an errback is told of a record that the topic finds too large",
    theirs: ["MessageSizeTooLargeError"],
    ours: ["BrokerError"],
    why: "what a broker says is a BrokerError, whose code is Kafka's: MESSAGE_TOO_LARGE",
    show: async ({ plain, topicWith }) => {
      const producer = plain();
      const failures: (string | null)[] = [];
      const value = "x".repeat(2000);
      producer.produce(topicWith({ "max.message.bytes": "1000" }), { value }, (error) => failures.push(error?.name ?? null));
      await producer.flush();
      return failures;
    },
  },
  {
    what: "records that the topic finds too large only together are written",
    theirs: true,
    show: async ({ plain, topicWith }) => {
      const records = Array.from({ length: 100 }, () => ({ value: "x".repeat(100) }));
      const told = await plain().sendBatch(topicWith({ "max.message.bytes": "1000" }), records);
      return told.every(({ offset }, i) => offset === i);
    },
  },
  {
    what: "the broker's time is told, where it counts",
    theirs: true,
    show: async ({ plain, topicWith }) => {
      const stamped = topicWith({ "message.timestamp.type": "LogAppendTime" });
      return (await plain().send(stamped, { value: "it", timestampMs: AT })).timestamp > AT;
    },
  },
  {
    what: "begin_transaction without transactional_id",
    theirs: "IllegalStateError",
    show: ({ plain }) => failureOf(() => plain().beginTransaction()),
  },
  {
    what: "init_transactions without transactional_id",
    theirs: "IllegalStateError",
    show: ({ plain }) => failureOf(() => plain().initTransactions()),
  },
  {
    what: "close waits for what was sent",
    theirs: true,
    show: async ({ plain, topic }) => {
      const producer = plain({ lingerMs: 50_000, deliveryTimeoutMs: 100_000 });
      let isDelivered = false;
      void producer.send(topic, { value: '{"test_msg":"hello world"}', partition: 3 }).then(() => {
        isDelivered = true;
      });
      await producer.close();
      return isDelivered;
    },
  },
  {
    what: "send after close",
    theirs: "IllegalStateError",
    ours: "ClosedError",
    why: "a client that was closed says so",
    show: async ({ plain, topic }) => {
      const producer = plain();
      await producer.close();
      return failureOf(() => producer.send(topic, { value: "it" }));
    },
  },
  {
    what: "close twice",
    theirs: null,
    show: async ({ plain }) => {
      const producer = plain();
      await producer.close();
      return failureOf(() => producer.close());
    },
  },
  {
    what: "partitions_for after close",
    theirs: null,
    ours: "ClosedError",
    why: "a client that was closed says so",
    show: async ({ plain, topic }) => {
      const producer = plain();
      await producer.close();
      return failureOf(() => producer.partitionsFor(topic));
    },
  },
  {
    what: "waiting for a record for a limited time",
    theirs: "KafkaTimeoutError",
    ours: "TimeoutError",
    why: "whoever waits brings an AbortSignal, and gets its reason; the record is sent all the same",
    show: ({ plain, topic }) => {
      const producer = plain({ lingerMs: 50_000, deliveryTimeoutMs: 100_000 });
      return failureOf(() => producer.send(topic, { value: "it", partition: 5 }, { signal: AbortSignal.timeout(200) }));
    },
  },
  {
    what: "close(timeout=0) while a record waits",
    theirs: "KafkaTimeoutError",
    ours: null,
    why: "it closes, as was asked; the record fails with a ClosedError",
    show: async ({ plain, topic }) => {
      const producer = plain({ lingerMs: 50_000, deliveryTimeoutMs: 100_000 });
      const waiting = failureOf(() => producer.send(topic, { value: "it", partition: 5 }));
      const closing = await failureOf(() => producer.close({ timeoutMs: 0 }));
      return (await waiting) === "ClosedError" ? closing : "the record has not failed";
    },
  },
];

export const expectations: readonly Expectation[] = [...sending, ...settingExpectations, ...transactionExpectations];
