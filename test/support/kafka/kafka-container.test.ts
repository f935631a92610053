import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createTopic, untilWritten } from "./acknowledged-write.ts";
import { missingDockerEngine } from "./docker-engine.ts";
import { KafkaCluster } from "./kafka-cluster.ts";
import { startKafka } from "./kafka-node.ts";
import { kafkaProvider } from "./kafka-provider.ts";

/** A container starts slower than a process: no class archive, and a data folder to be formatted. */
const PATIENT_MS = 240_000;

// Docker is optional, also where CI=true wants everything else: nothing is counted as skipped, and a line says what is missing.
const missing = missingDockerEngine() ?? (await missingImage());
if (missing !== undefined) process.stderr.write(`skipped: Apache Kafka in a container: ${missing}\n`);

async function missingImage(): Promise<string | undefined> {
  const { missingKafkaImage } = await import("./kafka-container.ts");
  return missingKafkaImage();
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("whether a Docker engine answers", () => {
  it("is found out without Docker's program", () => {
    vi.stubEnv("DOCKER_HOST", "unix:///nowhere/docker.sock");
    expect(missingDockerEngine()).toBe("no Docker engine (there is no /nowhere/docker.sock)");
    vi.stubEnv("DOCKER_HOST", "tcp://127.0.0.1:1");
    expect(missingDockerEngine()).toBe("no Docker engine (none answers at tcp://127.0.0.1:1)");
    vi.stubEnv("DOCKER_HOST", "carrier pigeon");
    expect(missingDockerEngine()).toMatch(/DOCKER_HOST is "carrier pigeon", expected unix:/);
  });

  it("is said where nothing else does", () => {
    vi.stubEnv("KAFKA_PROVIDER", "container");
    vi.stubEnv("DOCKER_HOST", "tcp://127.0.0.1:1");
    expect(kafkaProvider()).toEqual({ missing: "no Docker engine (none answers at tcp://127.0.0.1:1)" });
  });
});

if (missing === undefined) {
  describe("a real Kafka in a container", () => {
    beforeEach(() => {
      vi.stubEnv("KAFKA_PROVIDER", "container");
    });

    it("tells clients where they reach it, takes properties, and acknowledges writes", { timeout: PATIENT_MS }, async () => {
      await using cluster = await KafkaCluster.start({ properties: { "log.retention.ms": "123456" } });
      expect(cluster).toMatchObject({ provider: "container", nodes: [{ id: 1, pid: undefined }] });
      const [node] = cluster.nodes;
      const { brokers } = await cluster.ask("Metadata", 1, { topics: [] });
      expect(brokers).toMatchObject([{ nodeId: 1, host: node!.host, port: node!.port }]);
      const resources = [{ resourceType: 4, resourceName: "1", configurationKeys: ["log.retention.ms"] }];
      const { results } = await cluster.ask("DescribeConfigs", 1, { resources, includeSynonyms: false });
      expect(results[0]?.configs).toMatchObject([{ value: "123456" }]);
      await createTopic(cluster, "written", [1]);
      await untilWritten(cluster, "written");
      await expect(node!.kill()).rejects.toThrow("killing a node is not offered by a Docker container");
    });

    it("is gone once it is stopped", { timeout: PATIENT_MS }, async () => {
      const kafka = await startKafka();
      await kafka.stop();
      await kafka.stop();
      vi.stubEnv("KAFKA_PROVIDER", "running");
      vi.stubEnv("KAFKA_BOOTSTRAP", kafka.bootstrapServers);
      await expect(KafkaCluster.start()).rejects.toThrow();
    });

    it("says what the broker wrote if it cannot start", { timeout: PATIENT_MS }, async () => {
      await expect(startKafka({ properties: { "num.io.threads": "none" } })).rejects.toThrow(/num\.io\.threads/);
    });

    it("refuses what it cannot give", async () => {
      await expect(startKafka({ properties: { listeners: "PLAINTEXT://:1" } })).rejects.toThrow(
        "a choice of listeners is not offered",
      );
      await expect(KafkaCluster.start({ nodes: 3 })).rejects.toThrow("a cluster of 3 nodes is not offered by a Docker container");
      await expect(KafkaCluster.start({ proxied: true })).rejects.toThrow("a proxy before each node is not offered");
      await expect(KafkaCluster.start({ timeouts: "quick" })).rejects.toThrow("a choice of timeouts is not offered");
    });
  });
}
