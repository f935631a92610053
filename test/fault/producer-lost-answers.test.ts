// A Produce request, or its answer, is lost. The faults are numbered as in the fault list.

import { describe, expect, it } from "vitest";
import { producerStage, TOPIC } from "../support/producer-stage.ts";

const FIVE = ["a", "b", "c", "d", "e"];
/** Every record is a batch, and so a request. */
const SINGLY = { batchSize: 0 };

describe("a lost connection", () => {
  it("P1: with a batch in flight has it sent again with the same id, epoch and sequence", async () => {
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.disconnect({ api: "Produce" });
    await stage.sendAll("a");
    await stage.sendAll("b");
    expect(stage.stamps()).toEqual(["0/0 begun", "0/1 a", "0/1 a", "0/2 b"]);
    expect(new Set(stage.wire().map(({ producerId }) => producerId)).size).toBe(1);
    expect(stage.log()).toEqual(["begun", "a", "b"]);
    expect(stage.told).toEqual(["a at 1", "b at 2"]);
  });

  it.each([
    ["before any was carried out", false, 0],
    ["after the first was carried out", true, 0],
    ["after the third was carried out", true, 2],
    ["after the last was carried out", true, 4],
  ])("P1: with five in flight, %s: all are sent again in their order, each once in the log", async (_when, afterApply, skip) => {
    const stage = await producerStage({}, SINGLY);
    await stage.begun();
    stage.broker.faults.disconnect({ api: "Produce", afterApply, skip, reset: true });
    await stage.sendAll(...FIVE);
    expect(stage.log()).toEqual(["begun", ...FIVE]);
    expect(stage.told).toEqual(["a at 1", "b at 2", "c at 3", "d at 4", "e at 5"]);
    const stamps = stage.stamps().slice(1);
    for (const [at, value] of FIVE.entries()) {
      const own = stamps.filter((stamp) => stamp.endsWith(` ${value}`));
      expect(new Set(own)).toEqual(new Set([`0/${at + 1} ${value}`]));
    }
  });

  it("P1: before a batch was ever carried out keeps the order, though the broker does not know the producer yet", async () => {
    const stage = await producerStage({}, SINGLY);
    stage.broker.faults.disconnect({ api: "Produce" });
    await stage.sendAll(...FIVE);
    expect(stage.log()).toEqual(FIVE);
    expect(stage.told).toEqual(FIVE.map((value, offset) => `${value} at ${offset}`));
  });

  it("P1: time and again says in the end that the records may be in the log (PP)", async () => {
    const stage = await producerStage({}, { retries: 2 });
    await stage.begun();
    stage.broker.faults.disconnect({ api: "Produce", afterApply: true, times: 3 });
    await stage.sendAll("a");
    expect(stage.told).toEqual(["a: CONNECTION, possibly persisted"]);
    expect(stage.stamps()).toEqual(["0/0 begun", "0/1 a", "0/1 a", "0/1 a"]);
    expect(stage.log()).toEqual(["begun", "a"]);
  });

  it("P1: without idempotence may double a record, and says so when it fails", async () => {
    const stage = await producerStage({}, { enableIdempotence: false, retries: 1 });
    stage.broker.faults.disconnect({ api: "Produce", afterApply: true, times: 2 });
    await stage.sendAll("a");
    expect(stage.told).toEqual(["a: CONNECTION, possibly persisted"]);
    expect(stage.log()).toEqual(["a", "a"]);
    expect(stage.stamps()).toEqual(["-1/-1 a", "-1/-1 a"]);
  });

  it("P1: that cannot be made at all fails records as not persisted (NP)", async () => {
    const stage = await producerStage({}, { requestTimeoutMs: 1000, deliveryTimeoutMs: 5000 });
    await stage.begun();
    await stage.broker.stopNode(1);
    const { error, tookMs } = await stage.failureOf(stage.send("a"));
    expect(error).toMatchObject({ code: "REQUEST_TIMEOUT", verdict: "not persisted", outcome: "not sent" });
    expect(tookMs).toBe(5000);
    expect(stage.stamps()).toEqual(["0/0 begun"]);
  });
});

