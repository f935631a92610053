// The producer's memory is full. The faults are numbered as in the fault list.

import { describe, expect, it } from "vitest";
import { type ProducerStage, producerStage, TOPIC } from "../support/producer-stage.ts";

const PRODUCE = { api: "Produce", topic: TOPIC, partition: 0 } as const;
const SMALL = { bufferMemory: 10_000, maxRequestSize: 5000, batchSize: 2000 };
const value = (index: number, size = 1000): string => `${index} `.padEnd(size, "x");
const short = (told: readonly string[]): readonly string[] => told.map((one) => one.replace(/ x+/, ""));

/** A producer whose memory is full, as the broker takes nothing. */
async function full(options = {}): Promise<{ readonly stage: ProducerStage; readonly taken: number; readonly open: () => void }> {
  const stage = await producerStage({}, { ...SMALL, ...options });
  await stage.begun();
  const fault = stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", times: 100_000 });
  let taken = 0;
  while (stage.producer.produce(TOPIC, { value: value(taken), partition: 0 }) && taken < 100) taken++;
  return { stage, taken, open: () => fault.cancel() };
}

describe("P21: bufferMemory is full", () => {
  it("send waits for maxBlockMs, then fails as not persisted; those before it are not harmed", async () => {
    const { stage, open } = await full({ maxBlockMs: 3000 });
    const { error, tookMs } = await stage.failureOf(stage.send(value(100)));
    expect(error).toMatchObject({ code: "QUEUE_FULL", verdict: "not persisted", retriable: true, topic: TOPIC, waitedMs: 3000 });
    expect(tookMs).toBe(3000);
    open();
    await stage.when(stage.producer.flush());
    expect(stage.log().some((one) => one.startsWith("100 "))).toBe(false);
    expect(stage.metrics["buffer-exhausted-total"]).toBe(1);
  });

  it("timeoutMs of the call is used instead of maxBlockMs; 0 waits not at all", async () => {
    const { stage } = await full();
    for (const timeoutMs of [0, 50, 700]) {
      const { error, tookMs } = await stage.failureOf(stage.producer.send(TOPIC, { value: value(100) }, { timeoutMs }));
      expect(error).toMatchObject({ code: "QUEUE_FULL" });
      expect(tookMs).toBe(timeoutMs);
    }
  });

  it("produce says false at once, has not taken the record, and calls nobody back", async () => {
    const { stage, taken, open } = await full();
    expect(taken).toBeGreaterThan(5);
    let calls = 0;
    expect(stage.producer.produce(TOPIC, { value: value(100), partition: 0 }, () => calls++)).toBe(false);
    open();
    await stage.when(stage.producer.flush());
    expect(stage.log()).toHaveLength(1 + taken);
    expect(calls).toBe(0);
  });

  it("those that wait are served first come, first served, small ones do not overtake large ones", async () => {
    const { stage, taken, open } = await full();
    const sent = [
      stage.send(value(100, 4000)),
      stage.send(value(101, 50)),
      stage.send(value(102, 3000)),
      stage.send(value(103, 50)),
    ];
    expect(stage.producer.produce(TOPIC, { value: "late", partition: 0 })).toBe(false);
    open();
    await stage.when(Promise.all(sent));
    expect(short(stage.told)).toEqual([100, 101, 102, 103].map((one, at) => `${one} at ${taken + 1 + at}`));
  });

  it("of two topics, whoever came first", async () => {
    const stage = await producerStage({ topics: { [TOPIC]: 1, other: 1 } }, SMALL);
    await stage.begun();
    await stage.when(stage.send("begun", {}, "other"));
    stage.told.splice(0);
    const fault = stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", times: 100_000 });
    while (stage.producer.produce(TOPIC, { value: value(0), partition: 0 }));
    const order: string[] = [];
    const noted = (name: string, topic: string) => stage.send(value(1, 4000), {}, topic).then(() => order.push(name));
    const sent = [noted("first", "other"), noted("second", TOPIC), noted("third", "other")];
    fault.cancel();
    await stage.when(Promise.all(sent));
    expect(order[0]).toBe("first");
  });
  it("a small record of another topic does not overtake a large one that waits", async () => {
    const stage = await producerStage({ topics: { [TOPIC]: 1, other: 1 } }, SMALL);
    await stage.begun();
    await stage.when(stage.send("begun", {}, "other"));
    const fault = stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", times: 100_000 });
    const parts = Array.from({ length: 8 }, (_, index) => stage.send(value(index, 1000)));
    const order: string[] = [];
    const large = stage.send(value(100, 4000)).then(() => order.push("large"));
    const small = stage.send("small", {}, "other").then(() => order.push("small"));
    await stage.clock.advance(500);
    expect(order).toEqual([]);
    fault.cancel();
    await stage.when(Promise.all([...parts, large, small]));
    expect(order[0]).toBe("large");
  });

  it("while somebody waits, a small record of another topic does not take the room that is left", async () => {
    const stage = await producerStage({ topics: { [TOPIC]: 1, other: 1 } }, SMALL);
    await stage.begun();
    await stage.when(stage.send("begun", {}, "other"));
    const fault = stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", times: 100_000 });
    for (let index = 0; index < 8; index++) stage.producer.produce(TOPIC, { value: value(index), partition: 0 });
    const small = (): boolean => stage.producer.produce("other", { value: "small", partition: 0 });
    expect(small()).toBe(true);
    const large = stage.send(value(100, 4000));
    expect(small()).toBe(false);
    fault.cancel();
    await stage.when(large);
    await stage.when(stage.producer.flush());
    expect(stage.log(0, "other")).toEqual(["begun", "small"]);
  });

  it("whoever gives up leaves the queue; those behind him move up, and flush does not wait for him", async () => {
    const { stage, taken, open } = await full();
    const giveUp = new AbortController();
    const given = stage.producer.send(TOPIC, { value: value(100, 4000), partition: 0 }, { signal: giveUp.signal });
    const behind = stage.send(value(101, 50));
    const flush = stage.producer.flush();
    giveUp.abort(new Error("no more"));
    await expect(given).rejects.toThrow("no more");
    open();
    await stage.when(flush);
    expect((await stage.when(behind)).offset).toBe(taken + 1);
    expect(stage.log().some((one) => one.startsWith("100 "))).toBe(false);
  });

  it("flush resolves when the only one that it waits for gives up", async () => {
    const stage = await producerStage({ topics: {} });
    const giveUp = new AbortController();
    const given = stage.producer.send("nowhere", { value: "a" }, { signal: giveUp.signal });
    const flush = stage.producer.flush();
    giveUp.abort();
    await expect(given).rejects.toThrow();
    await stage.when(flush);
    expect(stage.elapsedMs).toBeLessThan(1000);
  });

  it("ready resolves when there is room, and what is produced then is taken", async () => {
    const { stage, open } = await full();
    const ready = stage.producer.ready();
    await stage.clock.advance(10);
    open();
    await stage.when(ready);
    expect(stage.producer.produce(TOPIC, { value: value(100), partition: 0 })).toBe(true);
    await stage.when(stage.producer.flush());
    expect(stage.log().at(-1)!.startsWith("100 ")).toBe(true);
  });

  it("ready rejects at its deadline, and by its signal, and leaves nothing behind", async () => {
    const { stage } = await full({ maxBlockMs: 2000 });
    const { error, tookMs } = await stage.failureOf(stage.producer.ready());
    expect(error).toMatchObject({ code: "QUEUE_FULL" });
    expect(tookMs).toBe(2000);
    const giveUp = new AbortController();
    const aborted = stage.producer.ready({ signal: giveUp.signal });
    giveUp.abort(new Error("no more"));
    await expect(stage.when(aborted)).rejects.toThrow("no more");
  });

  it("bufferMaxRecords limits records as bufferMemory does bytes", async () => {
    const stage = await producerStage({}, { bufferMaxRecords: 3 });
    await stage.begun();
    const produce = (one: string): boolean => stage.producer.produce(TOPIC, { value: one, partition: 0 });
    expect(["a", "b", "c", "d"].map(produce)).toEqual([true, true, true, false]);
    const waiting = stage.send("e");
    await stage.when(waiting);
    expect(stage.log()).toEqual(["begun", "a", "b", "c", "e"]);
  });

  it("senders that wait end the lingering of others: nothing waits for time while somebody waits for memory", async () => {
    const stage = await producerStage({}, { ...SMALL, lingerMs: 60_000, batchSize: 100_000, deliveryTimeoutMs: 200_000 });
    const sent = Array.from({ length: 30 }, (_, index) => stage.send(value(index)));
    await stage.when(sent[20]!);
    expect(stage.elapsedMs).toBeLessThan(1000);
    await stage.when(Promise.all(sent));
    expect(stage.log()).toHaveLength(30);
  });
});

