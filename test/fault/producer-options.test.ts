// Each option of a producer does what it says: these tests fail where it is accepted and ignored. (Others of them have their proofs with
// the faults that they are for: bufferMemory, maxRequestSize, deliveryTimeoutMs, retries, partitionerAvailabilityTimeoutMs …)

import { describe, expect, it, onTestFinished } from "vitest";
import { EmbeddedBroker } from "../../src/broker/index.ts";
import { nodeCodecs } from "../../src/client/compression/node-codecs.ts";
import { Producer, type ProducerOptions, type ProducerRecord } from "../../src/client/index.ts";
import { type InitProducerIdRequest, type ProduceRequest, readBatches } from "../../src/protocol/index.ts";
import { type ProducerStage, producerStage, TOPIC } from "../support/producer-stage.ts";

/** Every record is a batch, and so a request. */
const SINGLY = { batchSize: 0 };
const upperCase = { serialize: (part: unknown): string => String(part).toUpperCase() };

/** Neither noise nor all the same. */
function hardText(): string {
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state >>> 16;
  };
  return Array.from({ length: 5000 }, () => ["orders", "payments", "42", "{", "}", '"id":', "null"][next() % 7]).join("");
}

const produced = (stage: Pick<ProducerStage, "broker">): readonly ProduceRequest[] =>
  stage.broker.journal.requests("Produce").map(({ body }) => body as ProduceRequest);

/** The batches on the wire, as bytes. */
const batches = (stage: Pick<ProducerStage, "broker">): readonly Uint8Array[] =>
  produced(stage).flatMap(({ topicData }) => topicData.flatMap(({ partitionData }) => partitionData.map((one) => one.records!)));

async function stageWith(options: ProducerOptions, partitions = 2): Promise<ProducerStage> {
  return producerStage({ topics: { [TOPIC]: partitions } }, options);
}

describe("keySerializer and valueSerializer", () => {
  it("make the bytes of keys and of values", async () => {
    const stage = await stageWith({ keySerializer: upperCase });
    await stage.when(stage.producer.send(TOPIC, { key: "key", value: "value", partition: 0 }));
    expect(stage.broker.records(TOPIC, 0).map(({ key, value }) => [String(key), String(value)])).toEqual([["KEY", "value"]]);
    const other = await stageWith({ valueSerializer: upperCase });
    await other.when(other.producer.send(TOPIC, { key: "key", value: "value", partition: 0 }));
    expect(other.broker.records(TOPIC, 0).map(({ key, value }) => [String(key), String(value)])).toEqual([["key", "VALUE"]]);
  });
});

describe("acks", () => {
  it.each([
    ["all", -1, 0],
    [-1, -1, 0],
    [1, 1, 0],
    // Nobody answers: nobody knows where the record is.
    [0, 0, -1],
  ] as const)("%s asks for %i", async (acks, sent, offset) => {
    const stage = await stageWith({ acks });
    expect(await stage.when(stage.send("a"))).toMatchObject({ offset });
    await stage.clock.advance(10);
    expect([produced(stage).map((request) => request.acks), stage.log()]).toEqual([[sent], ["a"]]);
  });
});

describe("compression", () => {
  const values = Array.from({ length: 100 }, (_, index) => `{"id":${index},"name":"somebody"}`);

  it.each(["none", "gzip", "snappy", "lz4"] as const)("%s is what batches have on the wire", async (compression) => {
    const stage = await stageWith({ compression });
    await stage.sendAll(...values);
    const [batch] = batches(stage);
    const [found] = readBatches(batch!, { checkCrc: true, codecs: nodeCodecs });
    expect([found!.compression, stage.log()]).toEqual([compression, values]);
  });

  it("zstd, which is compressed on another thread, too, and as hard as compressionLevel says", async () => {
    const broker = await EmbeddedBroker.start({ topics: { [TOPIC]: 1 } });
    onTestFinished(() => broker.close());
    const text = hardText();
    const sizes: number[] = [];
    for (const compressionLevel of [1, 19]) {
      const { bootstrapServers } = broker;
      const producer = new Producer({ bootstrapServers, compression: "zstd", compressionLevel, batchSize: 100_000 });
      onTestFinished(() => producer.close({ timeoutMs: 0 }));
      await producer.send(TOPIC, { value: text });
      const [batch] = batches({ broker }).slice(-1);
      const [found] = readBatches(batch!, { checkCrc: true, codecs: nodeCodecs });
      expect(found!.compression).toBe("zstd");
      sizes.push(batch!.length);
    }
    expect(sizes[0]).toBeGreaterThan(sizes[1]!);
  });

  it.each([
    ["gzip", 1, 9],
    ["lz4", 1, 12],
  ] as const)("%s is as hard as compressionLevel says: %i makes more bytes than %i", async (compression, low, high) => {
    const sizes: number[] = [];
    for (const compressionLevel of [low, high]) {
      const stage = await stageWith({ compression, compressionLevel, batchSize: 100_000 });
      const text = hardText();
      await stage.sendAll(text);
      expect(stage.log()).toEqual([text]);
      sizes.push(batches(stage)[0]!.length);
    }
    expect(sizes[0]).toBeGreaterThan(sizes[1]!);
  });
});