describe("an answer that does not come", () => {
  it("P14: of a batch that was written: it is sent again, and its offset is the first one's", async () => {
    const stage = await producerStage({}, { requestTimeoutMs: 1000 });
    await stage.begun();
    stage.broker.faults.neverAnswer({ api: "Produce", afterApply: true });
    const [a] = await stage.sendAll("a");
    expect(a).toMatchObject({ value: { topic: TOPIC, partition: 0, offset: 1 } });
    await stage.sendAll("b");
    expect(stage.log()).toEqual(["begun", "a", "b"]);
    expect(stage.stamps()).toEqual(["0/0 begun", "0/1 a", "0/1 a", "0/2 b"]);
  });

  it("P14: of five that were written: the broker remembers the last five, and nothing is doubled", async () => {
    const stage = await producerStage({}, SINGLY);
    await stage.begun();
    const { broker, clock } = stage;
    broker.network.weather = { latencyMs: [10, 10] };
    const sent = Promise.all(FIVE.map((value) => stage.send(value)));
    await clock.advance(15);
    expect(stage.log()).toEqual(["begun", ...FIVE]);
    expect(stage.held.requests).toBe(5);
    // The answers are on their way.
    broker.network.cutAll();
    await stage.when(sent);
    expect(stage.log()).toEqual(["begun", ...FIVE]);
    expect(stage.told).toEqual(["a at 1", "b at 2", "c at 3", "d at 4", "e at 5"]);
    const once = FIVE.map((value, at) => `0/${at + 1} ${value}`);
    expect(stage.stamps().slice(1)).toEqual([...once, ...once]);
  });

  it("P14: of five, each cut off after it was written, one connection after the other", async () => {
    const stage = await producerStage({}, SINGLY);
    await stage.begun();
    stage.broker.faults.disconnect({ api: "Produce", afterApply: true, times: 5 });
    await stage.sendAll(...FIVE);
    expect(stage.log()).toEqual(["begun", ...FIVE]);
    expect(stage.told).toEqual(["a at 1", "b at 2", "c at 3", "d at 4", "e at 5"]);
  });
});

describe("P13: n in flight when the broker goes down, and when it is back its replicas are not", () => {
  it.each([1, 2, 3, 4, 5])("n = %i: nothing is fatal, all are delivered once and in order", async (inFlight) => {
    const stage = await producerStage({}, SINGLY);
    const { broker, clock } = stage;
    await stage.sendAll(...FIVE);
    const values = FIVE.slice(0, inFlight).map((value) => `${value}2`);
    broker.faults.delay({ api: "Produce", delayMs: 750, times: inFlight });
    const sent = values.map((value) => stage.send(value));
    await clock.advance(250);
    broker.faults.clear();
    await broker.stopNode(1);
    await clock.advance(250);
    broker.faults.failNext({ api: "Produce", topic: TOPIC, partition: 0, error: "NOT_ENOUGH_REPLICAS" });
    await broker.startNode(1);
    await stage.when(Promise.all(sent));
    expect(stage.log()).toEqual([...FIVE, ...values]);
    expect(stage.told.slice(5)).toEqual(values.map((value, at) => `${value} at ${at + 5}`));
    expect(new Set(stage.wire().map(({ epoch }) => epoch))).toEqual(new Set([0]));
  });
});

describe("P26: sends at the same time", () => {
  it("twenty sends without awaiting are twenty records at twenty offsets", async () => {
    const stage = await producerStage();
    const values = Array.from({ length: 20 }, (_, index) => `v${index}`);
    const results = await stage.sendAll(...values);
    expect(results.map((result) => (result.status === "fulfilled" ? result.value.offset : result.reason))).toEqual(
      values.map((_, index) => index),
    );
    expect(stage.log()).toEqual(values);
  });

  it("twenty sends, each a request, from turns of the event loop that interleave, count up without a gap or a double", async () => {
    const stage = await producerStage({}, SINGLY);
    const values = Array.from({ length: 20 }, (_, index) => `v${index}`);
    const sent = values.map(async (value, index) => {
      for (let turn = 0; turn < index % 4; turn++) await Promise.resolve();
      return stage.send(value);
    });
    const results = await stage.when(Promise.all(sent));
    expect(results.map(({ offset }) => offset).toSorted((one, other) => one - other)).toEqual(values.map((_, index) => index));
    expect(stage.wire().map(({ sequence }) => sequence)).toEqual(values.map((_, index) => index));
    for (const [index, { offset }] of results.entries()) expect(stage.log()[offset]).toBe(`v${index}`);
  });

  it("two partitions count for themselves", async () => {
    const stage = await producerStage({}, SINGLY);
    const sent = FIVE.flatMap((value) => [stage.send(value), stage.send(value, { partition: 1 })]);
    await stage.when(Promise.all(sent));
    for (const partition of [0, 1]) {
      const own = stage.wire().filter((batch) => batch.partition === partition);
      expect(own.map(({ sequence, values }) => `${sequence} ${values.join(" ")}`)).toEqual(
        FIVE.map((value, at) => `${at} ${value}`),
      );
      expect(stage.log(partition)).toEqual(FIVE);
    }
  });
});
