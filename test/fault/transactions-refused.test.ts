// A broker or a coordinator refuses something in a transaction. The faults are numbered as in the fault list.

import { describe, expect, it } from "vitest";
import { ProducerFencedError, TransactionFailedError } from "../../src/client/errors.ts";
import { Producer } from "../../src/client/index.ts";
import { memoryRuntime } from "../support/client-runtime.ts";
import { BOTH, GROUP, OFFSETS, TRANSACTIONAL_ID, transactionalStage, V1, V2 } from "../support/transactional-stage.ts";

describe("some records of a sendBatch", () => {
  it.each(BOTH)("T12 v$version: fail: what is thrown says what that means for the transaction", async ({ cluster }) => {
    const stage = await transactionalStage(cluster);
    const { producer, broker } = stage;
    await stage.when(producer.initTransactions());
    broker.faults.failNext({ api: "Produce", topic: "orders", partition: 1, error: "MESSAGE_TOO_LARGE" });
    const records = [0, 1].map((partition) => ({ value: "a", partition }));
    const error = await stage.refusalOf(producer.transaction((tx) => tx.sendBatch("orders", records)));
    expect(error).toMatchObject({ code: "SEND_BATCH", severity: "abortable", failures: [{ index: 1 }] });
    await stage.when(producer.transaction((tx) => tx.sendBatch("orders", records)));
  });
});

describe("a producer that was fenced off", () => {
  it.each([
    { version: 1, cluster: V1, api: "AddPartitionsToTxn" },
    { version: 1, cluster: V1, api: "Produce" },
    { version: 2, cluster: V2, api: "Produce" },
    { version: 1, cluster: V1, api: "AddOffsetsToTxn" },
    { version: 1, cluster: V1, api: "TxnOffsetCommit" },
    { version: 2, cluster: V2, api: "TxnOffsetCommit" },
  ] as const)("T1 v$version: PRODUCER_FENCED in $api is fatal, fails what waits, and ends nothing", async ({ cluster, api }) => {
    const stage = await transactionalStage(cluster, { batchSize: 0 });
    const { producer, broker } = stage;
    await stage.begun();
    broker.faults.failNext({ api, error: "PRODUCER_FENCED", times: 100 });
    const records = ["a", "b", "c", "d", "e", "f", "g"].map((value) => stage.send(value));
    if (api === "AddOffsetsToTxn" || api === "TxnOffsetCommit")
      await stage.refusalOf(producer.sendOffsetsToTransaction(OFFSETS, GROUP));
    else for (const record of records) expect(await stage.refusalOf(record)).toMatchObject({ severity: "fatal" });
    for (const call of [() => producer.commitTransaction(), () => producer.abortTransaction(), () => stage.send("late")]) {
      expect(await stage.refusalOf(call())).toBeInstanceOf(ProducerFencedError);
    }
    expect(() => producer.beginTransaction()).toThrow(ProducerFencedError);
    await stage.when(producer.close());
    expect(stage.requests("EndTxn")).toEqual([]);
  });

  it.each(BOTH.flatMap(({ version, cluster }) => (["commit", "abort"] as const).map((ending) => ({ version, cluster, ending }))))(
    "T1 v$version: PRODUCER_FENCED for $ending is fatal, and EndTxn is not sent again",
    async ({ cluster, ending }) => {
      const stage = await transactionalStage(cluster);
      const { producer, broker } = stage;
      await stage.begun();
      await stage.when(stage.send("a"));
      broker.faults.failNext({ api: "EndTxn", error: "PRODUCER_FENCED", times: 100 });
      const end = ending === "commit" ? producer.commitTransaction() : producer.abortTransaction();
      expect(await stage.refusalOf(end)).toBeInstanceOf(ProducerFencedError);
      expect(await stage.refusalOf(producer.abortTransaction())).toBeInstanceOf(ProducerFencedError);
      expect(() => producer.beginTransaction()).toThrow(ProducerFencedError);
      await stage.when(producer.close());
      expect(stage.requests("EndTxn")).toHaveLength(1);
    },
  );

  it.each(BOTH)("T1 v$version: PRODUCER_FENCED for an id is fatal", async ({ cluster }) => {
    const stage = await transactionalStage(cluster);
    stage.broker.faults.failNext({ api: "InitProducerId", error: "PRODUCER_FENCED" });
    expect(await stage.refusalOf(stage.producer.initTransactions())).toBeInstanceOf(ProducerFencedError);
    expect(await stage.refusalOf(stage.producer.initTransactions())).toBeInstanceOf(ProducerFencedError);
    expect(stage.requests("InitProducerId")).toHaveLength(1);
  });

  it.each(BOTH)(
    "T1 v$version: by a second producer: its records are not committed, those of the second are",
    async ({ cluster }) => {
      const stage = await transactionalStage(cluster);
      const { producer, broker, inner } = stage;
      await stage.begun();
      await stage.when(stage.send("of the first"));
      const options = { bootstrapServers: broker.bootstrapServers, transactionalId: TRANSACTIONAL_ID };
      const second = new Producer(options, memoryRuntime(broker, { clock: inner.clock, random: 5 }));
      await stage.when(second.initTransactions());
      expect(await stage.refusalOf(producer.commitTransaction())).toMatchObject({ name: "ProducerFencedError", severity: "fatal" });
      await stage.when(second.transaction((tx) => tx.send("orders", { value: "of the second", partition: 0 })));
      await stage.when(second.close());
      expect(await stage.committed()).toEqual(["of the second"]);
    },
  );
});