describe("lingerMs", () => {
  it.each([
    [0, [0, 40]],
    [100, [100]],
  ])("%i: two records that come 40 ms after each other leave after %j ms", async (lingerMs, times) => {
    const stage = await stageWith({ lingerMs });
    await stage.begun();
    const startMs = stage.elapsedMs;
    const first = stage.send("first");
    await stage.clock.advance(40);
    await stage.when(Promise.all([first, stage.send("second")]));
    expect(
      stage
        .wire()
        .slice(1)
        .map(({ atMs }) => atMs - startMs),
    ).toEqual(times);
  });
});

describe("batchSize", () => {
  it.each([
    [0, [1, 1, 1, 1]],
    [300, [2, 2]],
    [16_384, [4]],
  ])("%i: four records of 100 bytes are in batches of %j", async (batchSize, counts) => {
    const stage = await stageWith({ batchSize });
    await stage.sendAll(..."abcd".split("").map((letter) => letter.repeat(100)));
    expect(stage.wire().map(({ values }) => values.length)).toEqual(counts);
  });
});

describe("maxBlockMs", () => {
  it.each([
    { maxBlockMs: 700 },
    { maxBlockMs: 700, defaultApiTimeoutMs: 40_000 },
    { defaultApiTimeoutMs: 700, requestTimeoutMs: 500 },
  ])("limits looking for a topic, for records and for calls; defaultApiTimeoutMs stands in for it: %j", async (options) => {
    const stage = await stageWith({ ...options, allowAutoCreateTopics: false });
    await stage.begun();
    const calls = [stage.producer.partitionsFor("nowhere"), stage.producer.send("nowhere", { value: "a" })];
    for (const { tookMs } of await Promise.all(calls.map((call) => stage.failureOf(call)))) expect(tookMs).toBe(700);
  });
});

describe("enableIdempotence", () => {
  it.each([
    [true, ["a"]],
    [false, ["a", "a"]],
  ])("%s: a record whose answer is lost is in the log as %j", async (enableIdempotence, log) => {
    const stage = await stageWith({ enableIdempotence });
    stage.broker.faults.disconnect({ api: "Produce", afterApply: true });
    await stage.sendAll("a");
    expect(stage.log()).toEqual(log);
    expect(stage.wire().every(({ producerId }) => producerId >= 0n === enableIdempotence)).toBe(true);
  });
});

describe("transactionalId and transactionTimeoutMs", () => {
  it("are who the coordinator knows, and how long it waits for the end", async () => {
    const stage = await stageWith({ transactionalId: "me", transactionTimeoutMs: 40_000 });
    const { producer, broker, clock } = stage;
    await stage.when(producer.initTransactions());
    const [init] = broker.journal.requests("InitProducerId").map(({ body }) => body as InitProducerIdRequest);
    expect(init).toMatchObject({ transactionalId: "me", transactionTimeoutMs: 40_000 });
    producer.beginTransaction();
    await stage.when(stage.send("a"));
    await clock.advance(60_000);
    const { error } = await stage.failureOf(producer.commitTransaction());
    // The coordinator has not waited.
    expect(error).toBeInstanceOf(Error);
  });
});

describe("allowAutoCreateTopics", () => {
  it.each([
    [true, ["a"]],
    [false, undefined],
  ])("%s: sending to a topic that does not exist leaves it with %j", async (allowAutoCreateTopics, log) => {
    const stage = await producerStage({ autoCreateTopics: true }, { allowAutoCreateTopics, maxBlockMs: 2000 });
    await stage.when(Promise.allSettled([stage.send("a", {}, "fresh")]));
    const isThere = stage.broker.topics.some(({ name }) => name === "fresh");
    expect(isThere ? stage.log(0, "fresh") : undefined).toEqual(log);
  });
});

describe("interceptors", () => {
  it("see each record, and hear of it", async () => {
    const heard: unknown[] = [];
    const interceptor = {
      onSend: (_topic: string, record: ProducerRecord<unknown, unknown>) => ({ ...record, value: "intercepted" }),
      onAcknowledgement: (metadata: unknown) => heard.push(metadata),
    };
    const stage = await stageWith({ interceptors: [interceptor] });
    await stage.when(stage.send("a"));
    expect([stage.log(), heard.length]).toEqual([["intercepted"], 1]);
  });
});

