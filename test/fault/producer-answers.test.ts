// What brokers say to Produce and InitProducerId, and what becomes of the records. The faults are numbered as in the fault list.

import { afterEach, describe, expect, it, vi } from "vitest";
import { nodeCodecs } from "../../src/client/compression/node-codecs.ts";
import { type ErrorName, KafkaError } from "../../src/protocol/index.ts";
import { codeNamed, producerStage, TOPIC } from "../support/producer-stage.ts";

/** Every record is a batch, and so a request. */
const SINGLY = { batchSize: 0 };
const PRODUCE = { api: "Produce", topic: TOPIC, partition: 0 } as const;

afterEach(() => {
  vi.restoreAllMocks();
});

describe("P2: perhaps written", () => {
  // A disk may also fail while a batch waits for its replicas: those may have it.
  it.each(["REQUEST_TIMED_OUT", "NOT_ENOUGH_REPLICAS_AFTER_APPEND", "NETWORK_EXCEPTION", "KAFKA_STORAGE_ERROR"] as const)(
    "%s is tried again under the same sequence, and the record is in the log once",
    async (error) => {
      const stage = await producerStage();
      await stage.begun();
      stage.broker.faults.failNext({ ...PRODUCE, error, afterApply: true, times: 3 });
      await stage.sendAll("a");
      expect(stage.told).toEqual(["a at 1"]);
      expect(stage.log()).toEqual(["begun", "a"]);
      expect(stage.stamps().slice(1)).toEqual(["0/1 a", "0/1 a", "0/1 a", "0/1 a"]);
    },
  );

  it.each(["REQUEST_TIMED_OUT", "NOT_ENOUGH_REPLICAS_AFTER_APPEND", "KAFKA_STORAGE_ERROR"] as const)(
    "%s to the end says that the record may be in the log",
    async (error) => {
      const stage = await producerStage({}, { deliveryTimeoutMs: 5000, requestTimeoutMs: 1000 });
      await stage.begun();
      stage.broker.faults.failNext({ ...PRODUCE, error, afterApply: true, times: 1000 });
      await stage.sendAll("a");
      expect(stage.told).toEqual(["a: REQUEST_TIMEOUT, possibly persisted"]);
      expect(stage.log()).toEqual(["begun", "a"]);
    },
  );

  it("then an error about metadata: the record is not given up, and keeps its verdict", async () => {
    const stage = await producerStage({}, { deliveryTimeoutMs: 5000, requestTimeoutMs: 1000 });
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "REQUEST_TIMED_OUT", afterApply: true });
    stage.broker.faults.failNext({ ...PRODUCE, error: "UNKNOWN_TOPIC_ID", skip: 1, times: 2 });
    await stage.sendAll("a");
    expect(stage.told).toEqual(["a at 1"]);
    expect(stage.log()).toEqual(["begun", "a"]);
    stage.broker.faults.failNext({ ...PRODUCE, error: "REQUEST_TIMED_OUT", afterApply: true });
    stage.broker.faults.failNext({ ...PRODUCE, error: "UNKNOWN_TOPIC_ID", skip: 1, times: 1000 });
    await stage.sendAll("b");
    expect(stage.told.slice(1)).toEqual(["b: REQUEST_TIMEOUT, possibly persisted"]);
  });
});

describe("P2: perhaps written, and then the topic seems to be gone", () => {
  it("metadata that does not know it does not fail the record, whose answer is asked for until there is one", async () => {
    const stage = await producerStage({}, { metadataMaxAgeMs: 200 });
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "KAFKA_STORAGE_ERROR", afterApply: true });
    const gone = stage.broker.faults.failNext({ api: "Metadata", topic: TOPIC, error: "UNKNOWN_TOPIC_OR_PARTITION", times: 4 });
    await stage.sendAll("a");
    expect(stage.told).toEqual(["a at 1"]);
    expect(stage.log()).toEqual(["begun", "a"]);
    expect(gone.hits).toBeGreaterThan(0);
  });

  it("to the end: possibly persisted, at the delivery timeout and not before", async () => {
    const stage = await producerStage({}, { metadataMaxAgeMs: 200, deliveryTimeoutMs: 5000, requestTimeoutMs: 1000 });
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "KAFKA_STORAGE_ERROR", afterApply: true });
    stage.broker.faults.failNext({ api: "Metadata", topic: TOPIC, error: "UNKNOWN_TOPIC_OR_PARTITION", times: 1000 });
    stage.broker.faults.failNext({ ...PRODUCE, error: "UNKNOWN_TOPIC_ID", skip: 1, times: 1000 });
    const { error, tookMs } = await stage.failureOf(stage.send("a"));
    expect(error).toMatchObject({ code: "REQUEST_TIMEOUT", verdict: "possibly persisted" });
    expect(tookMs).toBe(5000);
  });
});

