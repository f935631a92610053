// Admin beside Kafka's own command line tools: what it returns, written as they write it, is what they print. On both brokers.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Admin, type ConfigEntry, type ConfigSource, type OffsetPlace, type TopicDescription } from "../../src/index.ts";
import { missingJava } from "../interop/java/java-runtime.ts";
import { ToolShell } from "../interop/java/tool-shell.ts";
import { ScenarioStage } from "../interop/scenario-stage.ts";
import { usableOrSkipped } from "../support/java-tools.ts";
import { type BrokerUnderTest, currentKafka, embeddedBroker } from "./suite/broker-under-test.ts";

/** The release of the tools: what a newer broker tells, they may not know. */
const RELEASE = "4.3";
const START = 1_700_000_000_000;

const brokers: readonly (readonly [name: string, start: () => Promise<BrokerUnderTest | undefined>])[] = [
  ["the embedded broker", () => embeddedBroker(RELEASE)],
  ["Apache Kafka", currentKafka],
];

describe.skipIf(!usableOrSkipped("Apache Kafka's tools", missingJava())).each(brokers)(
  "on %s, Admin and Kafka's tools agree on",
  (_name, start) => {
    let broker: BrokerUnderTest | undefined;
    let admin: Admin;
    let stage: ScenarioStage;
    let shell: ToolShell;

    beforeAll(async () => {
      broker = await start();
      if (broker === undefined) throw new Error("there are the tools of Apache Kafka, but no broker");
      admin = new Admin({ bootstrapServers: broker.bootstrapServers });
      stage = new ScenarioStage(broker.bootstrapServers, new AbortController().signal);
      shell = await ToolShell.open(stage);
    });

    afterAll(async () => {
      await stage?.close();
      await admin?.close();
      await broker?.stop();
    });

    /** Made by the tool; returns when Admin sees it as well. */
    async function topic(word: string, ...parameters: readonly string[]): Promise<string> {
      const name = stage.unique(word);
      await shell.run(
        "kafka-topics",
        "--create",
        "--topic",
        name,
        "--partitions",
        "3",
        "--config",
        "retention.ms=-1",
        ...parameters,
      );
      await expect.poll(() => admin.listTopics(), { timeout: 20_000, interval: 20 }).toContain(name);
      return name;
    }

    test("topics and their partitions", async () => {
      const name = await topic("described", "--config", "max.message.bytes=2000");
      const [described] = await admin.describeTopics([name]);
      if (described === undefined || described.error !== undefined) throw described?.error ?? new Error("nothing described");
      const printed = await shell.text("kafka-topics", "--describe", "--topic", name);
      expect(linesOf(printed).map((line) => line.replace(/Configs: .*/, "Configs:"))).toEqual(asToolWrites(described));
    });

    test("the list of topics", async () => {
      await topic("listed");
      const printed = await shell.text("kafka-topics", "--list", "--exclude-internal");
      expect(await admin.listTopics()).toEqual(linesOf(printed).sort());
    });

    test("a topic that Admin has created", async () => {
      const name = stage.unique("created");
      const [created] = await admin.createTopics([
        { name, numPartitions: 2, replicationFactor: 1, configs: { "retention.ms": "60000" } },
      ]);
      const printed = await shell.text("kafka-topics", "--describe", "--topic", name);
      expect(printed).toContain(`TopicId: ${created?.topicId}\tPartitionCount: 2\tReplicationFactor: 1\t`);
      expect(printed).toContain("retention.ms=60000");
    });

    test("a topic's settings, their sources and synonyms", async () => {
      const name = await topic("configured", "--config", "max.message.bytes=2000");
      expect(await settings("topic", name)).toEqual(await printedSettings("topics", name));
    });

    test("a broker's settings", async () => {
      const [node] = (await admin.describeCluster()).brokers;
      const name = String(node?.nodeId);
      expect(await settings("broker", name)).toEqual(await printedSettings("brokers", name));
    });

    test("a setting that Admin has altered", async () => {
      const name = await topic("altered");
      await admin.incrementalAlterConfigs([{ type: "topic", name, set: { "segment.ms": "3600000" } }]);
      const isAltered = (lines: readonly string[]): boolean => lines.some((line) => line.startsWith("segment.ms=3600000 "));
      const describeTopic = ["--describe", "--entity-type", "topics", "--entity-name", name] as const;
      expect(isAltered(await shell.until(isAltered, "kafka-configs", ...describeTopic))).toBe(true);
    });

    test("offsets: the beginning, the end, the youngest record, a time", async () => {
      const name = await topic("offsets");
      await shell.produce(name, 0, 5);
      await shell.produce(name, 2, 3);
      await admin.deleteRecords([{ topic: name, partition: 2, offset: 1 }]);
      const places: readonly (readonly [OffsetPlace, string])[] = [
        ["earliest", "earliest"],
        ["latest", "latest"],
        ["maxTimestamp", "max-timestamp"],
        [{ timestampMs: START + 1500 }, String(START + 1500)],
        [{ timestampMs: START + 60_000 }, String(START + 60_000)],
      ];
      for (const [at, time] of places) {
        const results = await admin.listOffsets([0, 1, 2].map((partition) => ({ topic: name, partition, at })));
        // The tool is silent about a partition without such a record.
        const found = results.flatMap(({ partition, offset = -1 }) => (offset < 0 ? [] : [`${name}:${partition}:${offset}`]));
        expect(linesOf(await shell.text("kafka-get-offsets", "--topic", name, "--time", time)), time).toEqual(found);
      }
    });

    test("the cluster's id and its brokers", async () => {
      const { clusterId, brokers: nodes } = await admin.describeCluster();
      expect(await shell.text("kafka-cluster", "cluster-id")).toContain(`Cluster ID: ${clusterId}`);
      const [, ...rows] = linesOf(await shell.text("kafka-cluster", "list-endpoints"));
      expect(rows.map((row) => row.split(/\s+/).slice(0, 3).join(" "))).toEqual(
        nodes.map(({ nodeId, host, port }) => `${nodeId} ${host} ${port}`),
      );
    });

    test("features: what brokers could do, and what the cluster has agreed upon", async () => {
      const { supported, finalized, finalizedEpoch = Number.NaN } = await admin.describeFeatures();
      const printed = linesOf(await shell.text("kafka-features", "describe")).map(featureOf);
      const { finalizedEpoch: epochAfterwards = Number.NaN } = await admin.describeFeatures();
      // The tool gives its levels names.
      const METADATA = "metadata.version";
      expect(printed.map(({ name }) => name)).toEqual([...supported.keys()].sort());
      for (const { name, least, most, level, epoch } of printed) {
        // It is an offset of the log of metadata, where something is written twice a second.
        expect(Number(epoch), name).toBeGreaterThanOrEqual(finalizedEpoch);
        expect(Number(epoch), name).toBeLessThanOrEqual(epochAfterwards);
        if (name === METADATA) continue;
        const range = supported.get(name);
        expect([least, most, level], name).toEqual([range?.min, range?.max, finalized.get(name)?.max ?? 0].map(String));
      }
    });

    async function settings(type: "topic" | "broker", name: string): Promise<readonly string[]> {
      const [described] = await admin.describeConfigs([{ type, name }], { includeSynonyms: true });
      return [...(described?.configs?.values() ?? [])].map(asToolWritesSetting).sort();
    }

    async function printedSettings(type: string, name: string): Promise<readonly string[]> {
      const printed = await shell.text("kafka-configs", "--describe", "--all", "--entity-type", type, "--entity-name", name);
      const [, ...lines] = linesOf(printed);
      return lines.sort();
    }
  },
);

