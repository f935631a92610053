// Answers that do not come, and records that fail. The faults are numbered as in the fault list.

import { describe, expect, it } from "vitest";
import type { EmbeddedBrokerOptions } from "../../src/broker/index.ts";
import { IllegalStateError, TransactionFailedError } from "../../src/client/errors.ts";
import type { ProducerRecord } from "../../src/client/index.ts";
import { BOTH, GROUP, OFFSETS, type TransactionalStage, transactionalStage, V1 } from "../support/transactional-stage.ts";

describe("records that are not delivered in time", () => {
  it.each(BOTH)(
    "T8 v$version: fail their transaction; what may be in the log is aborted, and is not sent again",
    async ({ cluster }) => {
      const stage = await transactionalStage(cluster, { deliveryTimeoutMs: 5000, requestTimeoutMs: 2000 });
      const { producer, broker } = stage;
      await stage.begun();
      await stage.when(stage.send("a"));
      broker.faults.neverAnswer({ api: "Produce", afterApply: true, times: 100 });
      const lost = await stage.refusalOf(stage.send("b"));
      expect(lost).toMatchObject({ code: "REQUEST_TIMEOUT", severity: "abortable", verdict: "possibly persisted" });
      broker.faults.clear();
      expect(await stage.refusalOf(producer.commitTransaction())).toBeInstanceOf(TransactionFailedError);
      await stage.when(producer.abortTransaction());
      await stage.goesOn("c");
      await stage.goesOn("d");
      expect(await stage.committed()).toEqual(["c", "d"]);
    },
  );

  it.each(BOTH)(
    "T8 v$version: what abort drops although it may be in the log leaves its sequence number to nobody",
    async ({ cluster }) => {
      const stage = await transactionalStage(cluster, { retryBackoffMs: 2000, retryBackoffMaxMs: 2000 });
      const { producer, broker } = stage;
      await stage.begun();
      await stage.when(stage.send("a"));
      broker.faults.disconnect({ api: "Produce", afterApply: true });
      const lost = stage.send("b");
      // Its answer is lost, and it waits to be sent again.
      await stage.inner.clock.advance(500);
      await stage.when(producer.abortTransaction());
      expect(await stage.refusalOf(lost)).toMatchObject({ code: "TRANSACTION_ABORTED", verdict: "possibly persisted" });
      await stage.goesOn("c");
      await stage.goesOn("d");
      expect(await stage.committed()).toEqual(["c", "d"]);
    },
  );

  it.each(BOTH)("T8 v$version: when all retries are spent they fail their transaction as well", async ({ cluster }) => {
    const stage = await transactionalStage(cluster, { retries: 2 });
    const { producer, broker } = stage;
    await stage.begun();
    broker.faults.failNext({ api: "Produce", error: "NOT_ENOUGH_REPLICAS", times: 3 });
    const failed = await stage.refusalOf(stage.send("a"));
    expect(failed).toMatchObject({ code: "NOT_ENOUGH_REPLICAS", severity: "abortable", verdict: "not persisted" });
    expect(await stage.refusalOf(producer.commitTransaction())).toBeInstanceOf(TransactionFailedError);
    await stage.when(producer.abortTransaction());
    await stage.goesOn("b");
    expect(await stage.committed()).toEqual(["b"]);
  });

  it.each(BOTH)("T8 v$version: offsets that find no coordinator in time fail it, too", async ({ cluster }) => {
    const stage = await transactionalStage(cluster);
    const { producer, broker } = stage;
    await stage.begun();
    await stage.when(stage.send("a"));
    broker.faults.failNext({ api: "TxnOffsetCommit", error: "COORDINATOR_LOAD_IN_PROGRESS", times: 1000 });
    const offsets = producer.sendOffsetsToTransaction(OFFSETS, GROUP, { timeoutMs: 3000 });
    expect(await stage.refusalOf(offsets)).toMatchObject({ code: "REQUEST_TIMEOUT", severity: "abortable" });
    expect(await stage.refusalOf(producer.commitTransaction())).toBeInstanceOf(TransactionFailedError);
    await stage.when(producer.abortTransaction());
  });
});