describe("P3: not written, for now", () => {
  it.each([
    ["NOT_ENOUGH_REPLICAS", 0],
    ["KAFKA_STORAGE_ERROR", 1],
    ["NOT_LEADER_OR_FOLLOWER", 1],
    ["FENCED_LEADER_EPOCH", 1],
    ["UNKNOWN_TOPIC_OR_PARTITION", 1],
    ["LEADER_NOT_AVAILABLE", 1],
  ] as const)("%s is tried again after a pause, with %i new look at the metadata", async (error, looks) => {
    const stage = await producerStage();
    await stage.begun();
    const looksBefore = stage.count("Metadata");
    stage.broker.faults.failNext({ ...PRODUCE, error });
    await stage.sendAll("a");
    expect(stage.told).toEqual(["a at 1"]);
    expect(stage.stamps().slice(1)).toEqual(["0/1 a", "0/1 a"]);
    const [, first, second] = stage.wire();
    expect(second!.atMs - first!.atMs).toBeGreaterThanOrEqual(80);
    expect(second!.atMs - first!.atMs).toBeLessThanOrEqual(120);
    expect(stage.count("Metadata") - looksBefore).toBe(looks);
  });

  it("the pauses grow to retryBackoffMaxMs, and no further", async () => {
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", times: 8 });
    await stage.sendAll("a");
    const at = stage
      .wire()
      .slice(1)
      .map(({ atMs }) => atMs);
    const pauses = at.slice(1).map((ms, index) => ms - at[index]!);
    for (const [index, pause] of pauses.entries()) {
      const wanted = Math.min(1000, 100 * 2 ** index);
      expect(pause).toBeGreaterThanOrEqual(wanted * 0.8 - 1);
      expect(pause).toBeLessThanOrEqual(wanted * 1.2 + 1);
    }
    expect(stage.log()).toEqual(["begun", "a"]);
  });

  it("NOT_ENOUGH_REPLICAS to the end says that the record is not in the log, and why", async () => {
    const stage = await producerStage({}, { deliveryTimeoutMs: 5000, requestTimeoutMs: 1000 });
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", times: 1000 });
    const { error, tookMs } = await stage.failureOf(stage.send("a"));
    expect(error).toMatchObject({
      code: "REQUEST_TIMEOUT",
      verdict: "not persisted",
      cause: { code: "NOT_ENOUGH_REPLICAS", context: { topic: TOPIC, partition: 0 } },
    });
    expect(tookMs).toBe(5000);
    expect(stage.log()).toEqual(["begun"]);
  });

  it("`retries` says how often: then the broker's own error is told", async () => {
    const stage = await producerStage({}, { retries: 2 });
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", times: 3 });
    await stage.sendAll("a");
    expect(stage.told).toEqual(["a: NOT_ENOUGH_REPLICAS, not persisted"]);
    expect(stage.wire()).toHaveLength(4);
  });
});

describe("P4: CORRUPT_MESSAGE", () => {
  it("is tried again: the bytes may have been damaged on their way", async () => {
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "CORRUPT_MESSAGE", times: 3 });
    await stage.sendAll("a");
    expect(stage.told).toEqual(["a at 1"]);
  });

  it("again and again fails the batch as not persisted, and no other one", async () => {
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "CORRUPT_MESSAGE", times: 4 });
    await stage.sendAll("a");
    await stage.sendAll("b");
    expect(stage.told).toEqual(["a: CORRUPT_MESSAGE, not persisted", "b at 1"]);
    expect(stage.stamps()).toEqual(["0/0 begun", ...Array.from({ length: 4 }, () => "0/1 a"), "1/0 b"]);
    expect(stage.broker.faults.pending).toBe(0);
  });
});

