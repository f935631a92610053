import { afterEach, beforeEach, expect, it } from "vitest";
import { nameOf, TRANSACTIONAL_ID, WireTransactions } from "../../../test/support/wire-transactions.ts";

let wire: WireTransactions;

beforeEach(async () => {
  wire = await WireTransactions.open({ nodes: 2 });
});

afterEach(async () => {
  expect(await wire.close()).toEqual({ failures: [], pendingTimers: 0 });
});

it("EndTxn gives the producer its next epoch from v5 on (T13)", async () => {
  const producer = await wire.init();
  await wire.add(producer, [0]);
  expect(await wire.end(producer, true)).toEqual(["NONE", { producerId: producer.producerId, producerEpoch: 1 }]);
});

it("EndTxn before v5 leaves the epoch as it is", async () => {
  const producer = await wire.init();
  await wire.add(producer, [0]);
  expect(await wire.end(producer, true, 4)).toEqual(["NONE", { producerId: -1n, producerEpoch: -1 }]);
  expect(await wire.add(producer, [0])).toEqual(["NONE"]);
});

it("EndTxn whose answer was lost is answered as the first time, with the same epoch (T10, T13)", async () => {
  const producer = await wire.init();
  await wire.add(producer, [0]);
  wire.broker.faults.failNext({ api: "EndTxn", error: "REQUEST_TIMED_OUT", afterApply: true });
  expect(await wire.end(producer, true)).toMatchObject(["REQUEST_TIMED_OUT", {}]);
  expect(await wire.end(producer, true)).toEqual(["NONE", { producerId: producer.producerId, producerEpoch: 1 }]);
  expect(await wire.end(producer, false)).toMatchObject(["INVALID_TXN_STATE", { producerId: -1n, producerEpoch: -1 }]);
});

it.each([
  [1, "INVALID_PRODUCER_EPOCH"],
  [2, "PRODUCER_FENCED"],
  [5, "PRODUCER_FENCED"],
])("EndTxn v%i tells a fenced producer %s (T1)", async (version, error) => {
  const producer = await wire.init();
  await wire.init();
  expect(await wire.end(producer, true, version)).toMatchObject([error, {}]);
});

it("EndTxn survives a move of the coordinator (T3)", async () => {
  const producer = await wire.init();
  await wire.add(producer, [0]);
  wire.broker.moveCoordinator("transaction", TRANSACTIONAL_ID, 2);
  expect(await wire.end(producer, true)).toMatchObject(["NOT_COORDINATOR", {}]);
  wire.broker.moveCoordinator("transaction", TRANSACTIONAL_ID, 1);
  expect(await wire.end(producer, true)).toMatchObject(["NONE", {}]);
});

it.each([
  [1, "INVALID_PRODUCER_EPOCH"],
  [2, "PRODUCER_FENCED"],
])("AddOffsetsToTxn v%i tells a fenced producer %s (T1)", async (version, error) => {
  const { producerId, producerEpoch } = await wire.init();
  await wire.init();
  const body = { transactionalId: TRANSACTIONAL_ID, producerId, producerEpoch, groupId: "readers" };
  expect(nameOf((await wire.client.ask("AddOffsetsToTxn", body, version)).errorCode)).toBe(error);
});

it("AddOffsetsToTxn adds the partition that the group's offsets are kept in", async () => {
  const { producerId, producerEpoch } = await wire.init();
  const body = { transactionalId: TRANSACTIONAL_ID, producerId, producerEpoch, groupId: "readers" };
  expect(nameOf((await wire.client.ask("AddOffsetsToTxn", body)).errorCode)).toBe("NONE");
  const { transactionStates } = await wire.client.ask("DescribeTransactions", { transactionalIds: [TRANSACTIONAL_ID] });
  expect(transactionStates[0]?.topics).toMatchObject([{ topic: "__consumer_offsets", partitions: [expect.any(Number)] }]);
});
