// Rows of consumer-expectations.ts: what poll and a loop give, and what a record is.

import { type Consumer, type Deserializer, json } from "../../src/index.ts";
import { AT, type ConsumerExpectation, ONE_ERROR, offsetsOf, read, textOf } from "./consumer-expectations-stage.ts";
import { failureOf } from "./failure-of.ts";

/** The offsets that a loop gives, which does something when it has got the third record. */
async function loop(consumer: Consumer, action: (consumer: Consumer) => void): Promise<readonly number[]> {
  await read(consumer, 1);
  for (const place of consumer.assignment()) consumer.seek(place, 0);
  const offsets: number[] = [];
  for await (const { offset } of consumer) if (offsets.push(offset) === 3) action(consumer);
  return offsets;
}

const upperCase: Deserializer<string> = { deserialize: (bytes) => textOf(bytes).toUpperCase() };

export const readingExpectations: readonly ConsumerExpectation[] = [
  { what: "poll with nothing assigned", theirs: 0, show: async ({ plain }) => (await plain().poll({ timeoutMs: 100 })).count },
  {
    what: "poll with a negative timeout",
    theirs: "ValueError",
    ours: "IllegalStateError",
    why: ONE_ERROR,
    show: ({ of, p0 }) => failureOf(() => of([p0]).poll({ timeoutMs: -1 })),
  },
  {
    what: "max_records=0",
    theirs: "ValueError",
    ours: "IllegalStateError",
    why: ONE_ERROR,
    show: ({ of, p0 }) => failureOf(() => of([p0]).poll({ maxRecords: 0 })),
  },
  {
    what: "max_records=1.5",
    theirs: "TypeError",
    ours: "IllegalStateError",
    why: ONE_ERROR,
    show: ({ of, p0 }) => failureOf(() => of([p0]).poll({ maxRecords: 1.5 })),
  },
  {
    what: "max_records leaves the rest for the next poll",
    theirs: [
      [0, 1, 2],
      [3, 4, 5, 6],
      [7, 8, 9],
    ],
    show: async ({ of, p0 }) => {
      const consumer = of([p0]);
      const first = await consumer.poll({ timeoutMs: 10_000, maxRecords: 3 });
      return [offsetsOf(first), offsetsOf(await consumer.poll({ maxRecords: 4 })), offsetsOf(await consumer.poll())];
    },
  },
  {
    what: "the position after polls",
    theirs: 10,
    show: async ({ of, p0 }) => {
      const consumer = of([p0]);
      await read(consumer, 10);
      return consumer.position(p0);
    },
  },
  {
    what: "what is left of a poll waits while it is paused",
    theirs: [[], [3, 4]],
    show: async ({ of, p0 }) => {
      const consumer = of([p0]);
      await read(consumer, 3);
      consumer.pause(p0);
      const held = offsetsOf(await consumer.poll({ timeoutMs: 300 }));
      consumer.resume(p0);
      return [held, offsetsOf(await consumer.poll({ timeoutMs: 5000, maxRecords: 2 }))];
    },
  },
  {
    what: "poll at the end of the log",
    theirs: 0,
    show: async ({ of, p0 }) => {
      const consumer = of([p0]);
      await read(consumer, 10);
      return (await consumer.poll({ timeoutMs: 300 })).count;
    },
  },
  {
    what: "max_poll_records",
    theirs: 4,
    show: async ({ of, p0 }) => (await of([p0], { maxPollRecords: 4 }).poll({ timeoutMs: 10_000 })).count,
  },
  { what: "poll with nothing to read", theirs: 0, show: async ({ of, p2 }) => (await of([p2]).poll({ timeoutMs: 200 })).count },
  {
    what: "a record",
    theirs: [true, 0, AT, "key", "value", 0],
    show: async ({ of, two }) => {
      const place = await two();
      const [record] = await read(of([place]), 2);
      if (record === undefined) return undefined;
      const { topic, offset, timestamp, key, value, leaderEpoch } = record;
      return [topic === place.topic, offset, timestamp, textOf(key), textOf(value), leaderEpoch];
    },
  },
  {
    what: "timestamp_type of a record",
    theirs: 0,
    ours: "CreateTime",
    why: "Kafka's name of it",
    show: async ({ of, two }) => (await read(of([await two()]), 1))[0]?.timestampType,
  },
  {
    what: "headers of a record",
    theirs: [
      ["h", "1"],
      ["h", ""],
    ],
    show: async ({ of, two }) =>
      (await read(of([await two()]), 1))[0]?.headers.map(([name, value]) => [name, value === null ? null : textOf(value)]),
  },
  {
    what: "sizes of a record",
    theirs: [3, 5],
    show: async ({ of, two }) => {
      const [record] = await read(of([await two()]), 1);
      return [record?.serializedKeySize, record?.serializedValueSize];
    },
  },
  {
    what: "a record without a value",
    theirs: [null, -1],
    show: async ({ of, two }) => {
      const [, record] = await read(of([await two()]), 2);
      return [record?.value, record?.serializedValueSize];
    },
  },
  {
    what: "deserializers are called for null",
    theirs: true,
    show: async ({ consumer, two }) => {
      const called: boolean[] = [];
      const valueDeserializer = { deserialize: (bytes: Uint8Array | null): number => called.push(bytes === null) };
      const reader = consumer({ valueDeserializer });
      reader.assign([await two()]);
      await read(reader, 2);
      return called.includes(true);
    },
  },
  {
    what: "deserializers make keys and values",
    theirs: [
      ["KEY", "value"],
      ["GONE", null],
    ],
    show: async ({ consumer, two }) => {
      const valueDeserializer = { deserialize: (bytes: Uint8Array | null) => (bytes === null ? null : textOf(bytes)) };
      const reader = consumer({ keyDeserializer: upperCase, valueDeserializer });
      reader.assign([await two()]);
      return (await read(reader, 2)).map(({ key, value }) => [key, value]);
    },
  },
  {
    what: "records before one that cannot be deserialized",
    theirs: [1],
    show: async ({ consumer, bad }) => {
      const reader = consumer({ valueDeserializer: json });
      reader.assign([await bad()]);
      return [...(await reader.poll({ timeoutMs: 10_000 }))].map(({ value }) => value);
    },
  },
  {
    what: "a deserializer that fails",
    theirs: "ValueError",
    ours: ["DeserializationError", "DeserializationError", 1],
    why: "it names the place and has the bytes, the deserializer's own error is its cause; and whoever polls again gets it again: kafka-python 3.0.12 never returns",
    show: async ({ consumer, bad }) => {
      const [reader, place] = [consumer({ valueDeserializer: json }), await bad()];
      reader.assign([place]);
      await read(reader, 1);
      const poll = (): Promise<unknown> => failureOf(() => reader.poll({ timeoutMs: 5000 }));
      return [await poll(), await poll(), await reader.position(place)];
    },
  },
  {
    what: "the position stays at what cannot be deserialized",
    theirs: 1,
    show: async ({ consumer, bad }) => {
      const [reader, place] = [consumer({ valueDeserializer: json }), await bad()];
      reader.assign([place]);
      await read(reader, 1);
      await failureOf(() => reader.poll({ timeoutMs: 5000 }));
      return reader.position(place);
    },
  },
  {
    what: "seek goes past it",
    theirs: [3],
    show: async ({ consumer, bad }) => {
      const [reader, place] = [consumer({ valueDeserializer: json }), await bad()];
      reader.assign([place]);
      await read(reader, 1);
      await failureOf(() => reader.poll({ timeoutMs: 5000 }));
      reader.seek(place, 2);
      return (await read(reader, 1)).map(({ value }) => value);
    },
  },
  {
    what: "a record larger than max_partition_fetch_bytes",
    theirs: [100_000],
    show: async ({ of, topicWith }) => {
      const place = await topicWith("x".repeat(100_000));
      const records = await read(of([place], { maxPartitionFetchBytes: 1000, fetchMaxBytes: 1000 }), 1);
      return records.map(({ value }) => value?.length);
    },
  },
  {
    what: "iterating ends after consumer_timeout_ms without a record",
    theirs: true,
    show: async ({ of, p0 }) => {
      const consumer = of([p0], { consumerTimeoutMs: 500 });
      await read(consumer, 1);
      consumer.seek(p0, 0);
      const offsets: number[] = [];
      for await (const { offset } of consumer) offsets.push(offset);
      return offsets.length === 10 && offsets.every((offset, i) => offset === i);
    },
  },
  {
    what: "iterating again goes on",
    theirs: [8, 9],
    show: async ({ of, p0 }) => {
      const consumer = of([p0], { consumerTimeoutMs: 500 });
      await read(consumer, 10);
      consumer.seek(p0, 8);
      const offsets: number[] = [];
      for await (const { offset } of consumer) offsets.push(offset);
      return offsets;
    },
  },
  {
    what: "the position goes on with each record of a loop",
    theirs: [[0, 1, 2], 3],
    show: async ({ of, p0 }) => {
      const consumer = of([p0]);
      const offsets: number[] = [];
      for await (const { offset } of consumer) if (offsets.push(offset) === 3) break;
      return [offsets, await consumer.position(p0)];
    },
  },
  {
    what: "poll after a loop goes on behind its last record",
    theirs: [3, 4],
    show: async ({ of, p0 }) => {
      const consumer = of([p0]);
      for await (const { offset } of consumer) if (offset === 2) break;
      return offsetsOf(await consumer.poll({ timeoutMs: 5000, maxRecords: 2 }));
    },
  },
  {
    what: "seek in a loop",
    theirs: [0, 1, 2, 8, 9],
    show: ({ of, p0 }) => loop(of([p0], { consumerTimeoutMs: 500 }), (consumer) => consumer.seek(p0, 8)),
  },
  {
    what: "pause in a loop",
    theirs: [0, 1, 2],
    show: ({ of, p0 }) => loop(of([p0], { consumerTimeoutMs: 500 }), (consumer) => consumer.pause(p0)),
  },
  {
    what: "resume after a loop",
    theirs: [3],
    show: async ({ of, p0 }) => {
      const consumer = of([p0], { consumerTimeoutMs: 500 });
      await loop(consumer, () => consumer.pause(p0));
      consumer.resume(p0);
      return offsetsOf(await consumer.poll({ timeoutMs: 5000, maxRecords: 1 }));
    },
  },
  {
    what: "assign other partitions in a loop",
    theirs: [0, 1, 2],
    show: async ({ of, two, p0 }) => {
      const place = await two();
      return loop(of([p0], { consumerTimeoutMs: 500 }), (consumer) => consumer.assign([{ ...place, offset: 2 }]));
    },
  },
  {
    what: "iterating after close",
    theirs: null,
    ours: "ClosedError",
    why: "a loop that is under way ends; one that is begun too late is told so",
    show: async ({ of, p0 }) => {
      const consumer = of([p0]);
      await consumer.close();
      return failureOf(() => consumer.iterate());
    },
  },
];
