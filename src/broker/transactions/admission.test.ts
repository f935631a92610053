import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type StagedProducer, TIMEOUT_MS, TRANSACTIONAL_ID, TransactionStage } from "../../../test/support/transaction-stage.ts";

let stage: TransactionStage;

beforeEach(async () => {
  stage = await TransactionStage.open();
});

afterEach(() => {
  expect(stage.close()).toBe(0);
});

function initialized(version: 1 | 2): StagedProducer {
  const producer = stage.producer(version);
  producer.init();
  return producer;
}

const offsetsOf = (producer: StagedProducer, version: number, { cluster }: TransactionStage = stage) =>
  cluster.transactions.admitOffsets({ ...producer.identity, groupId: "readers", version }) ?? "NONE";

describe("a batch for a partition that nobody added to the transaction", () => {
  it.each([
    [9, "INVALID_TXN_STATE"],
    [10, "INVALID_TXN_STATE"],
    [11, "TRANSACTION_ABORTABLE"],
  ])("is answered in Produce v%i with %s (T6, T7)", (version, error) => {
    const producer = initialized(1);
    expect(producer.produce(0, version)).toBe(error);
    producer.add(0);
    expect(producer.produce(0, version)).toBe("NONE");
    expect(producer.produce(1, version)).toBe(error);
  });

  it("adds it by itself from Produce v12 on (T13)", () => {
    const producer = initialized(2);
    expect(producer.produce(0, 12)).toBe("NONE");
    expect([...stage.transaction.partitions]).toEqual([{ topic: "orders", partition: 0 }]);
    expect(stage.transaction.state).toBe("Ongoing");
  });

  it.each(["1.1", "2.4", "3.5"] as const)("is taken by Kafka %s, which asks nobody (before KIP-890)", async (release) => {
    const old = await TransactionStage.open({ release, transactionVersion: 0 });
    const producer = old.producer(1);
    producer.init();
    expect(producer.produce(0, 3)).toBe("NONE");
    expect(old.transaction.state).toBe("Empty");
    // And nobody ends it.
    expect([producer.add(1), producer.commit()]).toEqual(["NONE", "NONE"]);
    await old.clock.advance(TIMEOUT_MS);
    expect([old.markers(0), old.markers(1)]).toEqual([[], ["COMMIT 0"]]);
    expect(old.partition(0).log.hasOpenTransaction(producer.producerId, producer.producerEpoch)).toBe(true);
    expect(old.close()).toBe(0);
  });

  it("is refused from Kafka 3.6 on", async () => {
    const newer = await TransactionStage.open({ release: "3.6", transactionVersion: 0 });
    const producer = newer.producer(1);
    producer.init();
    expect(producer.produce(0, 9)).toBe("INVALID_TXN_STATE");
    expect(newer.close()).toBe(0);
  });

  it("is taken when `transaction.partition.verification.enable` is off, but added all the same", () => {
    stage.cluster.configs.dynamic.set("transaction.partition.verification.enable", "false");
    const producer = initialized(1);
    expect(producer.produce(0, 11)).toBe("NONE");
    expect(stage.transaction.state).toBe("Empty");
    expect(producer.produce(1, 12)).toBe("NONE");
    expect(stage.transaction.state).toBe("Ongoing");
  });
});

