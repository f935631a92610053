// A delivery takes too long, and a broker wants to be left alone. The faults are numbered as in the fault list.

import { describe, expect, it } from "vitest";
import { holdingTransport } from "../support/holding-transport.ts";
import { producerStage, TOPIC } from "../support/producer-stage.ts";

const FIVE = ["a", "b", "c", "d", "e"];
/** Every record is a batch, and so a request. */
const SINGLY = { batchSize: 0 };
const PRODUCE = { api: "Produce", topic: TOPIC, partition: 0 } as const;
/** Shorter than a request may take: the time is over while a second attempt is in flight. */
const HASTY = { requestTimeoutMs: 4000, deliveryTimeoutMs: 5000 };

describe("P16: the delivery timeout ends in the queue", () => {
  it("before the record was ever sent: not persisted, no sequence is spent, later records are written", async () => {
    const stage = await producerStage({}, HASTY);
    await stage.begun();
    await stage.broker.stopNode(1);
    const { error, tookMs } = await stage.failureOf(stage.send("late"));
    expect(error).toMatchObject({ code: "REQUEST_TIMEOUT", verdict: "not persisted", outcome: "not sent" });
    expect(tookMs).toBe(5000);
    await stage.broker.startNode(1);
    await stage.sendAll("a");
    expect(stage.told).toEqual(["late: REQUEST_TIMEOUT, not persisted", "a at 1"]);
    expect(stage.stamps()).toEqual(["0/0 begun", "0/1 a"]);
  });

  it("between two attempts that did not write it: not persisted; its sequence is a hole, so later records have a new epoch", async () => {
    const stage = await producerStage({}, HASTY);
    await stage.begun();
    const fault = stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", times: 1000 });
    const { error, tookMs } = await stage.failureOf(stage.send("late"));
    expect(error).toMatchObject({ code: "REQUEST_TIMEOUT", verdict: "not persisted", cause: { code: "NOT_ENOUGH_REPLICAS" } });
    expect(tookMs).toBe(5000);
    fault.cancel();
    await stage.sendAll("a", "b");
    await stage.sendAll("c");
    expect(stage.log()).toEqual(["begun", "a", "b", "c"]);
    expect(stage.stamps().slice(-2)).toEqual(["1/0 a b", "1/2 c"]);
    expect(stage.warnings).toEqual([]);
  });

  it("what is in flight behind it is drained before the epoch is bumped, and later records keep their order", async () => {
    const stage = await producerStage({}, { ...SINGLY, ...HASTY });
    await stage.begun();
    const { broker, clock } = stage;
    const late = stage.send("late");
    broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", times: 1000 });
    await clock.advance(4000);
    const later = Promise.all(FIVE.map((value) => stage.send(value)));
    await clock.advance(999);
    expect(stage.told).toEqual([]);
    broker.faults.clear();
    broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS" });
    await stage.when(Promise.allSettled([late, later]));
    expect(stage.told).toEqual(["late: REQUEST_TIMEOUT, not persisted", ...FIVE.map((value, at) => `${value} at ${at + 1}`)]);
    expect(stage.log()).toEqual(["begun", ...FIVE]);
    expect(stage.stamps().slice(-5)).toEqual(FIVE.map((value, at) => `1/${at} ${value}`));
  });

  it("all that wait together fail together, each with its own time, whatever their partitions", async () => {
    const stage = await producerStage({}, { ...HASTY, ...SINGLY });
    await stage.begun();
    await stage.broker.stopNode(1);
    const times: number[] = [];
    const noted = async (value: string, partition: number): Promise<void> => {
      const startMs = stage.elapsedMs;
      await stage.send(value, { partition }).catch(() => undefined);
      times.push(stage.elapsedMs - startMs);
    };
    const first = [noted("a", 0), noted("b", 1)];
    await stage.clock.advance(1000);
    await stage.when(Promise.all([...first, noted("c", 0), noted("d", 1)]));
    expect(times).toEqual([5000, 5000, 5000, 5000]);
    expect(stage.told.every((one) => one.endsWith("REQUEST_TIMEOUT, not persisted"))).toBe(true);
  });
});

