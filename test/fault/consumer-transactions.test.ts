// Transactions as a consumer sees them: aborted records are nobody's with read_committed, open ones are not there yet, and marks are no
// records. The faults are numbered as in the fault list; A, B, C, E are wounds of other clients.

import { crc32 } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { Producer, type ProducerOptions } from "../../src/client/index.ts";
import type { FetchResponse } from "../../src/protocol/index.ts";
import { memoryRuntime } from "../support/client-runtime.ts";
import { errorsIn, ofPartition, outcomes, P0, P1, writeSingly } from "../support/consumer-outcomes.ts";
import { type ConsumerStage, consumerStage, placed, TOPIC } from "../support/consumer-stage.ts";

const COMMITTED = { isolationLevel: "read_committed" } as const;
/** An answer brings about one small batch of a partition. */
const NARROW = { maxPartitionFetchBytes: 1, fetchMaxBytes: 1 } as const;
type Stage = ConsumerStage<Uint8Array | null, Uint8Array | null>;

/** One more writer, who is closed with the test. */
function writer(stage: Stage, options: ProducerOptions): Producer {
  const { broker, clock } = stage;
  const producer = new Producer(
    { bootstrapServers: broker.bootstrapServers, clientId: "writer", ...options },
    memoryRuntime(broker, { clock }),
  );
  onTestFinished(() => stage.when(producer.close({ timeoutMs: 0 })));
  return producer;
}

class Transactions {
  readonly #stage: Stage;
  readonly #producer: Producer;

  private constructor(stage: Stage, producer: Producer) {
    this.#stage = stage;
    this.#producer = producer;
  }

  static async of(stage: Stage, transactionalId: string): Promise<Transactions> {
    const producer = writer(stage, { transactionalId });
    await stage.when(producer.initTransactions());
    return new Transactions(stage, producer);
  }

  /** Each value a batch; the transaction stays open. */
  async open(...values: string[]): Promise<void> {
    await this.#stage.when(Promise.resolve(this.#producer.beginTransaction()));
    await this.more(...values);
  }

  async more(...values: string[]): Promise<void> {
    for (const value of values) await this.#stage.when(this.#producer.send(TOPIC, { value, partition: 0 }));
  }

  async commit(...values: string[]): Promise<void> {
    if (values.length > 0) await this.open(...values);
    await this.#stage.when(this.#producer.commitTransaction());
  }

  async abort(...values: string[]): Promise<void> {
    if (values.length > 0) await this.open(...values);
    await this.#stage.when(this.#producer.abortTransaction());
  }
}

/** A message of format 1: offset, size, CRC, magic, attributes, timestamp, no key, value. */
function messageOf(offset: number, timestampMs: number, value: string): Buffer {
  const message = Buffer.alloc(34 + value.length);
  message.writeBigInt64BE(BigInt(offset), 0);
  message.writeInt32BE(message.length - 12, 8);
  message.writeInt8(1, 16);
  message.writeBigInt64BE(BigInt(timestampMs), 18);
  message.writeInt32BE(-1, 26);
  message.writeInt32BE(value.length, 30);
  message.write(value, 34);
  message.writeUInt32BE(crc32(message.subarray(16)), 12);
  return message;
}

const valuesOf = (told: readonly string[]): string[] => told.map((one) => one.slice(one.indexOf(" ") + 1));

