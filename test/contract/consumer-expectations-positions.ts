// Rows of consumer-expectations.ts: where a consumer reads.

import type { Consumer, TopicPartition } from "../../src/index.ts";
import {
  AT,
  type ConsumerExpectation,
  numbersOf,
  ONE_ERROR,
  offsetsOf,
  pollUntil,
  read,
  textOf,
} from "./consumer-expectations-stage.ts";
import { failureOf } from "./failure-of.ts";

function positions(consumer: Consumer, ...places: readonly TopicPartition[]): Promise<readonly number[]> {
  return Promise.all(places.map((place) => consumer.position(place)));
}

function partitionsRead(records: readonly { readonly partition: number }[]): readonly number[] {
  return [...new Set(records.map(({ partition }) => partition))].toSorted((a, b) => a - b);
}

const STATE = "one error for every call in the wrong state";

const seeking: readonly ConsumerExpectation[] = [
  {
    what: "position at first, with earliest",
    theirs: [0, 2],
    show: ({ of, p0, p1 }) => positions(of([p0, p1]), p0, p1),
  },
  {
    what: "position at first, with latest",
    theirs: 10,
    show: ({ of, p0 }) => of([p0], { autoOffsetReset: "latest" }).position(p0),
  },
  {
    what: "position of what is not assigned",
    theirs: "IllegalStateError",
    show: ({ of, p0, p1 }) => failureOf(() => of([p0]).position(p1)),
  },
  {
    what: "position of what is no partition",
    theirs: "TypeError",
    ours: "IllegalStateError",
    why: ONE_ERROR,
    show: ({ of, p0 }) => failureOf(() => Reflect.apply(of([p0]).position, of([p0]), ["records"])),
  },
  {
    what: "position with auto_offset_reset='none' and nothing committed",
    theirs: "NoOffsetForPartitionError",
    ours: "NoOffsetError",
    why: "it names all such partitions",
    show: ({ of, p0 }) => failureOf(() => of([p0], { autoOffsetReset: "none" }).position(p0)),
  },
  {
    what: "poll with auto_offset_reset='none' and nothing committed",
    theirs: "NoOffsetForPartitionError",
    ours: "NoOffsetError",
    why: "it names all such partitions",
    show: ({ of, p0 }) => failureOf(() => of([p0], { autoOffsetReset: "none" }).poll({ timeoutMs: 5000 })),
  },
  {
    what: "position of a partition that there is not, after its timeout",
    theirs: null,
    ours: "RequestTimeoutError",
    why: "Java's choice: a position that is not known is no value; kafka-python returns None",
    show: async ({ of, p0 }) => {
      const place = { ...p0, partition: 99 };
      const consumer = of([place]);
      await consumer.topics();
      return failureOf(() => consumer.position(place, { timeoutMs: 300 }));
    },
  },
  {
    what: "seek",
    theirs: [null, 5],
    show: async ({ of, p0 }) => {
      const consumer = of([p0]);
      return [await failureOf(() => consumer.seek(p0, 5)), await consumer.position(p0)];
    },
  },
  {
    what: "seek to a negative offset",
    theirs: "ValueError",
    ours: "IllegalStateError",
    why: ONE_ERROR,
    show: ({ of, p0 }) => failureOf(() => of([p0]).seek(p0, -1)),
  },
  {
    what: "seek to half an offset",
    theirs: "ValueError",
    ours: "IllegalStateError",
    why: ONE_ERROR,
    show: ({ of, p0 }) => failureOf(() => of([p0]).seek(p0, 1.5)),
  },
  {
    what: "seek what is not assigned",
    theirs: "ValueError",
    ours: "IllegalStateError",
    why: STATE,
    show: ({ of, p0, p1 }) => failureOf(() => of([p0]).seek(p1, 0)),
  },
  {
    what: "seek what is no partition",
    theirs: "TypeError",
    ours: "IllegalStateError",
    why: ONE_ERROR,
    show: ({ of, p0 }) => failureOf(() => Reflect.apply(of([p0]).seek, of([p0]), ["records", 0])),
  },
  {
    what: "seek_to_end of all",
    theirs: [10, 5],
    show: ({ of, p0, p1 }) => {
      const consumer = of([p0, p1]);
      consumer.seekToEnd();
      return positions(consumer, p0, p1);
    },
  },
  {
    what: "seek_to_beginning of one",
    theirs: [10, 2],
    show: ({ of, p0, p1 }) => {
      const consumer = of([p0, p1]);
      consumer.seekToEnd();
      consumer.seekToBeginning(p1);
      return positions(consumer, p0, p1);
    },
  },
  {
    what: "seek_to_end with nothing assigned",
    theirs: "ValueError",
    ours: "IllegalStateError",
    why: STATE,
    show: ({ plain }) => failureOf(() => plain().seekToEnd()),
  },
  {
    what: "seek_to_beginning of what is not assigned",
    theirs: "ValueError",
    ours: "IllegalStateError",
    why: STATE,
    show: ({ of, p0, p1 }) => failureOf(() => of([p0]).seekToBeginning(p1)),
  },
  {
    what: "seek drops what was fetched already",
    theirs: [8, 9],
    show: async ({ of, p0 }) => {
      const consumer = of([p0]);
      await read(consumer, 2);
      consumer.seek(p0, 8);
      return offsetsOf(await read(consumer, 2));
    },
  },
  {
    what: "an offset before the log's start, with earliest",
    theirs: [2],
    show: async ({ of, p1 }) => {
      const consumer = of([p1]);
      consumer.seek(p1, 0);
      return offsetsOf(await read(consumer, 1));
    },
  },
  {
    what: "an offset behind the log's end, with latest",
    theirs: 10,
    show: async ({ of, p0 }) => {
      const consumer = of([p0], { autoOffsetReset: "latest" });
      consumer.seek(p0, 100);
      await pollUntil(consumer, async () => (await consumer.position(p0)) === 10);
      return consumer.position(p0);
    },
  },
  {
    what: "an offset out of range, with 'none'",
    theirs: "OffsetOutOfRangeError",
    show: ({ of, p0 }) => {
      const consumer = of([p0], { autoOffsetReset: "none" });
      consumer.seek(p0, 100);
      return failureOf(() => consumer.poll({ timeoutMs: 5000 }));
    },
  },
];

