// Who is told what became of a record, when, and in which order. The faults are numbered as in the fault list.

import { describe, expect, it, onTestFinished } from "vitest";
import type { OnDelivery } from "../../src/client/index.ts";
import { holdingTransport } from "../support/holding-transport.ts";
import { described, type ProducerStage, producerStage, TOPIC } from "../support/producer-stage.ts";

const FIVE = ["a", "b", "c", "d", "e"];
/** Every record is a batch, and so a request. */
const SINGLY = { batchSize: 0 };
const PRODUCE = { api: "Produce", topic: TOPIC, partition: 0 } as const;

/** Produces to a partition; `told` hears what the callback heard. */
function produce(
  stage: ProducerStage,
  value: string,
  { partition = 0, afterwards }: { partition?: number; afterwards?: () => void } = {},
): void {
  const onDelivery: OnDelivery = (error, metadata) => {
    stage.told.push(error === null ? `${value} at ${metadata?.offset}` : `${value}: ${described(error)}`);
    afterwards?.();
  };
  expect(stage.producer.produce(TOPIC, { value, partition }, onDelivery)).toBe(true);
}

const flushed = (stage: ProducerStage): Promise<void> => stage.when(stage.producer.flush());

/** What callbacks throw is the process's affair: here it is the test's. */
function uncaught(): unknown[] {
  const errors: unknown[] = [];
  const others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => errors.push(error));
  onTestFinished(() => {
    process.removeAllListeners("uncaughtException");
    for (const listener of others) process.on("uncaughtException", listener);
  });
  return errors;
}

