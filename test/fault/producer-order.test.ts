// Sequence numbers and epochs: what keeps the order, and each record written once. The faults are numbered as in the fault list.

import { describe, expect, it } from "vitest";
import { producerStage, TOPIC } from "../support/producer-stage.ts";

const FIVE = ["a", "b", "c", "d", "e"];
/** Every record is a batch, and so a request. */
const SINGLY = { batchSize: 0 };
const PRODUCE = { api: "Produce", topic: TOPIC, partition: 0 } as const;

describe("P12: five in flight, the first fails for now, the others come too early", () => {
  it("all five are sent again in order with their own sequences, one at a time; callbacks come 1 to 5", async () => {
    const stage = await producerStage({}, SINGLY);
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS" });
    await stage.sendAll(...FIVE);
    expect(stage.log()).toEqual(["begun", ...FIVE]);
    expect(stage.told).toEqual(["a at 1", "b at 2", "c at 3", "d at 4", "e at 5"]);
    const once = FIVE.map((value, at) => `0/${at + 1} ${value}`);
    expect(stage.stamps()).toEqual(["0/0 begun", ...once, ...once]);
    expect(stage.warnings).toEqual([]);
  });

  it("what is sent again leaves when the one before it is answered, not before", async () => {
    const stage = await producerStage({}, SINGLY);
    await stage.begun();
    stage.broker.network.weather = { latencyMs: [10, 10] };
    stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS" });
    await stage.sendAll(...FIVE);
    const at = stage.wire().map(({ atMs }) => atMs);
    // Side by side at first, then a whole way there and back between each two.
    expect(at.slice(1, 6)).toEqual(FIVE.map(() => at[1]));
    for (let place = 7; place < 11; place++) expect(at[place]! - at[place - 1]!).toBeGreaterThanOrEqual(20);
    expect(stage.log()).toEqual(["begun", ...FIVE]);
  });

  it.each([0, 1, 2, 3, 4])("the same where the one at place %i fails", async (place) => {
    const stage = await producerStage({}, SINGLY);
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", skip: place });
    await stage.sendAll(...FIVE);
    expect(stage.log()).toEqual(["begun", ...FIVE]);
    expect(stage.told).toEqual(FIVE.map((value, at) => `${value} at ${at + 1}`));
    const stamps = new Set(stage.stamps().slice(1));
    expect([...stamps]).toEqual(FIVE.map((value, at) => `0/${at + 1} ${value}`));
  });

  it("a new producer has one request in flight until the broker knows it", async () => {
    const stage = await producerStage({}, SINGLY);
    stage.broker.faults.delay({ api: "Produce", delayMs: 100 });
    const sent = Promise.all(FIVE.map((value) => stage.send(value)));
    await stage.clock.advance(50);
    expect(stage.held.requests).toBe(1);
    await stage.when(sent);
    expect(stage.log()).toEqual(FIVE);
  });

  it.each([0, 1, 2])(
    "of a new producer: the broker would take whatever comes first for its beginning (place %i)",
    async (place) => {
      const stage = await producerStage({}, SINGLY);
      stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", skip: place, times: 2 });
      await stage.sendAll(...FIVE);
      expect(stage.log()).toEqual(FIVE);
      expect(stage.told).toEqual(FIVE.map((value, at) => `${value} at ${at}`));
    },
  );

  it("no more than five are in flight, and no more than maxInFlightRequestsPerConnection", async () => {
    for (const [option, most] of [
      [undefined, 5],
      [3, 3],
      [1, 1],
    ] as const) {
      const options = option === undefined ? SINGLY : { ...SINGLY, maxInFlightRequestsPerConnection: option };
      const stage = await producerStage({}, options);
      await stage.begun();
      stage.broker.network.weather = { latencyMs: [50, 50] };
      const values = Array.from({ length: 20 }, (_, index) => `v${index}`);
      const sent = Promise.all(values.map((value) => stage.send(value)));
      await stage.clock.advance(60);
      expect(stage.wire()).toHaveLength(1 + most);
      expect(stage.held.requests).toBe(most);
      await stage.when(sent);
      expect(stage.log().slice(1)).toEqual(values);
    }
  });
});

