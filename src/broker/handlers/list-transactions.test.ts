import { afterEach, beforeEach, expect, it } from "vitest";
import { nameOf, TRANSACTIONAL_ID, WireTransactions } from "../../../test/support/wire-transactions.ts";

let wire: WireTransactions;

beforeEach(async () => {
  wire = await WireTransactions.open({ nodes: 2 });
});

afterEach(async () => {
  expect(await wire.close()).toEqual({ failures: [], pendingTimers: 0 });
});

async function listed(filters: object, version = 2): Promise<readonly string[]> {
  const body = { stateFilters: [], producerIdFilters: [], ...filters };
  const { errorCode, transactionStates } = await wire.client.ask("ListTransactions", body, version);
  if (errorCode !== 0) return [nameOf(errorCode)];
  return transactionStates.map(({ transactionalId, transactionState }) => `${transactionalId} ${transactionState}`);
}

/** `payments` is open since a minute, `app-1` has not begun; both are coordinated by the first node. */
async function twoIds(): Promise<{ readonly open: bigint; readonly empty: bigint }> {
  const open = await wire.init();
  await wire.add(open, [0, 1]);
  await wire.clock.advance(30_000);
  wire.broker.moveCoordinator("transaction", "app-1", 1);
  const empty = await wire.init(5, "app-1");
  return { open: open.producerId, empty: empty.producerId };
}

it("ListTransactions lists what passes all filters", async () => {
  const { open, empty } = await twoIds();
  expect(await listed({})).toEqual(["payments Ongoing", "app-1 Empty"]);
  expect(await listed({ stateFilters: ["Ongoing"] })).toEqual(["payments Ongoing"]);
  expect(await listed({ producerIdFilters: [empty] })).toEqual(["app-1 Empty"]);
  expect(await listed({ producerIdFilters: [open], stateFilters: ["Empty"] })).toEqual([]);
  expect(await listed({ stateFilters: ["Nope"] })).toEqual([]);
});

it("ListTransactions names the states that it does not know, once each", async () => {
  const body = { stateFilters: ["Ongoing", "nope", "ongoing", "nope"], producerIdFilters: [] };
  expect((await wire.client.ask("ListTransactions", body)).unknownStateFilters).toEqual(["nope", "ongoing"]);
});

it("ListTransactions by duration lists what is open for longer, and, as Kafka, what never began", async () => {
  await twoIds();
  expect(await listed({ durationFilter: 29_999 })).toEqual(["payments Ongoing", "app-1 Empty"]);
  expect(await listed({ durationFilter: 30_000 })).toEqual(["app-1 Empty"]);
  expect(await listed({ durationFilter: -5 })).toHaveLength(2);
});

it.each([
  ["app-.*", ["app-1 Empty"]],
  ["app", []],
  ["", ["payments Ongoing", "app-1 Empty"]],
  [null, ["payments Ongoing", "app-1 Empty"]],
  ["[^:]*[[:digit:]]", ["app-1 Empty"]],
  ["(?i)PAY.*|x", ["payments Ongoing"]],
  ["(", ["INVALID_REGULAR_EXPRESSION"]],
  ["(?=p).*", ["INVALID_REGULAR_EXPRESSION"]],
  ["(p)\\1", ["INVALID_REGULAR_EXPRESSION"]],
])("ListTransactions by the pattern %s", async (transactionalIdPattern, expected) => {
  await twoIds();
  expect(await listed({ transactionalIdPattern })).toEqual(expected);
});

it("ListTransactions lists only what the node coordinates, and nothing while it is loading (T3)", async () => {
  await twoIds();
  wire.broker.moveCoordinator("transaction", TRANSACTIONAL_ID, 2);
  expect(await listed({})).toEqual(["app-1 Empty"]);
  wire.broker.moveCoordinator("transaction", TRANSACTIONAL_ID, 1, { loadingMs: 100 });
  expect(await listed({})).toEqual(["COORDINATOR_LOAD_IN_PROGRESS"]);
});

it("DescribeTransactions tells state, timeout, beginning, producer and partitions", async () => {
  const began = wire.clock.now();
  wire.broker.moveCoordinator("transaction", "nope", 1);
  const { open } = await twoIds();
  const { transactionStates } = await wire.client.ask("DescribeTransactions", { transactionalIds: [TRANSACTIONAL_ID, "nope", ""] });
  expect(transactionStates[0]).toMatchObject({
    errorCode: 0,
    transactionState: "Ongoing",
    transactionTimeoutMs: 60_000,
    transactionStartTimeMs: began,
    producerId: open,
    producerEpoch: 0,
    topics: [{ topic: "orders", partitions: [0, 1] }],
  });
  expect(transactionStates.slice(1).map(({ errorCode }) => nameOf(errorCode))).toEqual([
    "TRANSACTIONAL_ID_NOT_FOUND",
    "INVALID_REQUEST",
  ]);
});

it("DescribeTransactions is refused for an id that another node coordinates (T3)", async () => {
  wire.broker.moveCoordinator("transaction", TRANSACTIONAL_ID, 2);
  const { transactionStates } = await wire.client.ask("DescribeTransactions", { transactionalIds: [TRANSACTIONAL_ID] });
  expect(nameOf(transactionStates[0]!.errorCode)).toBe("NOT_COORDINATOR");
});