describe("an end that nobody confirms", () => {
  it.each(
    BOTH.flatMap(({ version, cluster }) =>
      [true, false].flatMap((afterApply) =>
        (["commit", "abort"] as const).map((ending) => ({ version, cluster, afterApply, ending })),
      ),
    ),
  )(
    "T10 v$version: $ending (carried out: $afterApply) can only go on as it began, and does",
    async ({ cluster, afterApply, ending }) => {
      const stage = await transactionalStage(cluster);
      const { producer, broker } = stage;
      const end = (options = {}): Promise<void> =>
        ending === "commit" ? producer.commitTransaction(options) : producer.abortTransaction(options);
      await stage.begun();
      await stage.when(stage.send("a"));
      broker.faults.neverAnswer({ api: "EndTxn", afterApply });
      const unknown = await stage.refusalOf(end({ timeoutMs: 3000 }));
      expect(unknown).toMatchObject({ code: "REQUEST_TIMEOUT", severity: "retriable", outcome: "unknown" });
      expect(() => producer.beginTransaction()).toThrow(IllegalStateError);
      expect(await stage.refusalOf(stage.send("late"))).toBeInstanceOf(IllegalStateError);
      const other = ending === "commit" ? producer.abortTransaction() : producer.commitTransaction();
      expect(await stage.refusalOf(other)).toBeInstanceOf(IllegalStateError);
      await stage.when(end());
      await stage.goesOn("b");
      expect(await stage.committed()).toEqual(ending === "commit" ? ["a", "b"] : ["b"]);
    },
  );

  it("T10 v1: takes another epoch before the next transaction, which a late EndTxn could end otherwise (KAFKA-17754)", async () => {
    const stage = await transactionalStage(V1);
    await stage.begun();
    await stage.when(stage.send("a"));
    stage.broker.faults.neverAnswer({ api: "EndTxn" });
    await stage.refusalOf(stage.producer.commitTransaction({ timeoutMs: 3000 }));
    await stage.when(stage.producer.commitTransaction());
    await stage.goesOn("b");
    expect(stage.inner.wire().map(({ epoch, values }) => [values[0], epoch])).toEqual([
      ["a", 0],
      ["b", 1],
    ]);
  });

  it.each(BOTH)("T10 v$version: whose connection breaks is asked for again by itself", async ({ cluster }) => {
    for (const afterApply of [false, true]) {
      const stage = await transactionalStage(cluster);
      await stage.begun();
      await stage.when(stage.send("a"));
      stage.broker.faults.disconnect({ api: "EndTxn", afterApply });
      await stage.when(stage.producer.commitTransaction());
      await stage.goesOn("b");
      expect(await stage.committed()).toEqual(["a", "b"]);
    }
  });

  it.each(BOTH)("T11 v$version: or that the coordinator does not understand is never taken for a commit", async ({ cluster }) => {
    const stage = await transactionalStage(cluster);
    await stage.begun();
    await stage.when(stage.send("a"));
    stage.broker.faults.failNext({ api: "EndTxn", error: "UNKNOWN_SERVER_ERROR", times: 100 });
    const refused = await stage.refusalOf(stage.producer.commitTransaction());
    expect(refused).toMatchObject({ code: "UNKNOWN_SERVER_ERROR", severity: "fatal" });
    expect(() => stage.producer.beginTransaction()).toThrow("UNKNOWN_SERVER_ERROR");
  });
});

/** What a record can fail with, before it has a batch or after. */
const FAILURES: readonly {
  readonly why: string;
  readonly cluster?: EmbeddedBrokerOptions;
  readonly code: string;
  readonly record?: ProducerRecord<unknown, unknown>;
  readonly topic?: string;
  readonly fault?: (stage: TransactionalStage) => void;
}[] = [
  {
    why: "the broker finds it too large",
    code: "MESSAGE_TOO_LARGE",
    fault: ({ broker }) => broker.faults.failNext({ api: "Produce", error: "MESSAGE_TOO_LARGE" }),
  },
  {
    why: "the broker finds it invalid",
    code: "INVALID_RECORD",
    fault: ({ broker }) => broker.faults.failNext({ api: "Produce", error: "INVALID_RECORD" }),
  },
  {
    why: "its topic may not be written to",
    code: "TOPIC_AUTHORIZATION_FAILED",
    fault: ({ broker }) => broker.faults.failNext({ api: "Produce", topic: "orders", error: "TOPIC_AUTHORIZATION_FAILED" }),
  },
  { why: "no request may be as large", code: "MESSAGE_TOO_LARGE", record: { value: "x".repeat(20_000), partition: 0 } },
  { why: "its topic is not there", code: "REQUEST_TIMEOUT", topic: "none" },
];

