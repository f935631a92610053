import { describe, expect, it } from "vitest";
import { BOTH, TRANSACTIONAL_ID, transactionsStage, V1, V2 } from "../../../../test/support/transactions-stage.ts";

describe("transactions of both versions", () => {
  it.each(BOTH)("v$version: what is committed is read, what is aborted is not", async ({ cluster }) => {
    const stage = await transactionsStage(cluster);
    const transactions = await stage.begun();
    await stage.when(Promise.all([stage.send("a"), stage.send("b", 1), stage.send("c")]));
    await stage.when(transactions.commit());
    transactions.begin();
    await stage.when(stage.send("lost"));
    await stage.when(transactions.abort());
    transactions.begin();
    await stage.when(stage.send("d"));
    await stage.when(transactions.commit());
    expect([await stage.committed(0), await stage.committed(1)]).toEqual([["a", "c", "d"], ["b"]]);
    expect(transactions.state).toBe("READY");
  });

  it.each(BOTH)("v$version: offsets count when the transaction is committed, and not when it is aborted", async ({ cluster }) => {
    const stage = await transactionsStage(cluster);
    const transactions = await stage.begun();
    const offsets = (offset: number) => [{ topic: "orders", partition: 0, offset }];
    await stage.when(transactions.sendOffsets(offsets(7), "copier"));
    await stage.when(transactions.abort());
    expect(await stage.committedOffset("copier")).toBe(-1);
    transactions.begin();
    await stage.when(transactions.sendOffsets(offsets(8), { groupId: "copier" }));
    await stage.when(transactions.commit());
    expect(await stage.committedOffset("copier")).toBe(8);
  });

  it("v1: partitions are added before the first batch, those of one moment in one request; the epoch stays", async () => {
    const stage = await transactionsStage(V1);
    const transactions = await stage.begun();
    const { identity } = transactions;
    await stage.when(Promise.all([stage.send("a"), stage.send("b", 1)]));
    await stage.when(stage.send("c"));
    await stage.when(transactions.sendOffsets([{ topic: "orders", partition: 0, offset: 1 }], "copier"));
    await stage.when(transactions.commit());
    expect(stage.requests()).toEqual([
      "InitProducerId v5",
      "AddPartitionsToTxn v3",
      "Produce v11",
      "Produce v11",
      "Produce v11",
      "AddOffsetsToTxn v4",
      "TxnOffsetCommit v4",
      "EndTxn v4 commit",
    ]);
    transactions.begin();
    expect(transactions.identity).toEqual(identity);
  });

  it("T13, v2: brokers add partitions and groups by themselves, and every end brings another epoch", async () => {
    const stage = await transactionsStage(V2);
    const transactions = await stage.begun();
    expect(transactions.identity?.producerEpoch).toBe(0);
    expect(transactions.produceMaxVersion).toBeUndefined();
    await stage.when(stage.send("a"));
    await stage.when(transactions.sendOffsets([{ topic: "orders", partition: 0, offset: 1 }], "copier"));
    await stage.when(transactions.commit());
    expect(stage.requests()).toEqual(["InitProducerId v5", "Produce v12", "TxnOffsetCommit v5", "EndTxn v5 commit"]);
    transactions.begin();
    expect(transactions.identity?.producerEpoch).toBe(1);
  });

  it("an empty transaction is committed without a request; version 2 aborts it with one", async () => {
    for (const { version, cluster } of BOTH) {
      const stage = await transactionsStage(cluster);
      const transactions = await stage.begun();
      await stage.when(transactions.commit());
      transactions.begin();
      await stage.when(transactions.abort());
      expect(stage.requests()).toEqual(["InitProducerId v5", ...(version === 2 ? ["EndTxn v5 abort"] : [])]);
    }
  });

  it("an abort fails what was not sent, and asks for it no more", async () => {
    const stage = await transactionsStage(V1);
    const transactions = await stage.begun();
    stage.broker.faults.failNext({ api: "AddPartitionsToTxn", error: "COORDINATOR_LOAD_IN_PROGRESS", times: 1000 });
    const sent = stage.failureOf(stage.send("a"));
    await stage.clock.advance(500);
    const { tookMs } = await stage.failureOf(transactions.abort());
    const { error } = await sent;
    expect(error).toMatchObject({ code: "TRANSACTION_ABORTED", verdict: "not persisted", transactionalId: TRANSACTIONAL_ID });
    expect(tookMs).toBe(0);
    expect(transactions.state).toBe("READY");
    const asked = stage.requests().length;
    await stage.clock.advance(10_000);
    expect(stage.requests()).toHaveLength(asked);
  });
});
