import { afterEach, describe, expect, it } from "vitest";
import {
  type StagedProducer,
  TIMEOUT_MS,
  TRANSACTIONAL_ID,
  TransactionStage,
  type Version,
} from "../../../test/support/transaction-stage.ts";

const SWEEP_MS = 10_000;
const DAY_MS = 86_400_000;

let stage: TransactionStage;

afterEach(() => {
  expect(stage.close()).toBe(0);
});

async function initialized(version: Version = 2, transactionVersion = 2): Promise<StagedProducer> {
  stage = await TransactionStage.open({ transactionVersion });
  const producer = stage.producer(version);
  producer.init();
  return producer;
}

describe("a transaction that is open for longer than its timeout", () => {
  it("is aborted when the coordinator looks next, counted from the first partition", async () => {
    const producer = await initialized();
    await stage.clock.advance(5000);
    producer.produce(0);
    await stage.clock.advance(TIMEOUT_MS + SWEEP_MS - 5001);
    expect(stage.transaction.state).toBe("Ongoing");
    await stage.clock.advance(1);
    expect(stage.transaction.state).toBe("CompleteAbort");
    expect(stage.markers(0)).toEqual(["ABORT 1"]);
  });

  it("is fenced: its producer has to ask for an epoch before it goes on (T14)", async () => {
    const producer = await initialized();
    producer.produce(0);
    await stage.clock.advance(TIMEOUT_MS + SWEEP_MS);
    expect(producer.add(0)).toBe("PRODUCER_FENCED");
    expect(producer.produce(0)).toBe("INVALID_PRODUCER_EPOCH");
    expect(producer.commit()).toBe("INVALID_TXN_STATE");
    expect(producer.reinit()).toBe("NONE");
    expect(producer.produce(0)).toBe("NONE");
  });

  it("is a repeated abort to a producer of version 2 that aborts it then, which so gets the epoch", async () => {
    const producer = await initialized();
    producer.produce(0);
    await stage.clock.advance(TIMEOUT_MS + SWEEP_MS);
    expect(producer.abort()).toBe("NONE");
    expect(producer.producerEpoch).toBe(1);
  });

  it("fences a producer of version 1 for good when the cluster is at version 1, too", async () => {
    const producer = await initialized(1, 1);
    producer.add(0);
    await stage.clock.advance(TIMEOUT_MS + SWEEP_MS);
    expect(stage.transaction).toMatchObject({ state: "CompleteAbort", producerEpoch: 1 });
    expect([producer.commit(), producer.reinit()]).toEqual(["PRODUCER_FENCED", "PRODUCER_FENCED"]);
  });

  it("stays while the coordinator is loading", async () => {
    const producer = await initialized();
    producer.produce(0);
    stage.cluster.coordinators.load("transaction", TRANSACTIONAL_ID, TIMEOUT_MS + SWEEP_MS + 1);
    await stage.clock.advance(TIMEOUT_MS + SWEEP_MS);
    expect(stage.transaction.state).toBe("Ongoing");
    await stage.clock.advance(SWEEP_MS);
    expect(stage.transaction.state).toBe("CompleteAbort");
  });

  it("is looked for at the earliest of several timeouts", async () => {
    stage = await TransactionStage.open();
    const [patient, hasty] = [stage.producer(2, "patient"), stage.producer(2, "hasty")];
    patient.init(undefined, 10 * TIMEOUT_MS);
    hasty.init(undefined, 5000);
    patient.add(0);
    hasty.add(0);
    await stage.clock.advance(SWEEP_MS);
    expect([...stage.cluster.transactions].map(({ state }) => state)).toEqual(["Ongoing", "CompleteAbort"]);
  });
});

describe("a transactional id", () => {
  it("is forgotten when nobody used it for seven days (T5)", async () => {
    const producer = await initialized();
    await stage.clock.advance(7 * DAY_MS - 1);
    expect(stage.transaction.state).toBe("Empty");
    await stage.clock.advance(1);
    expect(stage.cluster.transactions.get(TRANSACTIONAL_ID)).toBeUndefined();
    expect(producer.add(0)).toBe("INVALID_PRODUCER_ID_MAPPING");
    expect(producer.produce(0)).toBe("INVALID_PRODUCER_ID_MAPPING");
  });

  it("is kept as long as it is used", async () => {
    const producer = await initialized();
    await stage.clock.advance(6 * DAY_MS);
    producer.produce(0);
    producer.commit();
    await stage.clock.advance(6 * DAY_MS);
    expect(producer.produce(0)).toBe("NONE");
  });

  it("is not kept alive by a transaction that never ends but by its abort", async () => {
    const producer = await initialized();
    producer.produce(0);
    await stage.clock.advance(7 * DAY_MS);
    expect(stage.transaction.state).toBe("CompleteAbort");
    await stage.clock.advance(DAY_MS);
    expect(stage.cluster.transactions.get(TRANSACTIONAL_ID)).toBeUndefined();
  });
});
