import { afterEach, beforeEach, expect, it } from "vitest";
import { nameOf, type Producer, TRANSACTIONAL_ID, WireTransactions } from "../../../test/support/wire-transactions.ts";

let wire: WireTransactions;

beforeEach(async () => {
  wire = await WireTransactions.open({ nodes: 2 });
});

afterEach(async () => {
  expect(await wire.close()).toEqual({ failures: [], pendingTimers: 0 });
});

const transaction = (producer: Producer, change: object = {}) => ({
  transactionalId: TRANSACTIONAL_ID,
  producerId: producer.producerId,
  producerEpoch: producer.producerEpoch,
  verifyOnly: false,
  topics: [{ name: "orders", partitions: [0] }],
  ...change,
});

async function batched(...transactions: readonly ReturnType<typeof transaction>[]): Promise<readonly string[]> {
  const { resultsByTransaction } = await wire.client.ask("AddPartitionsToTxn", { transactions }, 5);
  return resultsByTransaction.flatMap(({ transactionalId, topicResults }) =>
    topicResults.flatMap(({ name, resultsByPartition }) =>
      resultsByPartition.map(
        (result) => `${transactionalId} ${name}-${result.partitionIndex} ${nameOf(result.partitionErrorCode)}`,
      ),
    ),
  );
}

it.each([0, 3])("AddPartitionsToTxn v%i adds all partitions or none (T4)", async (version) => {
  const producer = await wire.init();
  expect(await wire.add(producer, [0, 9], version)).toEqual(["OPERATION_NOT_ATTEMPTED", "UNKNOWN_TOPIC_OR_PARTITION"]);
  expect(await wire.end(producer, true, 4)).toMatchObject(["INVALID_TXN_STATE", {}]);
  expect(await wire.add(producer, [0, 1], version)).toEqual(["NONE", "NONE"]);
  expect(await wire.add(producer, [0, 9], version)).toEqual(["OPERATION_NOT_ATTEMPTED", "UNKNOWN_TOPIC_OR_PARTITION"]);
  expect(await wire.end(producer, true, 4)).toMatchObject(["NONE", {}]);
});

it("a fault at a partition keeps the others out, too, and what was added before stays (T4)", async () => {
  const producer = await wire.init();
  await wire.add(producer, [0]);
  wire.broker.faults.failNext({ api: "AddPartitionsToTxn", topic: "orders", partition: 1, error: "TOPIC_AUTHORIZATION_FAILED" });
  expect(await wire.add(producer, [0, 1])).toEqual(["OPERATION_NOT_ATTEMPTED", "TOPIC_AUTHORIZATION_FAILED"]);
  const { transactionStates } = await wire.client.ask("DescribeTransactions", { transactionalIds: [TRANSACTIONAL_ID] });
  expect(transactionStates[0]?.topics).toEqual([{ topic: "orders", partitions: [0] }]);
});

it("a fault after it was applied leaves the partition added (T4)", async () => {
  const producer = await wire.init();
  const fault = { api: "AddPartitionsToTxn", topic: "orders", partition: 1, error: "REQUEST_TIMED_OUT", afterApply: true } as const;
  wire.broker.faults.failNext(fault);
  expect(await wire.add(producer, [0, 1])).toEqual(["NONE", "REQUEST_TIMED_OUT"]);
  const { transactionStates } = await wire.client.ask("DescribeTransactions", { transactionalIds: [TRANSACTIONAL_ID] });
  expect(transactionStates[0]?.topics).toEqual([{ topic: "orders", partitions: [0, 1] }]);
});

it.each([
  [1, "INVALID_PRODUCER_EPOCH"],
  [2, "PRODUCER_FENCED"],
])("AddPartitionsToTxn v%i tells a fenced producer %s (T1)", async (version, error) => {
  const producer = await wire.init();
  await wire.init();
  expect(await wire.add(producer, [0, 1], version)).toEqual([error, error]);
});

it("AddPartitionsToTxn is refused by a node that does not coordinate the id (T3)", async () => {
  const producer = await wire.init();
  wire.broker.moveCoordinator("transaction", TRANSACTIONAL_ID, 2);
  expect(await wire.add(producer, [0])).toEqual(["NOT_COORDINATOR"]);
});

it("brokers ask for many transactions at once, and may ask without adding (KIP-890)", async () => {
  const producer = await wire.init();
  const verify = transaction(producer, { verifyOnly: true, topics: [{ name: "orders", partitions: [0, 1] }] });
  expect(await batched(verify)).toEqual(["payments orders-0 TRANSACTION_ABORTABLE", "payments orders-1 TRANSACTION_ABORTABLE"]);
  const other = transaction(producer, { transactionalId: TRANSACTIONAL_ID, topics: [{ name: "nope", partitions: [0] }] });
  expect(await batched(transaction(producer), other)).toEqual([
    "payments orders-0 NONE",
    "payments nope-0 UNKNOWN_TOPIC_OR_PARTITION",
  ]);
  expect(await batched(verify)).toEqual(["payments orders-0 NONE", "payments orders-1 TRANSACTION_ABORTABLE"]);
});

it("an error for the whole request names every partition up to v3, and the request from v4 on", async () => {
  const producer = await wire.init();
  wire.broker.faults.failNext({ api: "AddPartitionsToTxn", error: "CLUSTER_AUTHORIZATION_FAILED", times: 2 });
  expect(await wire.add(producer, [0, 1])).toEqual(["CLUSTER_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED"]);
  const answer = await wire.client.ask("AddPartitionsToTxn", { transactions: [transaction(producer)] }, 4);
  expect(answer).toMatchObject({ errorCode: 31, resultsByTransaction: [] });
});