describe("a batch of a transaction", () => {
  it.each([9, 11, 12])("with another epoch is answered in Produce v%i with INVALID_PRODUCER_EPOCH (T1)", (version) => {
    const producer = initialized(1);
    producer.add(0);
    producer.producerEpoch = 7;
    expect(producer.produce(0, version)).toBe("INVALID_PRODUCER_EPOCH");
  });

  it.each([9, 12])("with another producer id is answered in Produce v%i with INVALID_PRODUCER_ID_MAPPING (T5)", (version) => {
    const producer = initialized(1);
    producer.producerId = 777n;
    expect(producer.produce(0, version)).toBe("INVALID_PRODUCER_ID_MAPPING");
    expect(stage.producer(1, "never heard of").produce(0, version)).toBe("INVALID_PRODUCER_ID_MAPPING");
    expect(stage.producer(1, "").produce(0, version)).toBe("INVALID_REQUEST");
  });

  it("that comes while the one before is being ended has to be sent again: by an error that each version retries (T2)", () => {
    const producer = initialized(1);
    producer.add(0);
    producer.commit();
    expect([9, 11, 12].map((version) => producer.produce(0, version))).toEqual([
      "NOT_ENOUGH_REPLICAS",
      "NOT_ENOUGH_REPLICAS",
      "CONCURRENT_TRANSACTIONS",
    ]);
  });

  it("that comes while the coordinator cannot be asked has to be sent again (T3)", async () => {
    const producer = initialized(2);
    stage.cluster.coordinators.load("transaction", TRANSACTIONAL_ID, 1000);
    expect(producer.produce(0)).toBe("NOT_ENOUGH_REPLICAS");
    expect(offsetsOf(producer, 5)).toBe("COORDINATOR_LOAD_IN_PROGRESS");
    await stage.clock.advance(1000);
    expect(producer.produce(0)).toBe("NONE");
    await stage.stopNode(1);
    expect(producer.produce(1)).toBe("NOT_ENOUGH_REPLICAS");
    expect(offsetsOf(producer, 5)).toBe("COORDINATOR_NOT_AVAILABLE");
  });
});

describe("offsets of a transaction", () => {
  it.each([
    [3, "INVALID_TXN_STATE"],
    [4, "TRANSACTION_ABORTABLE"],
    [5, "NONE"],
  ])("whose group nobody added are answered in TxnOffsetCommit v%i with %s (T6, T7, T13)", (version, answer) => {
    const producer = initialized(1);
    expect(offsetsOf(producer, version)).toBe(answer);
    stage.cluster.transactions.addGroup({ ...producer.identity, groupId: "readers" });
    expect(offsetsOf(producer, version)).toBe("NONE");
  });

  it.each(["2.4", "3.6"] as const)("whose group nobody added are taken by Kafka %s, but not of an older epoch", async (release) => {
    const old = await TransactionStage.open({ release, transactionVersion: 0 });
    const producer = old.producer(1);
    producer.init();
    expect(offsetsOf(producer, 3, old)).toBe("NONE");
    old.producer(1).init();
    expect(offsetsOf(producer, 3, old)).toBe("INVALID_PRODUCER_EPOCH");
    expect(old.close()).toBe(0);
  });

  it("with another epoch are answered with INVALID_PRODUCER_EPOCH (T1)", () => {
    const producer = initialized(2);
    producer.producerEpoch = 7;
    expect([3, 5].map((version) => offsetsOf(producer, version))).toEqual(["INVALID_PRODUCER_EPOCH", "INVALID_PRODUCER_EPOCH"]);
  });

  it("that come while the one before is being ended have to be sent again (T2)", () => {
    const producer = initialized(2);
    producer.add(0);
    producer.commit();
    expect(offsetsOf(producer, 5)).toBe("CONCURRENT_TRANSACTIONS");
  });
});

describe("partitions", () => {
  it("are added once: again does no harm, and begins nothing anew", async () => {
    const producer = initialized(1);
    producer.add(0);
    const { startMs } = stage.transaction;
    await stage.clock.advance(1000);
    expect(producer.add(0, 0)).toBe("NONE");
    expect(producer.add(0, 1)).toBe("NONE");
    expect(stage.transaction.startMs).toBe(startMs);
    expect([...stage.transaction.partitions]).toHaveLength(2);
  });

  it("that are added begin the transaction, even if there are none", () => {
    const producer = initialized(1);
    expect(producer.add()).toBe("NONE");
    expect(stage.transaction.state).toBe("Ongoing");
  });
});
