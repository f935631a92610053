import { afterEach, beforeEach, expect, it } from "vitest";
import { nameOf, WireTransactions } from "../../../test/support/wire-transactions.ts";

let wire: WireTransactions;

beforeEach(async () => {
  wire = await WireTransactions.open({ nodes: 2 });
});

afterEach(async () => {
  expect(await wire.close()).toEqual({ failures: [], pendingTimers: 0 });
});

const MARKER = { producerId: 42n, producerEpoch: 3, transactionResult: false, coordinatorEpoch: 5 };

async function write(
  change: object,
  topics = [{ name: "orders", partitionIndexes: [0] }],
  version = 1,
): Promise<readonly string[]> {
  const { markers } = await wire.client.ask("WriteTxnMarkers", { markers: [{ ...MARKER, topics, ...change }] }, version);
  return markers.flatMap((marker) =>
    marker.topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => nameOf(errorCode))),
  );
}

it("WriteTxnMarkers ends a transaction that hangs, for readers of committed records too", async () => {
  wire.broker.moveLeader({ topic: "orders", partition: 0 }, 1);
  expect(await write({})).toEqual(["NONE"]);
  const body = { topics: [{ name: "orders", partitionIndexes: [0] }] };
  const { topics } = await wire.client.ask("DescribeProducers", body);
  expect(topics[0]?.partitions[0]?.activeProducers).toMatchObject([{ producerId: 42n, producerEpoch: 3, coordinatorEpoch: 5 }]);
});

it("WriteTxnMarkers refuses a producer or a coordinator that is behind", async () => {
  await write({});
  expect(await write({ producerEpoch: 2 })).toEqual(["INVALID_PRODUCER_EPOCH"]);
  expect(await write({ coordinatorEpoch: 4 })).toEqual(["TRANSACTION_COORDINATOR_FENCED"]);
  expect(await write({ producerEpoch: 4 })).toEqual(["NONE"]);
});

it("WriteTxnMarkers tells partitions that do not exist from those that others lead", async () => {
  wire.broker.createTopic("single", { partitions: 2, replicationFactor: 1 });
  const [mine, others] = wire.broker.leaderOf({ topic: "single", partition: 0 }) === 1 ? [0, 1] : [1, 0];
  expect(await write({}, [{ name: "single", partitionIndexes: [mine, others, 9] }])).toEqual([
    "NONE",
    "UNKNOWN_TOPIC_OR_PARTITION",
    "UNKNOWN_TOPIC_OR_PARTITION",
  ]);
  expect(await write({}, [{ name: "nope", partitionIndexes: [0] }])).toEqual(["UNKNOWN_TOPIC_OR_PARTITION"]);
  wire.broker.createTopic("copied", { partitions: 1, replicationFactor: 2 });
  wire.broker.moveLeader({ topic: "copied", partition: 0 }, 2);
  expect(await write({}, [{ name: "copied", partitionIndexes: [0] }])).toEqual(["NOT_LEADER_OR_FOLLOWER"]);
});

it("a fault at a partition is answered for it, and before it is applied nothing is written", async () => {
  wire.broker.faults.failNext({ api: "WriteTxnMarkers", topic: "orders", partition: 0, error: "REQUEST_TIMED_OUT" });
  expect(await write({})).toEqual(["REQUEST_TIMED_OUT"]);
  expect(await write({ producerEpoch: 0 })).toEqual(["NONE"]);
});