describe("a coordinator that is not ready", () => {
  it.each([
    { version: 1, cluster: V1, apis: ["InitProducerId", "AddPartitionsToTxn", "AddOffsetsToTxn", "TxnOffsetCommit", "EndTxn"] },
    { version: 2, cluster: V2, apis: ["InitProducerId", "Produce", "TxnOffsetCommit", "EndTxn"] },
  ] as const)(
    "T2 v$version: CONCURRENT_TRANSACTIONS has the same request sent again, by whatever answer",
    async ({ cluster, apis }) => {
      const stage = await transactionalStage(cluster);
      for (const api of apis) stage.broker.faults.failNext({ api, error: "CONCURRENT_TRANSACTIONS", times: 3 });
      await stage.begun();
      await stage.when(stage.send("a"));
      await stage.when(stage.producer.sendOffsetsToTransaction(OFFSETS, GROUP));
      await stage.when(stage.producer.commitTransaction());
      for (const api of apis) expect([api, stage.requests(api).length]).toEqual([api, 4]);
      expect([await stage.committed(), await stage.committedOffset()]).toEqual([["a"], 5]);
    },
  );

  it("T2: the first pause is 20 ms, for the last transaction's markers are being written", async () => {
    const stage = await transactionalStage(V1);
    await stage.begun();
    await stage.when(stage.send("a"));
    stage.broker.faults.failNext({ api: "EndTxn", error: "CONCURRENT_TRANSACTIONS" });
    const before = stage.inner.elapsedMs;
    await stage.when(stage.producer.commitTransaction());
    expect(stage.inner.elapsedMs - before).toBe(20);
  });

  it.each(
    (["COORDINATOR_NOT_AVAILABLE", "NOT_COORDINATOR", "COORDINATOR_LOAD_IN_PROGRESS"] as const).flatMap((error) =>
      BOTH.map(({ version, cluster }) => ({ version, cluster, error })),
    ),
  )("T3 v$version: $error is overcome in every request of a transaction", async ({ cluster, version, error }) => {
    const stage = await transactionalStage(cluster);
    const v1 = ["AddPartitionsToTxn", "AddOffsetsToTxn"] as const;
    for (const api of ["InitProducerId", "TxnOffsetCommit", "EndTxn", ...(version === 1 ? v1 : [])] as const) {
      stage.broker.faults.failNext({ api, error, times: 2 });
    }
    await stage.begun();
    await stage.when(stage.send("a"));
    await stage.when(stage.producer.sendOffsetsToTransaction(OFFSETS, GROUP));
    await stage.when(stage.producer.commitTransaction());
    expect([await stage.committed(), await stage.committedOffset()]).toEqual([["a"], 5]);
  });

  it.each(BOTH)("T3 v$version: a coordinator that moves in the middle of a transaction is found again", async ({ cluster }) => {
    const stage = await transactionalStage({ ...cluster, nodes: 3 });
    const { broker, producer } = stage;
    const move = (): void => {
      const node = (broker.coordinatorOf("transaction", TRANSACTIONAL_ID) % 3) + 1;
      broker.moveCoordinator("transaction", TRANSACTIONAL_ID, node, { loadingMs: 300 });
    };
    await stage.begun();
    await stage.when(stage.send("a"));
    move();
    await stage.when(stage.send("b", 1));
    move();
    await stage.when(producer.commitTransaction());
    move();
    await stage.goesOn("c");
    expect([await stage.committed(), await stage.committed(1)]).toEqual([["a", "c"], ["b"]]);
  });
});

