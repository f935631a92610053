// A share group whose members are ours and Java's: what one of them takes, the other one does not get.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Admin, Producer, ShareConsumer, type ShareRecord, strings } from "../../src/index.ts";
import { javaRuntime, missingJava } from "../interop/java/java-runtime.ts";
import { askOverTcp } from "../support/ask-over-tcp.ts";
import { runCommand } from "../support/child-processes.ts";
import { usableOrSkipped } from "../support/java-tools.ts";
import { isRealKafkaAvailable } from "../support/kafka/kafka-node.ts";
import { RawConnection } from "../support/raw-connection.ts";
import { type BrokerUnderTest, currentKafka } from "./suite/broker-under-test.ts";

const COUNT = 300;
/** Java's member gives up when nothing has come for so long. */
const QUIET_MS = 4_000;

const isUsable = usableOrSkipped("Java's share consumer", missingJava()) && isRealKafkaAvailable();

// Not defined where there is no Java: with CI=true that is an error above.
describe("a share group of our members and Java's", () => {
  test(`is ${isUsable ? "" : "not "}played here`, () => {
    expect(isUsable).toBe(missingJava() === undefined && isRealKafkaAvailable());
  });
  if (isUsable) sharedGroup();
});

function sharedGroup(): void {
  let broker: BrokerUnderTest | undefined;
  let address = "";
  let admin: Admin;

  beforeAll(async () => {
    broker = await currentKafka();
    if (broker === undefined) throw new Error("Apache Kafka was there a moment ago");
    address = broker.bootstrapServers;
    admin = new Admin({ bootstrapServers: address });
  });

  afterAll(async () => {
    await admin?.close();
    await broker?.stop();
  });

  /** A topic, and a group that begins at its beginning. */
  async function prepared(name: string): Promise<{ readonly topic: string; readonly groupId: string }> {
    const topic = `witness-${name}-${process.pid}`;
    const groupId = `${topic}-group`;
    await admin.createTopics([{ name: topic, numPartitions: 1, replicationFactor: 1 }]);
    await admin.incrementalAlterConfigs([{ type: "group", name: groupId, set: { "share.auto.offset.reset": "earliest" } }]);
    return { topic, groupId };
  }

  async function write(topic: string, from = 0, to = COUNT): Promise<void> {
    const producer = new Producer({ bootstrapServers: address });
    for (let index = from; index < to; index += 20) {
      const records = Array.from({ length: 20 }, (_, step) => ({ value: `v${index + step}`, partition: 0 }));
      await producer.sendBatch(topic, records);
    }
    await producer.close();
  }

  /** How many members the coordinator knows. */
  async function members(groupId: string): Promise<number> {
    const [host = "", port = ""] = address.split(":");
    const connection = await RawConnection.open(host, Number(port));
    try {
      const { groups } = await askOverTcp(connection, "ShareGroupDescribe", 1, { groupIds: [groupId] });
      return groups[0]?.members.length ?? 0;
    } finally {
      await connection.close();
    }
  }

  function ours(groupId: string, topic: string): ShareConsumer<Uint8Array | null, string | null> {
    const consumer = new ShareConsumer<Uint8Array | null, string | null>({
      bootstrapServers: address,
      groupId,
      shareAcknowledgementMode: "explicit",
      shareAcquireMode: "record_limit",
      maxPollRecords: 10,
      valueDeserializer: strings,
    });
    consumer.subscribe(topic);
    return consumer;
  }

  /** What Java's member has read, and accepted. */
  async function javas(groupId: string, topic: string): Promise<readonly string[]> {
    const { java, parameters } = await javaRuntime();
    const group = ["--bootstrap-server", address, "--topic", topic, "--group", groupId, "--timeout-ms", String(QUIET_MS)];
    const { stdout } = await runCommand(java, [...parameters, "org.apache.kafka.tools.consumer.ConsoleShareConsumer", ...group]);
    return stdout.split("\n").filter((line) => line.startsWith("v"));
  }

  const all = (): readonly string[] => Array.from({ length: COUNT }, (_, index) => `v${index}`).sort();

  test("what we accepted and rejected Java's member does not get; what we released, or kept when we left, it does", async () => {
    const { topic, groupId } = await prepared("handover");
    await write(topic);
    const consumer = ours(groupId, topic);
    const polled: ShareRecord<Uint8Array | null, string | null>[] = [];
    while (polled.length === 0) polled.push(...(await consumer.poll({ timeoutMs: 20_000 })));
    const kept = polled.slice(0, 6).map(({ value }) => value);
    for (const [index, record] of polled.entries()) {
      if (index < 5) consumer.acknowledge(record, "accept");
      else if (index === 5) consumer.acknowledge(record, "reject");
      else if (index < 8) consumer.acknowledge(record, "release");
    }
    await consumer.close();
    const read = await javas(groupId, topic);
    expect([...read].sort()).toEqual(all().filter((value) => !kept.includes(value)));
  });

  test("side by side nothing is lost, and nothing is accepted by both", async () => {
    const { topic, groupId } = await prepared("beside");
    const consumer = ours(groupId, topic);
    const accepted: string[] = [];
    let isJavaDone = false;
    /** No more than that, and what is polled with it: whoever is quicker leaves something to the other. */
    const readUpTo = async (count: number): Promise<void> => {
      while (accepted.length < count && !isJavaDone) {
        const records = await consumer.poll({ timeoutMs: 500 });
        for (const record of records) consumer.acknowledge(record);
        const results = await consumer.commit();
        expect(results.map(({ error }) => error)).toEqual(results.map(() => undefined));
        accepted.push(...[...records].map(({ value }) => String(value)));
      }
    };
    await write(topic, 0, 100);
    await readUpTo(20);
    const java = javas(groupId, topic);
    await expect.poll(() => members(groupId), { timeout: 20_000, interval: 50 }).toBe(2);
    const reading = readUpTo(40);
    await write(topic, 100);
    const read = await java;
    isJavaDone = true;
    await reading;
    await consumer.close();
    expect([...accepted, ...read].sort()).toEqual(all());
    expect([accepted.length > 0, read.length > 0]).toEqual([true, true]);
  });
}
