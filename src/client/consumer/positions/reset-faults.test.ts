// What goes wrong while positions are looked up, by the numbers of the faults.

import { describe, expect, it } from "vitest";
import { committedAs, HOUR_MS, positionStage, TOPIC, withRecords } from "../../../../test/support/position-stage.ts";
import type { Responder } from "../../../broker/faults/fault-action.ts";
import type { KafkaError, ListOffsetsResponse } from "../../../protocol/index.ts";
import { BrokerError, OffsetOutOfRangeError } from "../../errors.ts";

const earliest = { autoOffsetReset: "earliest" } as const;
const none = { autoOffsetReset: "none" } as const;

describe("F26: an answer without an offset", () => {
  const withPartitions = (change: (row: ListOffsetsResponse["topics"][0]["partitions"][0]) => object | undefined): Responder => {
    return async (_request, { next }) => {
      const answer = (await next()) as ListOffsetsResponse;
      const topics = answer.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.flatMap((row) => change(row) ?? []),
      }));
      return { ...answer, topics };
    };
  };

  it.each([
    ["with a negative one", withPartitions((row) => ({ ...row, offset: -1 }))],
    ["with a very negative one", withPartitions((row) => ({ ...row, offset: -4711 }))],
    ["that says nothing of the partition", withPartitions(() => undefined)],
  ])("%s is an error, never 0", async (_name, respond) => {
    const stage = await withRecords(await positionStage({ consumer: earliest }));
    const fault = stage.broker.faults.on("ListOffsets", respond);
    const [partition] = stage.assign(0);
    await stage.settle();
    expect(partition).toMatchObject({ position: undefined, offset: -1, whereabouts: { kind: "resetting" } });
    expect(stage.problems.map(([, { code }]) => code)).toEqual(["UNKNOWN_SERVER_ERROR"]);
    expect(stage.problems[0]?.[1].message).toContain("topic 'orders' partition 0");
    await stage.clock.advance(60_000);
    expect(stage.count("ListOffsets")).toBe(1);
    fault.cancel();
    expect(await stage.when(stage.position(0))).toBe(0);
  });
});

describe("F1: an offset that the log does not have", () => {
  const outOfRange = new BrokerError(1, { api: "Fetch", topic: TOPIC, partition: 0 });

  it.each([
    ["earliest", 0],
    ["latest", 3],
    [{ durationMs: 1.5 * HOUR_MS }, 2],
  ] as const)("with autoOffsetReset %j goes on there, with a warning", async (autoOffsetReset, expected) => {
    const stage = await withRecords(await positionStage({ consumer: { autoOffsetReset } }));
    await stage.refresh();
    stage.assign(0);
    const partition = stage.readUpTo(0, 4711, 0);
    const { course } = partition;
    stage.finder.reset(partition, outOfRange);
    expect([partition.course > course, partition.position]).toEqual([true, undefined]);
    expect(await stage.when(stage.position(0))).toBe(expected);
    expect([stage.warnings, stage.problems]).toEqual([["OFFSET_RESET"], []]);
  });

  it("without a policy is told, and stays where it is", async () => {
    const stage = await withRecords(await positionStage({ consumer: none }));
    await stage.refresh();
    stage.assign(0);
    const partition = stage.readUpTo(0, 4711, 0);
    stage.finder.reset(partition, outOfRange);
    await stage.settle();
    const [[place, told] = []] = stage.problems;
    expect([place, told, told?.cause]).toEqual(["orders 0", expect.any(OffsetOutOfRangeError), outOfRange]);
    expect(told).toMatchObject({ positions: [{ topic: TOPIC, partition: 0, offset: 4711 }] });
    expect(partition).toMatchObject({ position: 4711, problem: told, whereabouts: { kind: "known" } });
    expect(stage.count("ListOffsets")).toBe(0);
  });

  it("again and again is asked about with pauses: the ends of a log may contradict each other", async () => {
    const stage = await withRecords(await positionStage({ consumer: earliest }));
    const [partition] = stage.assign(0);
    await stage.when(stage.position(0));
    const startMs = stage.clock.monotonic();
    for (let times = 0; times < 10; times++) {
      if (partition !== undefined) stage.finder.reset(partition, outOfRange);
      await stage.when(stage.position(0));
    }
    expect(stage.clock.monotonic() - startMs).toBeGreaterThan(4000);
    await stage.clock.advance(20_000);
    if (partition !== undefined) stage.finder.reset(partition, outOfRange);
    await stage.settle();
    expect(partition?.position).toBe(0);
  });
});

