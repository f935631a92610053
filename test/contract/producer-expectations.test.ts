// The table of what users of kafka-python's producer are used to: kafka-python does what it says of it, and we what it says of us.

import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EmbeddedBroker } from "../../src/broker/index.ts";
import { resolveProducerConfig } from "../../src/client/config/producer-config.ts";
import { ConfigError, Producer, type ProducerOptions } from "../../src/index.ts";
import { preparePython, pythonWithClients } from "../interop/python/environment.ts";
import { runCommand } from "../support/child-processes.ts";
import { usableOrSkipped } from "../support/java-tools.ts";
import { type ExpectationStage, expectations } from "./producer-expectations.ts";
import { expectedOptions, nameHere } from "./producer-expectations-configuration.ts";

const PROGRAM = fileURLToPath(new URL("../interop/python/kafka_python_expectations.py", import.meta.url));
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

describe("who comes from kafka-python finds the same", () => {
  for (const { what, theirs, ours = theirs, show } of expectations.filter(({ why }) => why === undefined)) {
    test(what, async () => expect(await withStage(async (stage) => show(stage))).toEqual(ours));
  }
});

describe("who comes from kafka-python finds something else", () => {
  for (const { what, theirs, ours, why, show } of expectations.filter((row) => row.why !== undefined)) {
    test(`${what}: ${String(ours)}, for ${why}`, async () => {
      expect(ours).not.toEqual(theirs);
      expect(await withStage(async (stage) => show(stage))).toEqual(ours);
    });
  }
});

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

const missing = await preparePython();

describe.skipIf(!usableOrSkipped("kafka-python", missing?.unavailable))("kafka-python itself", () => {
  let observed: ReadonlyMap<string, unknown>;

  beforeAll(async () => {
    const suffix = `-${randomUUID()}`;
    const given = JSON.stringify({ bootstrapServers: broker.bootstrapServers, suffix });
    const { stdout } = await runCommand(await pythonWithClients(), ["-B", "-u", PROGRAM, given]);
    const lines = stdout.replaceAll(suffix, "").trimEnd().split("\n");
    observed = new Map(lines.map((line): [string, unknown] => JSON.parse(line)));
  });

  test.each(expectations.map((row) => [row.what, row] as const))("%s", (what, { theirs }) => {
    expect(observed.get(what)).toEqual(theirs);
  });

  test("has these options and these defaults", () => {
    const theirs = Object.entries(expectedOptions).map(([option, row]) => [option, row.theirs]);
    expect(observed.get("configuration")).toEqual(Object.fromEntries(theirs));
    expect(observed.get("acks=1 alone switches idempotence off")).toBe(false);
  });

  test("has no metric of a producer that we have not", async () => {
    const groups = await withStage(async ({ plain, topic }) => {
      const producer = plain();
      await producer.send(topic, { value: "it" });
      const { "producer-metrics": all = {}, [`producer-topic-metrics.${topic}`]: ofTopic = {} } = producer.metrics();
      return [Object.keys(all), Object.keys(ofTopic)] as const;
    });
    const [all, ofTopic] = [observed.get("metrics"), observed.get("metrics of a topic")].map((names) =>
      Array.isArray(names) ? names.map(String) : [],
    );
    expect(all?.filter((name) => !groups[0].includes(name))).toEqual([]);
    expect(ofTopic?.filter((name) => !groups[1].includes(name))).toEqual([]);
  });

  test("is observed in nothing that the table does not have", () => {
    const known = new Set([...expectations.map(({ what }) => what), "configuration", "metrics", "metrics of a topic"]);
    known.add("acks=1 alone switches idempotence off");
    expect([...observed.keys()].filter((what) => !known.has(what))).toEqual([]);
  });
});