describe("P5: refused for good", () => {
  it.each([
    "INVALID_REQUIRED_ACKS",
    "TOPIC_AUTHORIZATION_FAILED",
    "UNSUPPORTED_FOR_MESSAGE_FORMAT",
    "POLICY_VIOLATION",
    "INVALID_TIMESTAMP",
    "UNSUPPORTED_VERSION",
    "INVALID_RECORD",
    "INVALID_TOPIC_EXCEPTION",
  ] as const)("%s fails the whole batch at once, not persisted, with the code kept", async (error) => {
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error, message: "no" });
    const results = await stage.sendAll("a", "b");
    for (const result of results) {
      expect(result).toMatchObject({
        status: "rejected",
        reason: { code: error, errorCode: codeNamed(error), verdict: "not persisted", retriable: false },
      });
    }
    expect(stage.wire()).toHaveLength(2);
    expect(stage.log()).toEqual(["begun"]);
    // What comes later is not its affair; its sequence was never written, so a new epoch begins.
    await stage.sendAll("c");
    expect(stage.told.at(-1)).toBe("c at 1");
    expect(stage.stamps().at(-1)).toBe("1/0 c");
    expect(stage.wire()).toHaveLength(3);
    expect(stage.warnings).toEqual([]);
  });

  it("RECORD_LIST_TOO_LARGE: a record that no segment holds fails alone, with the code kept; a sum of records is split and written", async () => {
    // No batch may be larger than a segment, and no segment smaller than a mebibyte.
    const configs = { "segment.bytes": "1048576", "max.message.bytes": "9000000" };
    const options = { batchSize: 8_000_000, maxRequestSize: 8_000_000, retries: 1 };
    const stage = await producerStage({ topics: { [TOPIC]: { partitions: 1, configs } } }, options);
    await stage.begun();
    const small = Array.from({ length: 20 }, (_, index) => `${index} `.padEnd(200_000, "x"));
    const large = "y".repeat(1_100_000);
    await stage.sendAll(...small.slice(0, 10), large, ...small.slice(10));
    await stage.sendAll("later");
    expect(stage.log().map(short)).toEqual(["begun", ...small.map(short), "later"]);
    expect(stage.told).toHaveLength(22);
    expect(stage.told.filter((one) => !one.includes(" at ")).map(short)).toEqual(["y: RECORD_LIST_TOO_LARGE, not persisted"]);
    expect(stage.metrics["batch-split-total"]).toBeGreaterThan(0);
    expect(stage.held).toEqual({ bytes: 0, records: 0, requests: 0, waiting: 0 });
  });
});

describe("P6: CLUSTER_AUTHORIZATION_FAILED", () => {
  it("for an id ends the producer: what waits and what comes fails with it, and nothing hangs", async () => {
    const stage = await producerStage();
    stage.broker.faults.failNext({ api: "InitProducerId", error: "CLUSTER_AUTHORIZATION_FAILED" });
    await stage.sendAll("a", "b");
    await stage.sendAll("c");
    const refused = "CLUSTER_AUTHORIZATION_FAILED, not persisted";
    expect(stage.told).toEqual([`a: ${refused}`, `b: ${refused}`, `c: ${refused}`]);
    expect(() => stage.producer.produce(TOPIC, { value: "d" })).toThrow("CLUSTER_AUTHORIZATION_FAILED");
    await stage.when(stage.producer.flush());
    expect(stage.count("InitProducerId")).toBe(1);
    expect(stage.wire()).toEqual([]);
  });

  it("for a batch ends an idempotent producer, too", async () => {
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "CLUSTER_AUTHORIZATION_FAILED" });
    await stage.sendAll("a");
    await stage.sendAll("b");
    expect(stage.told).toEqual([
      "a: CLUSTER_AUTHORIZATION_FAILED, not persisted",
      "b: CLUSTER_AUTHORIZATION_FAILED, not persisted",
    ]);
    expect(stage.wire()).toHaveLength(2);
  });
});

describe("P7: DUPLICATE_SEQUENCE_NUMBER", () => {
  it("is a success: the broker has it, and no longer knows where", async () => {
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "DUPLICATE_SEQUENCE_NUMBER", afterApply: true });
    const [a] = await stage.when(Promise.all([stage.send("a", { timestampMs: 77 }), stage.send("b")]));
    expect(a).toMatchObject({ offset: -1, timestamp: 77 });
    await stage.sendAll("c");
    expect(stage.told).toEqual(["a at -1", "b at -1", "c at 3"]);
    expect(stage.stamps()).toEqual(["0/0 begun", "0/1 a b", "0/3 c"]);
  });
});