const pausing: readonly ConsumerExpectation[] = [
  {
    what: "paused",
    theirs: [0],
    show: ({ of, p0, p1 }) => {
      const consumer = of([p0, p1]);
      consumer.pause(p0);
      consumer.pause(p0);
      return numbersOf(consumer.paused());
    },
  },
  {
    what: "what is paused is not read",
    theirs: [1],
    show: async ({ of, p0, p1 }) => {
      const consumer = of([p0, p1]);
      consumer.pause(p0);
      return partitionsRead(await read(consumer, 3));
    },
  },
  {
    what: "what is resumed is read",
    theirs: [0],
    show: async ({ of, p0, p1 }) => {
      const consumer = of([p0, p1]);
      consumer.pause(p0);
      await read(consumer, 3);
      consumer.resume(p0);
      return partitionsRead(await read(consumer, 10));
    },
  },
  {
    what: "pause what is not assigned",
    theirs: "KeyError",
    ours: "IllegalStateError",
    why: STATE,
    show: ({ of, p0, p2 }) => failureOf(() => of([p0]).pause(p2)),
  },
  {
    what: "resume what is not assigned",
    theirs: "KeyError",
    ours: "IllegalStateError",
    why: STATE,
    show: ({ of, p0, p2 }) => failureOf(() => of([p0]).resume(p2)),
  },
];