describe("P23: callbacks", () => {
  it("come in the order of sending, failures among them, each once", async () => {
    const stage = await producerStage({}, SINGLY);
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "INVALID_RECORD", skip: 1 });
    stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", skip: 3 });
    for (const value of FIVE) produce(stage, value);
    await flushed(stage);
    expect(stage.told).toEqual(["a at 1", "b: INVALID_RECORD, not persisted", "c at 2", "d at 3", "e at 4"]);
  });

  it("of a record that failed early wait for those before it", async () => {
    const stage = await producerStage({}, { ...SINGLY, enableIdempotence: false, maxInFlightRequestsPerConnection: 5 });
    await stage.begun();
    // Without idempotence the first is sent again behind the others.
    stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS" });
    stage.broker.faults.failNext({ ...PRODUCE, error: "INVALID_RECORD", skip: 2 });
    for (const value of FIVE) produce(stage, value);
    await stage.clock.advance(50);
    expect(stage.log()).toEqual(["begun", "b", "d", "e"]);
    expect(stage.told).toEqual([]);
    await flushed(stage);
    expect(stage.told).toEqual(["a at 4", "b at 1", "c: INVALID_RECORD, not persisted", "d at 2", "e at 3"]);
  });

  it("of another partition wait for nobody", async () => {
    const stage = await producerStage({}, SINGLY);
    await stage.when(Promise.all([stage.send("begun"), stage.send("begun", { partition: 1 })]));
    stage.told.splice(0);
    stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS", times: 3 });
    for (const value of FIVE) {
      produce(stage, `${value}0`);
      produce(stage, `${value}1`, { partition: 1 });
    }
    await flushed(stage);
    expect(stage.told.slice(0, 5)).toEqual(FIVE.map((value, at) => `${value}1 at ${at + 1}`));
    expect(stage.told.slice(5)).toEqual(FIVE.map((value, at) => `${value}0 at ${at + 1}`));
  });

  it("never come before produce has returned, not even of a record that fails at once", async () => {
    const stage = await producerStage({}, { maxBlockMs: 1000 });
    let isInside = true;
    let calls = 0;
    const onDelivery: OnDelivery = () => {
      expect(isInside).toBe(false);
      calls++;
    };
    stage.producer.produce("no such topic!", { value: "a" }, onDelivery);
    stage.producer.produce(TOPIC, { value: "b", partition: 99 }, onDelivery);
    stage.producer.produce(TOPIC, { value: "c" }, onDelivery);
    isInside = false;
    await flushed(stage);
    await stage.clock.advance(5000);
    expect(calls).toBe(3);
  });

  it("that throw disturb nobody: not the others of the batch, not the next batch; the process hears of it", async () => {
    const errors = uncaught();
    const stage = await producerStage();
    await stage.begun();
    const broken = (text: string) => (): never => {
      throw new Error(text);
    };
    produce(stage, "a", { afterwards: broken("first") });
    produce(stage, "b");
    produce(stage, "c", { afterwards: broken("second") });
    produce(stage, "d");
    await flushed(stage);
    produce(stage, "e");
    await flushed(stage);
    expect(stage.told).toEqual(["a at 1", "b at 2", "c at 3", "d at 4", "e at 5"]);
    expect(errors.map(String)).toEqual(["Error: first", "Error: second"]);
    expect(stage.warnings).toContain("CALLBACK_FAILED");
  });

  it("that throw for a record that failed disturb nobody either", async () => {
    const errors = uncaught();
    const stage = await producerStage();
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "INVALID_RECORD" });
    produce(stage, "a", {
      afterwards: () => {
        throw new Error("on failure");
      },
    });
    produce(stage, "b");
    await flushed(stage);
    expect(stage.told).toEqual(["a: INVALID_RECORD, not persisted", "b: INVALID_RECORD, not persisted"]);
    expect(errors.map(String)).toEqual(["Error: on failure"]);
  });

  it("may send again: what they send comes behind what was sent before, and is told after it", async () => {
    const stage = await producerStage({}, SINGLY);
    await stage.begun();
    produce(stage, "a", { afterwards: () => produce(stage, "a again", { afterwards: () => produce(stage, "a thrice") }) });
    produce(stage, "b", { afterwards: () => produce(stage, "b again") });
    await flushed(stage);
    await flushed(stage);
    await flushed(stage);
    expect(stage.told).toEqual(["a at 1", "b at 2", "a again at 3", "b again at 4", "a thrice at 5"]);
    expect(stage.log()).toEqual(["begun", "a", "b", "a again", "b again", "a thrice"]);
  });

  it("that send again when their record failed make no recursion, however often", async () => {
    const stage = await producerStage({}, { maxRequestSize: 200 });
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "INVALID_RECORD", times: 2000 });
    let deepest = 0;
    let depth = 0;
    let left = 1000;
    const again = (): void => {
      depth++;
      deepest = Math.max(deepest, depth);
      if (--left > 0) stage.producer.produce(TOPIC, { value: "a", partition: 0 }, again);
      depth--;
    };
    again();
    await stage.clock.runUntil(() => left === 0, 60_000);
    expect([left, deepest]).toEqual([0, 1]);
    stage.broker.faults.clear();
  });

  it("may flush, and close the producer", async () => {
    const stage = await producerStage();
    await stage.begun();
    const ends: Promise<void>[] = [];
    produce(stage, "a", { afterwards: () => ends.push(stage.producer.flush()) });
    produce(stage, "b", { afterwards: () => ends.push(stage.producer.close()) });
    await flushed(stage);
    expect(ends).toHaveLength(2);
    await stage.when(Promise.all(ends));
    expect(stage.told).toEqual(["a at 1", "b at 2"]);
  });

  it("promises resolve in the same order", async () => {
    const stage = await producerStage({}, SINGLY);
    await stage.begun();
    stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_ENOUGH_REPLICAS" });
    const sent: Promise<unknown>[] = [];
    for (const [at, value] of FIVE.entries()) {
      if (at % 2 === 0) sent.push(stage.send(value));
      else produce(stage, value);
    }
    await stage.when(Promise.all(sent));
    expect(stage.told.toSorted()).toEqual(FIVE.map((value, at) => `${value} at ${at + 1}`));
    expect(stage.told.filter((one) => "ace".includes(one[0]!))).toEqual(["a at 1", "c at 3", "e at 5"]);
  });
});

