import { afterEach, beforeEach, expect, it } from "vitest";
import { nameOf, TRANSACTIONAL_ID, WireTransactions } from "../../../test/support/wire-transactions.ts";

let wire: WireTransactions;

beforeEach(async () => {
  wire = await WireTransactions.open({ nodes: 2 });
});

afterEach(async () => {
  expect(await wire.close()).toEqual({ failures: [], pendingTimers: 0 });
});

it("InitProducerId gives every idempotent producer an id of its own, whichever node it asks", async () => {
  const first = await wire.init(5, null);
  const second = await wire.init(0, null);
  expect(first).toMatchObject({ errorCode: 0, producerEpoch: 0 });
  expect(second.producerId).not.toBe(first.producerId);
});

it.each([
  ["an empty transactional id", { transactionalId: "" }, "INVALID_REQUEST"],
  ["an id without an epoch", { producerId: 5n }, "INVALID_REQUEST"],
  ["an epoch without an id", { producerEpoch: 5 }, "INVALID_REQUEST"],
  ["no timeout", { transactionTimeoutMs: 0 }, "INVALID_TRANSACTION_TIMEOUT"],
  ["a timeout above transaction.max.timeout.ms", { transactionTimeoutMs: 900_001 }, "INVALID_TRANSACTION_TIMEOUT"],
  ["the longest timeout", { transactionTimeoutMs: 900_000 }, "NONE"],
] as const)("InitProducerId with %s", async (_what, change, answer) => {
  const body = { transactionalId: TRANSACTIONAL_ID, transactionTimeoutMs: 60_000, ...change };
  const { errorCode, producerId, producerEpoch } = await wire.client.ask("InitProducerId", body, 5);
  expect(nameOf(errorCode)).toBe(answer);
  if (answer !== "NONE") expect([producerId, producerEpoch]).toEqual([-1n, -1]);
});

it.each([
  [3, "INVALID_PRODUCER_EPOCH"],
  [4, "PRODUCER_FENCED"],
])("InitProducerId v%i tells a fenced producer %s (T1)", async (version, error) => {
  const { producerId } = await wire.init();
  await wire.init();
  await wire.init();
  expect(nameOf((await wire.init(version, TRANSACTIONAL_ID, { producerId, producerEpoch: 0 })).errorCode)).toBe(error);
});

it("InitProducerId is refused by a node that does not coordinate the id, or not yet (T3)", async () => {
  wire.broker.moveCoordinator("transaction", TRANSACTIONAL_ID, 2);
  expect(nameOf((await wire.init()).errorCode)).toBe("NOT_COORDINATOR");
  wire.broker.moveCoordinator("transaction", TRANSACTIONAL_ID, 1, { loadingMs: 100 });
  expect(nameOf((await wire.init()).errorCode)).toBe("COORDINATOR_LOAD_IN_PROGRESS");
  await wire.clock.advance(100);
  expect(nameOf((await wire.init()).errorCode)).toBe("NONE");
});