describe("F3, F25: an answer that nobody waits for any more", () => {
  it("does not undo a seek", async () => {
    const stage = await withRecords(await positionStage({ consumer: earliest }));
    stage.broker.faults.delay({ api: "ListOffsets", delayMs: 500 });
    const [partition] = stage.assign(0);
    await stage.clock.advance(100);
    partition?.moveTo(2);
    stage.finder.wake();
    await stage.clock.advance(1000);
    expect(partition?.position).toBe(2);
  });

  it("does not undo another reset, which is asked for at once", async () => {
    const stage = await withRecords(await positionStage({ cluster: { nodes: 3 }, consumer: earliest }));
    stage.broker.faults.delay({ api: "ListOffsets", delayMs: 500, afterApply: true });
    const [partition] = stage.assign(0);
    await stage.clock.advance(100);
    partition?.reset("latest");
    stage.finder.wake();
    await stage.clock.advance(1000);
    expect(partition?.position).toBe(3);
  });

  it("is nothing to a partition that is not read any more", async () => {
    const stage = await withRecords(await positionStage({ consumer: earliest }));
    stage.broker.faults.delay({ api: "ListOffsets", delayMs: 500 });
    const [partition] = stage.assign(0);
    await stage.clock.advance(100);
    stage.assign();
    await stage.clock.advance(1000);
    expect(partition).toMatchObject({ isAssigned: false, position: undefined });
  });

  it("is nothing when it comes with an error either", async () => {
    const { committed } = committedAs({});
    const stage = await withRecords(await positionStage({ committed, consumer: { ...none, groupId: "reports" } }));
    let refuse: (error: KafkaError) => void = () => undefined;
    committed.mockImplementationOnce(
      () =>
        new Promise((_resolve, reject) => {
          refuse = reject;
        }),
    );
    const [partition] = stage.assign(0);
    await stage.settle();
    partition?.moveTo(1);
    refuse(new BrokerError(30, { api: "OffsetFetch" }));
    await stage.settle();
    expect([stage.problems, partition?.problem, partition?.failures]).toEqual([[], undefined, 0]);
  });
});

describe("M8: a topic that was deleted and made again", () => {
  it.each([
    ["earliest", 0],
    ["latest", 3],
  ] as const)("is another one, where reading begins by the policy, %s, with a warning", async (autoOffsetReset, expected) => {
    const stage = await withRecords(await positionStage({ consumer: { autoOffsetReset } }));
    await stage.refresh();
    stage.assign(0, 1);
    stage.readUpTo(0, 2, 0);
    await stage.settle();
    stage.broker.deleteTopic(TOPIC);
    stage.broker.createTopic(TOPIC, 3);
    await stage.write(0, ["x", "y", "z"]);
    await stage.refresh();
    expect(await stage.when(stage.position(0))).toBe(expected);
    expect(stage.warnings).toContain("OFFSET_RESET");
  });

  it("is noticed, too, when it was away for long in between", async () => {
    const stage = await withRecords(await positionStage({ consumer: earliest }));
    await stage.refresh();
    stage.assign(0);
    const partition = stage.readUpTo(0, 2, 0);
    await stage.settle();
    stage.broker.deleteTopic(TOPIC);
    for (let times = 0; times < 10; times++) await stage.refresh();
    expect(partition.position).toBe(2);
    stage.broker.createTopic(TOPIC, 3);
    await stage.write(0, ["x", "y", "z"]);
    await stage.refresh();
    expect(await stage.when(stage.position(0))).toBe(0);
  });

  it("is an error without a policy, and nothing is read by the old offset afterwards", async () => {
    const stage = await withRecords(await positionStage({ consumer: none }));
    await stage.refresh();
    stage.assign(0);
    const partition = stage.readUpTo(0, 2, 0);
    await stage.settle();
    stage.broker.deleteTopic(TOPIC);
    stage.broker.createTopic(TOPIC, 3);
    await stage.refresh();
    expect(stage.problems.map(([, error]) => error)).toMatchObject([{ code: "LOG_TRUNCATION", offset: 2, divergence: undefined }]);
    partition.problem = undefined;
    stage.finder.wake();
    await stage.settle();
    expect(partition.position).toBeUndefined();
    expect(partition.problem).toMatchObject({ code: "NO_OFFSET" });
  });
});