describe("F14: aborted transactions", () => {
  it.each([
    ["all in one answer", {}],
    ["a batch to an answer, their marks in later ones", NARROW],
  ])("A: several of one producer, %s, are left out, and nothing else is", async (_how, options) => {
    const stage = await consumerStage({ ...COMMITTED, ...options });
    const one = await Transactions.of(stage, "one");
    const two = await Transactions.of(stage, "two");
    await one.abort("x1", "x2");
    await one.commit("a");
    await one.abort("x3");
    await two.open("b");
    await one.abort("x4", "x5");
    await two.more("c");
    await one.open("x6");
    await two.commit();
    await one.more("x7");
    await one.abort();
    await one.commit("d");
    stage.consumer.assign([P0]);
    const told = await outcomes(stage, 4);
    expect(valuesOf(told)).toEqual(["a", "b", "c", "d"]);
    expect(await outcomes(stage, 1, { timeoutMs: 2000 })).toEqual([]);
    const [end] = await stage.when(stage.consumer.endOffsets([P0]));
    expect(await stage.consumer.position(P0)).toBe(end?.offset);
  });

  it("from a list that the broker did not sort", async () => {
    const stage = await consumerStage(COMMITTED);
    const one = await Transactions.of(stage, "one");
    await one.abort("x1");
    await one.commit("a");
    await one.abort("x2");
    await one.commit("b");
    stage.broker.faults.on("Fetch", async (_, { next }) => {
      const answer = (await next()) as FetchResponse;
      const responses = answer.responses.map((topic) => ({
        ...topic,
        partitions: topic.partitions.map((data) => ({
          ...data,
          abortedTransactions: data.abortedTransactions?.toReversed() ?? null,
        })),
      }));
      return { ...answer, responses };
    });
    stage.consumer.assign([P0]);
    expect(valuesOf(await outcomes(stage, 2))).toEqual(["a", "b"]);
    stage.broker.faults.clear();
  });

  it("a seek into one does not bring its rest", async () => {
    const stage = await consumerStage(COMMITTED);
    const one = await Transactions.of(stage, "one");
    await one.abort("x1", "x2", "x3");
    await one.commit("a");
    stage.consumer.assign([{ ...P0, offset: 1 }]);
    expect(valuesOf(await outcomes(stage, 1))).toEqual(["a"]);
  });

  it("are given with read_uncommitted, but marks never", async () => {
    const stage = await consumerStage();
    const one = await Transactions.of(stage, "one");
    await one.abort("x");
    await one.commit("a");
    stage.consumer.assign([P0]);
    expect(await outcomes(stage, 2)).toEqual(["0/0 x", "0/2 a"]);
    expect(await outcomes(stage, 1, { timeoutMs: 1000 })).toEqual([]);
    expect(await stage.consumer.position(P0)).toBe(4);
  });

  it("through connections that break and a leader that moves: the same", async () => {
    const cluster = { nodes: 2, topics: { orders: { partitions: 2, replicationFactor: 2 } } };
    const stage = await consumerStage({ ...COMMITTED, ...NARROW }, cluster);
    const one = await Transactions.of(stage, "one");
    for (let round = 0; round < 6; round++) await (round % 2 === 0 ? one.abort(`x${round}`, `y${round}`) : one.commit(`a${round}`));
    stage.broker.faults.disconnect({ api: "Fetch", clientId: "test", afterApply: true, skip: 1, times: 2 });
    stage.consumer.assign([P0]);
    const told = await outcomes(stage, 1);
    stage.broker.moveLeader(P0, 3 - stage.broker.leaderOf(P0));
    told.push(...(await outcomes(stage, 2)));
    expect(errorsIn(told)).toEqual([]);
    expect(valuesOf(told)).toEqual(["a1", "a3", "a5"]);
  });
});

describe("F15: answers of nothing but aborted records and marks", () => {
  it("give nothing, move the position, and are no error", async () => {
    const stage = await consumerStage({ ...COMMITTED, groupId: "readers" });
    const one = await Transactions.of(stage, "one");
    for (let round = 0; round < 5; round++) await one.abort(`x${round}`);
    stage.consumer.assign([P0]);
    expect(await outcomes(stage, 1, { timeoutMs: 2000 })).toEqual([]);
    expect([await stage.consumer.position(P0), stage.consumer.lag(P0)]).toEqual([10, 0]);
    await one.commit("a");
    expect(await outcomes(stage, 1)).toEqual(["0/10 a"]);
  });
});

describe("a partition of which a poll has read nothing but aborted records and marks", () => {
  it.each([
    [P0, P1],
    [P1, P0],
  ])("is none of those that have records, nor has the next offset of another (assigned: %o, %o)", async (...places) => {
    const stage = await consumerStage(COMMITTED);
    const one = await Transactions.of(stage, "one");
    await writeSingly(stage, ["a", "b", "c"], 1);
    await one.abort("x");
    stage.consumer.assign(places);
    // Both are there when they are read.
    expect((await stage.when(stage.consumer.poll())).isEmpty).toBe(true);
    await stage.clock.advance(1000);
    const records = await stage.when(stage.consumer.poll());
    expect([records.count, records.partitions(), records.nextOffsets()]).toEqual([3, [P1], [{ ...P1, offset: 3 }]]);
    expect(await stage.consumer.position(P0)).toBe(2);
  });
});

it("the next offset of a partition that a poll has read lies behind the mark of its last transaction too, as its position (KIP-1094)", async () => {
  const stage = await consumerStage(COMMITTED);
  const one = await Transactions.of(stage, "one");
  await one.commit("a", "b");
  stage.consumer.assign([P0]);
  const records = await stage.when(stage.consumer.poll({ timeoutMs: 5000 }));
  expect([records.count, records.nextOffsets()]).toEqual([2, [{ ...P0, offset: 3 }]]);
  expect(await stage.consumer.position(P0)).toBe(3);
});

describe("F16: with read_committed", () => {
  it("nothing of an open transaction is given, nor what lies behind it, until it is decided; ends and lag are meant so", async () => {
    const stage = await consumerStage(COMMITTED);
    const one = await Transactions.of(stage, "one");
    await writeSingly(stage, ["a"]);
    await one.open("b");
    await writeSingly(stage, ["c"]);
    stage.consumer.assign([P0, P1]);
    expect(await outcomes(stage, 3, { timeoutMs: 3000 })).toEqual(["0/0 a"]);
    expect(await stage.when(stage.consumer.endOffsets([P0]))).toMatchObject([{ offset: 1 }]);
    expect([await stage.consumer.position(P0), stage.consumer.lag(P0)]).toEqual([1, 0]);
    await writeSingly(stage, ["z"], 1);
    expect(await outcomes(stage, 1)).toEqual(["1/0 z"]);
    await one.commit();
    expect(await outcomes(stage, 2)).toEqual(["0/1 b", "0/2 c"]);
    expect(await stage.when(stage.consumer.endOffsets([P0]))).toMatchObject([{ offset: 4 }]);
  });

  it("'latest' begins behind the last record that can be read", async () => {
    const stage = await consumerStage({ ...COMMITTED, autoOffsetReset: "latest" });
    const one = await Transactions.of(stage, "one");
    await writeSingly(stage, ["a"]);
    await one.open("b");
    stage.consumer.assign([P0]);
    expect(await outcomes(stage, 1, { timeoutMs: 2000 })).toEqual([]);
    expect(await stage.consumer.position(P0)).toBe(1);
    await one.commit();
    expect(await outcomes(stage, 1)).toEqual(["0/1 b"]);
  });
});

