// What may leave, and what may not, while nobody knows whether a batch is in the log. The faults are numbered as in the fault list.

import { describe, expect, it } from "vitest";
import { LATEST_RELEASE } from "../../src/broker/index.ts";
import { producerStage, TOPIC } from "../support/producer-stage.ts";
import { transactionalStage } from "../support/transactional-stage.ts";

/** Every record is a batch, and so a request. */
const SINGLY = { batchSize: 0 };
const PRODUCE = { api: "Produce", topic: TOPIC, partition: 0 } as const;

describe("a batch that may be in the log", () => {
  it("P14: nothing new follows one, however long its answer takes: a broker recognizes the last five batches only", async () => {
    const stage = await producerStage({}, SINGLY);
    await stage.begun();
    const values = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    // Written, and called in doubt, twice; the four behind it are written, and four more wait.
    stage.broker.faults.failNext({ ...PRODUCE, error: "REQUEST_TIMED_OUT", afterApply: true });
    stage.broker.faults.failNext({ ...PRODUCE, error: "REQUEST_TIMED_OUT", skip: 5 });
    await stage.sendAll(...values);
    expect(stage.told).toEqual(values.map((value, at) => `${value} at ${at + 1}`));
    expect(stage.log()).toEqual(["begun", ...values]);
    const stamps = values.map((value, at) => `0/${at + 1} ${value}`);
    expect(stage.stamps()).toEqual(["0/0 begun", ...stamps.slice(0, 5), "0/1 a", "0/1 a", ...stamps.slice(5)]);
    expect(stage.warnings).toEqual([]);
  });
});

/** Before Kafka 2.5 the next transaction counts on in the same epoch, from 4.0 on it always begins with another. */
const RELEASES = ["2.4", "3.9", LATEST_RELEASE] as const;

describe("a transaction that can only be aborted", () => {
  it.each(RELEASES)("T12 Kafka %s: asks about a batch in doubt under its own number, which is nobody else's", async (asVersion) => {
    const stage = await transactionalStage({ asVersion }, { ...SINGLY, retryBackoffMs: 20 });
    const { broker, inner } = stage;
    await stage.begun();
    await stage.when(inner.send("begun"));
    // "a" is written and called in doubt, "b" behind it is confirmed; it takes a while until "c" is refused, and the transaction lost.
    broker.faults.failNext({ ...PRODUCE, error: "REQUEST_TIMED_OUT", afterApply: true });
    broker.faults.failNext({ ...PRODUCE, error: "TOPIC_AUTHORIZATION_FAILED", skip: 2 });
    broker.faults.delay({ ...PRODUCE, delayMs: 1000, skip: 2 });
    await stage.when(Promise.allSettled(["a", "b", "c"].map((value) => inner.send(value))));
    expect(inner.told).toEqual(["begun at 0", "a at 1", "b at 2", "c: TOPIC_AUTHORIZATION_FAILED, not persisted"]);
    expect(inner.log()).toEqual(["begun", "a", "b"]);
    await stage.when(stage.producer.abortTransaction());
    await stage.goesOn("d");
    expect(inner.wire().map(({ sequence, values }) => `${sequence} ${values.join(" ")}`)).toEqual([
      "0 begun",
      "1 a",
      "2 b",
      "3 c",
      "1 a",
      expect.stringMatching(/ d$/),
    ]);
    expect(await stage.committed()).toEqual(["d"]);
  });

  it.each(RELEASES)("T12 Kafka %s: sends nothing new, although its answer makes room for more requests", async (asVersion) => {
    const stage = await transactionalStage({ asVersion }, { ...SINGLY, maxInFlightRequestsPerConnection: 1 });
    const { broker, inner } = stage;
    await stage.begun();
    await stage.when(Promise.all([stage.send("begun"), stage.send("begun", 1)]));
    broker.faults.failNext({ ...PRODUCE, error: "TOPIC_AUTHORIZATION_FAILED" });
    const refused = stage.refusalOf(stage.send("a"));
    const unsent = stage.refusalOf(stage.send("b", 1));
    expect(await refused).toMatchObject({ code: "TOPIC_AUTHORIZATION_FAILED", verdict: "not persisted" });
    expect(await unsent).toMatchObject({ code: "TRANSACTION_ABORTED", verdict: "not persisted" });
    await stage.when(stage.producer.abortTransaction());
    await stage.goesOn("c");
    expect(inner.wire().map(({ values }) => values.join(" "))).toEqual(["begun", "begun", "a", "c"]);
    expect(await stage.committed(1)).toEqual([]);
  });
});
