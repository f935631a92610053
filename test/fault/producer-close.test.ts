// Flushing, giving up and closing. The faults are numbered as in the fault list.

import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { ProducerStage, producerStage, TOPIC } from "../support/producer-stage.ts";

const FIVE = ["a", "b", "c", "d", "e"];
/** Every record is a batch, and so a request. */
const SINGLY = { batchSize: 0 };
const PRODUCE = { api: "Produce", topic: TOPIC, partition: 0 } as const;
const NOTHING = { bytes: 0, records: 0, requests: 0, waiting: 0 };

describe("S1: flush", () => {
  it("resolves when all sends made before it are settled, those that failed, too", async () => {
    const stage = await producerStage({}, { ...SINGLY, lingerMs: 60_000 });
    await stage.when(Promise.all([stage.send("begun"), stage.producer.flush()]));
    stage.told.splice(0);
    stage.broker.faults.failNext({ ...PRODUCE, error: "INVALID_RECORD", skip: 1 });
    for (const value of FIVE) void stage.send(value);
    await stage.when(stage.producer.flush());
    expect(stage.told).toEqual(["a at 1", "b: INVALID_RECORD, not persisted", "c at 2", "d at 3", "e at 4"]);
  });

  it("waits for what is in flight already", async () => {
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.delay({ api: "Produce", delayMs: 1000 });
    void stage.send("a");
    await stage.clock.advance(10);
    expect(stage.held.requests).toBe(1);
    const startMs = stage.elapsedMs;
    await stage.when(stage.producer.flush());
    expect(stage.elapsedMs - startMs).toBe(990);
    expect(stage.told).toEqual(["a at 1"]);
  });

  it("sends what lingers at once, and afterwards records linger again", async () => {
    const stage = await producerStage({}, { lingerMs: 1000, deliveryTimeoutMs: 60_000 });
    const startMs = stage.elapsedMs;
    void stage.send("a");
    await stage.when(stage.producer.flush());
    expect(stage.elapsedMs - startMs).toBeLessThan(100);
    const beforeMs = stage.elapsedMs;
    await stage.sendAll("b");
    expect(stage.elapsedMs - beforeMs).toBe(1000);
  });

  it("is not starved by sends that come later", async () => {
    const stage = await producerStage({}, SINGLY);
    await stage.begun();
    stage.broker.network.weather = { latencyMs: [10, 10] };
    const first = stage.send("first");
    let isFlushed = false;
    const flushed = stage.producer.flush().then(() => (isFlushed = true));
    let sent = 0;
    const onDelivery = (): void => {
      if (isFlushed || sent > 500) return;
      sent++;
      stage.producer.produce(TOPIC, { value: `later ${sent}`, partition: 0 }, onDelivery);
    };
    for (let index = 0; index < 10; index++) onDelivery();
    await stage.when(first);
    await stage.when(flushed);
    expect(sent).toBeLessThan(50);
    await stage.when(stage.producer.flush());
  });

  it("at its deadline rejects, and leaves the queue as it is", async () => {
    const stage = await producerStage();
    await stage.begun();
    const fault = stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", times: 100_000 });
    const sent = stage.send("a");
    const { error, tookMs } = await stage.failureOf(stage.producer.flush({ timeoutMs: 700 }));
    expect(error).toMatchObject({ code: "REQUEST_TIMEOUT" });
    expect(tookMs).toBe(700);
    expect(stage.told).toEqual([]);
    fault.cancel();
    expect(await stage.when(sent)).toMatchObject({ offset: 1 });
  });

  it("by its signal rejects, and leaves the queue and the signal as they are", async () => {
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.delay({ api: "Produce", delayMs: 1000 });
    const sent = stage.send("a");
    const giveUp = new AbortController();
    const flush = stage.producer.flush({ signal: giveUp.signal });
    giveUp.abort(new Error("no more"));
    await expect(flush).rejects.toThrow("no more");
    expect(getEventListeners(giveUp.signal, "abort")).toEqual([]);
    expect(await stage.when(sent)).toMatchObject({ offset: 1 });
  });

  it("waits for records whose topic is not known yet, and for those that wait for memory", async () => {
    const stage = await producerStage({}, { bufferMaxRecords: 2 });
    for (const value of FIVE) void stage.send(value);
    await stage.when(stage.producer.flush());
    expect(stage.told).toEqual(FIVE.map((value, at) => `${value} at ${at}`));
  });

  it("waits for a serializer that takes its time", async () => {
    let go = (): void => undefined;
    const until = new Promise<void>((resolve) => {
      go = resolve;
    });
    const slow = { serialize: async (value: string) => until.then(() => value) };
    const stage = await producerStage({}, { valueSerializer: slow as never });
    const sent = [stage.send("a"), stage.send("b")];
    let isFlushed = false;
    const flushed = stage.producer.flush().then(() => (isFlushed = true));
    await stage.clock.advance(100);
    expect(isFlushed).toBe(false);
    go();
    await stage.when(flushed);
    expect(stage.told).toEqual(["a at 0", "b at 1"]);
    await Promise.all(sent);
  });

  it("has nothing to wait for when nothing was sent", async () => {
    const stage = await producerStage();
    await stage.producer.flush();
    expect(stage.count("ApiVersions")).toBe(0);
  });

  it("many at a time resolve each when theirs is done", async () => {
    const stage = await producerStage({}, SINGLY);
    await stage.begun();
    const order: string[] = [];
    const flushes = FIVE.map((value) => {
      void stage.send(value).then(() => order.push(value));
      return stage.producer.flush().then(() => order.push(`flush ${value}`));
    });
    await stage.when(Promise.all(flushes));
    for (const value of FIVE) expect(order.indexOf(value)).toBeLessThan(order.indexOf(`flush ${value}`));
  });
});

