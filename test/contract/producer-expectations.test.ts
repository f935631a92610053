// The table of what users of kafka-python's producer are used to: kafka-python does what it says of it, and we what it says of us.

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EmbeddedBroker } from "../../src/broker/index.ts";
import { resolveProducerConfig } from "../../src/client/config/producer-config.ts";
import { ConfigError, Producer, type ProducerOptions } from "../../src/index.ts";
import { playOurs, playTheirs } from "./kafka-python-table.ts";
import { expectations } from "./producer-expectations.ts";
import { expectedOptions, nameHere } from "./producer-expectations-configuration.ts";
import type { ExpectationStage } from "./producer-expectations-stage.ts";

const PARTITIONS = 7;

let broker: EmbeddedBroker;

beforeAll(async () => {
  broker = await EmbeddedBroker.start({ asVersion: "4.3" });
});

afterAll(async () => {
  await broker.close();
  expect(broker.failures).toEqual([]);
});

async function withStage<Result>(work: (stage: ExpectationStage) => Promise<Result>): Promise<Result> {
  const producers: { close(options: { readonly timeoutMs: number }): Promise<void> }[] = [];
  const unique = (word: string): string => `${word}-${randomUUID()}`;
  const topic = unique("records");
  broker.createTopic(topic, PARTITIONS);
  const { bootstrapServers } = broker;
  const topicWith: ExpectationStage["topicWith"] = (configs) => {
    const name = unique("special");
    broker.createTopic(name, { partitions: 1, configs });
    return name;
  };
  const producer = <K, V>(options: Partial<ProducerOptions<K, V>> = {}): Producer<K, V> => {
    const made = new Producer<K, V>({ bootstrapServers, ...options });
    producers.push(made);
    return made;
  };
  const log: ExpectationStage["log"] = async (partition) =>
    broker.records(topic, partition).map(({ key, value }) => [textOf(key), textOf(value)] as const);
  try {
    return await work({ topic, bootstrapServers, topicWith, producer, plain: producer, unique, log });
  } finally {
    await Promise.all(producers.map((it) => it.close({ timeoutMs: 0 })));
  }
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString();
}

playOurs("who comes from kafka-python", expectations, ({ show }) => withStage(async (stage) => show(stage)));

describe("kafka-python's options of a producer", () => {
  const defaults = new Map<string, unknown>(Object.entries(resolveProducerConfig({})));

  test.each(Object.entries(expectedOptions))("%s", (option, { theirs, name = nameHere(option), ours }) => {
    const isThere = name !== null;
    const fallback = ours === undefined ? theirs : ours;
    expect(defaults.has(name ?? nameHere(option))).toBe(isThere);
    const given: object = { [nameHere(option)]: "x" };
    if (isThere) expect(defaults.get(name) ?? null).toEqual(fallback);
    // Whoever gives it is told what there is instead.
    else expect(() => resolveProducerConfig(given)).toThrow(ConfigError);
  });

  test("buffer_memory, which it had until 2.0, is there, and bootstrap_topics_filter is not needed", () => {
    expect(resolveProducerConfig({}).bufferMemory).toBe(33_554_432);
    const given: object = { bootstrapTopicsFilter: [] };
    expect(() => resolveProducerConfig(given)).toThrow("nothing is asked about topics while bootstrapping");
  });

  test("acks=1 alone switches idempotence off", () => {
    expect(resolveProducerConfig({ acks: 1 }).enableIdempotence).toBe(false);
    expect(resolveProducerConfig({ retries: 0 }).enableIdempotence).toBe(false);
    expect(resolveProducerConfig({ maxInFlightRequestsPerConnection: 6 }).enableIdempotence).toBe(false);
  });
});

playTheirs("kafka-python itself", {
  program: "kafka_python_expectations.py",
  rows: expectations,
  bootstrapServers: () => broker.bootstrapServers,
  besides: ["configuration", "metrics", "metrics of a topic", "acks=1 alone switches idempotence off"],
  moreTests: (observed) => {
    test("has these options and these defaults", () => {
      const theirs = Object.entries(expectedOptions).map(([option, row]) => [option, row.theirs]);
      expect(observed().get("configuration")).toEqual(Object.fromEntries(theirs));
      expect(observed().get("acks=1 alone switches idempotence off")).toBe(false);
    });

    test("has no metric of a producer that we have not", async () => {
      const groups = await withStage(async ({ plain, topic }) => {
        const producer = plain();
        await producer.send(topic, { value: "it" });
        const { "producer-metrics": all = {}, [`producer-topic-metrics.${topic}`]: ofTopic = {} } = producer.metrics();
        return [Object.keys(all), Object.keys(ofTopic)] as const;
      });
      const [all, ofTopic] = [observed().get("metrics"), observed().get("metrics of a topic")].map((names) =>
        Array.isArray(names) ? names.map(String) : [],
      );
      expect(all?.filter((name) => !groups[0].includes(name))).toEqual([]);
      expect(ofTopic?.filter((name) => !groups[1].includes(name))).toEqual([]);
    });
  },
});