describe("partitions that cannot be added", () => {
  it("T4: those that were added stay added, so that aborting reaches them", async () => {
    const stage = await transactionalStage(V1);
    const { producer, broker } = stage;
    await stage.begun();
    await stage.when(stage.send("a"));
    broker.faults.failNext({ api: "AddPartitionsToTxn", topic: "orders", partition: 1, error: "TOPIC_AUTHORIZATION_FAILED" });
    expect(await stage.refusalOf(stage.send("b", 1))).toMatchObject({ verdict: "not persisted", severity: "abortable" });
    const commit = await stage.refusalOf(producer.commitTransaction());
    expect(commit).toBeInstanceOf(TransactionFailedError);
    expect(commit.cause).toMatchObject({ code: "TOPIC_AUTHORIZATION_FAILED", context: { topic: "orders", partition: 1 } });
    await stage.when(producer.abortTransaction());
    expect(stage.requests("EndTxn")).toEqual(["EndTxn v4 abort"]);
    await stage.goesOn("c");
    // If nobody had ended partition 0, nothing behind "a" could be read.
    expect(await stage.committed()).toEqual(["c"]);
  });

  it("T4: one that was not attempted for another's sake is tried again with it", async () => {
    const stage = await transactionalStage(V1);
    const fault = {
      api: "AddPartitionsToTxn",
      topic: "orders",
      partition: 1,
      error: "UNKNOWN_TOPIC_OR_PARTITION",
      times: 2,
    } as const;
    stage.broker.faults.failNext(fault);
    await stage.begun();
    const sent = [stage.send("a"), stage.send("b", 1)];
    await stage.when(stage.producer.commitTransaction());
    await stage.when(Promise.all(sent));
    expect([await stage.committed(), await stage.committed(1)]).toEqual([["a"], ["b"]]);
  });
});

