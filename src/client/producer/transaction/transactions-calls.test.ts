import { describe, expect, it } from "vitest";
import { BOTH, transactionsStage, V1, V2 } from "../../../../test/support/transactions-stage.ts";
import { FEATURE_SAFE_DOWNGRADE, FEATURE_UPGRADE, UpdateFeatures } from "../../../protocol/index.ts";
import { IllegalStateError, QueueFullError } from "../../errors.ts";

const OFFSETS = [{ topic: "orders", partition: 0, offset: 5 }];

describe("transactions and their calls", () => {
  it("T16: of calls at the same time all but the first are refused at once", async () => {
    const stage = await transactionsStage(V2);
    const { transactions } = stage;
    const initializing = transactions.init();
    const second = transactions.init().catch((error: unknown) => error);
    expect(() => transactions.begin()).toThrow("initTransactions() is under way");
    expect(await second).toBeInstanceOf(IllegalStateError);
    await stage.when(initializing);
    transactions.begin();
    expect(() => transactions.begin()).toThrow(IllegalStateError);
    await stage.when(stage.send("a"));
    const committing = transactions.commit();
    const calls = [transactions.commit(), transactions.abort(), transactions.sendOffsets(OFFSETS, "copier")];
    expect(() => transactions.begin()).toThrow(IllegalStateError);
    // Without any time passing.
    const refusals = await Promise.all(calls.map((call) => call.catch((error: unknown) => error)));
    expect(refusals).toEqual([expect.any(IllegalStateError), expect.any(IllegalStateError), expect.any(IllegalStateError)]);
    await stage.when(committing);
    expect(await stage.committed()).toEqual(["a"]);
  });

  it.each(BOTH)("v$version: a commit waits for offsets that are on their way, and fails with them", async ({ cluster }) => {
    const stage = await transactionsStage(cluster);
    const { transactions, broker } = stage;
    await stage.begun();
    broker.faults.delay({ api: "TxnOffsetCommit", delayMs: 500 });
    const first = transactions.sendOffsets(OFFSETS, "copier");
    await stage.when(transactions.commit());
    await first;
    expect(await stage.committedOffset("copier")).toBe(5);
    transactions.begin();
    broker.faults.failNext({ api: "TxnOffsetCommit", error: "ILLEGAL_GENERATION" });
    const second = stage.failureOf(transactions.sendOffsets([{ ...OFFSETS[0]!, offset: 6 }], "copier"));
    expect((await stage.failureOf(transactions.commit())).error).toMatchObject({ code: "TRANSACTION_FAILED" });
    expect((await second).error).toMatchObject({ code: "ILLEGAL_GENERATION" });
    await stage.when(transactions.abort());
    expect(await stage.committedOffset("copier")).toBe(5);
  });

  it("an abort stops asking for offsets", async () => {
    const stage = await transactionsStage(V1);
    const { transactions, broker } = stage;
    await stage.begun();
    broker.faults.failNext({ api: "TxnOffsetCommit", error: "COORDINATOR_LOAD_IN_PROGRESS", times: 1000 });
    const sending = stage.failureOf(transactions.sendOffsets(OFFSETS, "copier"));
    await stage.clock.advance(1000);
    await stage.when(transactions.abort());
    expect((await sending).error).toMatchObject({ code: "TRANSACTION_ABORTED" });
    expect(transactions.state).toBe("READY");
  });

  it("T18: says when there is something to abort before closing", async () => {
    const stage = await transactionsStage(V2);
    const { transactions } = stage;
    expect(transactions.isAbortable).toBe(false);
    await stage.begun();
    expect(transactions.isAbortable).toBe(true);
    const aborting = transactions.abort();
    expect(transactions.isAbortable).toBe(false);
    await stage.when(aborting);
    expect(transactions.isAbortable).toBe(false);
  });

  it("offsets and groups that cannot be are refused without harm", async () => {
    const stage = await transactionsStage(V2);
    const { transactions } = stage;
    await stage.begun();
    const wrong: readonly Parameters<typeof transactions.sendOffsets>[] = [
      [[{ topic: "", partition: 0, offset: 0 }], "copier"],
      [[{ topic: "orders", partition: -1, offset: 0 }], "copier"],
      [[{ topic: "orders", partition: 0, offset: 1.5 }], "copier"],
      [[{ topic: "orders", partition: 0, offset: 1, leaderEpoch: -2 }], "copier"],
      [[...OFFSETS, ...OFFSETS], "copier"],
      [OFFSETS, ""],
      [OFFSETS, { groupId: "copier", generationId: 3 }],
    ];
    for (const call of wrong) {
      expect((await stage.failureOf(transactions.sendOffsets(...call))).error).toBeInstanceOf(IllegalStateError);
    }
    await stage.when(transactions.sendOffsets([], "copier"));
    expect(stage.sent("TxnOffsetCommit")).toEqual([]);
    expect(transactions.state).toBe("IN_TRANSACTION");
  });

  it("T13: a cluster that changes its transaction.version has its producers change with it, between transactions", async () => {
    const stage = await transactionsStage(V2);
    const { transactions, broker, when } = stage;
    const agree = (maxVersionLevel: number): Promise<unknown> =>
      when(
        stage.core.call("features", {}, async ({ cluster, deadline }) => {
          const upgradeType = maxVersionLevel === 2 ? FEATURE_UPGRADE : FEATURE_SAFE_DOWNGRADE;
          const body = { timeoutMs: 1000, featureUpdates: [{ feature: "transaction.version", maxVersionLevel, upgradeType }] };
          const answer = await cluster.ask(UpdateFeatures, body, { kind: "controller" }, { deadline });
          expect(answer.body.errorCode).toBe(0);
          broker.disconnectAll();
        }),
      );
    await agree(1);
    await stage.begun();
    await when(stage.send("a"));
    await agree(2);
    await when(stage.send("b"));
    await when(transactions.commit());
    expect(stage.requests().filter((one) => !one.startsWith("UpdateFeatures"))).toEqual([
      "InitProducerId v5",
      "AddPartitionsToTxn v3",
      "Produce v11",
      "Produce v11",
      "EndTxn v4 commit",
      "InitProducerId v5",
    ]);
    await stage.goesOn("c");
    expect(stage.requests().slice(-2)).toEqual(["Produce v12", "EndTxn v5 commit"]);
    await agree(1);
    await stage.goesOn("d");
    await stage.goesOn("e");
    expect(stage.requests().slice(-3)).toEqual(["AddPartitionsToTxn v3", "Produce v11", "EndTxn v4 commit"]);
    expect(await stage.committed()).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("P29: when its epochs are used up the producer goes on with another id", async () => {
    const stage = await transactionsStage(V2);
    const { transactions } = stage;
    await stage.begun();
    const first = transactions.identity!;
    const nextId = first.producerId + 1000n;
    const answer = { errorCode: 0, producerId: nextId, producerEpoch: 0 };
    await stage.when(stage.send("a"));
    stage.broker.faults.on("EndTxn", () => answer, { times: 1 });
    await stage.when(transactions.commit());
    transactions.begin();
    expect(transactions.identity).toEqual({ producerId: nextId, producerEpoch: 0 });
  });

  it("T12: a record that found no way into a batch keeps the transaction from being committed as well", async () => {
    const stage = await transactionsStage(V2);
    const { transactions } = stage;
    await stage.begun();
    await stage.when(stage.send("a"));
    const full = new QueueFullError({ topic: "orders", wantedBytes: 10, bufferMemory: 5 });
    expect(transactions.failed(full, { verdict: "not persisted" })).toMatchObject({
      severity: "abortable",
      verdict: "not persisted",
    });
    expect((await stage.failureOf(transactions.commit())).error).toMatchObject({ code: "TRANSACTION_FAILED", cause: full });
    await stage.when(transactions.abort());
    expect(await stage.committed()).toEqual([]);
  });

  it("a commit takes in what was sent before it, until nothing is missing", async () => {
    const stage = await transactionsStage(V1);
    const { transactions, broker } = stage;
    await stage.begun();
    broker.faults.delay({ api: "AddPartitionsToTxn", delayMs: 1000 });
    broker.faults.delay({ api: "EndTxn", delayMs: 1000 });
    const sending = stage.send("a");
    const committing = transactions.commit();
    expect(() => transactions.checkSend()).toThrow(IllegalStateError);
    expect(() => transactions.checkAppend()).not.toThrow();
    transactions.use("orders", 1);
    await stage.clock.advance(1500);
    await sending;
    // EndTxn is on its way.
    expect(() => transactions.checkAppend()).toThrow(IllegalStateError);
    await stage.when(committing);
    const added = broker.journal.requests("AddPartitionsToTxn").map(({ body }) => body);
    expect(added).toMatchObject([{ v3AndBelowTopics: [{ name: "orders", partitions: [0, 1] }] }]);
  });
});
