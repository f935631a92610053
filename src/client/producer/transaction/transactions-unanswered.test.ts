import { describe, expect, it } from "vitest";
import { BOTH, transactionsStage, V1, V2 } from "../../../../test/support/transactions-stage.ts";
import { IllegalStateError, RequestTimeoutError, TransactionFailedError } from "../../errors.ts";

const OFFSETS = [{ topic: "orders", partition: 0, offset: 5 }];

describe("transactions when answers are missing", () => {
  it.each(BOTH)(
    "T8 v$version: offsets that find nobody in time leave a transaction that can only be aborted",
    async ({ cluster }) => {
      const stage = await transactionsStage(cluster);
      const { transactions, broker } = stage;
      await stage.begun();
      await stage.when(stage.send("a"));
      broker.faults.failNext({ api: "TxnOffsetCommit", error: "COORDINATOR_LOAD_IN_PROGRESS", times: 1000 });
      const { error, tookMs } = await stage.failureOf(transactions.sendOffsets(OFFSETS, "copier", { timeoutMs: 3000 }));
      expect(error).toBeInstanceOf(RequestTimeoutError);
      expect([(error as RequestTimeoutError).severity, tookMs]).toEqual(["abortable", 3000]);
      expect((await stage.failureOf(transactions.commit())).error).toBeInstanceOf(TransactionFailedError);
      await stage.when(transactions.abort());
      broker.faults.clear();
      await stage.goesOn("b");
      expect(await stage.committed()).toEqual(["b"]);
    },
  );

  it("T8 v1: partitions that cannot be added in time fail the transaction", async () => {
    const stage = await transactionsStage(V1, { deliveryTimeoutMs: 31_000 });
    stage.broker.faults.failNext({ api: "AddPartitionsToTxn", error: "COORDINATOR_LOAD_IN_PROGRESS", times: 1000 });
    await stage.begun();
    const { error, tookMs } = await stage.failureOf(stage.send("a"));
    expect(error).toMatchObject({ code: "TRANSACTION_ABORTED", cause: { code: "REQUEST_TIMEOUT", severity: "abortable" } });
    expect(tookMs).toBe(31_000);
    expect(stage.transactions.state).toBe("ABORTABLE_ERROR");
  });

  it.each([
    { version: 1, cluster: V1, ending: "commit" },
    { version: 1, cluster: V1, ending: "abort" },
    { version: 2, cluster: V2, ending: "commit" },
    { version: 2, cluster: V2, ending: "abort" },
  ] as const)("T10 v$version: whether it is known or not, $ending goes on as it began", async ({ version, cluster, ending }) => {
    const stage = await transactionsStage(cluster);
    const { transactions, broker } = stage;
    await stage.begun();
    await stage.when(stage.send("a"));
    broker.faults.neverAnswer({ api: "EndTxn", afterApply: true });
    const { error, tookMs } = await stage.failureOf(transactions[ending]({ timeoutMs: 3000 }));
    expect(error).toBeInstanceOf(RequestTimeoutError);
    expect(error).toMatchObject({ severity: "retriable", outcome: "unknown", retriable: true });
    expect((error as Error).message).toContain(`${ending}Transaction(), which goes on when it is called again`);
    expect(tookMs).toBe(3000);
    const other = ending === "commit" ? "abort" : "commit";
    expect((await stage.failureOf(transactions[other]())).error).toBeInstanceOf(IllegalStateError);
    expect(() => transactions.begin()).toThrow(IllegalStateError);
    await stage.when(transactions[ending]());
    await stage.goesOn("b");
    expect(await stage.committed()).toEqual(ending === "commit" ? ["a", "b"] : ["b"]);
    // KAFKA-17754: without another epoch the request that is still on its way could end the next transaction.
    const inits = stage.sent("InitProducerId").length;
    expect(inits).toBe(version === 1 ? 2 : 1);
  });

  it.each(BOTH)("T10 v$version: an end whose connection broke is asked again by itself", async ({ cluster }) => {
    for (const afterApply of [false, true]) {
      const stage = await transactionsStage(cluster);
      await stage.begun();
      await stage.when(stage.send("a"));
      stage.broker.faults.disconnect({ api: "EndTxn", afterApply });
      await stage.when(stage.transactions.commit());
      await stage.goesOn("b");
      expect(await stage.committed()).toEqual(["a", "b"]);
    }
  });

  it("T10: before EndTxn is sent a commit may still become an abort", async () => {
    const stage = await transactionsStage(V1);
    const { transactions, broker } = stage;
    await stage.begun();
    broker.faults.failNext({ api: "AddPartitionsToTxn", error: "COORDINATOR_LOAD_IN_PROGRESS", times: 1000 });
    const record = stage.failureOf(stage.send("a"));
    const { error } = await stage.failureOf(transactions.commit({ timeoutMs: 2000 }));
    expect(error).toMatchObject({ code: "REQUEST_TIMEOUT", severity: "retriable" });
    expect(transactions.isAbortable).toBe(true);
    await stage.when(transactions.abort());
    expect((await record).error).toMatchObject({ code: "TRANSACTION_ABORTED" });
    expect(transactions.state).toBe("READY");
  });

  it.each(BOTH)("v$version: initTransactions() that nobody answers goes on when it is called again", async ({ cluster }) => {
    const stage = await transactionsStage(cluster);
    const { transactions, broker } = stage;
    broker.faults.neverAnswer({ api: "InitProducerId", afterApply: true });
    const { error, tookMs } = await stage.failureOf(transactions.init({ timeoutMs: 2000 }));
    expect(error).toMatchObject({ code: "REQUEST_TIMEOUT", severity: "retriable" });
    expect(tookMs).toBe(2000);
    expect(() => transactions.begin()).toThrow("initTransactions() has not succeeded yet");
    await stage.when(transactions.init());
    await stage.goesOn("a");
    expect(await stage.committed()).toEqual(["a"]);
  });

  it("v1: an abort whose new epoch is not answered for goes on with that", async () => {
    const stage = await transactionsStage(V1);
    const { transactions, broker } = stage;
    await stage.begun();
    broker.faults.failNext({ api: "Produce", topic: "orders", partition: 0, error: "OUT_OF_ORDER_SEQUENCE_NUMBER" });
    expect((await stage.failureOf(stage.send("a"))).error).toMatchObject({ severity: "abortable" });
    broker.faults.neverAnswer({ api: "InitProducerId", afterApply: true });
    expect((await stage.failureOf(transactions.abort({ timeoutMs: 2000 }))).error).toMatchObject({ severity: "retriable" });
    expect(() => transactions.begin()).toThrow(IllegalStateError);
    await stage.when(transactions.abort());
    expect(stage.sent("EndTxn")).toHaveLength(1);
    await stage.goesOn("b");
    expect(await stage.committed()).toEqual(["b"]);
  });

  it("v1: nothing is left open when it is not known whether a partition was added", async () => {
    for (const afterApply of [false, true]) {
      const stage = await transactionsStage(V1);
      const { transactions, broker } = stage;
      await stage.begun();
      broker.faults.neverAnswer({ api: "AddPartitionsToTxn", afterApply });
      const record = stage.failureOf(stage.send("a"));
      await stage.clock.advance(100);
      await stage.when(transactions.abort());
      await record;
      expect(stage.sent("EndTxn")).toEqual(["EndTxn v4 abort"]);
      await stage.goesOn("b");
      expect(await stage.committed()).toEqual(["b"]);
    }
  });

  it("an aborted signal ends the call, and the next one goes on", async () => {
    const stage = await transactionsStage(V2);
    const { transactions, broker } = stage;
    await stage.begun();
    await stage.when(stage.send("a"));
    broker.faults.neverAnswer({ api: "EndTxn", afterApply: true });
    const giveUp = new AbortController();
    const committing = stage.failureOf(transactions.commit({ signal: giveUp.signal }));
    await stage.clock.advance(100);
    giveUp.abort(new Error("enough"));
    expect((await committing).error).toMatchObject({ message: "enough" });
    expect(() => transactions.begin()).toThrow(IllegalStateError);
    await stage.when(transactions.commit());
    expect(await stage.committed()).toEqual(["a"]);
  });

  it("an aborted signal leaves offsets of which nobody knows: the transaction can only be aborted", async () => {
    const stage = await transactionsStage(V1);
    const { transactions, broker } = stage;
    await stage.begun();
    broker.faults.neverAnswer({ api: "TxnOffsetCommit", afterApply: true });
    const giveUp = new AbortController();
    const committing = stage.failureOf(transactions.sendOffsets(OFFSETS, "copier", { signal: giveUp.signal }));
    await stage.clock.advance(100);
    giveUp.abort(new Error("enough"));
    expect((await committing).error).toMatchObject({ message: "enough" });
    expect((await stage.failureOf(transactions.commit())).error).toMatchObject({ code: "TRANSACTION_FAILED" });
    await stage.when(transactions.abort());
    expect(await stage.committedOffset("copier")).toBe(-1);
  });

  it("v1: a batch that fails while its transaction is aborted costs the epoch, and nothing else", async () => {
    const stage = await transactionsStage(V1);
    const { transactions, broker } = stage;
    await stage.begun();
    await stage.when(stage.send("a"));
    broker.faults.failNext({ api: "Produce", topic: "orders", partition: 0, error: "MESSAGE_TOO_LARGE" });
    broker.faults.delay({ api: "Produce", delayMs: 500 });
    const late = stage.failureOf(stage.send("b"));
    await stage.when(transactions.abort());
    expect((await late).error).toMatchObject({ code: "MESSAGE_TOO_LARGE", severity: "abortable" });
    expect(stage.sent("EndTxn", "InitProducerId").slice(1)).toEqual(["EndTxn v4 abort", "InitProducerId v5"]);
    await stage.goesOn("c");
    expect(await stage.committed()).toEqual(["c"]);
  });

  it("before Kafka 2.5 a batch of which nobody knows is the producer's end: its sequence numbers stay in doubt", async () => {
    const stage = await transactionsStage({ asVersion: "2.4" });
    await stage.begun();
    await stage.when(stage.send("a"));
    stage.broker.faults.neverAnswer({ api: "Produce", afterApply: true, times: 1000 });
    const { error } = await stage.failureOf(stage.send("b"));
    expect(error).toMatchObject({ code: "REQUEST_TIMEOUT", severity: "fatal", verdict: "possibly persisted" });
    expect((await stage.failureOf(stage.transactions.abort())).error).toBe(error);
  });

  it("a signal that is aborted before the call changes nothing", async () => {
    const stage = await transactionsStage(V2);
    const { transactions } = stage;
    await stage.begun();
    const signal = AbortSignal.abort(new Error("never mind"));
    const { error } = await stage.failureOf(transactions.sendOffsets(OFFSETS, "copier", { signal }));
    expect(error).toMatchObject({ message: "never mind" });
    expect(transactions.state).toBe("IN_TRANSACTION");
  });
});
