// Answers that do not come, records that fail, and calls at the wrong moment. The faults are numbered as in the fault list.

import { describe, expect, it } from "vitest";
import type { EmbeddedBrokerOptions } from "../../src/broker/index.ts";
import { IllegalStateError, TransactionFailedError } from "../../src/client/errors.ts";
import { Producer, type ProducerRecord } from "../../src/client/index.ts";
import { BOTH, GROUP, OFFSETS, type TransactionalStage, transactionalStage, V1, V2 } from "../support/transactional-stage.ts";

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

describe("version 2 (KIP-890)", () => {
  it("T13: batches add their partitions themselves, and every end brings the next epoch", async () => {
    const stage = await transactionalStage(V2);
    await stage.begun();
    await stage.when(stage.send("a"));
    await stage.when(stage.producer.sendOffsetsToTransaction(OFFSETS, GROUP));
    await stage.when(stage.producer.commitTransaction());
    await stage.goesOn("b");
    const requests = stage.requests();
    expect(requests.filter((request) => request.startsWith("Add"))).toEqual([]);
    expect(
      requests.filter((request) => request.startsWith("Produce")).every((it) => Number(it.slice("Produce v".length)) >= 12),
    ).toBe(true);
    expect(stage.requests("EndTxn")).toEqual(["EndTxn v5 commit", "EndTxn v5 commit"]);
    const [first, second] = stage.inner.wire();
    expect(second).toMatchObject({ producerId: first?.producerId, epoch: (first?.epoch ?? 0) + 1, sequence: 0 });
    expect(stage.requests("InitProducerId").length).toBe(1);
  });

  it("T13: an abort is sent although all records have failed, for the partitions may have been added", async () => {
    const stage = await transactionalStage(V2);
    await stage.begun();
    stage.broker.faults.failNext({ api: "Produce", error: "MESSAGE_TOO_LARGE" });
    await stage.refusalOf(stage.send("a"));
    await stage.when(stage.producer.abortTransaction());
    expect(stage.requests("EndTxn")).toEqual(["EndTxn v5 abort"]);
    await stage.goesOn("b");
    expect(await stage.committed()).toEqual(["b"]);
  });

  it("T13: is not spoken before the cluster has agreed upon it", async () => {
    const stage = await transactionalStage(V1);
    await stage.begun();
    await stage.when(stage.send("a"));
    await stage.when(stage.producer.commitTransaction());
    const version = Number(stage.requests("Produce")[0]?.slice("Produce v".length));
    expect(version).toBeLessThan(12);
    expect(stage.requests("AddPartitionsToTxn").length).toBe(1);
    expect(stage.requests("EndTxn")).toEqual(["EndTxn v4 commit"]);
  });
});

/** What of a broker's ApiVersions answer decides about version 2. */
interface Versions {
  readonly apiKeys: readonly { readonly apiKey: number; readonly maxVersion: number }[];
  readonly finalizedFeatures: readonly { readonly name: string; readonly maxVersionLevel: number }[];
}

const capped =
  (key: number, most: number) =>
  ({ apiKeys, finalizedFeatures }: Versions): Versions => ({
    apiKeys: apiKeys.map((one) => (one.apiKey === key ? { ...one, maxVersion: most } : one)),
    finalizedFeatures,
  });