describe("P17: the delivery timeout ends in flight", () => {
  it("says once that the record may be in the log; its success afterwards changes nothing and bumps nothing", async () => {
    const stage = await producerStage({}, HASTY);
    await stage.begun();
    const { broker } = stage;
    broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", delayMs: 3000 });
    broker.faults.delay({ api: "Produce", delayMs: 3000, afterApply: true, skip: 1 });
    const { error, tookMs } = await stage.failureOf(stage.send("late"));
    expect(error).toMatchObject({ code: "REQUEST_TIMEOUT", verdict: "possibly persisted", outcome: "unknown" });
    expect(tookMs).toBe(5000);
    expect(stage.held.records).toBe(1);
    await stage.sendAll("a");
    expect(stage.told).toEqual(["late: REQUEST_TIMEOUT, possibly persisted", "a at 2"]);
    expect(stage.log()).toEqual(["begun", "late", "a"]);
    expect(stage.stamps().at(-1)).toBe("0/2 a");
    expect(stage.held).toEqual({ bytes: 0, records: 0, requests: 0, waiting: 0 });
  });

  it("its failure afterwards leaves a hole: later records begin a new epoch", async () => {
    const stage = await producerStage({}, HASTY);
    await stage.begun();
    const { broker } = stage;
    broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", delayMs: 3000, times: 2 });
    await stage.failureOf(stage.send("late"));
    await stage.sendAll("a");
    await stage.sendAll("b");
    expect(stage.told).toEqual(["late: REQUEST_TIMEOUT, possibly persisted", "a at 1", "b at 2"]);
    expect(stage.log()).toEqual(["begun", "a", "b"]);
    expect(stage.stamps().slice(-2)).toEqual(["1/0 a", "1/1 b"]);
  });

  it("and no answer ever comes: when the connection is given up, later records begin a new epoch", async () => {
    const stage = await producerStage({}, HASTY);
    await stage.begun();
    const { broker } = stage;
    broker.faults.neverAnswer({ api: "Produce", times: 2, afterApply: true });
    await stage.failureOf(stage.send("late"));
    await stage.sendAll("a");
    expect(stage.told).toEqual(["late: REQUEST_TIMEOUT, possibly persisted", "a at 2"]);
    expect(stage.log()).toEqual(["begun", "late", "a"]);
  });

  it("five in flight whose time ends: each is told once, in order, and what comes later is written once", async () => {
    const stage = await producerStage({}, { ...SINGLY, ...HASTY });
    await stage.begun();
    const { broker, clock } = stage;
    broker.faults.delay({ api: "Produce", delayMs: 3900, times: 1000 });
    const sent = FIVE.map((value) => stage.send(value));
    await stage.when(Promise.allSettled(sent));
    broker.faults.clear();
    expect(stage.told.map((one) => one[0])).toEqual(FIVE);
    await clock.advance(20_000);
    const told = [...stage.told];
    await stage.sendAll("later");
    expect(stage.told.slice(0, -1)).toEqual(told);
    const log = stage.log();
    expect(new Set(log).size).toBe(log.length);
    expect(log.at(-1)).toBe("later");
    for (const one of told) {
      const [value] = one;
      // What was said to be written is, and what was said not to be is not.
      if (one.includes(" at ")) expect(log).toContain(value);
      if (one.endsWith("not persisted")) expect(log).not.toContain(value);
    }
  });
});

describe("P17: memory that a socket still reads (CVE-2026-35554)", () => {
  it("is not given to another batch while the record has failed already, and the bytes on the wire stay what they were", async () => {
    const hold = holdingTransport();
    const options = { ...HASTY, reconnectBackoffMs: 10, bufferMemory: 65_536, batchSize: 16_384, maxRequestSize: 16_384 };
    const stage = await producerStage({}, options, { transport: hold.wrap });
    await stage.begun();
    const { broker, clock } = stage;
    hold.begin();
    // Sent, but the socket takes its time: the memory is read long after the record was told to have failed.
    const late = stage.send("late ".repeat(2000));
    await clock.advance(5000);
    expect(stage.told).toEqual([expect.stringContaining("REQUEST_TIMEOUT, possibly persisted")]);
    hold.passFromNowOn();
    for (let round = 0; round < 20; round++) await stage.sendAll(`${round} `.repeat(3000));
    expect(hold.held).toBeGreaterThan(0);
    expect(hold.isIntact()).toBe(true);
    await hold.release();
    expect(stage.told.slice(1).every((one) => one.includes(" at "))).toBe(true);
    expect(new Set(stage.log()).size).toBe(21);
    await expect(late).rejects.toThrow();
    expect(broker.failures).toEqual([]);
  });

  it("a batch that is sent again under a new epoch, while a socket reads its old bytes, has bytes of its own", async () => {
    const hold = holdingTransport();
    const stage = await producerStage(
      {},
      { requestTimeoutMs: 1000, deliveryTimeoutMs: 60_000, reconnectBackoffMs: 10 },
      { transport: hold.wrap },
    );
    await stage.begun();
    const { broker, clock } = stage;
    hold.begin();
    // Large enough to be sent from where it lies.
    const value = "twice ".repeat(2000);
    const sent = stage.send(value);
    await clock.advance(1010);
    hold.passFromNowOn();
    broker.faults.failNext({ ...PRODUCE, error: "UNKNOWN_PRODUCER_ID" });
    await stage.when(sent);
    expect(stage.stamps()).toEqual(["0/0 begun", `0/1 ${value}`, `1/0 ${value}`]);
    expect(hold.held).toBeGreaterThan(0);
    expect(hold.isIntact()).toBe(true);
    await hold.release();
  });

  it("bufferMemory counts what is in flight until an answer says that it is over, also if it has failed", async () => {
    const stage = await producerStage({}, HASTY);
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", delayMs: 3000 });
    stage.broker.faults.delay({ api: "Produce", delayMs: 3000, skip: 1 });
    await stage.failureOf(stage.send("late"));
    expect(stage.held).toMatchObject({ records: 1, requests: 1 });
    expect(stage.held.bytes).toBeGreaterThan(0);
    await stage.clock.advance(5000);
    expect(stage.held).toEqual({ bytes: 0, records: 0, requests: 0, waiting: 0 });
  });
});