describe("P8: OUT_OF_ORDER_SEQUENCE_NUMBER for a batch that is not the head", () => {
  it("costs nothing: no error, no retry, no new epoch", async () => {
    const stage = await producerStage({}, { ...SINGLY, retries: 1 });
    await stage.begun();
    // The second and third are refused twice each: more often than `retries` allows for failures of their own.
    stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS" });
    await stage.sendAll("a", "b", "c");
    expect(stage.told).toEqual(["a at 1", "b at 2", "c at 3"]);
    expect(new Set(stage.wire().map(({ epoch }) => epoch))).toEqual(new Set([0]));
    expect(stage.warnings).toEqual([]);
  });

  it("when the head fails for good, those behind it go on under a new epoch, in their order", async () => {
    const stage = await producerStage({}, SINGLY);
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "INVALID_RECORD" });
    await stage.sendAll(...FIVE);
    expect(stage.told).toEqual(["a: INVALID_RECORD, not persisted", "b at 1", "c at 2", "d at 3", "e at 4"]);
    expect(stage.log()).toEqual(["begun", "b", "c", "d", "e"]);
    expect(stage.stamps().slice(6)).toEqual(["1/0 b", "1/1 c", "1/2 d", "1/3 e"]);
  });

  it("when one in the middle fails for good, those before it keep their epoch, those behind it begin anew", async () => {
    const stage = await producerStage({}, SINGLY);
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "INVALID_RECORD", skip: 2 });
    await stage.sendAll(...FIVE);
    expect(stage.told).toEqual(["a at 1", "b at 2", "c: INVALID_RECORD, not persisted", "d at 3", "e at 4"]);
    expect(stage.stamps().slice(6)).toEqual(["1/0 d", "1/1 e"]);
  });
});

describe("P9: OUT_OF_ORDER_SEQUENCE_NUMBER at the head", () => {
  it("the broker lost acknowledged records: a new epoch from 0, said in the log, and the record is written", async () => {
    const stage = await producerStage();
    await stage.sendAll("a");
    await stage.sendAll("b");
    stage.broker.truncate({ topic: TOPIC, partition: 0 }, 1);
    await stage.sendAll("c");
    await stage.sendAll("d");
    expect(stage.told).toEqual(["a at 0", "b at 1", "c at 1", "d at 2"]);
    expect(stage.log()).toEqual(["a", "c", "d"]);
    expect(stage.stamps()).toEqual(["0/0 a", "0/1 b", "0/2 c", "1/0 c", "1/1 d"]);
    expect(stage.warnings).toEqual(["SEQUENCE_GAP"]);
    expect(stage.count("InitProducerId")).toBe(1);
  });

  it("with five in flight: all five are written under the new epoch, in order, once", async () => {
    const stage = await producerStage({}, SINGLY);
    await stage.sendAll("x");
    await stage.sendAll("y");
    stage.broker.truncate({ topic: TOPIC, partition: 0 }, 1);
    await stage.sendAll(...FIVE);
    expect(stage.log()).toEqual(["x", ...FIVE]);
    expect(stage.told.slice(2)).toEqual(FIVE.map((value, at) => `${value} at ${at + 1}`));
    const [pid] = stage.wire().map(({ producerId }) => producerId);
    const bumped = stage.wire().filter(({ epoch }) => epoch === 1);
    expect(bumped.map(({ sequence, values }) => `${sequence} ${values.join(" ")}`)).toEqual(
      FIVE.map((value, at) => `${at} ${value}`),
    );
    expect(bumped.every(({ producerId }) => producerId === pid)).toBe(true);
    expect(stage.warnings).toEqual(["SEQUENCE_GAP"]);
  });

  it("another partition keeps its epoch and its sequence", async () => {
    const stage = await producerStage();
    await stage.when(Promise.all([stage.send("a"), stage.send("other", { partition: 1 })]));
    stage.broker.faults.failNext({ ...PRODUCE, error: "OUT_OF_ORDER_SEQUENCE_NUMBER" });
    await stage.when(Promise.all([stage.send("b"), stage.send("other2", { partition: 1 })]));
    expect(stage.stamps().slice(-2).toSorted()).toEqual(["0/1 other2", "1/0 b"]);
    await stage.when(Promise.all([stage.send("c"), stage.send("other3", { partition: 1 })]));
    expect(stage.stamps().slice(-2).toSorted()).toEqual(["0/2 other3", "1/1 c"]);
  });

  it("for a batch that may be written already is not answered by a second copy: it may be in the log, and says so", async () => {
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "REQUEST_TIMED_OUT", afterApply: true });
    stage.broker.faults.failNext({ ...PRODUCE, error: "OUT_OF_ORDER_SEQUENCE_NUMBER", skip: 1 });
    await stage.sendAll("a");
    await stage.sendAll("b");
    expect(stage.told).toEqual(["a: OUT_OF_ORDER_SEQUENCE_NUMBER, possibly persisted", "b at 2"]);
    expect(stage.log()).toEqual(["begun", "a", "b"]);
    expect(stage.stamps().at(-1)).toBe("1/0 b");
  });
});