describe("version 2 (KIP-890) takes a cluster that has agreed upon it, and a coordinator that speaks it", () => {
  it.each<{ lacking: string; change: (answer: Versions) => Versions }>([
    { lacking: "the feature", change: (answer) => ({ ...answer, finalizedFeatures: [] }) },
    {
      lacking: "its level",
      change: ({ apiKeys, finalizedFeatures }) => ({
        apiKeys,
        finalizedFeatures: finalizedFeatures.map((one) => ({ ...one, maxVersionLevel: Math.min(one.maxVersionLevel, 1) })),
      }),
    },
    { lacking: "Produce v12", change: capped(0, 11) },
    { lacking: "EndTxn v5", change: capped(26, 4) },
    { lacking: "TxnOffsetCommit v5", change: capped(28, 4) },
  ])("T13: without $lacking it is not used, though the rest is there", async ({ change }) => {
    const stage = await transactionalStage(V2);
    stage.broker.faults.on("ApiVersions", async (_request, { next }) => {
      const answer = (await next()) as Versions;
      return { ...answer, ...change(answer) };
    });
    await stage.begun();
    await stage.when(stage.send("a"));
    await stage.when(stage.producer.sendOffsetsToTransaction(OFFSETS, GROUP));
    await stage.when(stage.producer.commitTransaction());
    await stage.goesOn("b");
    expect([await stage.committed(), await stage.committedOffset()]).toEqual([["a", "b"], 5]);
    expect(stage.requests("AddPartitionsToTxn")).toHaveLength(2);
    expect(stage.requests("AddOffsetsToTxn")).toHaveLength(1);
    for (const produced of stage.requests("Produce")) expect(Number(produced.slice("Produce v".length))).toBeLessThan(12);
    for (const ended of stage.requests("EndTxn")) expect(ended).toMatch(/^EndTxn v[0-4] commit$/);
  });

  it("T13: an empty transaction is aborted with a request, for the producer need not know whether anything arrived", async () => {
    const stage = await transactionalStage(V2);
    await stage.begun();
    await stage.when(stage.producer.abortTransaction());
    expect(stage.requests("EndTxn")).toEqual(["EndTxn v5 abort"]);
    await stage.goesOn("a");
    expect(await stage.committed()).toEqual(["a"]);
  });
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

describe("calls at the same time", () => {
  it("T16: the second of two ends is refused at once, and the first does what it was asked for", async () => {
    const stage = await transactionalStage();
    const { producer } = stage;
    await stage.begun();
    await stage.when(stage.send("a"));
    const before = stage.inner.elapsedMs;
    const commit = producer.commitTransaction();
    const others = [producer.commitTransaction(), producer.abortTransaction(), stage.send("late")];
    expect(() => producer.beginTransaction()).toThrow(IllegalStateError);
    for (const { status, ...other } of await Promise.allSettled(others)) {
      expect(status).toBe("rejected");
      expect("reason" in other && other.reason).toBeInstanceOf(IllegalStateError);
    }
    expect(stage.inner.elapsedMs).toBe(before);
    await stage.when(commit);
    expect(await stage.committed()).toEqual(["a"]);
  });

  it("T16: two beginnings, and initTransactions twice", async () => {
    const stage = await transactionalStage();
    const { producer } = stage;
    const first = producer.initTransactions();
    expect(await stage.refusalOf(producer.initTransactions())).toBeInstanceOf(IllegalStateError);
    await stage.when(first);
    producer.beginTransaction();
    expect(() => producer.beginTransaction()).toThrow(IllegalStateError);
  });
});

describe("the options of a transactional producer", () => {
  it("T17: a delivery that may take longer than its transaction is refused", () => {
    const options = { transactionalId: "t", transactionTimeoutMs: 60_000, deliveryTimeoutMs: 90_000 };
    expect(() => new Producer(options)).toThrow("deliveryTimeoutMs (90000) must not be more than transactionTimeoutMs (60000)");
  });
});

describe("closing in a transaction", () => {
  it.each(BOTH)(
    "T18 v$version: aborts it first, so that readers need not wait for the coordinator's timeout",
    async ({ cluster }) => {
      const stage = await transactionalStage(cluster);
      await stage.begun();
      await stage.when(stage.send("a"));
      await stage.when(stage.producer.close());
      expect(stage.requests("EndTxn").map((it) => it.split(" ")[2])).toEqual(["abort"]);
      expect(await stage.committed()).toEqual([]);
    },
  );

  it.each(BOTH)("T18 v$version: takes no longer than it may", async ({ cluster }) => {
    const stage = await transactionalStage(cluster);
    await stage.begun();
    await stage.when(stage.send("a"));
    stage.broker.faults.neverAnswer({ api: "EndTxn", times: 100 });
    const before = stage.inner.elapsedMs;
    await stage.when(stage.producer.close({ timeoutMs: 2000 }));
    expect(stage.inner.elapsedMs - before).toBeLessThanOrEqual(2000);
  });

  it("T18: by force does not wait for that", async () => {
    const stage = await transactionalStage();
    await stage.begun();
    await stage.when(stage.send("a"));
    const before = stage.inner.elapsedMs;
    await stage.when(stage.producer.close({ timeoutMs: 0 }));
    expect(stage.inner.elapsedMs).toBe(before);
    expect(stage.requests("EndTxn")).toEqual([]);
  });
});
