// A delivery takes too long, its transaction is aborted, and the request is still on its way. The faults are numbered as in the fault list.

import { describe, expect, it } from "vitest";
import { TOPIC } from "../support/producer-stage.ts";
import { type TransactionalStage, transactionalStage, V2 } from "../support/transactional-stage.ts";

const PRODUCE = { api: "Produce", topic: TOPIC, partition: 0 } as const;
/** The time is over while a second attempt is in flight, which takes a second longer. */
const HASTY = { requestTimeoutMs: 4000, deliveryTimeoutMs: 5000, retryBackoffMs: 10, retryBackoffMaxMs: 10 };
const LEFT_MS = 1000;

/** Before Kafka 3.6 a leader takes what comes after the end of its transaction, and nobody ever ends that. */
const OLD = ["2.6", "3.5"] as const;

/** "a" is written; "b" has failed, and its second attempt is still to be carried out. */
async function withLateBatch(stage: TransactionalStage): Promise<void> {
  const { broker } = stage;
  await stage.begun();
  await stage.when(stage.send("a"));
  broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", delayMs: 3000 });
  broker.faults.delay({ ...PRODUCE, delayMs: 3000, skip: 1 });
  const late = await stage.refusalOf(stage.send("b"));
  expect(late).toMatchObject({ code: "REQUEST_TIMEOUT", verdict: "possibly persisted", severity: "abortable" });
}

/** The ends that were asked for, and what came of writing, in the order of the broker. */
function course({ broker }: TransactionalStage): readonly string[] {
  return [...broker.journal].flatMap(({ kind, api }) => {
    if (kind === "request" && api === "EndTxn") return ["end"];
    return kind === "response" && api === "Produce" ? ["written"] : [];
  });
}

describe("a batch on its way when its delivery time is over", () => {
  it.each(OLD)("P17 Kafka %s: is answered before its transaction is aborted, or it would be open for ever", async (asVersion) => {
    const stage = await transactionalStage({ asVersion }, HASTY);
    await withLateBatch(stage);
    const startMs = stage.inner.elapsedMs;
    await stage.when(stage.producer.abortTransaction());
    expect(stage.inner.elapsedMs - startMs).toBeGreaterThanOrEqual(LEFT_MS);
    expect(stage.inner.elapsedMs - startMs).toBeLessThan(LEFT_MS + 200);
    expect(course(stage)).toEqual(["written", "written", "written", "end"]);
    await stage.goesOn("c");
    expect(stage.inner.log()).toEqual(["a", "b", "c"]);
    expect(await stage.committed()).toEqual(["c"]);
  });

  it("P17: or its connection has been closed, when no answer comes", async () => {
    const stage = await transactionalStage({ asVersion: "2.6" }, HASTY);
    const { broker } = stage;
    await stage.begun();
    await stage.when(stage.send("a"));
    broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", delayMs: 3000 });
    broker.faults.neverAnswer({ api: "Produce", skip: 1 });
    await stage.refusalOf(stage.send("b"));
    const startMs = stage.inner.elapsedMs;
    await stage.when(stage.producer.abortTransaction());
    // What is left of the second request's time.
    expect(stage.inner.elapsedMs - startMs).toBeGreaterThanOrEqual(2000);
    expect(stage.inner.elapsedMs - startMs).toBeLessThan(2200);
    await stage.goesOn("c");
    expect(await stage.committed()).toEqual(["c"]);
  });

  it("P17: is waited for no longer than the abort may take, which goes on when it is called again", async () => {
    const stage = await transactionalStage({ asVersion: "2.6" }, HASTY);
    await withLateBatch(stage);
    const { error, tookMs } = await stage.inner.failureOf(stage.producer.abortTransaction({ timeoutMs: 300 }));
    expect(error).toMatchObject({ code: "REQUEST_TIMEOUT", severity: "retriable" });
    expect(tookMs).toBe(300);
    expect(stage.requests("EndTxn")).toEqual([]);
    await stage.when(stage.producer.abortTransaction());
    expect(course(stage)).toEqual(["written", "written", "written", "end"]);
    await stage.goesOn("c");
    expect(await stage.committed()).toEqual(["c"]);
  });

  it("P17 v2: keeps nobody waiting, for it has the epoch of a transaction that is over", async () => {
    const stage = await transactionalStage(V2, HASTY);
    await withLateBatch(stage);
    const startMs = stage.inner.elapsedMs;
    await stage.when(stage.producer.abortTransaction());
    expect(stage.inner.elapsedMs - startMs).toBeLessThan(200);
    expect(course(stage)).toEqual(["written", "written", "end"]);
    await stage.goesOn("c");
    expect(stage.inner.log()).toEqual(["a", "c"]);
    expect(await stage.committed()).toEqual(["c"]);
  });
});
