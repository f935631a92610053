import { describe, expect, it } from "vitest";
import { type TransactionsStage, transactionsStage } from "../../../../test/support/transactions-stage.ts";
import { runTransaction } from "./run-transaction.ts";

async function ready(): Promise<TransactionsStage> {
  const stage = await transactionsStage();
  await stage.when(stage.transactions.init());
  return stage;
}

describe("work in a transaction", () => {
  it("is committed, and its result given", async () => {
    const stage = await ready();
    const result = await stage.when(
      runTransaction(stage.transactions, async () => {
        await stage.send("a");
        return 42;
      }),
    );
    expect([result, await stage.committed()]).toEqual([42, ["a"]]);
  });

  it("is aborted when it throws, with its own error", async () => {
    const stage = await ready();
    const failure = new TypeError("no such customer");
    const { error } = await stage.failureOf(
      runTransaction(stage.transactions, async () => {
        await stage.send("a");
        throw failure;
      }),
    );
    expect([error, await stage.committed(), stage.transactions.state]).toEqual([failure, [], "READY"]);
    expect("abortFailure" in failure).toBe(false);
  });

  it("T12: is aborted when a record failed that it did not wait for", async () => {
    const stage = await ready();
    stage.broker.faults.failNext({ api: "Produce", topic: "orders", partition: 0, error: "MESSAGE_TOO_LARGE" });
    const { error } = await stage.failureOf(
      runTransaction(stage.transactions, () => {
        stage.send("a").catch(() => undefined);
        return Promise.resolve();
      }),
    );
    expect(error).toMatchObject({ code: "TRANSACTION_FAILED", cause: { code: "MESSAGE_TOO_LARGE" } });
    expect(stage.transactions.state).toBe("READY");
  });

  it("has both errors when aborting fails as well", async () => {
    for (const thrown of [new Error("mine"), "not even an error"]) {
      const stage = await ready();
      const { error } = await stage.failureOf(
        runTransaction(stage.transactions, async () => {
          await stage.send("a");
          stage.broker.faults.failNext({ api: "EndTxn", error: "PRODUCER_FENCED" });
          throw thrown as Error;
        }),
      );
      if (thrown instanceof Error) expect(error).toBe(thrown);
      const told =
        thrown instanceof Error ? { abortFailure: { code: "PRODUCER_FENCED" } } : { errors: [thrown, { code: "PRODUCER_FENCED" }] };
      expect(error).toMatchObject(told);
    }
  });

  it("T10: is neither aborted nor forgotten when nobody knows whether it is committed", async () => {
    const stage = await ready();
    const { transactions } = stage;
    stage.broker.faults.neverAnswer({ api: "EndTxn", afterApply: true });
    const { error } = await stage.failureOf(runTransaction(transactions, () => stage.send("a"), { timeoutMs: 1000 }));
    expect(error).toMatchObject({ code: "REQUEST_TIMEOUT", severity: "retriable" });
    expect((await stage.failureOf(runTransaction(transactions, () => stage.send("b")))).error).toMatchObject({
      code: "ILLEGAL_STATE",
    });
    await stage.when(transactions.commit());
    expect(await stage.committed()).toEqual(["a"]);
  });

  it("T8: is aborted when its records do not get through in time, and does not ask for another commit", async () => {
    const stage = await ready();
    const { transactions } = stage;
    stage.broker.faults.delay({ api: "Produce", delayMs: 1500 });
    const work = (): Promise<void> => {
      stage.send("a").catch(() => undefined);
      return Promise.resolve();
    };
    const { error } = await stage.failureOf(runTransaction(transactions, work, { timeoutMs: 1000 }));
    expect(error).toMatchObject({ code: "REQUEST_TIMEOUT", severity: "abortable" });
    expect([transactions.state, await stage.committed()]).toEqual(["READY", []]);
    await stage.goesOn("b");
    expect(await stage.committed()).toEqual(["b"]);
  });

  it("is aborted when its signal is, and not begun when it was before", async () => {
    const stage = await ready();
    const giveUp = new AbortController();
    const { signal } = giveUp;
    const reason = new Error("enough");
    const work = async (): Promise<void> => {
      await stage.send("a");
      giveUp.abort(reason);
    };
    expect((await stage.failureOf(runTransaction(stage.transactions, work, { signal }))).error).toBe(reason);
    expect((await stage.failureOf(runTransaction(stage.transactions, work, { signal }))).error).toBe(reason);
    expect([await stage.committed(), stage.transactions.state]).toEqual([[], "READY"]);
  });
});