describe("a producer that the brokers do not know any more", () => {
  it.each(
    (["UNKNOWN_PRODUCER_ID", "INVALID_PRODUCER_EPOCH"] as const).flatMap((error) =>
      BOTH.map(({ version, cluster }) => ({ version, cluster, error })),
    ),
  )("T5 v$version: $error for a record: the transaction is aborted, and the next has another epoch", async ({ cluster, error }) => {
    const stage = await transactionalStage(cluster);
    const { producer, broker } = stage;
    await stage.begun();
    await stage.when(stage.send("a"));
    broker.faults.failNext({ api: "Produce", error });
    expect(await stage.refusalOf(stage.send("b"))).toMatchObject({ severity: "abortable" });
    expect(await stage.refusalOf(producer.commitTransaction())).toMatchObject({ severity: "abortable" });
    await stage.when(producer.abortTransaction());
    await stage.goesOn("c");
    const epochs = stage.inner.wire().map(({ epoch, values }) => [values[0], epoch] as const);
    const [first] = epochs;
    expect(epochs.at(-1)?.[1]).toBeGreaterThan(first?.[1] ?? 0);
    expect(await stage.committed()).toEqual(["c"]);
  });

  it.each([
    { version: 1, cluster: V1, api: "AddPartitionsToTxn" },
    { version: 2, cluster: V2, api: "Produce" },
  ] as const)("T5 v$version: a coordinator that has forgotten the id gives another epoch", async ({ cluster, api }) => {
    const stage = await transactionalStage(cluster);
    await stage.begun();
    stage.broker.faults.failNext({ api, error: "INVALID_PRODUCER_ID_MAPPING" });
    expect(await stage.refusalOf(stage.send("a"))).toMatchObject({ severity: "abortable", verdict: "not persisted" });
    await stage.when(stage.producer.abortTransaction());
    // Whom it does not know it cannot abort anything for.
    expect(stage.requests("EndTxn")).toEqual([]);
    expect(stage.requests("InitProducerId").length).toBe(2);
    await stage.goesOn("b");
    expect(await stage.committed()).toEqual(["b"]);
  });

  it("T5: before Kafka 2.5 there is no other epoch, and the producer can only be closed", async () => {
    const stage = await transactionalStage({ asVersion: "2.4" });
    await stage.begun();
    stage.broker.faults.failNext({ api: "Produce", error: "UNKNOWN_PRODUCER_ID" });
    expect(await stage.refusalOf(stage.send("a"))).toMatchObject({ severity: "fatal" });
    expect(await stage.refusalOf(stage.producer.abortTransaction())).toMatchObject({ severity: "fatal" });
  });
});

describe("a sequence that a broker refuses in a transaction", () => {
  it.each(
    (["OUT_OF_ORDER_SEQUENCE_NUMBER", "UNKNOWN_PRODUCER_ID"] as const).flatMap((error) =>
      BOTH.map(({ version, cluster }) => ({ version, cluster, error })),
    ),
  )("P9, P10 v$version: $error with nothing missing before it: the transaction can only be aborted", async ({ cluster, error }) => {
    const stage = await transactionalStage(cluster, { batchSize: 0 });
    const { producer, broker } = stage;
    await stage.begun();
    await stage.when(stage.send("a"));
    broker.faults.failNext({ api: "Produce", error });
    const [refused, ...behind] = ["b", "c", "d"].map((value) => stage.refusalOf(stage.send(value)));
    expect(await refused).toMatchObject({ code: error, severity: "abortable", verdict: "not persisted" });
    for (const one of await Promise.all(behind)) expect(one).toMatchObject({ severity: "abortable" });
    expect(await stage.refusalOf(producer.commitTransaction())).toBeInstanceOf(TransactionFailedError);
    await stage.when(producer.abortTransaction());
    await stage.goesOn("e");
    await stage.goesOn("f");
    expect(await stage.committed()).toEqual(["e", "f"]);
  });
});

