import { existsSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { RawConnection } from "../raw-connection.ts";
import { isRealKafkaAvailable, KafkaNode, startKafka } from "./kafka-node.ts";
import { API_VERSIONS_REQUEST } from "./readiness.ts";

/** The first run on a machine resolves jars and records a class archive. */
const FIRST_RUN_MS = 180_000;

async function apiCount(host: string, port: number): Promise<number> {
  const connection = await RawConnection.open(host, port);
  try {
    const [first, second] = await Promise.all([connection.request(API_VERSIONS_REQUEST), connection.request(API_VERSIONS_REQUEST)]);
    expect(second).toEqual(first);
    const answer = new DataView(first.buffer);
    expect(answer.getInt32(0), "correlation id").toBe(1);
    expect(answer.getInt16(4), "error code").toBe(0);
    return answer.getInt32(6);
  } finally {
    await connection.close();
  }
}

describe.skipIf(!isRealKafkaAvailable())("a real Kafka", () => {
  it("answers once it is started, and its process is gone once it is stopped", { timeout: FIRST_RUN_MS }, async () => {
    const kafka = await startKafka({ properties: {} });
    const { pid, host, port } = kafka;
    expect(await apiCount(host, port)).toBeGreaterThan(60);
    await kafka.stop();
    await kafka.stop();
    expect(() => process.kill(pid!, 0)).toThrow("ESRCH");
    await expect(RawConnection.open(host, port)).rejects.toThrow("ECONNREFUSED");
  });

  it("comes back on its port after kill -9", { timeout: FIRST_RUN_MS }, async () => {
    const node = await KafkaNode.create();
    try {
      await node.start();
      const first = node.pid;
      await node.kill();
      await node.start();
      expect(node.pid).not.toBe(first);
      expect(await apiCount(node.host, node.port)).toBeGreaterThan(60);
    } finally {
      await node.stop();
    }
  });

  it("says what the broker wrote if it cannot start", { timeout: FIRST_RUN_MS }, async () => {
    await expect(startKafka({ properties: { "num.network.threads": "none" } })).rejects.toThrow(/num\.network\.threads/);
  });

  it("uses the class archive: without it a start takes twice as long", { timeout: FIRST_RUN_MS }, async () => {
    const kafka = await startKafka({ properties: {} });
    const maps = `/proc/${kafka.pid}/maps`;
    if (existsSync(maps)) expect(readFileSync(maps, "utf8")).toContain("classes.jsa");
    await kafka.stop();
  });
});

describe("with KAFKA_BOOTSTRAP", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it("uses the cluster that runs already, and does not stop it", async () => {
    vi.stubEnv("KAFKA_BOOTSTRAP", "one.example:9092,two.example:9093");
    const kafka = await startKafka();
    expect(kafka).toMatchObject({
      bootstrapServers: "one.example:9092,two.example:9093",
      host: "one.example",
      port: 9092,
      pid: undefined,
    });
    await kafka.stop();
  });

  it("refuses what is no address", async () => {
    vi.stubEnv("KAFKA_BOOTSTRAP", "one.example");
    await expect(startKafka()).rejects.toThrow("expected host:port");
  });
});