function asToolWrites({ name, topicId, partitions }: TopicDescription): readonly string[] {
  const replicationFactor = partitions[0]?.replicas.length;
  return [
    `Topic: ${name}\tTopicId: ${topicId}\tPartitionCount: ${partitions.length}\tReplicationFactor: ${replicationFactor}\tConfigs:`,
    ...partitions.map(
      ({ partition, leaderId, replicas, inSyncReplicas, eligibleLeaderReplicas, lastKnownEligibleLeaderReplicas }) =>
        [
          `Topic: ${name}`,
          `Partition: ${partition}`,
          `Leader: ${leaderId}`,
          `Replicas: ${replicas.join()}`,
          `Isr: ${inSyncReplicas.join()}`,
          `Elr: ${eligibleLeaderReplicas?.join()}`,
          `LastKnownElr: ${lastKnownEligibleLeaderReplicas?.join()}`,
        ]
          .join("\t")
          .trim(),
    ),
  ];
}

const SOURCES: Readonly<Record<ConfigSource, string>> = {
  unknown: "UNKNOWN",
  topic: "DYNAMIC_TOPIC_CONFIG",
  dynamicBroker: "DYNAMIC_BROKER_CONFIG",
  dynamicDefaultBroker: "DYNAMIC_DEFAULT_BROKER_CONFIG",
  staticBroker: "STATIC_BROKER_CONFIG",
  default: "DEFAULT_CONFIG",
  dynamicBrokerLogger: "DYNAMIC_BROKER_LOGGER_CONFIG",
  clientMetrics: "DYNAMIC_CLIENT_METRICS_CONFIG",
  group: "DYNAMIC_GROUP_CONFIG",
};

function asToolWritesSetting({ name, value, isSensitive, synonyms }: ConfigEntry): string {
  const written = synonyms.map((synonym) => `${SOURCES[synonym.source]}:${synonym.name}=${synonym.value}`);
  return `${name}=${value} sensitive=${isSensitive} synonyms={${written.join(", ")}}`;
}

interface PrintedFeature {
  readonly name: string;
  readonly least: string;
  readonly most: string;
  readonly level: string;
  readonly epoch: string;
}

function featureOf(line: string): PrintedFeature {
  const pattern =
    /^Feature: (\S+)\s+SupportedMinVersion: (\S+)\s+SupportedMaxVersion: (\S+)\s+FinalizedVersionLevel: (\S+)\s+Epoch: (\S+)/;
  const [, name, least, most, level, epoch] = pattern.exec(line) ?? [];
  if (name === undefined || least === undefined || most === undefined || level === undefined || epoch === undefined)
    throw new Error(`kafka-features printed "${line}"`);
  return { name, least, most, level, epoch };
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
