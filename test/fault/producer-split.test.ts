// Records and batches that are too large. The faults are numbered as in the fault list.

import { describe, expect, it } from "vitest";
import { SendBatchError } from "../../src/client/producer/accumulator/recipient.ts";
import { KafkaError } from "../../src/protocol/index.ts";
import { producerStage, TOPIC } from "../support/producer-stage.ts";

const PRODUCE = { api: "Produce", topic: TOPIC, partition: 0 } as const;
const limited = (bytes: number) => ({ topics: { [TOPIC]: { partitions: 2, configs: { "max.message.bytes": String(bytes) } } } });
const valuesOf = (count: number, size = 100): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${index} `.padEnd(size, "x"));

describe("P18: MESSAGE_TOO_LARGE for several records", () => {
  it("they are split until they fit, in order, with the sequences that they had; no retry is spent", async () => {
    const stage = await producerStage(limited(500), { retries: 1 });
    await stage.begun();
    const values = valuesOf(20);
    const results = await stage.sendAll(...values);
    expect(results.map((one) => (one.status === "fulfilled" ? one.value.offset : one.reason))).toEqual(
      values.map((_, at) => at + 1),
    );
    expect(stage.log()).toEqual(["begun", ...values]);
    expect(stage.told).toEqual(values.map((value, at) => `${value} at ${at + 1}`));
    for (const { sequence, epoch, values: own } of stage.wire().slice(1)) {
      expect(epoch).toBe(0);
      expect(sequence).toBe(values.indexOf(own[0]!) + 1);
    }
    expect(stage.metrics["batch-split-total"]).toBeGreaterThan(0);
    expect(stage.held).toEqual({ bytes: 0, records: 0, requests: 0, waiting: 0 });
  });

  it.each(["gzip", "snappy", "lz4"] as const)(
    "with %s the parts are compressed again, and hold what was sent",
    async (compression) => {
      const stage = await producerStage(limited(600), { compression, retries: 1 });
      await stage.begun();
      // Hardly compressible.
      const values = Array.from({ length: 20 }, (_, index) => pseudoRandom(index, 150));
      const sent = values.map((value, index) =>
        stage.send(value, { key: `k${index}`, headers: [["h", `${index}`]], timestampMs: 1000 + index }),
      );
      await stage.when(Promise.all(sent));
      expect(stage.log()).toEqual(["begun", ...values]);
      const records = stage.broker.records(TOPIC, 0).slice(1);
      expect(records.map(({ key }) => String(Buffer.from(key ?? [])))).toEqual(values.map((_, index) => `k${index}`));
      expect(records.map(({ timestamp }) => Number(timestamp))).toEqual(values.map((_, index) => 1000 + index));
      expect(records.map(({ headers }) => headers.map(([name, value]) => `${name}=${String(Buffer.from(value ?? []))}`))).toEqual(
        values.map((_, index) => [`h=${index}`]),
      );
    },
  );

  it("splitting is no retry: each part may still be tried as often as `retries` says", async () => {
    const stage = await producerStage({}, { retries: 1 });
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "MESSAGE_TOO_LARGE" });
    stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", skip: 1 });
    await stage.sendAll("a", "b");
    expect(stage.told).toEqual(["a at 1", "b at 2"]);
    expect(stage.stamps()).toEqual(["0/0 begun", "0/1 a b", "0/1 a", "0/1 a", "0/2 b"]);
    expect(stage.broker.faults.pending).toBe(0);
  });

  it("parts of a batch that may be in the log as a whole get no new epoch: they would be written twice", async () => {
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "REQUEST_TIMED_OUT", afterApply: true });
    // Somebody has lowered max.message.bytes.
    stage.broker.faults.failNext({ ...PRODUCE, error: "MESSAGE_TOO_LARGE", skip: 1, times: 2 });
    await stage.sendAll("a", "b", "c");
    expect(stage.log()).toEqual(["begun", "a", "b", "c"]);
    expect(stage.told.map((text) => text.split(", ")[1])).toEqual(Array(3).fill("possibly persisted"));
  });

  it("batches that are in flight behind it are sent again behind its parts", async () => {
    const stage = await producerStage({}, { batchSize: 1000 });
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "MESSAGE_TOO_LARGE" });
    const values = valuesOf(40);
    await stage.sendAll(...values);
    expect(stage.log()).toEqual(["begun", ...values]);
    expect(stage.told).toEqual(values.map((value, at) => `${value} at ${at + 1}`));
    expect(new Set(stage.wire().map(({ epoch }) => epoch))).toEqual(new Set([0]));
  });

  it("a batch whose time is over is not split any more: not persisted", async () => {
    const stage = await producerStage({}, { requestTimeoutMs: 4000, deliveryTimeoutMs: 5000 });
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", delayMs: 3000 });
    stage.broker.faults.failNext({ ...PRODUCE, error: "MESSAGE_TOO_LARGE", delayMs: 3000, skip: 1 });
    await stage.sendAll("a", "b");
    await stage.clock.advance(10_000);
    expect(stage.told).toEqual(["a: REQUEST_TIMEOUT, possibly persisted", "b: REQUEST_TIMEOUT, possibly persisted"]);
    expect(stage.wire()).toHaveLength(3);
    expect(stage.held).toEqual({ bytes: 0, records: 0, requests: 0, waiting: 0 });
  });

  it("parts keep the time that their records have: it is not begun anew", async () => {
    const stage = await producerStage({}, { requestTimeoutMs: 4000, deliveryTimeoutMs: 5000 });
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "MESSAGE_TOO_LARGE", delayMs: 3000 });
    stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", times: 1000, skip: 1 });
    const sent = Promise.allSettled([stage.send("a"), stage.send("b")]);
    const startMs = stage.elapsedMs;
    await stage.when(sent);
    expect(stage.elapsedMs - startMs).toBe(5000);
    expect(stage.told).toEqual(["a: REQUEST_TIMEOUT, not persisted", "b: REQUEST_TIMEOUT, not persisted"]);
  });

  it("a split batch whose part's answer is lost is not doubled", async () => {
    const stage = await producerStage(limited(500));
    await stage.begun();
    const values = valuesOf(10);
    stage.broker.faults.disconnect({ api: "Produce", afterApply: true, skip: 4 });
    await stage.sendAll(...values);
    expect(stage.log()).toEqual(["begun", ...values]);
    expect(stage.told).toEqual(values.map((value, at) => `${value} at ${at + 1}`));
  });

  it("flush waits for the parts", async () => {
    const stage = await producerStage(limited(500));
    await stage.begun();
    const values = valuesOf(20);
    for (const value of values) void stage.send(value);
    await stage.when(stage.producer.flush());
    await Promise.resolve();
    expect(stage.log()).toEqual(["begun", ...values]);
    expect(stage.told).toHaveLength(20);
  });
});

describe("P19: MESSAGE_TOO_LARGE for one record", () => {
  it("fails it as not persisted, and the records around it are written in order", async () => {
    const stage = await producerStage(limited(500));
    await stage.begun();
    const small = valuesOf(6);
    const large = "y".repeat(2000);
    const values = [...small.slice(0, 3), large, ...small.slice(3)];
    await stage.sendAll(...values);
    await stage.sendAll("later");
    expect(stage.log()).toEqual(["begun", ...small, "later"]);
    expect(stage.told.map((one) => one.replace(large, "large"))).toEqual([
      ...small.slice(0, 3).map((value, at) => `${value} at ${at + 1}`),
      "large: MESSAGE_TOO_LARGE, not persisted",
      ...small.slice(3).map((value, at) => `${value} at ${at + 4}`),
      "later at 7",
    ]);
    // Its sequence is a hole: behind it a new epoch begins.
    const last = stage.wire().at(-1)!;
    expect(last.epoch).toBeGreaterThan(0);
    // That is no gap that anybody has to be told of: nothing acknowledged is lost.
    expect(stage.warnings).toEqual([]);
  });

  it("without idempotence, too", async () => {
    const stage = await producerStage(limited(500), { enableIdempotence: false });
    const large = "y".repeat(2000);
    await stage.sendAll("a", large, "b");
    expect(stage.log()).toEqual(["a", "b"]);
    expect(stage.told[1]).toContain("MESSAGE_TOO_LARGE, not persisted");
  });
});

describe("P20: a record larger than maxRequestSize", () => {
  it("is refused before it is queued: nothing is sent, no sequence is spent, others go on", async () => {
    const stage = await producerStage({}, { maxRequestSize: 1000 });
    await stage.begun();
    const large = "z".repeat(1001);
    const sent = [stage.send("a"), stage.send(large), stage.send("b")];
    const [, refused] = await stage.when(Promise.allSettled(sent));
    expect(refused).toMatchObject({
      status: "rejected",
      reason: { code: "MESSAGE_TOO_LARGE", verdict: "not persisted", retriable: false, maxRequestSize: 1000 },
    });
    expect(stage.log()).toEqual(["begun", "a", "b"]);
    expect(stage.stamps()).toEqual(["0/0 begun", "0/1 a b"]);
    expect(() => stage.producer.produce(TOPIC, { value: large })).toThrow("maxRequestSize (1000)");
  });

  it("counts key and headers, and bytes, not characters", async () => {
    const stage = await producerStage({}, { maxRequestSize: 1000 });
    await stage.begun();
    for (const record of [{ key: "k".repeat(1000) }, { headers: [["h", "v".repeat(1000)]] as const }, { key: "€".repeat(400) }]) {
      expect((await stage.failureOf(stage.send("v", record))).error).toMatchObject({ code: "MESSAGE_TOO_LARGE" });
    }
    await stage.when(stage.send("fits", { key: "€".repeat(200) }));
    expect(stage.log()).toEqual(["begun", "fits"]);
  });

  it("while its topic is not known, too", async () => {
    const stage = await producerStage({}, { maxRequestSize: 1000 });
    const { error, tookMs } = await stage.failureOf(stage.send("z".repeat(1001)));
    expect(error).toMatchObject({ code: "MESSAGE_TOO_LARGE", verdict: "not persisted" });
    expect(tookMs).toBe(0);
  });

  it("no request is larger than maxRequestSize, however many batches wait", async () => {
    const stage = await producerStage({ topics: { [TOPIC]: 30 } }, { maxRequestSize: 5000 });
    const sent = Array.from({ length: 30 }, (_, partition) => stage.send("z".repeat(1500), { partition }));
    await stage.when(Promise.all(sent));
    for (const { sizeInBytes } of stage.broker.journal.requests("Produce")) expect(sizeInBytes).toBeLessThanOrEqual(5000);
    expect(stage.requests().some((request) => request.length > 1)).toBe(true);
  });

  it("of a sendBatch is told by its place; the others are written", async () => {
    const stage = await producerStage({}, { maxRequestSize: 1000 });
    const { error } = await stage.failureOf(
      stage.producer.sendBatch(TOPIC, [
        { value: "a", partition: 0 },
        { value: "z".repeat(1001), partition: 0 },
        { value: "b", partition: 0 },
      ]),
    );
    expect(error).toBeInstanceOf(SendBatchError);
    expect(error).toBeInstanceOf(KafkaError);
    expect(error).toMatchObject({
      failures: [{ index: 1, error: { code: "MESSAGE_TOO_LARGE", verdict: "not persisted" } }],
      results: [{ offset: 0 }, undefined, { offset: 1 }],
    });
    expect(stage.log()).toEqual(["a", "b"]);
  });
});

function pseudoRandom(seed: number, length: number): string {
  let state = seed * 2_654_435_761 + 12_345;
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return String.fromCharCode(33 + (state % 90));
  }).join("");
}
