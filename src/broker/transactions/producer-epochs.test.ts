import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type StagedProducer, TransactionStage } from "../../../test/support/transaction-stage.ts";
import { LAST_VISIBLE_EPOCH } from "./transaction-metadata.ts";

let stage: TransactionStage;

beforeEach(async () => {
  stage = await TransactionStage.open();
});

afterEach(() => {
  expect(stage.close()).toBe(0);
});

function initialized(version: 1 | 2 = 2): StagedProducer {
  const producer = stage.producer(version);
  expect(producer.init()).toBe("NONE");
  return producer;
}

/** A producer that has the id's last epoch. */
function exhausted(): StagedProducer {
  const producer = initialized();
  while (producer.producerEpoch < LAST_VISIBLE_EPOCH) producer.init();
  return producer;
}

describe("InitProducerId", () => {
  it("begins at epoch 0, and fences whoever had the transactional id before with the next one", () => {
    const first = initialized();
    const second = initialized();
    expect([first.producerEpoch, second.producerEpoch]).toEqual([0, 1]);
    expect(second.producerId).toBe(first.producerId);
    expect(first.add(0)).toBe("PRODUCER_FENCED");
    expect(second.add(0)).toBe("NONE");
  });

  it("aborts what the producer before left open, and has the new one wait until that is done (T2)", async () => {
    const first = initialized();
    first.produce(0);
    const second = stage.producer();
    expect(second.init()).toBe("CONCURRENT_TRANSACTIONS");
    expect(second.init()).toBe("CONCURRENT_TRANSACTIONS");
    await stage.settle();
    expect(stage.markers(0)).toEqual(["ABORT 1"]);
    expect(second.init()).toBe("NONE");
    expect(second.producerEpoch).toBe(2);
    expect([first.add(0), first.commit(), first.reinit()]).toEqual(["PRODUCER_FENCED", "PRODUCER_FENCED", "PRODUCER_FENCED"]);
  });

  it("lets a producer go on after an error, with the same epoch when it asks again (KIP-360)", () => {
    const producer = initialized();
    const repeated = producer.twin();
    expect(producer.reinit()).toBe("NONE");
    expect(repeated.reinit()).toBe("NONE");
    expect([producer.producerEpoch, repeated.producerEpoch]).toEqual([1, 1]);
  });

  it("fences an epoch that is neither the present one nor the one before it", () => {
    const producer = initialized();
    const late = producer.twin();
    producer.reinit();
    producer.reinit();
    expect(late.reinit()).toBe("PRODUCER_FENCED");
  });

  it("fences the one before it, too, when another producer has begun anew", () => {
    const first = initialized();
    initialized();
    expect(first.reinit()).toBe("PRODUCER_FENCED");
  });

  it("fences a producer id that does not hold the transactional id", () => {
    initialized();
    expect(stage.producer().init({ producerId: 777n, producerEpoch: 0 })).toBe("PRODUCER_FENCED");
  });

  it("takes any id and epoch for a transactional id that is forgotten", () => {
    const producer = stage.producer();
    expect(producer.init({ producerId: 777n, producerEpoch: 5 })).toBe("NONE");
    expect(producer.producerEpoch).toBe(0);
  });

  it("aborts an open transaction even for a producer that is then fenced, as Kafka does", async () => {
    const producer = initialized();
    const late = producer.twin();
    producer.reinit();
    producer.reinit();
    producer.add(0);
    expect(late.reinit()).toBe("CONCURRENT_TRANSACTIONS");
    await stage.settle();
    expect(late.reinit()).toBe("PRODUCER_FENCED");
    expect(stage.transaction.state).toBe("CompleteAbort");
  });

  it("gives a new producer id when the epochs are used up, and the same one to whoever asks again", () => {
    const producer = exhausted();
    const repeated = producer.twin();
    const usedUp = producer.producerId;
    expect(producer.reinit()).toBe("NONE");
    expect(producer.producerId).not.toBe(usedUp);
    expect(producer.producerEpoch).toBe(0);
    expect(repeated.reinit()).toBe("NONE");
    expect(repeated.identity).toEqual(producer.identity);
  });

  it("cannot help a producer that does not have the last epoch of a used-up id, as Kafka cannot", () => {
    const producer = exhausted();
    producer.producerEpoch--;
    expect(producer.reinit()).toBe("UNKNOWN_SERVER_ERROR");
  });
});

describe("the end of a transaction", () => {
  it("keeps the epoch in version 1", async () => {
    const producer = initialized(1);
    producer.add(0);
    producer.commit();
    await stage.settle();
    expect(stage.transaction.producerEpoch).toBe(0);
    expect(producer.add(0)).toBe("NONE");
  });

  it("takes an epoch in version 2, which the markers carry already (T13)", async () => {
    const producer = initialized();
    const late = producer.twin();
    producer.produce(0);
    producer.commit();
    expect(producer.producerEpoch).toBe(1);
    await stage.settle();
    expect(stage.markers(0)).toEqual(["COMMIT 1"]);
    expect(late.produce(0)).toBe("INVALID_PRODUCER_EPOCH");
    expect(producer.produce(0)).toBe("NONE");
  });

  it("takes an epoch also when nothing arrived: the producer need not know (T13)", async () => {
    const producer = initialized();
    expect(producer.abort()).toBe("NONE");
    expect(stage.transaction.state).toBe("PrepareAbort");
    await stage.settle();
    expect(stage.transaction).toMatchObject({ state: "CompleteAbort", producerEpoch: 1, startMs: stage.clock.now() });
  });

  it("gives a new producer id when it takes the last epoch, and the same one to whoever asks again", async () => {
    const producer = exhausted();
    const repeated = producer.twin();
    const opposite = producer.twin();
    producer.produce(0);
    expect(producer.commit()).toBe("NONE");
    await stage.settle();
    expect(stage.markers(0)).toEqual([`COMMIT ${LAST_VISIBLE_EPOCH + 1}`]);
    expect(producer.producerId).not.toBe(repeated.producerId);
    expect(producer.producerEpoch).toBe(0);
    expect(opposite.abort()).toBe("INVALID_TXN_STATE");
    expect(repeated.commit()).toBe("NONE");
    expect(repeated.identity).toEqual(producer.identity);
  });
});
