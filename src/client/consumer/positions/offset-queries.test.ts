import { describe, expect, it } from "vitest";
import { type PositionStage, type PositionStageOptions, positionStage, TOPIC } from "../../../../test/support/position-stage.ts";
import type { ListOffsetsResponse } from "../../../protocol/index.ts";
import { IllegalStateError, RequestTimeoutError } from "../../errors.ts";
import { beginningOffsets, endOffsets, offsetsForTimes } from "./offset-queries.ts";

const HOUR_MS = 3_600_000;
const ALL = [0, 1, 2].map((partition) => ({ topic: TOPIC, partition }));
const FIRST = { topic: TOPIC, partition: 0 };

/** Four records in partition 0, two and one hour old; one in partition 1, of epoch 1; none in partition 2. Nothing is assigned. */
async function withRecords(options: PositionStageOptions = {}): Promise<PositionStage> {
  const stage = await positionStage({ ...options, cluster: { nodes: 3, ...options.cluster } });
  const nowMs = stage.clock.now();
  await stage.write(0, ["a", "b"], nowMs - 2 * HOUR_MS);
  await stage.write(0, ["c", "d"], nowMs - HOUR_MS);
  stage.broker.truncate({ topic: TOPIC, partition: 1 }, 0);
  await stage.write(1, ["e"], nowMs - HOUR_MS);
  stage.broker.journal.clear();
  return stage;
}

describe("beginningOffsets and endOffsets", () => {
  it("say where partitions begin and end, assigned or not, in the order asked", async () => {
    const stage = await withRecords();
    const ends = await stage.when(stage.query((context) => endOffsets(context, [...ALL].reverse())));
    expect(ends).toEqual([
      { topic: TOPIC, partition: 2, offset: 0, leaderEpoch: 0 },
      { topic: TOPIC, partition: 1, offset: 1, leaderEpoch: 1 },
      { topic: TOPIC, partition: 0, offset: 4, leaderEpoch: 0 },
    ]);
    const leaders = new Set(ALL.map((place) => stage.broker.leaderOf(place)));
    expect(stage.count("ListOffsets")).toBe(leaders.size);
    const beginnings = await stage.when(stage.query((context) => beginningOffsets(context, ALL)));
    expect(beginnings.map(({ offset }) => offset)).toEqual([0, 0, 0]);
  });

  it("move no position", async () => {
    const stage = await withRecords();
    await stage.refresh();
    const [partition] = stage.assign(0);
    partition?.moveTo(1);
    await stage.when(stage.query((context) => endOffsets(context, [FIRST])));
    expect(partition?.position).toBe(1);
  });

  it("answer twice what is asked twice, and nothing what is not asked, without a request", async () => {
    const stage = await withRecords();
    const twice = await stage.when(stage.query((context) => endOffsets(context, [FIRST, FIRST])));
    expect(twice.map(({ offset }) => offset)).toEqual([4, 4]);
    expect(stage.count("ListOffsets")).toBe(1);
    expect(await stage.when(stage.query((context) => endOffsets(context, [])))).toEqual([]);
    expect(stage.count("ListOffsets")).toBe(1);
  });

  it.each([
    ["read_uncommitted", 0],
    ["read_committed", 1],
  ] as const)("end with %s where such a reader does", async (isolationLevel, level) => {
    const stage = await withRecords({ consumer: { isolationLevel } });
    await stage.when(stage.query((context) => endOffsets(context, [FIRST])));
    expect(stage.bodies("ListOffsets")).toMatchObject([{ isolationLevel: level, topics: [{ partitions: [{ timestamp: -1 }] }] }]);
  });

  it.each(["0.11", "2.0", "3.9"] as const)(
    "are found with brokers of %s, without epochs where those know none",
    async (asVersion) => {
      const stage = await withRecords({ cluster: { asVersion } });
      const [end] = await stage.when(stage.query((context) => endOffsets(context, [FIRST])));
      expect(end).toEqual({ topic: TOPIC, partition: 0, offset: 4, ...(asVersion === "3.9" && { leaderEpoch: 0 }) });
    },
  );

  it("wait for what may pass: leaders that move, connections that break, topics that are made", async () => {
    const stage = await withRecords();
    stage.broker.faults.failNext({ api: "ListOffsets", topic: TOPIC, partition: 1, error: "NOT_LEADER_OR_FOLLOWER", times: 3 });
    stage.broker.faults.disconnect({ api: "ListOffsets" });
    stage.clock.schedule(20_000, () => stage.broker.createTopic("late"));
    const asked = [...ALL, { topic: "late", partition: 0 }];
    const ends = await stage.when(stage.query((context) => endOffsets(context, asked)));
    expect(ends.map(({ offset }) => offset)).toEqual([4, 1, 0, 0]);
  });

  it("wait for an unknown partition until the deadline, and say that it was unknown", async () => {
    const stage = await withRecords();
    const asked = [FIRST, { topic: TOPIC, partition: 7 }];
    const failure = await stage.failureOf(stage.query((context) => endOffsets(context, asked), { timeoutMs: 12_000 }));
    expect(failure.error).toBeInstanceOf(RequestTimeoutError);
    expect(failure.error).toMatchObject({
      timeoutMs: 12_000,
      cause: { code: "UNKNOWN_TOPIC_OR_PARTITION", context: { partition: 7 } },
    });
    expect(failure.tookMs).toBe(12_000);
  });

  it("fail at once with what will not pass, whatever else is still waited for", async () => {
    const stage = await withRecords();
    stage.broker.faults.failNext({ api: "ListOffsets", topic: TOPIC, partition: 1, error: "TOPIC_AUTHORIZATION_FAILED" });
    const asked = [...ALL, { topic: "missing", partition: 0 }];
    const { error, tookMs } = await stage.failureOf(stage.query((context) => endOffsets(context, asked)));
    expect(error).toMatchObject({ code: "TOPIC_AUTHORIZATION_FAILED", context: { topic: TOPIC, partition: 1 } });
    expect(tookMs).toBeLessThan(1000);
  });

  it.each([-1, -2])("F26: take %i for no offset, but for an error", async (offset) => {
    const stage = await withRecords();
    stage.broker.faults.on("ListOffsets", async (_request, { next }) => {
      const answer = (await next()) as ListOffsetsResponse;
      const topics = answer.topics.map((topic) => ({ ...topic, partitions: topic.partitions.map((row) => ({ ...row, offset })) }));
      return { ...answer, topics };
    });
    for (const ask of [beginningOffsets, endOffsets]) {
      const { error } = await stage.failureOf(stage.query((context) => ask(context, [FIRST])));
      expect(error).toMatchObject({ code: "UNKNOWN_SERVER_ERROR", context: { topic: TOPIC, partition: 0 } });
      expect(String(error)).toContain(`no offset, but ${offset}`);
    }
  });
});