describe("P10: UNKNOWN_PRODUCER_ID", () => {
  it("when nothing else is in flight: a new epoch from 0, and the record is written", async () => {
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "UNKNOWN_PRODUCER_ID" });
    await stage.sendAll("a");
    await stage.sendAll("b");
    expect(stage.told).toEqual(["a at 1", "b at 2"]);
    expect(stage.stamps()).toEqual(["0/0 begun", "0/1 a", "1/0 a", "1/1 b"]);
    expect(stage.warnings).toEqual(["SEQUENCE_GAP"]);
  });

  it("for a batch that may have been written: the broker that forgot us forgot it, too; it is written under a new epoch", async () => {
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "REQUEST_TIMED_OUT" });
    stage.broker.faults.failNext({ ...PRODUCE, error: "UNKNOWN_PRODUCER_ID", skip: 1 });
    await stage.sendAll("a");
    expect(stage.told).toEqual(["a at 1"]);
    expect(stage.stamps()).toEqual(["0/0 begun", "0/1 a", "0/1 a", "1/0 a"]);
    expect(stage.log()).toEqual(["begun", "a"]);
  });

  it("with five in flight: each is written once, in order", async () => {
    const stage = await producerStage({}, SINGLY);
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "UNKNOWN_PRODUCER_ID", times: 5 });
    await stage.sendAll(...FIVE);
    expect(stage.log()).toEqual(["begun", ...FIVE]);
    expect(stage.told).toEqual(FIVE.map((value, at) => `${value} at ${at + 1}`));
  });

  it("with five in flight where only the first is refused: each is written once, in order", async () => {
    const stage = await producerStage({}, SINGLY);
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "UNKNOWN_PRODUCER_ID" });
    await stage.sendAll(...FIVE);
    expect(stage.log()).toEqual(["begun", ...FIVE]);
    expect(stage.told).toEqual(FIVE.map((value, at) => `${value} at ${at + 1}`));
  });
});

