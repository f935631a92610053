import { createTopic } from "../create-topic.ts";
import { ourScenarios, type Reader } from "../ours/our-scenarios.ts";
import { ourProducer, type SeenRecord } from "../ours/written-records.ts";
import type { Scenario, Stage } from "../scenario.ts";
import { javaRuntime } from "./java-runtime.ts";

const client = "java";
const KEYS = 500;
const PARTITIONS = 12;

async function runProgram(stage: Stage, main: string, ...options: readonly string[]): Promise<string> {
  const { java, parameters } = await javaRuntime();
  const { stdout } = await stage.run(java, [...parameters, "interop.Main", main, stage.bootstrapServers, ...options]);
  return stdout;
}

export const javaReader: Reader = async (stage, { topic, partitions: count, isolation }) => {
  const records: readonly SeenRecord[] = JSON.parse(await runProgram(stage, "read", "", topic, String(count), isolation));
  return records;
};

/** Java's default partitioner has the last word. */
const partitions: Scenario = {
  client,
  name: "sends the keys that our producer has sent to the same partitions",
  timeoutMs: 120_000,
  run: async (stage) => {
    const topic = stage.unique("keys");
    await createTopic(stage, topic, PARTITIONS);
    const producer = ourProducer(stage);
    const records = Array.from({ length: KEYS }, (_, i) => ({ key: `${"k".repeat(i % 9)}${i * 7919}ü`, value: "it" }));
    try {
      await Promise.all(records.map((record) => producer.send(topic, record)));
    } finally {
      await producer.close();
    }
    const observation: unknown = JSON.parse(await runProgram(stage, "partitions", stage.unique("java"), topic, String(PARTITIONS)));
    return observation;
  },
};

const console: Scenario = {
  client,
  name: "prints what our producer has written with the console consumer",
  run: async (stage) => {
    const topic = stage.unique("printed");
    await createTopic(stage, topic, 1, { "retention.ms": "-1" });
    const producer = ourProducer(stage, { compression: "snappy" });
    try {
      await producer.sendBatch(topic, [
        { key: "a", value: "1", timestampMs: 1_700_000_000_000, headers: [["trace", "abc"]] },
        { value: "no key", timestampMs: 1_700_000_000_001 },
        { key: "tombstone", value: null, timestampMs: 1_700_000_000_002 },
        { key: "ö", value: "größe", timestampMs: 1_700_000_000_003, headers: { same: ["1", "2"], empty: "" } },
      ]);
    } finally {
      await producer.close();
    }
    const { java, parameters } = await javaRuntime();
    const printed = ["timestamp", "key", "offset", "partition", "headers"].flatMap((it) => [
      "--formatter-property",
      `print.${it}=true`,
    ]);
    const from = ["--bootstrap-server", stage.bootstrapServers, "--topic", topic, "--from-beginning", "--max-messages", "4"];
    const { stdout } = await stage.run(java, [
      ...parameters,
      "org.apache.kafka.tools.consumer.ConsoleConsumer",
      ...from,
      ...printed,
    ]);
    return stdout.trimEnd().split("\n");
  },
};

export const oursScenarios: readonly Scenario[] = [...ourScenarios(client, javaReader), partitions, console];
