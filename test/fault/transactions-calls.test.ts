// Calls at the wrong moment, options that contradict each other, and closing in a transaction. The faults are numbered as in the fault list.

import { describe, expect, it } from "vitest";
import { IllegalStateError } from "../../src/client/errors.ts";
import { Producer } from "../../src/client/index.ts";
import { BOTH, transactionalStage } from "../support/transactional-stage.ts";

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