describe("a broker that always refuses the sequence", () => {
  it.each(["OUT_OF_ORDER_SEQUENCE_NUMBER", "UNKNOWN_PRODUCER_ID", "INVALID_PRODUCER_EPOCH"] as const)(
    "P9, P10, P11: %s without end is asked with pauses that grow, until the delivery timeout",
    async (error) => {
      const stage = await producerStage({}, { requestTimeoutMs: 10_000, deliveryTimeoutMs: 20_000 });
      await stage.begun();
      const fault = stage.broker.faults.failNext({ ...PRODUCE, error, times: 100_000 });
      const { error: told, tookMs } = await stage.failureOf(stage.send("a"));
      expect(told).toMatchObject({ code: "REQUEST_TIMEOUT", verdict: "not persisted", cause: { code: error } });
      expect(tookMs).toBe(20_000);
      expect(stage.wire().length).toBeLessThan(40);
      fault.cancel();
      await stage.sendAll("b");
      expect(stage.told.at(-1)).toBe("b at 1");
      expect(stage.log()).toEqual(["begun", "b"]);
    },
  );

  it.each(["UNKNOWN_PRODUCER_ID", "OUT_OF_ORDER_SEQUENCE_NUMBER", "INVALID_PRODUCER_EPOCH"] as const)(
    "P9, P10, P11: %s for a record that may be written: no loop, and never a double",
    async (error) => {
      const stage = await producerStage({}, { requestTimeoutMs: 10_000, deliveryTimeoutMs: 20_000 });
      await stage.begun();
      stage.broker.faults.failNext({ ...PRODUCE, error: "REQUEST_TIMED_OUT" });
      stage.broker.faults.failNext({ ...PRODUCE, error, skip: 1, times: 100_000 });
      const { error: told } = await stage.failureOf(stage.send("a"));
      expect(told).toMatchObject({ verdict: "possibly persisted" });
      expect(stage.wire().length).toBeLessThan(40);
      expect(stage.log()).toEqual(["begun"]);
    },
  );
});

describe("P11: INVALID_PRODUCER_EPOCH", () => {
  it("another id is asked for, and the record is written under it", async () => {
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "INVALID_PRODUCER_EPOCH" });
    await stage.sendAll("a");
    await stage.sendAll("b");
    expect(stage.told).toEqual(["a at 1", "b at 2"]);
    expect(stage.log()).toEqual(["begun", "a", "b"]);
    expect(stage.stamps()).toEqual(["0/0 begun", "0/1 a", "0/0 a", "0/1 b"]);
    const ids = stage.wire().map(({ producerId }) => producerId);
    expect(ids[2]).not.toBe(ids[1]);
    expect(ids[3]).toBe(ids[2]);
    expect(stage.count("InitProducerId")).toBe(2);
  });

  it("with five in flight: all are written once, in order", async () => {
    const stage = await producerStage({}, SINGLY);
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "INVALID_PRODUCER_EPOCH", times: 5 });
    await stage.sendAll(...FIVE);
    expect(stage.log()).toEqual(["begun", ...FIVE]);
    expect(stage.told).toEqual(FIVE.map((value, at) => `${value} at ${at + 1}`));
    expect(stage.count("InitProducerId")).toBe(2);
  });
});