describe("S2: close", () => {
  it("delivers what was sent before, also what lingers", async () => {
    const stage = await producerStage({}, { lingerMs: 60_000 });
    const sent = FIVE.map((value) => stage.send(value));
    await stage.when(stage.producer.close());
    expect(stage.log()).toEqual(FIVE);
    await Promise.all(sent);
    expect(stage.elapsedMs).toBeLessThan(1000);
  });

  it("may be called again, at the same time, and in a callback: it is one close", async () => {
    const stage = await producerStage();
    await stage.begun();
    const inCallback: Promise<void>[] = [];
    stage.producer.produce(TOPIC, { value: "a", partition: 0 }, () => inCallback.push(stage.producer.close()));
    const closes = [stage.producer.close(), stage.producer.close({ timeoutMs: 0 })];
    await stage.when(Promise.all(closes));
    await stage.when(Promise.all(inCallback));
    expect(inCallback).toHaveLength(1);
    await stage.producer.close();
    expect(stage.log()).toEqual(["begun", "a"]);
  });

  it("of a producer that never sent anything, connects to nobody", async () => {
    const stage = await producerStage();
    await stage.producer.close();
    expect(stage.count("ApiVersions")).toBe(0);
    expect(stage.elapsedMs).toBe(0);
  });

  it("happens at the end of `await using`", async () => {
    const stage = await producerStage();
    void stage.send("a");
    await stage.when(stage.producer[Symbol.asyncDispose]());
    expect(stage.log()).toEqual(["a"]);
  });
});

describe("P27: send while and after closing", () => {
  it("is refused with CLOSED, not persisted; nothing of it is kept", async () => {
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.delay({ api: "Produce", delayMs: 1000 });
    void stage.send("a");
    await stage.clock.advance(10);
    const closing = stage.producer.close();
    const during = stage.send("during");
    expect(() => stage.producer.produce(TOPIC, { value: "during" })).toThrow("closed");
    await stage.when(Promise.allSettled([during, closing]));
    await stage.sendAll("after");
    expect(() => stage.producer.produce(TOPIC, { value: "after" })).toThrow("closed");
    await expect(stage.producer.ready()).rejects.toThrow("closed");
    await expect(stage.producer.sendBatch(TOPIC, [{ value: "x" }, { value: "y" }])).rejects.toMatchObject({ code: "CLOSED" });
    expect(stage.told).toEqual(["during: CLOSED, not persisted", "a at 1", "after: CLOSED, not persisted"]);
    expect(stage.held).toEqual(NOTHING);
    expect(stage.log()).toEqual(["begun", "a"]);
  });

  it("flush after closing has nothing to wait for, and partitionsFor is refused", async () => {
    const stage = await producerStage();
    await stage.begun();
    await stage.when(stage.producer.close());
    await stage.producer.flush();
    await expect(stage.producer.partitionsFor(TOPIC)).rejects.toMatchObject({ code: "CLOSED" });
  });
});

