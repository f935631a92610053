import { describe, expect, it } from "vitest";
import { type TransactionsStage, transactionsStage } from "../../../../test/support/transactions-stage.ts";
import type { EmbeddedBrokerOptions } from "../../../broker/index.ts";
import { FEATURE_SAFE_DOWNGRADE, FEATURE_UPGRADE, UpdateFeatures } from "../../../protocol/index.ts";
import { BrokerError, IllegalStateError, ProducerFencedError, RequestTimeoutError, TransactionFailedError } from "../../errors.ts";

const V1: EmbeddedBrokerOptions = { asVersion: "3.9" };
const V2: EmbeddedBrokerOptions = {};
const BOTH = [
  { version: 1, cluster: V1 },
  { version: 2, cluster: V2 },
] as const;
const OFFSETS = [{ topic: "orders", partition: 0, offset: 5 }];

/** Which of these were sent, in their order. */
function sent(stage: TransactionsStage, ...apis: readonly string[]): readonly string[] {
  return stage.requests().filter((request) => apis.includes(request.split(" ")[0]!));
}

async function goesOn(stage: TransactionsStage, value: string): Promise<void> {
  stage.transactions.begin();
  await stage.when(stage.send(value));
  await stage.when(stage.transactions.commit());
}

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
      expect(sent(stage, "EndTxn")).toEqual([]);
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
    expect(sent(stage, "EndTxn")).toEqual(["EndTxn v4 abort"]);
    await goesOn(stage, "c");
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
      await goesOn(stage, "b");
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

  it.each(BOTH)("T5 v$version: a coordinator that has forgotten the id when it is to abort gives another epoch", async ({ cluster }) => {
    const stage = await transactionsStage(cluster);
    await stage.begun();
    await stage.when(stage.send("a"));
    stage.broker.faults.failNext({ api: "EndTxn", error: "INVALID_PRODUCER_ID_MAPPING" });
    await stage.when(stage.transactions.abort());
    expect(stage.requests().at(-1)).toBe("InitProducerId v5");
    expect(stage.transactions.state).toBe("READY");
  });

  it.each(BOTH)("T6, T7 v$version: a commit that is refused is aborted; an abort that is refused ends the producer", async ({ cluster }) => {
    for (const error of ["INVALID_TXN_STATE", "TRANSACTION_ABORTABLE"] as const) {
      const stage = await transactionsStage(cluster);
      const { transactions, broker } = stage;
      await stage.begun();
      await stage.when(stage.send("a"));
      broker.faults.failNext({ api: "EndTxn", error });
      expect((await stage.failureOf(transactions.commit())).error).toMatchObject({ code: error, severity: "abortable" });
      await stage.when(transactions.abort());
      await goesOn(stage, "b");
      transactions.begin();
      await stage.when(stage.send("c"));
      broker.faults.failNext({ api: "EndTxn", error });
      expect((await stage.failureOf(transactions.abort())).error).toMatchObject({ code: error, severity: "fatal" });
      expect(() => transactions.begin()).toThrow(error);
      expect(await stage.committed()).toEqual(["b"]);
    }
  });

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
        await goesOn(stage, "b");
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
    await goesOn(stage, "b");
    expect(await stage.committed()).toEqual(["b"]);
  });

  it("T14 v2: a transaction that took too long is aborted, and the producer goes on", async () => {
    const stage = await transactionsStage(V2, { transactionTimeoutMs: 5000, deliveryTimeoutMs: 40_000 });
    const { transactions } = stage;
    await stage.begun();
    await stage.when(stage.send("a"));
    await stage.clock.advance(60_000);
    const { error } = await stage.failureOf(transactions.commit());
    expect(error).toMatchObject({ severity: "abortable" });
    await stage.when(transactions.abort());
    await goesOn(stage, "b");
    expect(await stage.committed()).toEqual(["b"]);
  });

  it("T14 v1: there the coordinator fences who took too long", async () => {
    const stage = await transactionsStage(V1, { transactionTimeoutMs: 5000, deliveryTimeoutMs: 40_000 });
    await stage.begun();
    await stage.when(stage.send("a"));
    await stage.clock.advance(60_000);
    expect((await stage.failureOf(stage.transactions.commit())).error).toBeInstanceOf(ProducerFencedError);
  });
});

describe("transactions when answers are missing", () => {
  it.each(BOTH)("T8 v$version: offsets that find nobody in time leave a transaction that can only be aborted", async ({ cluster }) => {
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
    await goesOn(stage, "b");
    expect(await stage.committed()).toEqual(["b"]);
  });

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
    await goesOn(stage, "b");
    expect(await stage.committed()).toEqual(ending === "commit" ? ["a", "b"] : ["b"]);
    // KAFKA-17754: without another epoch the request that is still on its way could end the next transaction.
    const inits = sent(stage, "InitProducerId").length;
    expect(inits).toBe(version === 1 ? 2 : 1);
  });

  it.each(BOTH)("T10 v$version: an end whose connection broke is asked again by itself", async ({ cluster }) => {
    for (const afterApply of [false, true]) {
      const stage = await transactionsStage(cluster);
      await stage.begun();
      await stage.when(stage.send("a"));
      stage.broker.faults.disconnect({ api: "EndTxn", afterApply });
      await stage.when(stage.transactions.commit());
      await goesOn(stage, "b");
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
    await goesOn(stage, "a");
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
    expect(sent(stage, "EndTxn")).toHaveLength(1);
    await goesOn(stage, "b");
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
      expect(sent(stage, "EndTxn")).toEqual(["EndTxn v4 abort"]);
      await goesOn(stage, "b");
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
});

describe("transactions and their calls", () => {
  it("T16: of calls at the same time all but the first are refused at once", async () => {
    const stage = await transactionsStage(V2);
    const { transactions } = stage;
    const initializing = transactions.init();
    expect((await stage.failureOf(transactions.init())).error).toMatchObject({ code: "ILLEGAL_STATE" });
    await stage.when(initializing);
    transactions.begin();
    expect(() => transactions.begin()).toThrow(IllegalStateError);
    await stage.when(stage.send("a"));
    const committing = transactions.commit();
    for (const call of [transactions.commit(), transactions.abort(), transactions.sendOffsets(OFFSETS, "copier")]) {
      const { error, tookMs } = await stage.failureOf(call);
      expect([error, tookMs]).toEqual([expect.any(IllegalStateError), 0]);
    }
    expect(() => transactions.begin()).toThrow(IllegalStateError);
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
    const wrong: readonly Promise<void>[] = [
      transactions.sendOffsets([{ topic: "", partition: 0, offset: 0 }], "copier"),
      transactions.sendOffsets([{ topic: "orders", partition: -1, offset: 0 }], "copier"),
      transactions.sendOffsets([{ topic: "orders", partition: 0, offset: 1.5 }], "copier"),
      transactions.sendOffsets([...OFFSETS, ...OFFSETS], "copier"),
      transactions.sendOffsets(OFFSETS, ""),
      transactions.sendOffsets(OFFSETS, { groupId: "copier", generationId: 3 }),
    ];
    for (const call of wrong) expect((await stage.failureOf(call)).error).toBeInstanceOf(IllegalStateError);
    await stage.when(transactions.sendOffsets([], "copier"));
    expect(sent(stage, "TxnOffsetCommit")).toEqual([]);
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
    await goesOn(stage, "c");
    expect(stage.requests().slice(-2)).toEqual(["Produce v12", "EndTxn v5 commit"]);
    await agree(1);
    await goesOn(stage, "d");
    await goesOn(stage, "e");
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
});