describe("P15: the leader moves while requests to the old one are in flight", () => {
  it("nothing goes to the new one before the old one has answered, and the order is kept", async () => {
    const cluster = { nodes: 3, topics: { [TOPIC]: { partitions: 1, replicationFactor: 3 } } };
    const stage = await producerStage(cluster, { ...SINGLY, metadataMaxAgeMs: 100 });
    await stage.begun();
    const { broker, clock, producer } = stage;
    const place = { topic: TOPIC, partition: 0 };
    const old = broker.leaderOf(place);
    const other = (old % 3) + 1;
    broker.faults.delay({ api: "Produce", node: old, delayMs: 5000 });
    const before = Promise.all([stage.send("a"), stage.send("b")]);
    await clock.advance(10);
    broker.moveLeader(place, other);
    await clock.advance(1000);
    expect(
      stage
        .wire()
        .slice(1)
        .every(({ node }) => node === old),
    ).toBe(true);
    // The producer knows, but the old leader has not answered.
    expect(await stage.when(producer.partitionsFor(TOPIC))).toMatchObject([{ partition: 0, leader: other }]);
    const behind = Promise.all([stage.send("c"), stage.send("d")]);
    await clock.advance(1000);
    expect(stage.wire().filter(({ node }) => node === other)).toEqual([]);
    await stage.when(Promise.all([before, behind]));
    expect(stage.log()).toEqual(["begun", "a", "b", "c", "d"]);
    expect(stage.told).toEqual(["a at 1", "b at 2", "c at 3", "d at 4"]);
    const toOther = stage.wire().filter(({ node }) => node === other);
    expect(toOther.map(({ sequence, values }) => `${sequence} ${values.join(" ")}`)).toEqual(["1 a", "2 b", "3 c", "4 d"]);
  });

  it("and the old one never answers: when it has timed out, everything is sent to the new one in its order", async () => {
    const stage = await producerStage(
      { nodes: 2, topics: { [TOPIC]: { partitions: 1, replicationFactor: 2 } } },
      { ...SINGLY, requestTimeoutMs: 2000 },
    );
    await stage.begun();
    const { broker, clock } = stage;
    const old = broker.leaderOf({ topic: TOPIC, partition: 0 });
    broker.faults.neverAnswer({ api: "Produce", node: old, afterApply: true });
    const sent = Promise.all(FIVE.map((value) => stage.send(value)));
    await clock.advance(10);
    broker.moveLeader({ topic: TOPIC, partition: 0 }, 3 - old);
    await stage.when(sent);
    expect(stage.log()).toEqual(["begun", ...FIVE]);
    expect(stage.told).toEqual(FIVE.map((value, at) => `${value} at ${at + 1}`));
  });

  it("a new leader that an answer names is tried at once, without the pause before a retry (KIP-951)", async () => {
    const stage = await producerStage({ nodes: 2, topics: { [TOPIC]: { partitions: 1, replicationFactor: 2 } } });
    await stage.begun();
    const old = stage.broker.leaderOf({ topic: TOPIC, partition: 0 });
    // It knows the other node, too.
    stage.broker.moveLeader({ topic: TOPIC, partition: 0 }, 3 - old);
    const startMs = stage.elapsedMs;
    await stage.sendAll("a");
    expect(stage.elapsedMs - startMs).toBeLessThan(50);
    expect(stage.wire().map(({ node }) => node)).toEqual([old, old, 3 - old]);
    expect(stage.log()).toEqual(["begun", "a"]);
  });
});

describe("P29: the epochs are used up", () => {
  it("at 32767 the next is another id with epoch 0, and nothing is lost or doubled", async () => {
    const stage = await producerStage();
    const { broker } = stage;
    // A producer that has lived long: the broker gives out an epoch near the last.
    const fault = broker.faults.on(
      "InitProducerId",
      async (_request, { next }) => ({ ...((await next()) as object), producerEpoch: 32_766 }),
      {
        times: 1,
      },
    );
    await stage.begun();
    expect(fault.hits).toBe(1);
    const gap = { ...PRODUCE, error: "OUT_OF_ORDER_SEQUENCE_NUMBER" } as const;
    broker.faults.failNext(gap);
    await stage.sendAll("a");
    broker.faults.failNext(gap);
    await stage.sendAll("b");
    await stage.sendAll("c");
    expect(stage.stamps()).toEqual(["32766/0 begun", "32766/1 a", "32767/0 a", "32767/1 b", "0/0 b", "0/1 c"]);
    const ids = stage.wire().map(({ producerId }) => producerId);
    expect(new Set(ids.slice(0, 4)).size).toBe(1);
    expect(ids[4]).not.toBe(ids[3]);
    expect(stage.count("InitProducerId")).toBe(2);
    expect(stage.told).toEqual(["a at 1", "b at 2", "c at 3"]);
    expect(stage.log()).toEqual(["begun", "a", "b", "c"]);
  });
});

describe("P26: a sequence number", () => {
  it("counts records, not batches", async () => {
    const stage = await producerStage();
    await stage.sendAll("a", "b", "c");
    await stage.sendAll("d");
    expect(stage.stamps()).toEqual(["0/0 a b c", "0/3 d"]);
  });
});