const ends: readonly ConsumerExpectation[] = [
  {
    what: "highwater before the first fetch",
    theirs: null,
    ours: undefined,
    why: "what is not known is undefined in JavaScript",
    show: ({ of, p0 }) => of([p0]).highwater(p0),
  },
  {
    what: "highwater",
    theirs: [10, 5],
    show: async ({ of, p0, p1 }) => {
      const consumer = of([p0, p1]);
      await read(consumer, 13);
      return [consumer.highwater(p0), consumer.highwater(p1)];
    },
  },
  {
    what: "highwater of what is not assigned",
    theirs: "IllegalStateError",
    show: ({ of, p0, p2 }) => failureOf(() => of([p0]).highwater(p2)),
  },
  {
    what: "beginning_offsets",
    theirs: [0, 2],
    show: async ({ plain, p0, p1 }) => (await plain().beginningOffsets([p0, p1])).map(({ offset }) => offset),
  },
  {
    what: "end_offsets",
    theirs: [10, 5],
    show: async ({ plain, p0, p1 }) => (await plain().endOffsets([p0, p1])).map(({ offset }) => offset),
  },
  {
    what: "end_offsets of a partition that there is not",
    theirs: "KafkaTimeoutError",
    ours: "RequestTimeoutError",
    why: "Java's name, with the reason as its cause",
    show: async ({ plain, p0 }) => {
      const consumer = plain();
      await consumer.topics();
      return failureOf(() => consumer.endOffsets([{ ...p0, partition: 99 }], { timeoutMs: 300 }));
    },
  },
  {
    what: "offsets_for_times",
    theirs: [[0, 0], [2, 2000], [9, 9000], null],
    show: ({ plain, p0 }) =>
      Promise.all(
        [-1, 1500, 9000, 9001].map(async (ms) => {
          const [found] = await plain().offsetsForTimes([{ ...p0, timestampMs: AT + ms }]);
          const { offset = null, timestampMs = null } = found ?? {};
          return offset === null || timestampMs === null ? null : [offset, timestampMs - AT];
        }),
      ),
  },
  {
    what: "offsets_for_times before 1970",
    theirs: "ValueError",
    ours: "IllegalStateError",
    why: ONE_ERROR,
    show: ({ plain, p0 }) => failureOf(() => plain().offsetsForTimes([{ ...p0, timestampMs: -1 }])),
  },
  {
    what: "topics",
    theirs: [true, false],
    show: async ({ plain, p0, unique }) => {
      const topics = await plain().topics();
      return [topics.has(p0.topic), topics.has(unique("no-topic"))];
    },
  },
  {
    what: "partitions_for_topic",
    theirs: [0, 1, 2],
    show: async ({ plain, p0 }) => [...(await plain().partitionsForTopic(p0.topic))].toSorted((a, b) => a - b),
  },
  {
    what: "partitions_for_topic of a topic that there is not",
    theirs: [],
    show: async ({ plain, unique }) => [...(await plain().partitionsForTopic(unique("no-partitions")))],
  },
];

const transactions: readonly ConsumerExpectation[] = [
  {
    what: "read_uncommitted",
    theirs: ["aborted", "committed", "open"],
    show: async (stage) => {
      const place = await withTransactions(stage);
      return (await read(stage.of([place]), 3)).map(({ value }) => textOf(value));
    },
  },
  {
    what: "read_committed",
    theirs: ["committed"],
    show: async (stage) => (await read(await committed(stage), 1)).map(({ value }) => textOf(value)),
  },
  {
    what: "an open transaction holds back what comes",
    theirs: 0,
    show: async (stage) => {
      const consumer = await committed(stage);
      await read(consumer, 1);
      return (await consumer.poll({ timeoutMs: 300 })).count;
    },
  },
  {
    what: "end_offsets with read_committed",
    theirs: 4,
    show: async (stage) => {
      const consumer = await committed(stage);
      return (await consumer.endOffsets(consumer.assignment()))[0]?.offset;
    },
  },
  {
    what: "the position goes over what was aborted",
    theirs: 4,
    show: async (stage) => {
      const consumer = await committed(stage);
      const position = async (): Promise<number | undefined> => {
        const [place] = consumer.assignment();
        return place && consumer.position(place);
      };
      await read(consumer, 1);
      await pollUntil(consumer, async () => (await position()) === 4);
      return position();
    },
  },
];

async function withTransactions({
  producer,
  topicWith,
  unique,
}: Parameters<ConsumerExpectation["show"]>[0]): Promise<TopicPartition> {
  const place = await topicWith();
  const sender = producer({ transactionalId: unique("id") });
  await sender.initTransactions();
  for (const value of ["aborted", "committed", "open"]) {
    sender.beginTransaction();
    await sender.send(place.topic, { value });
    if (value === "aborted") await sender.abortTransaction();
    if (value === "committed") await sender.commitTransaction();
  }
  return place;
}

async function committed(stage: Parameters<ConsumerExpectation["show"]>[0]): Promise<Consumer> {
  return stage.of([await withTransactions(stage)], { isolationLevel: "read_committed" });
}

export const positionExpectations: readonly ConsumerExpectation[] = [...seeking, ...pausing, ...ends, ...transactions];