describe("offsetsForTimes", () => {
  it("gives the first record of that time or later, with its time; nulls where everything is older, or there is nothing", async () => {
    const stage = await withRecords();
    const nowMs = stage.clock.now();
    const at = (partition: number, ageMs: number) => ({ topic: TOPIC, partition, timestampMs: nowMs - ageMs });
    const asked = [at(0, 3 * HOUR_MS), at(1, HOUR_MS), at(2, HOUR_MS), at(0, 1.5 * HOUR_MS), at(0, 60_000)];
    const found = await stage.when(stage.query((context) => offsetsForTimes(context, asked)));
    expect(found).toEqual([
      { topic: TOPIC, partition: 0, offset: 0, timestampMs: nowMs - 2 * HOUR_MS, leaderEpoch: 0 },
      { topic: TOPIC, partition: 1, offset: 0, timestampMs: nowMs - HOUR_MS, leaderEpoch: 1 },
      { topic: TOPIC, partition: 2, offset: null, timestampMs: null, leaderEpoch: null },
      { topic: TOPIC, partition: 0, offset: 2, timestampMs: nowMs - HOUR_MS, leaderEpoch: 0 },
      { topic: TOPIC, partition: 0, offset: null, timestampMs: null, leaderEpoch: null },
    ]);
    // The caller's own objects are as they were.
    expect(asked[0]).toEqual(at(0, 3 * HOUR_MS));
  });

  it("asks about a partition once in a request", async () => {
    const stage = await withRecords();
    const asked = [0, 1, 2].map((timestampMs) => ({ ...FIRST, timestampMs }));
    const found = await stage.when(stage.query((context) => offsetsForTimes(context, asked)));
    expect(found.map(({ offset }) => offset)).toEqual([0, 0, 0]);
    expect(stage.count("ListOffsets")).toBe(3);
  });

  it("finds nothing in a topic whose records have no times", async () => {
    const stage = await withRecords();
    stage.broker.faults.failNext({ api: "ListOffsets", topic: TOPIC, partition: 0, error: "UNSUPPORTED_FOR_MESSAGE_FORMAT" });
    const asked = [0, 1].map((partition) => ({ topic: TOPIC, partition, timestampMs: 0 }));
    const found = await stage.when(stage.query((context) => offsetsForTimes(context, asked)));
    expect(found.map(({ offset }) => offset)).toEqual([null, 0]);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses %d as a time", async (timestampMs) => {
    const stage = await withRecords();
    const { error } = await stage.failureOf(stage.query((context) => offsetsForTimes(context, [{ ...FIRST, timestampMs }])));
    expect(error).toBeInstanceOf(IllegalStateError);
    expect(String(error)).toContain("partition 0: timestampMs must be whole milliseconds since 1970");
    expect(stage.count("ListOffsets")).toBe(0);
  });

  it("ends with the caller's signal", async () => {
    const stage = await withRecords();
    stage.broker.faults.neverAnswer({ api: "ListOffsets", times: 10 });
    const controller = new AbortController();
    const asked = [{ ...FIRST, timestampMs: 0 }];
    const failing = stage.failureOf(stage.query((context) => offsetsForTimes(context, asked), { signal: controller.signal }));
    stage.clock.schedule(100, () => controller.abort(new Error("enough")));
    expect(await failing).toMatchObject({ error: { message: "enough" }, tookMs: 100 });
  });
});
