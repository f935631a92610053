import { afterEach, describe, expect, it } from "vitest";
import {
  type StagedProducer,
  type StageOptions,
  TRANSACTIONAL_ID,
  TransactionStage,
} from "../../../test/support/transaction-stage.ts";

let stage: TransactionStage;

afterEach(() => {
  expect(stage.close()).toBe(0);
});

async function producerOn(options: StageOptions = {}): Promise<StagedProducer> {
  stage = await TransactionStage.open(options);
  const producer = stage.producer();
  producer.init();
  return producer;
}

/** Two nodes with a partition each; the transactional id is coordinated by the first. */
async function producerOnTwoNodes(): Promise<StagedProducer> {
  const producer = await producerOn({ nodes: 2 });
  stage.cluster.coordinators.partitionOf("transaction", TRANSACTIONAL_ID).reassign([1], () => true);
  stage.partition(0).reassign([1], () => true);
  stage.partition(1).reassign([2], () => true);
  return producer;
}

describe("the markers of a transaction", () => {
  it("are written to every partition of it after the answer, and let readers of committed records go on", async () => {
    const producer = await producerOn();
    producer.produce(0);
    producer.produce(1);
    expect(stage.partition(0).log.lastStableOffset).toBe(0);
    producer.commit();
    expect(stage.transaction.state).toBe("PrepareCommit");
    expect(stage.markers(0)).toEqual([]);
    await stage.settle();
    expect(stage.transaction.state).toBe("CompleteCommit");
    expect([stage.markers(0), stage.markers(1)]).toEqual([["COMMIT 1"], ["COMMIT 1"]]);
    expect(stage.partition(0).log.lastStableOffset).toBe(2);
  });

  it("are written also where a partition was added and nothing came", async () => {
    const producer = await producerOn();
    producer.add(1);
    producer.abort();
    await stage.settle();
    expect(stage.markers(1)).toEqual(["ABORT 1"]);
  });

  it("take as long as a test wants; until then the next transaction has to wait (T2)", async () => {
    const producer = await producerOn();
    stage.cluster.transactions.markerDelayMs = 500;
    producer.produce(0);
    producer.commit();
    await stage.clock.advance(499);
    expect([producer.add(1), producer.produce(1), producer.init(), producer.commit()]).toEqual(
      Array.from({ length: 4 }, () => "CONCURRENT_TRANSACTIONS"),
    );
    await stage.clock.advance(1);
    expect(producer.produce(1)).toBe("NONE");
  });

  it("wait for a partition without a leader, while the others have theirs, and are written when it has one", async () => {
    const producer = await producerOnTwoNodes();
    producer.produce(0);
    producer.produce(1);
    await stage.stopNode(2);
    producer.commit();
    await stage.settle();
    expect([stage.markers(0), stage.markers(1)]).toEqual([["COMMIT 1"], []]);
    expect([...stage.transaction.partitions]).toEqual([{ topic: "orders", partition: 1 }]);
    expect(stage.clock.nextDueMs, "nothing polls").toBeGreaterThan(stage.clock.now() + 1000);
    await stage.startNode(2);
    expect(stage.markers(1)).toEqual(["COMMIT 1"]);
    expect(stage.transaction.state).toBe("CompleteCommit");
  });

  it("wait for the coordinator to have a leader", async () => {
    const producer = await producerOnTwoNodes();
    stage.cluster.transactions.markerDelayMs = 10;
    producer.produce(1);
    producer.commit();
    await stage.stopNode(1);
    await stage.clock.advance(10);
    expect(stage.markers(1)).toEqual([]);
    await stage.startNode(1);
    expect(stage.markers(1)).toEqual(["COMMIT 1"]);
  });

  it("are not needed in a topic that was deleted, also when that happens while they wait", async () => {
    const producer = await producerOnTwoNodes();
    producer.add(0, 1);
    await stage.stopNode(2);
    producer.abort();
    await stage.settle();
    expect(stage.transaction.state).toBe("PrepareAbort");
    stage.cluster.topics.delete(stage.cluster.topics.get("orders")!);
    expect(stage.transaction.state).toBe("CompleteAbort");
  });

  it("carry the epoch of the coordinator", async () => {
    const producer = await producerOn();
    stage.cluster.coordinators.partitionOf("transaction", TRANSACTIONAL_ID).bumpLeaderEpoch();
    producer.produce(0);
    producer.commit();
    await stage.settle();
    expect(stage.partition(0).log.producers()).toMatchObject([
      { coordinatorEpoch: 1, producerEpoch: 1, currentTxnStartOffset: -1 },
    ]);
  });

  it("that a log refuses leave the transaction hanging until another coordinator tries", async () => {
    const producer = await producerOn();
    producer.produce(0);
    const { producerId } = producer;
    // Somebody aborted by hand, as a coordinator that is further on.
    stage.partition(0).log.appendEndMarker({ producerId, producerEpoch: 0, type: "ABORT", coordinatorEpoch: 1 });
    producer.commit();
    await stage.settle();
    expect(stage.transaction.state).toBe("PrepareCommit");
    stage.cluster.coordinators.partitionOf("transaction", TRANSACTIONAL_ID).bumpLeaderEpoch();
    expect(stage.transaction.state).toBe("CompleteCommit");
    expect(stage.markers(0)).toEqual(["ABORT 0", "COMMIT 1"]);
  });

  it("decide about the offsets that groups keep aside", async () => {
    const producer = await producerOn();
    const group = stage.cluster.groups.classicGroup("readers", { create: true })!;
    const offset = { offset: 7, leaderEpoch: -1, metadata: "", committedAtMs: 0 };
    for (const [end, expected] of [
      ["abort", undefined],
      ["commit", 7],
    ] as const) {
      expect(stage.cluster.transactions.addGroup({ ...producer.identity, groupId: "readers" })).toBeUndefined();
      group.offsets.stage(producer.producerId, "orders", 0, offset);
      producer[end]();
      expect(group.offsets.get("orders", 0)?.offset).toBeUndefined();
      await stage.settle();
      expect(group.offsets.get("orders", 0)?.offset).toBe(expected);
    }
  });

  it("are not written any more after everything was closed", async () => {
    const producer = await producerOn();
    producer.produce(0);
    producer.commit();
    stage.cluster.transactions.close();
    await stage.settle();
    expect(stage.transaction.state).toBe("PrepareCommit");
  });
});