describe("P28: no producer id yet", () => {
  it.each([
    "COORDINATOR_LOAD_IN_PROGRESS",
    "COORDINATOR_NOT_AVAILABLE",
    "NOT_COORDINATOR",
    "CONCURRENT_TRANSACTIONS",
    "REQUEST_TIMED_OUT",
  ] satisfies ErrorName[])("%s is asked again until there is one, and nobody hears of it", async (error) => {
    const stage = await producerStage();
    stage.broker.faults.failNext({ api: "InitProducerId", error, times: 5 });
    await stage.sendAll("a", "b");
    expect(stage.told).toEqual(["a at 0", "b at 1"]);
    expect(stage.count("InitProducerId")).toBe(6);
  });

  it("to the end of the delivery timeout fails the records as not persisted, and the next one is sent when there is an id", async () => {
    const stage = await producerStage({}, { deliveryTimeoutMs: 5000, requestTimeoutMs: 1000 });
    const fault = stage.broker.faults.failNext({ api: "InitProducerId", error: "CONCURRENT_TRANSACTIONS", times: 1000 });
    await stage.sendAll("a");
    expect(stage.told).toEqual(["a: REQUEST_TIMEOUT, not persisted"]);
    fault.cancel();
    await stage.sendAll("b");
    expect(stage.told.at(-1)).toBe("b at 0");
    expect(stage.stamps()).toEqual(["0/0 b"]);
  });

  it("is asked for once, however many partitions wait for it", async () => {
    const stage = await producerStage({ topics: { [TOPIC]: 50 } });
    const sent = Array.from({ length: 50 }, (_, partition) => stage.send(`v${partition}`, { partition }));
    await stage.when(Promise.all(sent));
    expect(stage.count("InitProducerId")).toBe(1);
  });
});

describe("P30: a batch that cannot be written", () => {
  it("fails alone, whatever is sent together with it; what comes later counts on", async () => {
    const stage = await producerStage({}, { compression: "gzip" });
    await stage.begun();
    const { compressAsync, compress } = nodeCodecs.gzip;
    const broken = (bytes: Uint8Array): boolean => Buffer.from(bytes).includes("poison");
    if (compressAsync !== undefined) {
      vi.spyOn(nodeCodecs.gzip, "compressAsync").mockImplementation((bytes, level) =>
        broken(bytes) ? Promise.reject(new Error("the codec broke")) : compressAsync.call(nodeCodecs.gzip, bytes, level),
      );
    }
    vi.spyOn(nodeCodecs.gzip, "compress").mockImplementation((bytes, level) => {
      if (broken(bytes)) throw new Error("the codec broke");
      return compress.call(nodeCodecs.gzip, bytes, level);
    });
    const sent = [stage.send("poison"), stage.send("good", { partition: 1 })];
    const [poisoned, good] = await stage.when(Promise.allSettled(sent));
    expect(poisoned).toMatchObject({ status: "rejected", reason: { verdict: "not persisted" } });
    const reason: unknown = poisoned!.status === "rejected" ? poisoned!.reason : undefined;
    expect(reason).toBeInstanceOf(KafkaError);
    expect(String(reason)).toContain("the codec broke");
    expect(good).toMatchObject({ status: "fulfilled", value: { partition: 1, offset: 0 } });
    await stage.sendAll("later");
    expect(stage.log()).toEqual(["begun", "later"]);
    expect(stage.log(1)).toEqual(["good"]);
    expect(stage.stamps().filter((stamp) => stamp.includes("later"))).toEqual(["0/1 later"]);
  });

  it("a record that no batch can hold is refused alone: what was in the batch already is intact", async () => {
    const stage = await producerStage({}, SINGLY);
    await stage.begun();
    const sent = [stage.send("a"), stage.send("bad", { timestampMs: Number.NaN }), stage.send("b")];
    await stage.when(Promise.allSettled(sent));
    expect(stage.told.toSorted()).toEqual(["a at 1", "b at 2", expect.stringContaining("bad: ")]);
    expect(stage.told.find((one) => one.startsWith("bad"))).toContain("not persisted");
    expect(stage.log()).toEqual(["begun", "a", "b"]);
  });
});

function short(text: string): string {
  return text.replace(/([xy])[xy]{9,}/, "$1");
}
