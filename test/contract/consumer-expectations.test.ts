// The table of what users of kafka-python's consumer are used to: kafka-python does what it says of it, and we what it says of us.

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EmbeddedBroker } from "../../src/broker/index.ts";
import { resolveConsumerConfig } from "../../src/client/config/consumer-config.ts";
import {
  Admin,
  ConfigError,
  Consumer,
  type ConsumerOptions,
  Producer,
  type ProducerRecord,
  type TopicPartition,
} from "../../src/index.ts";
import { consumerExpectations } from "./consumer-expectations.ts";
import { expectedConsumerOptions, formerOptions } from "./consumer-expectations-configuration.ts";
import { AT, type ConsumerExpectationStage, read } from "./consumer-expectations-stage.ts";
import { playOurs, playTheirs } from "./kafka-python-table.ts";
import { nameHere } from "./producer-expectations-configuration.ts";

const FOREVER = { "retention.ms": "-1" };
const TOPIC = "the-records";

let broker: EmbeddedBroker;
let writer: Producer;

beforeAll(async () => {
  broker = await EmbeddedBroker.start({ asVersion: "4.3" });
  const { bootstrapServers } = broker;
  writer = new Producer({ bootstrapServers });
  broker.createTopic(TOPIC, { partitions: 3, configs: FOREVER });
  for (const [partition, length] of [10, 5].entries()) {
    await writer.sendBatch(
      TOPIC,
      Array.from({ length }, (_, i) => ({ value: `${i}`, partition, timestampMs: AT + i * 1000 })),
    );
  }
  await deleteRecords({ topic: TOPIC, partition: 1 }, 2);
});

afterAll(async () => {
  await writer.close();
  await broker.close();
  expect(broker.failures).toEqual([]);
});

async function deleteRecords(place: TopicPartition, offset: number): Promise<void> {
  await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
  const [deleted] = await admin.deleteRecords([{ ...place, offset }]);
  expect(deleted).toMatchObject({ lowWatermark: offset });
}

async function withStage<Result>(work: (stage: ConsumerExpectationStage) => Promise<Result>): Promise<Result> {
  const closers: (() => Promise<void>)[] = [];
  const unique = (word: string): string => `${word}-${randomUUID()}`;
  const { bootstrapServers } = broker;
  const consumer = <K, V>(options: Partial<ConsumerOptions<K, V>> = {}): Consumer<K, V> => {
    const made = new Consumer<K, V>({ bootstrapServers, autoOffsetReset: "earliest", fetchMaxWaitMs: 100, ...options });
    closers.push(() => made.close({ timeoutMs: 0, autocommit: false }));
    return made;
  };
  const plain: ConsumerExpectationStage["plain"] = (options = {}) => consumer(options);
  const written = async (records: readonly ProducerRecord[]): Promise<TopicPartition> => {
    const topic = unique("special");
    broker.createTopic(topic, { partitions: 1, configs: FOREVER });
    for (const record of records) await writer.send(topic, record);
    return { topic, partition: 0 };
  };
  const of: ConsumerExpectationStage["of"] = (partitions, options) => {
    const made = plain(options);
    made.assign(partitions);
    return made;
  };
  const topicWith: ConsumerExpectationStage["topicWith"] = (...values) => written(values.map((value) => ({ value })));
  const headers = [
    ["h", "1"],
    ["h", ""],
  ] as const;
  const stage: ConsumerExpectationStage = {
    p0: { topic: TOPIC, partition: 0 },
    p1: { topic: TOPIC, partition: 1 },
    p2: { topic: TOPIC, partition: 2 },
    plain,
    consumer,
    of,
    unique,
    topicWith,
    subscribed: (topics) => {
      const made = plain();
      made.subscribe(topics);
      return made;
    },
    producer: (options = {}) => {
      const made = new Producer({ bootstrapServers, ...options });
      closers.push(() => made.close({ timeoutMs: 0 }));
      return made;
    },
    two: () =>
      written([
        { key: "key", value: "value", headers, timestampMs: AT },
        { key: "gone", value: null },
      ]),
    bad: () => topicWith("1", "no JSON", "3"),
    withInternalTopic: () => of([], { groupId: unique("group") }).commit([{ topic: TOPIC, partition: 0, offset: 1 }]),
  };
  try {
    return await work(stage);
  } finally {
    await Promise.all(closers.map((close) => close()));
  }
}

playOurs("who comes from kafka-python", consumerExpectations, ({ show }) => withStage(async (stage) => show(stage)));

describe("kafka-python's options of a consumer", () => {
  const defaults = new Map<string, unknown>(Object.entries(resolveConsumerConfig({})));

  test.each(Object.entries(expectedConsumerOptions))("%s", (option, { theirs, name = nameHere(option), ours }) => {
    const isThere = name !== null;
    const fallback = ours === undefined ? theirs : ours;
    expect(defaults.has(name ?? nameHere(option))).toBe(isThere);
    const given: object = { [nameHere(option)]: "x" };
    if (isThere) expect(defaults.get(name) ?? null).toEqual(fallback);
    // Whoever gives it is told what there is instead.
    else expect(() => resolveConsumerConfig(given)).toThrow(ConfigError);
  });

  test.each(formerOptions)("%s, which it has no more, is refused", (option) => {
    const given: object = { [nameHere(option)]: 1 };
    expect(() => resolveConsumerConfig(given)).toThrow(ConfigError);
  });

  test("enable_auto_commit is true with a group", () => {
    expect(resolveConsumerConfig({ groupId: "group" }).enableAutoCommit).toBe(true);
  });

  test("receive_message_max_bytes has room for what is fetched", () => {
    expect(resolveConsumerConfig({ fetchMaxBytes: 200_000_000 }).receiveMessageMaxBytes).toBe(201_048_576);
  });
});

playTheirs("kafka-python itself", {
  program: "kafka_python_consumer_expectations.py",
  rows: consumerExpectations,
  bootstrapServers: () => broker.bootstrapServers,
  besides: ["configuration", "metrics", "receive_message_max_bytes has room for what is fetched"],
  moreTests: (observed) => {
    test("has these options and these defaults", () => {
      const theirs = Object.entries(expectedConsumerOptions).map(([option, row]) => [option, row.theirs]);
      expect(observed().get("configuration")).toEqual(Object.fromEntries(theirs));
      expect(observed().get("receive_message_max_bytes has room for what is fetched")).toBe(201_048_576);
    });

    test("has no metric of a consumer that we have not, but those of members", async () => {
      const ours = await withStage(async ({ of, p0 }) => {
        const consumer = of([p0], { groupId: `group-${randomUUID()}` });
        await read(consumer, 10);
        await consumer.commit();
        return consumer.metrics();
      });
      const theirs: unknown = observed().get("metrics");
      if (typeof theirs !== "object" || theirs === null) throw new Error("kafka-python has shown no metrics");
      const lacking = Object.entries(theirs).flatMap(([group, names]: [string, unknown]) =>
        (Array.isArray(names) ? names.map(String) : [])
          .filter((name) => !(name in (ours[group] ?? {})) && !/^(heartbeat|last-heartbeat|join|sync)-/.test(name))
          .map((name) => `${group}: ${name}`),
      );
      expect(lacking).toEqual([]);
    });
  },
});