describe("a transaction in a state that does not fit", () => {
  it.each(
    (["INVALID_TXN_STATE", "TRANSACTION_ABORTABLE"] as const).flatMap((error) =>
      BOTH.map(({ version, cluster }) => ({ version, cluster, error })),
    ),
  )("T6, T7 v$version: $error for a record has the transaction aborted", async ({ cluster, error }) => {
    const stage = await transactionalStage(cluster);
    await stage.begun();
    stage.broker.faults.failNext({ api: "Produce", error });
    expect(await stage.refusalOf(stage.send("a"))).toMatchObject({ code: error, severity: "abortable", verdict: "not persisted" });
    await stage.refusalOf(stage.producer.commitTransaction());
    await stage.when(stage.producer.abortTransaction());
    await stage.goesOn("b");
    expect(await stage.committed()).toEqual(["b"]);
  });

  it.each(
    (["INVALID_TXN_STATE", "TRANSACTION_ABORTABLE"] as const).flatMap((error) =>
      BOTH.map(({ version, cluster }) => ({ version, cluster, error })),
    ),
  )(
    "T6, T7 v$version: $error for a commit has it aborted; for an abort it is the end, not an endless loop",
    async ({ cluster, error }) => {
      const stage = await transactionalStage(cluster);
      const { producer, broker } = stage;
      await stage.begun();
      await stage.when(stage.send("a"));
      broker.faults.failNext({ api: "EndTxn", error });
      expect(await stage.refusalOf(producer.commitTransaction())).toMatchObject({ code: error, severity: "abortable" });
      broker.faults.failNext({ api: "EndTxn", error, times: 100 });
      expect(await stage.refusalOf(producer.abortTransaction())).toMatchObject({ code: error, severity: "fatal" });
      expect(stage.requests("EndTxn").length).toBe(2);
      expect(() => producer.beginTransaction()).toThrow(error);
    },
  );
});

describe("what may not be done", () => {
  it.each([
    { version: 1, cluster: V1, api: "FindCoordinator" },
    { version: 1, cluster: V1, api: "InitProducerId" },
    { version: 1, cluster: V1, api: "AddPartitionsToTxn" },
    { version: 1, cluster: V1, api: "AddOffsetsToTxn" },
    { version: 1, cluster: V1, api: "TxnOffsetCommit" },
    { version: 1, cluster: V1, api: "EndTxn" },
    { version: 2, cluster: V2, api: "FindCoordinator" },
    { version: 2, cluster: V2, api: "InitProducerId" },
    { version: 2, cluster: V2, api: "Produce" },
    { version: 2, cluster: V2, api: "TxnOffsetCommit" },
    { version: 2, cluster: V2, api: "EndTxn" },
  ] as const)("T9 v$version: TRANSACTIONAL_ID_AUTHORIZATION_FAILED in $api is fatal", async ({ cluster, api }) => {
    const stage = await transactionalStage(cluster);
    const { producer, broker } = stage;
    broker.faults.failNext({ api, error: "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", times: 100 });
    const work = async (): Promise<void> => {
      await producer.initTransactions();
      producer.beginTransaction();
      await producer.send("orders", { value: "a", partition: 0 });
      await producer.sendOffsetsToTransaction(OFFSETS, GROUP);
      await producer.commitTransaction();
    };
    expect(await stage.refusalOf(work())).toMatchObject({ severity: "fatal" });
    expect(() => producer.beginTransaction()).toThrow("TRANSACTIONAL_ID_AUTHORIZATION_FAILED");
  });

  it.each(
    (
      [
        "GROUP_AUTHORIZATION_FAILED",
        "TOPIC_AUTHORIZATION_FAILED",
        "FENCED_INSTANCE_ID",
        "UNKNOWN_MEMBER_ID",
        "ILLEGAL_GENERATION",
      ] as const
    ).flatMap((error) => BOTH.map(({ version, cluster }) => ({ version, cluster, error }))),
  )("T9 v$version: $error for offsets leaves a transaction that can be aborted", async ({ cluster, error }) => {
    const stage = await transactionalStage(cluster);
    const { producer, broker } = stage;
    await stage.begun();
    await stage.when(stage.send("a"));
    broker.faults.failNext({ api: "TxnOffsetCommit", error });
    const offsets = producer.sendOffsetsToTransaction(OFFSETS, GROUP);
    expect(await stage.refusalOf(offsets)).toMatchObject({ code: error, severity: "abortable" });
    expect(await stage.refusalOf(producer.commitTransaction())).toBeInstanceOf(TransactionFailedError);
    await stage.when(producer.abortTransaction());
    await stage.goesOn("b");
    expect([await stage.committed(), await stage.committedOffset()]).toEqual([["b"], -1]);
  });
});