describe("wounds of others", () => {
  it("B: timestamps that are more than 2^31 ms apart in one batch come as they were written", async () => {
    const stage = await consumerStage();
    const times = [0, 2 ** 31, 2 ** 31 + 1, 2 ** 32 + 7, 1_767_225_600_000, 5];
    await stage.write(times.map((timestampMs) => ({ value: "v", timestampMs })));
    stage.consumer.assign([P0]);
    expect((await stage.read(times.length)).map(({ timestamp }) => timestamp)).toEqual(times);
  });

  it("C: with LogAppendTime the broker's time is given, and said to be that", async () => {
    const configs = { "message.timestamp.type": "LogAppendTime" };
    const stage = await consumerStage({}, { topics: { orders: { partitions: 2, configs } } });
    const writtenMs = stage.clock.now();
    await stage.write([{ value: "a", timestampMs: 1234 }]);
    stage.consumer.assign([P0]);
    const [record] = await stage.read(1);
    expect(record).toMatchObject({ timestampType: "LogAppendTime" });
    expect(record?.timestamp).toBeGreaterThanOrEqual(writtenMs);
  });

  it("E: what was fetched and not handed out is never committed, nor what is in hand", async () => {
    const stage = await consumerStage({ groupId: "readers", autoCommitIntervalMs: 100 });
    await writeSingly(stage, ["a", "b", "c", "d"]);
    stage.consumer.assign([P0]);
    const crashed: string[] = [];
    const loop = async (): Promise<void> => {
      for await (const record of stage.consumer) {
        crashed.push(...placed([record]));
        if (record.offset === 2) throw new Error("the process dies here");
      }
    };
    await expect(stage.when(loop())).rejects.toThrow("dies");
    await stage.clock.advance(1000);
    const other = stage.another({ groupId: "readers" });
    expect((await stage.when(other.committed(P0)))?.offset ?? 0).toBeLessThanOrEqual(2);
    other.assign([P0]);
    expect(placed(await stage.read(9, other)).slice(-2)).toEqual(["0/2 c", "0/3 d"]);
    expect(crashed).toEqual(["0/0 a", "0/1 b", "0/2 c"]);
  });

  it("G: format 1 of old brokers is read as it is meant, timestamps included", async () => {
    const stage = await consumerStage();
    await writeSingly(stage, ["v", "w"]);
    const old = Buffer.concat([messageOf(0, 1234, "v"), messageOf(1, 1235, "w")]);
    stage.broker.faults.corruptRecords({ damage: () => old });
    stage.consumer.assign([P0]);
    const records = await stage.read(2);
    expect(records.map(({ offset, timestamp, timestampType }) => [offset, timestamp, timestampType])).toEqual([
      [0, 1234, "CreateTime"],
      [1, 1235, "CreateTime"],
    ]);
    expect(placed(records)).toEqual(["0/0 v", "0/1 w"]);
    await stage.write(["x"]);
    expect(await outcomes(stage, 1)).toEqual(["0/2 x"]);
  });

  it("H: who reads does not ask for metadata all the time", async () => {
    const stage = await consumerStage();
    stage.consumer.assign([P0]);
    await outcomes(stage, 1, { timeoutMs: 10_000 });
    const asked = stage.broker.journal.requests("Metadata").filter(({ clientId }) => clientId === "test").length;
    await outcomes(stage, 1, { timeoutMs: 200_000 });
    const after = stage.broker.journal.requests("Metadata").filter(({ clientId }) => clientId === "test").length;
    expect(after - asked).toBeLessThanOrEqual(1);
  });

  it("F: of two partitions one has an error for ever, and the other everything, in order", async () => {
    const stage = await consumerStage();
    await writeSingly(stage, ["a", "b"], 0);
    await writeSingly(stage, ["x", "y", "z"], 1);
    stage.broker.faults.failNext({
      api: "Fetch",
      topic: TOPIC,
      partition: 0,
      error: "KAFKA_STORAGE_ERROR",
      times: Number.POSITIVE_INFINITY,
    });
    stage.consumer.assign([P0, P1]);
    const told = await outcomes(stage, 9, { timeoutMs: 30_000 });
    expect([ofPartition(told, 0), ofPartition(told, 1)]).toEqual([[], ["1/0 x", "1/1 y", "1/2 z"]]);
    stage.broker.faults.clear();
  });
});