describe("Q1: a broker wants to be left alone", () => {
  it("nothing is sent to it for so long, what was in flight is answered, and other brokers go on", async () => {
    const stage = await producerStage({ nodes: 2, topics: { [TOPIC]: { partitions: 2, replicationFactor: 1 } } }, SINGLY);
    await stage.when(Promise.all([stage.send("begun"), stage.send("begun", { partition: 1 })]));
    stage.told.splice(0);
    const { broker, clock } = stage;
    const node = broker.leaderOf({ topic: TOPIC, partition: 0 });
    expect(broker.leaderOf({ topic: TOPIC, partition: 1 })).not.toBe(node);
    broker.faults.on("Produce", async (_request, { next }) => ({ ...((await next()) as object), throttleTimeMs: 7000 }), {
      node,
      times: 1,
    });
    const startMs = stage.elapsedMs;
    const values = Array.from({ length: 12 }, (_, index) => `v${index}`);
    const sent = values.map((value) => stage.send(value));
    await clock.advance(100);
    // Those in flight when the answer came, and not one more.
    expect(stage.told).toHaveLength(5);
    const elsewhere = await stage.when(stage.send("elsewhere", { partition: 1 }));
    expect(elsewhere.offset).toBe(1);
    expect(stage.elapsedMs - startMs).toBeLessThan(200);
    await stage.when(Promise.all(sent));
    const toNode = stage.wire().filter((batch) => batch.node === node && batch.values[0] !== "begun");
    expect(toNode.map(({ atMs }) => (atMs - startMs >= 7000 ? "after" : "before"))).toEqual([
      ...Array.from({ length: 5 }, () => "before"),
      ...Array.from({ length: 7 }, () => "after"),
    ]);
    expect(stage.log()).toEqual(["begun", ...values]);
    expect(stage.metrics["produce-throttle-time-max"]).toBe(7000);
  });

  it("for longer than a request may take: the records wait, and are not taken for lost", async () => {
    const stage = await producerStage({}, { requestTimeoutMs: 1000, deliveryTimeoutMs: 60_000 });
    await stage.begun();
    const connections = stage.count("ApiVersions");
    stage.broker.faults.throttle({ api: "Produce", throttleMs: 20_000 });
    await stage.sendAll("a");
    const startMs = stage.elapsedMs;
    await stage.sendAll("b");
    expect(stage.elapsedMs - startMs).toBeGreaterThanOrEqual(19_900);
    expect(stage.told).toEqual(["a at 1", "b at 2"]);
    expect(stage.stamps()).toEqual(["0/0 begun", "0/1 a", "0/2 b"]);
    expect(stage.count("ApiVersions")).toBe(connections);
  });

  it("for longer than a delivery may take: the record has failed as not persisted", async () => {
    const stage = await producerStage({}, HASTY);
    await stage.begun();
    stage.broker.faults.on("Produce", async (_request, { next }) => ({ ...((await next()) as object), throttleTimeMs: 60_000 }), {
      times: 1,
    });
    await stage.sendAll("a");
    await stage.sendAll("b");
    expect(stage.told).toEqual(["a at 1", "b: REQUEST_TIMEOUT, not persisted"]);
    expect(stage.log()).toEqual(["begun", "a"]);
  });
});

describe("Q2: an absurd time to be left alone", () => {
  it.each([
    ["negative", -5, 0, 100],
    ["24 days", 0x7fff_ffff, 299_000, 301_000],
  ])(
    "%s: is taken for something sensible, at most five minutes, and said in the log",
    async (_what, throttleTimeMs, least, most) => {
      const stage = await producerStage({}, { deliveryTimeoutMs: 2_000_000 });
      await stage.begun();
      stage.broker.faults.on("Produce", async (_request, { next }) => ({ ...((await next()) as object), throttleTimeMs }), {
        times: 1,
      });
      await stage.sendAll("a");
      expect(stage.metrics["produce-throttle-time-max"]).toBe(Math.max(0, throttleTimeMs));
      const startMs = stage.elapsedMs;
      const sent = stage.send("b");
      await stage.clock.advance(1_000_000);
      expect((await sent).offset).toBe(2);
      const [last] = stage.wire().slice(-1);
      expect(last!.atMs - startMs).toBeGreaterThanOrEqual(least);
      expect(last!.atMs - startMs).toBeLessThanOrEqual(most);
      expect(stage.warnings).toEqual(["THROTTLE_ABSURD"]);
    },
  );
});