describe("S3: close with a dead cluster", () => {
  it("ends within its time: what was never sent is not persisted, what is in flight may be", async () => {
    const stage = await producerStage({}, SINGLY);
    await stage.begun();
    stage.broker.faults.neverAnswer({ api: "Produce", afterApply: true });
    const values = Array.from({ length: 10 }, (_, index) => `v${index}`);
    const sent = Promise.allSettled(values.map((value) => stage.send(value)));
    await stage.clock.advance(10);
    const startMs = stage.elapsedMs;
    await stage.when(stage.producer.close({ timeoutMs: 2000 }));
    expect(stage.elapsedMs - startMs).toBe(2000);
    await stage.when(sent);
    expect(stage.told).toEqual([
      ...values.slice(0, 5).map((value) => `${value}: CLOSED, possibly persisted`),
      ...values.slice(5).map((value) => `${value}: CLOSED, not persisted`),
    ]);
    expect(stage.warnings).toContain("CLOSE_INCOMPLETE");
    expect(stage.held).toEqual(NOTHING);
  });

  it("at once with timeoutMs 0", async () => {
    const stage = await producerStage({}, { lingerMs: 1000 });
    const sent = Promise.allSettled(FIVE.map((value) => stage.send(value)));
    const startMs = stage.elapsedMs;
    await stage.when(stage.producer.close({ timeoutMs: 0 }));
    expect(stage.elapsedMs).toBe(startMs);
    await sent;
    expect(stage.told).toEqual(FIVE.map((value) => `${value}: CLOSED, not persisted`));
    expect(stage.held).toEqual(NOTHING);
  });

  it("when no server was ever reached", async () => {
    const stage = await producerStage({}, { deliveryTimeoutMs: 40_000 });
    await stage.broker.stopNode(1);
    const sent = Promise.allSettled(FIVE.map((value) => stage.send(value)));
    const startMs = stage.elapsedMs;
    await stage.when(stage.producer.close({ timeoutMs: 3000 }));
    expect(stage.elapsedMs - startMs).toBe(3000);
    await sent;
    expect(stage.told).toEqual(FIVE.map((value) => `${value}: CLOSED, not persisted`));
  });

  it("without a time takes no longer than deliveries may: what was sent and lost may be persisted", async () => {
    const stage = await producerStage({}, { requestTimeoutMs: 1000, deliveryTimeoutMs: 5000 });
    await stage.begun();
    stage.broker.faults.disconnect({ api: "Produce", afterApply: true });
    void stage.send("a").catch(() => undefined);
    await stage.clock.advance(0);
    await stage.broker.stopNode(1);
    const startMs = stage.elapsedMs;
    await stage.when(stage.producer.close());
    expect(stage.elapsedMs - startMs).toBeLessThanOrEqual(5000);
    expect(stage.told).toEqual([expect.stringContaining("a: REQUEST_TIMEOUT")]);
  });

  it("records between two attempts tell the truth, too", async () => {
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "REQUEST_TIMED_OUT", times: 1000, afterApply: true });
    const sent = Promise.allSettled([stage.send("maybe")]);
    await stage.clock.advance(10);
    await stage.when(stage.producer.close({ timeoutMs: 0 }));
    await sent;
    expect(stage.told).toEqual(["maybe: CLOSED, possibly persisted"]);
    expect(stage.log()).toEqual(["begun", "maybe"]);
  });
});

