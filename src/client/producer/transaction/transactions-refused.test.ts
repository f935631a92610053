import { describe, expect, it } from "vitest";
import { BOTH, transactionsStage, V1, V2 } from "../../../../test/support/transactions-stage.ts";
import { BrokerError, ProducerFencedError, TransactionFailedError } from "../../errors.ts";

const OFFSETS = [{ topic: "orders", partition: 0, offset: 5 }];

describe("transactions when brokers refuse", () => {
  it.each(BOTH)("T1 v$version: a producer that is fenced is told so, and ends nothing", async ({ version, cluster }) => {
    const stage = await transactionsStage(cluster);
    const { transactions } = stage;
    await stage.begun();
    await stage.when(stage.another().transactions.init());
    const { error } = await stage.failureOf(stage.send("late"));
    if (version === 2) {
      // A leader says only that the epoch is old: perhaps it took too long. Who asks to abort hears the truth.
      expect(error).toMatchObject({ code: "INVALID_PRODUCER_EPOCH", severity: "abortable" });
      expect((await stage.failureOf(transactions.abort())).error).toBeInstanceOf(ProducerFencedError);
    } else {
      expect(error).toBeInstanceOf(ProducerFencedError);
      expect(error).toMatchObject({ verdict: "not persisted" });
      expect(stage.sent("EndTxn")).toEqual([]);
    }
    for (const call of [() => transactions.begin(), () => transactions.checkSend()]) expect(call).toThrow(ProducerFencedError);
    expect((await stage.failureOf(transactions.commit())).error).toMatchObject({ code: "PRODUCER_FENCED", severity: "fatal" });
    expect(transactions.canSend("orders", 0)).toBe(false);
  });

  it("T2 v1: while markers are written the first question comes again after 20 ms, then with growing pauses", async () => {
    const stage = await transactionsStage(V1);
    await stage.begun();
    await stage.when(stage.send("a"));
    stage.broker.transactionMarkerDelayMs = 300;
    await stage.when(stage.transactions.commit());
    stage.transactions.begin();
    await stage.when(stage.send("b"));
    await stage.when(stage.transactions.commit());
    const times = stage.broker.journal.requests("AddPartitionsToTxn").map(({ atMs }) => atMs);
    const pauses = times.slice(2).map((atMs, index) => atMs - times[index + 1]!);
    expect(pauses[0]).toBe(20);
    expect(pauses.slice(1).every((pause) => pause >= 80)).toBe(true);
    await stage.clock.advance(300);
    expect(await stage.committed()).toEqual(["a", "b"]);
  });

  it.each(BOTH)("T2, P28 v$version: InitProducerId waits for a transaction that is being ended", async ({ cluster }) => {
    const stage = await transactionsStage(cluster);
    await stage.begun();
    await stage.when(stage.send("open"));
    stage.broker.transactionMarkerDelayMs = 300;
    const other = stage.another();
    await stage.when(other.transactions.init());
    expect(other.transactions.state).toBe("READY");
    expect(await stage.committed()).toEqual([]);
  });

  it.each(["COORDINATOR_LOAD_IN_PROGRESS", "COORDINATOR_NOT_AVAILABLE", "NOT_COORDINATOR", "CONCURRENT_TRANSACTIONS"] as const)(
    "P28, T3: %s is asked again, in every request of a transaction",
    async (error) => {
      const stage = await transactionsStage(V1);
      const api = ["InitProducerId", "AddPartitionsToTxn", "AddOffsetsToTxn", "EndTxn"] as const;
      for (const one of api) stage.broker.faults.failNext({ api: one, error, times: 3 });
      await stage.begun();
      await stage.when(stage.send("a"));
      await stage.when(stage.transactions.sendOffsets(OFFSETS, "copier"));
      await stage.when(stage.transactions.commit());
      expect([await stage.committed(), await stage.committedOffset("copier")]).toEqual([["a"], 5]);
      expect(stage.broker.faults.pending).toBe(0);
    },
  );

  it.each(BOTH)("T3 v$version: coordinators that move are found again", async ({ cluster }) => {
    const stage = await transactionsStage({ ...cluster, nodes: 3 });
    const { broker, transactions } = stage;
    broker.moveCoordinator("transaction", "payments", 1);
    broker.moveCoordinator("group", "copier", 1);
    await stage.begun();
    await stage.when(stage.send("a"));
    await stage.when(transactions.sendOffsets(OFFSETS, "copier"));
    broker.moveCoordinator("transaction", "payments", 2, { loadingMs: 500 });
    broker.moveCoordinator("group", "copier", 2, { loadingMs: 500 });
    await stage.when(transactions.sendOffsets([{ ...OFFSETS[0]!, offset: 6 }], "copier"));
    await stage.when(transactions.commit());
    expect([await stage.committed(), await stage.committedOffset("copier")]).toEqual([["a"], 6]);
  });

  it("T4: what was added stays added when others are refused, and is ended", async () => {
    const stage = await transactionsStage(V1);
    const { transactions, broker } = stage;
    await stage.begun();
    await stage.when(stage.send("a"));
    broker.faults.failNext({ api: "AddPartitionsToTxn", topic: "orders", partition: 1, error: "TOPIC_AUTHORIZATION_FAILED" });
    const { error } = await stage.failureOf(stage.send("b", 1));
    expect(error).toMatchObject({
      code: "TRANSACTION_ABORTED",
      verdict: "not persisted",
      cause: { code: "TOPIC_AUTHORIZATION_FAILED", context: { topic: "orders", partition: 1 } },
    });
    expect((await stage.failureOf(transactions.commit())).error).toBeInstanceOf(TransactionFailedError);
    await stage.when(transactions.abort());
    expect(stage.sent("EndTxn")).toEqual(["EndTxn v4 abort"]);
    await stage.goesOn("c");
    expect(await stage.committed()).toEqual(["c"]);
  });

  it("T4: a partition that was not attempted for another's sake is asked for again with it", async () => {
    const stage = await transactionsStage(V1);
    stage.broker.faults.failNext({
      api: "AddPartitionsToTxn",
      topic: "orders",
      partition: 1,
      error: "UNKNOWN_TOPIC_OR_PARTITION",
      times: 2,
    });
    await stage.begun();
    await stage.when(Promise.all([stage.send("a", 0), stage.send("b", 1)]));
    await stage.when(stage.transactions.commit());
    expect([await stage.committed(0), await stage.committed(1)]).toEqual([["a"], ["b"]]);
  });

  it.each(["UNKNOWN_PRODUCER_ID", "INVALID_PRODUCER_ID_MAPPING"] as const)(
    "T5 %s: the transaction is aborted, and a new epoch taken (KIP-360)",
    async (error) => {
      const stage = await transactionsStage(V1);
      const { transactions, broker } = stage;
      await stage.begun();
      const before = transactions.identity!;
      broker.faults.failNext({ api: "AddPartitionsToTxn", error });
      const failed = await stage.failureOf(stage.send("a"));
      expect(failed.error).toMatchObject({ code: "TRANSACTION_ABORTED", cause: { code: error, severity: "abortable" } });
      await stage.when(transactions.abort());
      expect(stage.requests().at(-1)).toBe("InitProducerId v5");
      await stage.goesOn("b");
      transactions.begin();
      expect(transactions.identity).toEqual({ ...before, producerEpoch: before.producerEpoch + 1 });
      expect(await stage.committed()).toEqual(["b"]);
    },
  );

  it("T5: before Kafka 2.5 there is no new epoch, and the producer is at its end", async () => {
    const stage = await transactionsStage({ asVersion: "2.4" });
    stage.broker.faults.failNext({ api: "AddPartitionsToTxn", error: "UNKNOWN_PRODUCER_ID" });
    await stage.begun();
    const { error } = await stage.failureOf(stage.send("a"));
    expect(error).toMatchObject({ code: "TRANSACTION_ABORTED", severity: "fatal", cause: { code: "UNKNOWN_PRODUCER_ID" } });
    expect(() => stage.transactions.begin()).toThrow(BrokerError);
  });

  it("T5 v2: a coordinator that has forgotten the id when it is to abort gives another epoch", async () => {
    const stage = await transactionsStage(V2);
    await stage.begun();
    await stage.when(stage.send("a"));
    stage.broker.faults.failNext({ api: "EndTxn", error: "INVALID_PRODUCER_ID_MAPPING" });
    await stage.when(stage.transactions.abort());
    expect(stage.requests().at(-1)).toBe("InitProducerId v5");
    expect(stage.transactions.state).toBe("READY");
  });

  it.each(BOTH)(
    "T6, T7 v$version: a commit that is refused is aborted; an abort that is refused ends the producer",
    async ({ cluster }) => {
      for (const error of ["INVALID_TXN_STATE", "TRANSACTION_ABORTABLE"] as const) {
        const stage = await transactionsStage(cluster);
        const { transactions, broker } = stage;
        await stage.begun();
        await stage.when(stage.send("a"));
        broker.faults.failNext({ api: "EndTxn", error });
        expect((await stage.failureOf(transactions.commit())).error).toMatchObject({ code: error, severity: "abortable" });
        await stage.when(transactions.abort());
        await stage.goesOn("b");
        transactions.begin();
        await stage.when(stage.send("c"));
        broker.faults.failNext({ api: "EndTxn", error });
        expect((await stage.failureOf(transactions.abort())).error).toMatchObject({ code: error, severity: "fatal" });
        expect(() => transactions.begin()).toThrow(error);
        expect(await stage.committed()).toEqual(["b"]);
      }
    },
  );

  it.each(["TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "INVALID_TRANSACTION_TIMEOUT", "CLUSTER_AUTHORIZATION_FAILED"] as const)(
    "T9, P6 %s in InitProducerId: the producer can only be closed",
    async (error) => {
      const stage = await transactionsStage(V2);
      stage.broker.faults.failNext({ api: "InitProducerId", error });
      expect((await stage.failureOf(stage.transactions.init())).error).toMatchObject({ code: error, severity: "fatal" });
      expect((await stage.failureOf(stage.transactions.init())).error).toMatchObject({ code: error });
    },
  );

  it.each(["GROUP_AUTHORIZATION_FAILED", "FENCED_INSTANCE_ID", "UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION"] as const)(
    "T9 %s for offsets: the transaction can only be aborted",
    async (error) => {
      for (const { cluster } of BOTH) {
        const stage = await transactionsStage(cluster);
        const { transactions, broker } = stage;
        await stage.begun();
        await stage.when(stage.send("a"));
        broker.faults.failNext({ api: "TxnOffsetCommit", error });
        const refused = await stage.failureOf(transactions.sendOffsets(OFFSETS, "copier"));
        expect(refused.error).toMatchObject({ code: error, severity: "abortable", context: { topic: "orders", group: "copier" } });
        await stage.when(transactions.abort());
        await stage.goesOn("b");
        expect(await stage.committed()).toEqual(["b"]);
      }
    },
  );

  it("T9, KIP-447: a group that has no such member refuses it, a group's bare name is taken", async () => {
    const stage = await transactionsStage(V2);
    await stage.begun();
    const member = { groupId: "copier", generationId: 3, memberId: "gone" };
    const { error } = await stage.failureOf(stage.transactions.sendOffsets(OFFSETS, member));
    expect(error).toMatchObject({ severity: "abortable" });
    expect(["UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION"]).toContain((error as BrokerError).code);
    const [request] = stage.broker.journal.requests("TxnOffsetCommit");
    expect(request?.body).toMatchObject({ generationIdOrMemberEpoch: 3, memberId: "gone", groupInstanceId: null });
  });

  it.each(BOTH)("T11 v$version: an end that nobody understands is never taken for a commit", async ({ cluster }) => {
    const stage = await transactionsStage(cluster);
    await stage.begun();
    await stage.when(stage.send("a"));
    stage.broker.faults.failNext({ api: "EndTxn", error: "UNKNOWN_SERVER_ERROR" });
    const { error } = await stage.failureOf(stage.transactions.commit());
    expect(error).toMatchObject({ code: "UNKNOWN_SERVER_ERROR", severity: "fatal" });
  });

  it.each(BOTH)("T12 v$version: a record that failed keeps its transaction from being committed", async ({ cluster }) => {
    const stage = await transactionsStage(cluster);
    const { transactions, broker } = stage;
    await stage.begun();
    await stage.when(stage.send("a"));
    broker.faults.failNext({ api: "Produce", topic: "orders", partition: 0, error: "MESSAGE_TOO_LARGE" });
    const failed = stage.failureOf(stage.send("huge"));
    const { error } = await stage.failureOf(transactions.commit());
    expect((await failed).error).toMatchObject({ code: "MESSAGE_TOO_LARGE", severity: "abortable", verdict: "not persisted" });
    expect(error).toBeInstanceOf(TransactionFailedError);
    expect(error).toMatchObject({ severity: "abortable", cause: { code: "MESSAGE_TOO_LARGE" } });
    expect(() => transactions.checkSend()).toThrow(TransactionFailedError);
    expect((await stage.failureOf(transactions.sendOffsets(OFFSETS, "copier"))).error).toBeInstanceOf(TransactionFailedError);
    await stage.when(transactions.abort());
    await stage.goesOn("b");
    expect(await stage.committed()).toEqual(["b"]);
  });

  it("T14 v2: a transaction that took too long is aborted, and the producer goes on", async () => {
    const stage = await transactionsStage(V2, { transactionTimeoutMs: 5000 });
    const { transactions } = stage;
    await stage.begun();
    await stage.when(stage.send("a"));
    await stage.clock.advance(60_000);
    const { error } = await stage.failureOf(transactions.commit());
    expect(error).toMatchObject({ severity: "abortable" });
    await stage.when(transactions.abort());
    await stage.goesOn("b");
    expect(await stage.committed()).toEqual(["b"]);
  });

  it("T14 v1: there the coordinator fences who took too long", async () => {
    const stage = await transactionsStage(V1, { transactionTimeoutMs: 5000 });
    await stage.begun();
    await stage.when(stage.send("a"));
    await stage.clock.advance(60_000);
    expect((await stage.failureOf(stage.transactions.commit())).error).toBeInstanceOf(ProducerFencedError);
  });

  it("what waits fails with what was fatal, and says so", async () => {
    const stage = await transactionsStage(V1);
    const { transactions, broker } = stage;
    await stage.begun();
    broker.faults.failNext({ api: "AddPartitionsToTxn", error: "COORDINATOR_LOAD_IN_PROGRESS", times: 1000 });
    const waiting = stage.failureOf(stage.send("a"));
    await stage.clock.advance(1000);
    broker.faults.failNext({ api: "AddOffsetsToTxn", error: "TRANSACTIONAL_ID_AUTHORIZATION_FAILED" });
    const { error } = await stage.failureOf(transactions.sendOffsets(OFFSETS, "copier"));
    expect(error).toMatchObject({ code: "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", severity: "fatal" });
    expect((await waiting).error).toMatchObject({
      code: "TRANSACTION_ABORTED",
      severity: "fatal",
      verdict: "not persisted",
      cause: error,
    });
    const asked = stage.requests().length;
    await stage.clock.advance(60_000);
    expect(stage.requests()).toHaveLength(asked);
    expect(() => transactions.checkSend()).toThrow(BrokerError);
  });
});
