import { afterEach, describe, expect, it } from "vitest";
import { BrokerClient, ConnectionEnded } from "../../../test/support/broker-client.ts";
import { produceRequest } from "../../../test/support/produce.ts";
import { nodeCodecs } from "../../client/compression/node-codecs.ts";
import { type Draft, type FetchRequest, KafkaError, RecordBatch, readBatches } from "../../protocol/index.ts";
import { EmbeddedBroker, type EmbeddedBrokerOptions, HeldClock, type RecordDamage } from "../index.ts";
import { alteredRecords } from "./record-faults.ts";

interface Setting {
  readonly broker: EmbeddedBroker;
  readonly client: BrokerClient;
  readonly clock: HeldClock;
  /** Of the topic `orders`, which has two partitions. */
  readonly topicId: string;
}

const brokers: EmbeddedBroker[] = [];

async function started(options: EmbeddedBrokerOptions = {}): Promise<Setting> {
  const clock = new HeldClock();
  const broker = await EmbeddedBroker.start({ transport: "memory", seed: 1, clock, topics: { orders: 2 }, ...options });
  brokers.push(broker);
  const client = await BrokerClient.connect(broker);
  const { topics } = await client.ask("Metadata", { topics: [{ name: "orders" }] });
  broker.journal.clear();
  return { broker, client, clock, topicId: topics[0]!.topicId };
}

afterEach(async () => {
  for (const broker of brokers.splice(0)) {
    expect(broker.failures).toEqual([]);
    await broker.close();
  }
});

const values = (broker: EmbeddedBroker, partition = 0): readonly string[] =>
  broker.records("orders", partition).map(({ value }) => Buffer.from(value ?? []).toString());

describe("records in a fetch answer", () => {
  const wanted = (partition: number) => ({ partition, fetchOffset: 0, partitionMaxBytes: 1 << 20 });

  const fetchRequest = (topicId: string): Draft<FetchRequest> => ({
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 1 << 20,
    topics: [{ topicId, partitions: [wanted(0)] }],
  });

  async function fetched(setting: Setting, damage: RecordDamage): Promise<Uint8Array> {
    const { broker, client, topicId } = setting;
    await client.ask("Produce", produceRequest([{ topicId }], "first", "second"));
    broker.faults.corruptRecords({ damage });
    const { responses } = await client.ask("Fetch", fetchRequest(topicId));
    return responses[0]!.partitions[0]!.records!;
  }

  it.each(["wrong checksum", "flipped bit", "wrong record length", "wrong record count", "cut off"] as const)(
    "are left as they are where they end inside their first batch, which happens without a fault, too (%s)",
    (damage) => {
      const records = [{ value: Buffer.from("a record that is longer than what is left of it") }];
      const part = RecordBatch.encode({ records }).subarray(0, 77);
      expect(alteredRecords(damage)(part)).toEqual(new Uint8Array(part));
    },
  );

  it("are left as they are where their first batch is damaged so much that it has no end", () => {
    const records = [{ value: Buffer.from("a record that is longer than what is left of it") }];
    const damaged = alteredRecords("negative batch length")(RecordBatch.encode({ records }));
    expect(alteredRecords("flipped bit")(damaged)).toEqual(damaged);
  });

  it.each([
    ["wrong checksum", /checksum/],
    ["flipped bit", /checksum/],
    ["wrong record length", /./],
    ["wrong record count", /./],
    ["negative batch length", /length/],
    ["noise", /./],
  ] as const)("are damaged on their way (%s), the log is not", async (damage, problem) => {
    const setting = await started();
    const records = await fetched(setting, damage);
    expect(() => RecordBatch.decode(records).records()).toThrow(problem);
    expect(() => RecordBatch.decode(records).records()).toThrow(KafkaError);
    expect(values(setting.broker)).toEqual(["first", "second"]);
  });

  it("are damaged in the partition that the fault is aimed at, in the first answer that has some", async () => {
    const { broker, client, topicId } = await started();
    const fault = broker.faults.corruptRecords({ topic: "orders", partition: 1, damage: "wrong checksum" });
    const fetch = { ...fetchRequest(topicId), topics: [{ topicId, partitions: [wanted(0), wanted(1)] }] };
    const isDamaged = async (): Promise<readonly boolean[]> => {
      const { responses } = await client.ask("Fetch", fetch);
      return responses[0]!.partitions.map(({ records }) => {
        try {
          for (const _batch of readBatches(records!));
          return false;
        } catch {
          return true;
        }
      });
    };
    expect(await isDamaged()).toEqual([false, false]);
    await client.ask("Produce", produceRequest([{ topicId }], "a"));
    expect(await isDamaged()).toEqual([false, false]);
    expect(fault.hits).toBe(0);
    await client.ask("Produce", produceRequest([{ topicId, partition: 1 }], "b"));
    expect(await isDamaged()).toEqual([false, true]);
    expect(fault.hits).toBe(1);
    expect(await isDamaged()).toEqual([false, false]);
  });

  it("are what a session's fetches mean, too, which no longer name their partitions (KIP-227)", async () => {
    const { broker, client, topicId } = await started();
    const { sessionId } = await client.ask("Fetch", { ...fetchRequest(topicId), sessionId: 0, sessionEpoch: 0 });
    broker.faults.disconnect({ api: "Fetch", topic: "orders", partition: 1 });
    const next = { maxWaitMs: 0, minBytes: 0, maxBytes: 1 << 20, sessionId, topics: [] };
    expect((await client.ask("Fetch", { ...next, sessionEpoch: 1 })).errorCode).toBe(0);
    broker.faults.disconnect({ api: "Fetch", topic: "orders", partition: 0 });
    await expect(client.ask("Fetch", { ...next, sessionEpoch: 2 })).rejects.toThrow(ConnectionEnded);
  });

  it("are cut off in the middle of the first batch", async () => {
    const records = await fetched(await started(), "cut off");
    expect([...readBatches(records)]).toEqual([]);
    expect(records.length).toBeGreaterThan(0);
  });

  it("are a bomb: small, with a valid checksum, and 128 MiB when unfolded", async () => {
    const records = await fetched(await started(), "decompression bomb");
    expect(records.length).toBeLessThan(1 << 20);
    const batch = RecordBatch.decode(records, { codecs: nodeCodecs, maxOutputBytes: 1 << 20 });
    expect(() => batch.records()).toThrow(/1048576/);
  });
});