describe("S4: after close", () => {
  const spoils: Readonly<Record<string, (stage: ProducerStage) => void>> = {
    "nothing is wrong": () => undefined,
    "a broker is silent": ({ broker }) => void broker.faults.neverAnswer({ times: 100 }),
    "a broker is gone": ({ broker }) => void broker.stopNode(1),
    "there is no id": ({ broker }) => void broker.faults.failNext({ api: "InitProducerId", error: 14, times: 1000 }),
    "the topic is unknown": ({ broker }) => void broker.faults.failNext({ api: "Metadata", error: 3, times: 1000 }),
  };

  it.each(Object.entries(spoils))("while %s: no timer, no socket, no promise is left", async (_what, spoil) => {
    const hasty = { reconnectBackoffMs: 50, maxBlockMs: 10_000, requestTimeoutMs: 1000, deliveryTimeoutMs: 10_000 };
    const stage = await ProducerStage.open({}, hasty);
    spoil(stage);
    const pending: Promise<unknown>[] = FIVE.map((value) => stage.send(value));
    pending.push(
      stage.producer.sendBatch(TOPIC, [{ value: "x" }, { value: "y" }]),
      stage.producer.flush(),
      stage.producer.partitionsFor(TOPIC),
    );
    const settled = Promise.allSettled(pending);
    await stage.clock.advance(700);
    await stage.when(stage.producer.close({ timeoutMs: 500 }));
    await settled;
    expect(stage.told).toHaveLength(5);
    expect(await stage.close()).toEqual([]);
  });
});

describe("S5: an AbortSignal on one call", () => {
  it("rejects that call alone; the record that is in a batch with others is sent with them", async () => {
    const stage = await producerStage();
    await stage.begun();
    const giveUp = new AbortController();
    const { signal } = giveUp;
    stage.broker.faults.delay({ api: "Produce", delayMs: 500 });
    const given = stage.producer.send(TOPIC, { value: "given up", partition: 0 }, { signal });
    const others = [stage.send("a"), stage.send("b")];
    await stage.clock.advance(10);
    const connections = stage.count("ApiVersions");
    giveUp.abort(new Error("no more"));
    await expect(given).rejects.toThrow("no more");
    await stage.when(Promise.all(others));
    expect(stage.log()).toEqual(["begun", "given up", "a", "b"]);
    expect(stage.count("ApiVersions")).toBe(connections);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("that is aborted already sends nothing", async () => {
    const stage = await producerStage();
    await stage.begun();
    const sent = stage.producer.send(TOPIC, { value: "a" }, { signal: AbortSignal.abort(new Error("before")) });
    await expect(sent).rejects.toThrow("before");
    const batch = stage.producer.sendBatch(TOPIC, [{ value: "a" }], { signal: AbortSignal.abort(new Error("before")) });
    await expect(batch).rejects.toThrow("before");
    await stage.when(stage.producer.flush());
    expect(stage.log()).toEqual(["begun"]);
  });

  it("of a record that waits for its topic takes it back: it is never sent, and the next ones are", async () => {
    const stage = await producerStage({ topics: {} });
    const giveUp = new AbortController();
    const given = stage.producer.send(TOPIC, { value: "given up", partition: 0 }, { signal: giveUp.signal });
    const other = stage.send("a");
    await stage.clock.advance(100);
    giveUp.abort(new Error("no more"));
    await expect(given).rejects.toThrow("no more");
    stage.broker.createTopic(TOPIC);
    await stage.when(other);
    expect(stage.log()).toEqual(["a"]);
  });

  it("that outlives many calls keeps nothing of them", async () => {
    const stage = await producerStage();
    await stage.begun();
    const { signal } = new AbortController();
    for (let round = 0; round < 5; round++) {
      await stage.when(Promise.all(FIVE.map((value) => stage.producer.send(TOPIC, { value, partition: 0 }, { signal }))));
    }
    await stage.when(
      stage.producer.sendBatch(
        TOPIC,
        FIVE.map((value) => ({ value, partition: 0 })),
        { signal },
      ),
    );
    await Promise.resolve();
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});