describe("R1: what is buffered", () => {
  it("is never more than bufferMemory, whatever is tried again, split, timed out or refused, and nothing is left of it", async () => {
    const stage = await producerStage(
      { topics: { [TOPIC]: { partitions: 2, configs: { "max.message.bytes": "1500" } } } },
      { ...SMALL, requestTimeoutMs: 1000, deliveryTimeoutMs: 3000, reconnectBackoffMs: 10, maxBlockMs: 10_000 },
    );
    const { faults } = stage.broker;
    await stage.begun();
    faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", times: 7, skip: 3 });
    faults.disconnect({ api: "Produce", afterApply: true, times: 4, skip: 12 });
    faults.failNext({ ...PRODUCE, error: "INVALID_RECORD", times: 3, skip: 20 });
    faults.neverAnswer({ api: "Produce", times: 2, skip: 25 });
    const sent = Array.from({ length: 200 }, (_, index) =>
      stage.send(value(index, 100 + (index % 7) * 100), { partition: index % 2 }),
    );
    let isOver = false;
    const all = Promise.allSettled(sent).then(() => (isOver = true));
    let most = 0;
    while (!isOver) {
      await stage.clock.advance(5);
      const { bytes } = stage.held;
      most = Math.max(most, bytes);
      expect(bytes).toBeGreaterThanOrEqual(0);
      if (stage.elapsedMs > 60_000) throw new Error("it does not end");
    }
    await all;
    expect(most).toBeGreaterThan(5000);
    expect(most).toBeLessThanOrEqual(10_000);
    await stage.clock.advance(10_000);
    expect(stage.held).toEqual({ bytes: 0, records: 0, requests: 0, waiting: 0 });
    const log = [...stage.log(0), ...stage.log(1)];
    expect(new Set(log).size).toBe(log.length);
    for (const one of stage.told) {
      const [index] = one.split(" ");
      const isThere = log.some((written) => written.startsWith(`${index} `));
      if (one.includes(" at ")) expect(isThere).toBe(true);
      if (one.endsWith("not persisted")) expect(isThere).toBe(false);
    }
  });
});

describe("R4: very many records", () => {
  it("a hundred thousand small ones, sent in one turn, are written in order without a deep recursion", async () => {
    const stage = await producerStage({ journal: { maxBytes: 1_000_000 } }, { bufferMemory: 1_000_000_000 });
    const count = 100_000;
    let told = 0;
    let lastOffset = -1;
    for (let index = 0; index < count; index++) {
      stage.producer.produce(TOPIC, { value: String(index), partition: 0 }, (_error, metadata) => {
        told++;
        if (metadata !== undefined && metadata.offset !== lastOffset + 1) throw new Error("out of order");
        lastOffset = metadata?.offset ?? -1;
      });
    }
    await stage.when(stage.producer.flush());
    expect([told, lastOffset]).toEqual([count, count - 1]);
  });
});