describe("partitioner", () => {
  /** Where `somebody` goes among 100 partitions: murmur2, CRC-32 and FNV-1a, by a program that knows nothing of this one. */
  const places: readonly (readonly [NonNullable<ProducerOptions["partitioner"]>, number])[] = [
    ["default", 83],
    ["murmur2", 83],
    ["murmur2Random", 83],
    ["consistent", 89],
    ["consistentRandom", 89],
    ["fnv1a", 21],
    ["fnv1aRandom", 21],
    [(topic, key, partitions, available) => topic.length + key!.length + partitions.length / 2 + available.length / 10, 74],
  ];

  it.each(places)("%s: the key goes to %i", async (partitioner, place) => {
    const stage = await stageWith({ ...SINGLY, partitioner }, 100);
    const sent = await stage.when(stage.producer.sendBatch(TOPIC, [{ key: "somebody" }, { key: "somebody" }]));
    expect(sent.map(({ partition }) => partition)).toEqual([place, place]);
  });

  it("roundRobin goes around, and random somewhere, also with keys", async () => {
    const around = await stageWith({ ...SINGLY, partitioner: "roundRobin" }, 4);
    const records = Array.from({ length: 40 }, () => ({ key: "somebody" }));
    const turns = (await around.when(around.producer.sendBatch(TOPIC, records))).map(({ partition }) => partition);
    expect(turns.slice(4)).toEqual(turns.slice(0, -4));
    expect(new Set(turns).size).toBe(4);
    const anywhere = await stageWith({ ...SINGLY, partitioner: "random" }, 4);
    const places = (await anywhere.when(anywhere.producer.sendBatch(TOPIC, records))).map(({ partition }) => partition);
    expect(new Set(places).size).toBe(4);
    expect(places.slice(4)).not.toEqual(places.slice(0, -4));
  });

  it.each([
    [false, 1],
    [true, 4],
  ])("with partitionerIgnoreKeys %s, a key is in %i partitions", async (partitionerIgnoreKeys, count) => {
    const stage = await stageWith({ ...SINGLY, partitionerIgnoreKeys }, 4);
    const records = Array.from({ length: 40 }, () => ({ key: "somebody" }));
    const sent = await stage.when(stage.producer.sendBatch(TOPIC, records));
    expect(new Set(sent.map(({ partition }) => partition)).size).toBe(count);
  });

  it.each([
    [{}, ["a", "b"]],
    [{ partitionerRackAware: true, clientRack: "a" }, ["a"]],
    [{ partitionerRackAware: true, clientRack: "b" }, ["b"]],
  ])("with %j, records without keys go to leaders in %j", async (options, racks) => {
    const topic = { partitions: 4, replicationFactor: 1 };
    const stage = await producerStage({ nodes: 2, rack: ["a", "b"], topics: { [TOPIC]: topic } }, { ...SINGLY, ...options });
    const sent = await stage.when(
      stage.producer.sendBatch(
        TOPIC,
        Array.from({ length: 40 }, () => ({ value: "x" })),
      ),
    );
    const leaders = sent.map(({ partition }) => stage.broker.leaderOf({ topic: TOPIC, partition }));
    expect(["a", "b"].filter((_rack, at) => leaders.includes(at + 1))).toEqual(racks);
  });

  it.each([
    [true, 0, 25],
    [false, 35, 65],
  ])("with partitionerAdaptive %s, %i to %i %% go where others wait already", async (partitionerAdaptive, least, most) => {
    const topic = { partitions: 2, replicationFactor: 1 };
    const stage = await producerStage({ nodes: 2, topics: { [TOPIC]: topic } }, { ...SINGLY, partitionerAdaptive });
    for (const partition of [0, 1]) await stage.when(stage.send("begun", { partition }));
    stage.broker.faults.neverAnswer({ api: "Produce", node: stage.broker.leaderOf({ topic: TOPIC, partition: 0 }), times: 100 });
    const slow = Array.from({ length: 30 }, () => stage.producer.send(TOPIC, { partition: 0 }));
    await stage.clock.advance(100);
    let quick = 0;
    for (let count = 0; count < 100; count++) {
      const sent = stage.producer.send(TOPIC, { value: "x" });
      slow.push(sent.finally(() => quick++));
      await stage.clock.advance(10);
    }
    expect(100 - quick).toBeGreaterThanOrEqual(least);
    expect(100 - quick).toBeLessThanOrEqual(most);
    stage.broker.faults.clear();
    await stage.when(Promise.all(slow));
    await stage.when(stage.producer.flush());
  });
});