describe("a record that fails", () => {
  it.each(FAILURES.flatMap((failure) => BOTH.map(({ version, cluster }) => ({ ...failure, version, cluster }))))(
    "T12 v$version: because $why keeps its transaction from being committed",
    async ({ cluster, code, record = { value: "b", partition: 0 }, topic = "orders", fault }) => {
      const stage = await transactionalStage(cluster, { maxRequestSize: 10_000, maxBlockMs: 4000 });
      const { producer } = stage;
      await stage.begun();
      await stage.when(stage.send("a"));
      fault?.(stage);
      const value = String(record.value);
      const failed = await stage.refusalOf(producer.send(topic, { partition: 0, value }));
      expect(failed).toMatchObject({ code, severity: "abortable", verdict: "not persisted" });
      const commit = await stage.refusalOf(producer.commitTransaction());
      expect(commit).toBeInstanceOf(TransactionFailedError);
      expect(commit.cause).toMatchObject({ code });
      await stage.when(producer.abortTransaction());
      await stage.goesOn("c");
      expect(await stage.committed()).toEqual(["c"]);
    },
  );

  it.each(BOTH)("T12 v$version: that was not awaited is noticed by the commit", async ({ cluster }) => {
    const stage = await transactionalStage(cluster);
    stage.broker.faults.failNext({ api: "Produce", error: "MESSAGE_TOO_LARGE" });
    await stage.begun();
    const sent = stage.send("a");
    expect(await stage.refusalOf(stage.producer.commitTransaction())).toMatchObject({ severity: "abortable" });
    await expect(sent).rejects.toMatchObject({ code: "MESSAGE_TOO_LARGE" });
    expect(stage.requests("EndTxn")).toEqual([]);
  });

  it.each(BOTH)(
    "T12 v$version: records that wait for their topic when the commit is called are part of it",
    async ({ cluster }) => {
      const stage = await transactionalStage(cluster);
      await stage.begun();
      const sent = [stage.send("a"), stage.send("b", 1), stage.send("c")];
      await stage.when(stage.producer.commitTransaction());
      await stage.when(Promise.all(sent));
      expect([await stage.committed(), await stage.committed(1)]).toEqual([["a", "c"], ["b"]]);
    },
  );
});

describe("a transaction that takes longer than it may", () => {
  it.each(BOTH)(
    "T14 v$version: is not committed; the producer goes on, or is at its end and says so",
    async ({ version, cluster }) => {
      const stage = await transactionalStage(cluster, { transactionTimeoutMs: 35_000 });
      const { producer, inner } = stage;
      await stage.begun();
      await stage.when(stage.send("a"));
      await inner.clock.advance(90_000);
      const refused = await stage.refusalOf(producer.commitTransaction());
      expect(refused.severity).toBe(version === 2 ? "abortable" : "fatal");
      if (version === 2) {
        await stage.when(producer.abortTransaction());
        await stage.goesOn("b");
      }
      expect(await stage.committed()).toEqual(version === 2 ? ["b"] : []);
    },
  );

  it.each(BOTH)("T14 v$version: a record that comes too late is not written into the next one", async ({ version, cluster }) => {
    const stage = await transactionalStage(cluster, { transactionTimeoutMs: 35_000 });
    await stage.begun();
    await stage.when(stage.send("a"));
    await stage.inner.clock.advance(90_000);
    const late = await stage.refusalOf(stage.send("late"));
    expect(late).toMatchObject({ verdict: "not persisted" });
    expect(["abortable", "fatal"]).toContain(late.severity);
    if (late.severity === "abortable" && version === 2) {
      await stage.when(stage.producer.abortTransaction());
      await stage.goesOn("b");
    }
    expect(await stage.committed()).not.toContain("late");
  });
});

describe("a transaction that is aborted", () => {
  it.each(BOTH)("T15 v$version: leaves the group where it was", async ({ cluster }) => {
    const stage = await transactionalStage(cluster);
    const { producer } = stage;
    await stage.begun();
    await stage.when(producer.sendOffsetsToTransaction(OFFSETS, GROUP));
    await stage.when(producer.commitTransaction());
    producer.beginTransaction();
    await stage.when(stage.send("a"));
    await stage.when(producer.sendOffsetsToTransaction([{ topic: "orders", partition: 0, offset: 9 }], GROUP));
    await stage.when(producer.abortTransaction());
    expect(await stage.committedOffset()).toBe(5);
    await stage.goesOn("b");
    expect([await stage.committedOffset(), await stage.committed()]).toEqual([5, ["b"]]);
  });
});