describe("P25: acks 0", () => {
  const QUIET = { acks: 0 } as const;

  it("is done when the socket has taken the record; nobody knows the offset", async () => {
    const hold = holdingTransport();
    const stage = await producerStage({}, QUIET, { transport: hold.wrap });
    expect(await stage.when(stage.send("a", { timestampMs: 5 }))).toMatchObject({ offset: -1, timestamp: 5, partition: 0 });
    await stage.clock.advance(10);
    expect(stage.log()).toEqual(["a"]);
    hold.begin();
    const held = stage.send("b");
    await stage.clock.advance(5000);
    expect(stage.told).toEqual(["a at -1"]);
    hold.passFromNowOn();
    await hold.release();
    await stage.when(held);
    await stage.clock.advance(10);
    expect(stage.log()).toEqual(["a", "b"]);
    expect(stage.stamps()).toEqual(["-1/-1 a", "-1/-1 b"]);
    expect(stage.held).toEqual({ bytes: 0, records: 0, requests: 0, waiting: 0 });
  });

  it("takes no answer for its own: what else is asked on that connection is answered rightly", async () => {
    const stage = await producerStage({ topics: { [TOPIC]: 2, other: 3 } }, QUIET);
    await stage.when(stage.send("begun"));
    const asked: Promise<unknown>[] = [];
    for (const value of FIVE) {
      asked.push(stage.send(value));
      await stage.clock.advance(1);
      asked.push(stage.producer.partitionsFor(value === "c" ? "other" : TOPIC));
    }
    const answers = await stage.when(Promise.all(asked));
    expect(answers[5]).toHaveLength(3);
    expect(stage.log()).toEqual(["begun", ...FIVE]);
    expect(stage.broker.journal.responses("Produce")).toEqual([]);
  });

  it("after a connection that broke before the socket took it: sent again, and written once or twice, never lost in silence", async () => {
    const hold = holdingTransport();
    const stage = await producerStage(
      {},
      { ...QUIET, requestTimeoutMs: 1000, deliveryTimeoutMs: 20_000 },
      { transport: hold.wrap },
    );
    await stage.when(stage.send("begun"));
    hold.begin();
    const sent = stage.send("a");
    await stage.clock.advance(10);
    hold.passFromNowOn();
    stage.broker.disconnectAll();
    await stage.when(sent);
    await stage.clock.advance(10);
    expect(stage.log()).toEqual(["begun", "a"]);
  });

  it("is not taken for done when the socket could not take it", async () => {
    const hold = holdingTransport();
    const stage = await producerStage({}, QUIET, { transport: hold.wrap });
    await stage.when(stage.send("begun"));
    hold.begin();
    const sent = stage.send("a");
    await stage.clock.advance(10);
    hold.fail();
    await stage.clock.advance(10);
    expect(stage.told).toEqual(["begun at -1"]);
    hold.passFromNowOn();
    stage.broker.disconnectAll();
    await stage.when(sent);
    await stage.clock.advance(10);
    expect(stage.log()).toEqual(["begun", "a"]);
  });

  it("and the broker refuses: it hangs up, and the next record has a new connection", async () => {
    const stage = await producerStage({}, QUIET);
    await stage.when(stage.send("begun"));
    stage.broker.faults.failNext({ ...PRODUCE, error: "NOT_LEADER_OR_FOLLOWER" });
    await stage.when(stage.send("lost"));
    await stage.clock.advance(1000);
    await stage.when(stage.send("a"));
    await stage.clock.advance(10);
    expect(stage.log()).toEqual(["begun", "a"]);
    expect(stage.told).toEqual(["begun at -1", "lost at -1", "a at -1"]);
  });

  it("keeps to the order, and to maxInFlightRequestsPerConnection sockets' worth", async () => {
    const stage = await producerStage({}, { ...QUIET, ...SINGLY });
    const values = Array.from({ length: 50 }, (_, index) => `v${index}`);
    await stage.when(Promise.all(values.map((value) => stage.send(value))));
    await stage.clock.advance(10);
    expect(stage.log()).toEqual(values);
    expect(stage.told).toEqual(values.map((value) => `${value} at -1`));
  });
});
