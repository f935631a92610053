import { describe, expect, it } from "vitest";
import { type StagedProducer, TransactionStage, type Version } from "../../../test/support/transaction-stage.ts";
import type { TransactionState } from "./transaction-state.ts";

/** What Kafka's TransactionCoordinator answers, found with a real broker of 4.3.1; "…" for the same with a new epoch. */
const ANSWERS: readonly (readonly [Version, TransactionState, "commit" | "abort", "current" | "previous" | "unknown", string])[] = [
  [1, "Empty", "commit", "current", "INVALID_TXN_STATE"],
  [1, "Empty", "abort", "current", "INVALID_TXN_STATE"],
  [1, "Ongoing", "commit", "current", "NONE"],
  [1, "Ongoing", "abort", "current", "NONE"],
  [1, "Ongoing", "commit", "unknown", "PRODUCER_FENCED"],
  [1, "PrepareCommit", "commit", "current", "CONCURRENT_TRANSACTIONS"],
  [1, "PrepareAbort", "commit", "current", "CONCURRENT_TRANSACTIONS"],
  [1, "PrepareAbort", "commit", "unknown", "PRODUCER_FENCED"],
  [1, "CompleteCommit", "commit", "current", "NONE"],
  [1, "CompleteCommit", "abort", "current", "INVALID_TXN_STATE"],
  [1, "CompleteAbort", "commit", "current", "INVALID_TXN_STATE"],
  [1, "CompleteAbort", "abort", "current", "NONE"],
  [2, "Empty", "commit", "current", "INVALID_TXN_STATE"],
  [2, "Empty", "commit", "previous", "PRODUCER_FENCED"],
  [2, "Empty", "abort", "current", "NONE…"],
  [2, "Empty", "abort", "previous", "PRODUCER_FENCED"],
  [2, "Ongoing", "commit", "current", "NONE…"],
  [2, "Ongoing", "abort", "current", "NONE…"],
  [2, "Ongoing", "commit", "previous", "PRODUCER_FENCED"],
  [2, "PrepareCommit", "commit", "previous", "CONCURRENT_TRANSACTIONS"],
  [2, "PrepareCommit", "abort", "unknown", "CONCURRENT_TRANSACTIONS"],
  [2, "PrepareAbort", "abort", "current", "CONCURRENT_TRANSACTIONS"],
  [2, "CompleteCommit", "commit", "current", "INVALID_TXN_STATE"],
  [2, "CompleteCommit", "commit", "previous", "NONE"],
  [2, "CompleteCommit", "abort", "current", "NONE…"],
  [2, "CompleteCommit", "abort", "previous", "INVALID_TXN_STATE"],
  [2, "CompleteCommit", "abort", "unknown", "PRODUCER_FENCED"],
  [2, "CompleteAbort", "commit", "current", "INVALID_TXN_STATE"],
  [2, "CompleteAbort", "commit", "previous", "INVALID_TXN_STATE"],
  [2, "CompleteAbort", "abort", "current", "NONE…"],
  [2, "CompleteAbort", "abort", "previous", "NONE"],
];

async function bringTo(stage: TransactionStage, producer: StagedProducer, state: TransactionState): Promise<void> {
  producer.init();
  if (state === "Empty") return;
  producer.add(0);
  if (state.startsWith("Prepare")) stage.cluster.transactions.markerDelayMs = 100;
  if (state.endsWith("Commit")) producer.commit();
  if (state.endsWith("Abort")) producer.abort();
  await stage.settle();
}

describe("EndTxn", () => {
  it.each(ANSWERS)(
    "in version %i, when the transaction is %s: %s with the %s epoch is answered with %s",
    async (version, state, decision, epoch, answer) => {
      const stage = await TransactionStage.open();
      const producer = stage.producer(version);
      await bringTo(stage, producer, state);
      expect(stage.transaction.state).toBe(state);
      const current = stage.transaction.producerEpoch;
      producer.producerEpoch = { current, previous: current - 1, unknown: 77 }[epoch];
      expect(producer[decision]()).toBe(answer.replace("…", ""));
      if (answer.startsWith("NONE")) expect(producer.producerEpoch).toBe(answer.endsWith("…") ? current + 1 : current);
      expect(stage.close()).toBe(0);
    },
  );

  it.each([1, 2] as const)(
    "is refused to a producer id that does not hold the transactional id, in version %i",
    async (version) => {
      const stage = await TransactionStage.open();
      const producer = stage.producer(version);
      expect(producer.commit()).toBe("INVALID_PRODUCER_ID_MAPPING");
      producer.init();
      producer.producerId += 100n;
      expect(producer.commit()).toBe("INVALID_PRODUCER_ID_MAPPING");
      stage.close();
    },
  );

  it("of an unnamed producer is an invalid request", async () => {
    const stage = await TransactionStage.open();
    expect(stage.producer(1, "").commit()).toBe("INVALID_REQUEST");
    expect(stage.producer(2, "").commit()).toBe("INVALID_REQUEST");
    stage.close();
  });

  it("that comes late ends the next transaction in version 1, and is fenced in version 2 (T10, KAFKA-17754)", async () => {
    for (const [version, answer] of [
      [1, "NONE"],
      [2, "PRODUCER_FENCED"],
    ] as const) {
      const stage = await TransactionStage.open();
      const producer = stage.producer(version);
      producer.init();
      producer.add(0);
      const late = producer.twin();
      producer.commit();
      await stage.settle();
      producer.add(0);
      expect(late.commit()).toBe(answer);
      stage.close();
    }
  });
});
