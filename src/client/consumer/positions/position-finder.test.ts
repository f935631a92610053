import { describe, expect, it } from "vitest";
import { committedAs, HOUR_MS, positionStage, TOPIC, withRecords } from "../../../../test/support/position-stage.ts";
import { ZERO_UUID } from "../../../protocol/index.ts";
import { BrokerError, ClosedError, IllegalStateError, NoOffsetError, RequestTimeoutError } from "../../errors.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";

const earliest = { autoOffsetReset: "earliest" } as const;
const none = { autoOffsetReset: "none" } as const;

function places(partitions: readonly AssignedPartition[]): readonly (number | undefined)[] {
  return partitions.map(({ position }) => position);
}

describe("where reading begins", () => {
  it.each([
    ["earliest", [0, 0]],
    ["latest", [3, 2]],
    [{ durationMs: 1.5 * HOUR_MS }, [2, 0]],
    [{ durationMs: 3 * HOUR_MS }, [0, 0]],
    [{ durationMs: 60_000 }, [3, 2]],
    [{ durationMs: Number.MAX_SAFE_INTEGER }, [0, 0]],
  ] as const)("is what autoOffsetReset %j says", async (autoOffsetReset, expected) => {
    const stage = await withRecords(await positionStage({ consumer: { autoOffsetReset } }));
    const partitions = stage.assign(0, 1);
    expect(await stage.when(Promise.all([stage.position(0), stage.position(1)]))).toEqual(expected);
    expect(places(partitions)).toEqual(expected);
    expect(stage.found).toBeGreaterThan(0);
    expect([stage.warnings, stage.problems]).toEqual([[], []]);
  });

  it.each([1, 2])("with a duration skips nothing that is written after the answer to question %i", async (question) => {
    const stage = await withRecords(await positionStage({ consumer: { autoOffsetReset: { durationMs: 60_000 } } }));
    let answers = 0;
    stage.broker.faults.on("ListOffsets", async (_request, { next }) => {
      const answer = await next();
      if (++answers === question) await stage.write(0, ["between"]);
      return answer;
    });
    stage.assign(0);
    expect(await stage.when(stage.position(0))).toBe(3);
  });

  it("is asked of each leader once, about all of its partitions, with the epoch that it is believed to be in", async () => {
    const stage = await withRecords(await positionStage({ cluster: { nodes: 3, topics: { [TOPIC]: 12 } }, consumer: earliest }));
    const all = Array.from({ length: 12 }, (_, partition) => partition);
    const partitions = stage.assign(...all);
    for (let times = 0; times < 5; times++) stage.finder.wake();
    await stage.when(stage.position(11));
    expect(places(partitions)).toEqual(all.map(() => 0));
    const leaders = new Set(all.map((partition) => stage.broker.leaderOf({ topic: TOPIC, partition })));
    expect(stage.count("ListOffsets")).toBe(leaders.size);
    expect(stage.bodies("ListOffsets")[0]).toMatchObject({
      replicaId: -1,
      isolationLevel: 0,
      topics: [{ name: TOPIC, partitions: [{ currentLeaderEpoch: 0, timestamp: -2 }, {}, {}, {}] }],
    });
    expect(partitions[0]).toMatchObject({ leaderEpoch: 0, epoch: 0 });
  });

  it("ends with read_committed before the first open transaction", async () => {
    const stage = await withRecords(await positionStage({ consumer: { isolationLevel: "read_committed" } }));
    stage.assign(0);
    await stage.when(stage.position(0));
    expect(stage.bodies("ListOffsets")).toMatchObject([{ isolationLevel: 1 }]);
  });

  it.each(["0.11", "2.0", "2.3", "3.9"] as const)("is found with brokers of %s", async (asVersion) => {
    const stage = await withRecords(await positionStage({ cluster: { asVersion }, consumer: earliest }));
    stage.assign(0, 1);
    expect(await stage.when(stage.position(1))).toBe(0);
    expect(stage.problems).toEqual([]);
  });

  it("is where the group has committed, asked for all partitions at once; the policy is for the rest", async () => {
    const { asked, committed } = committedAs({ 0: 2 });
    const stage = await withRecords(await positionStage({ committed, consumer: { ...earliest, groupId: "reports" } }));
    stage.assign(0, 1, 2);
    expect(await stage.when(Promise.all([0, 1, 2].map((partition) => stage.position(partition))))).toEqual([2, 0, 0]);
    expect(asked).toEqual([[0, 1, 2]]);
    expect(stage.bodies("ListOffsets")).toMatchObject([
      { topics: [{ partitions: [{ partitionIndex: 1 }, { partitionIndex: 2 }] }] },
    ]);
  });

  it("without a policy is an error that names all partitions without an offset, told again as long as it holds", async () => {
    const offsets: Record<number, number> = { 0: 2 };
    const { committed } = committedAs(offsets);
    const stage = await withRecords(await positionStage({ committed, consumer: { ...none, groupId: "reports" } }));
    const [first, second] = stage.assign(0, 1, 2);
    await stage.settle();
    expect(first?.position).toBe(2);
    expect(stage.problems.map(([place]) => place)).toEqual(["orders 1", "orders 2"]);
    const [[, error], [, other]] = stage.problems as [(typeof stage.problems)[0], (typeof stage.problems)[0]];
    expect(error).toBe(other);
    expect(error).toBeInstanceOf(NoOffsetError);
    expect(error).toMatchObject({ group: "reports", partitions: [{ partition: 1 }, { partition: 2 }] });
    expect(second?.problem).toBe(error);
    await stage.clock.advance(60_000);
    expect(committed).toHaveBeenCalledTimes(1);

    for (const partition of [1, 2]) stage.at(partition).problem = undefined;
    offsets[1] = 1;
    stage.finder.wake();
    await stage.settle();
    expect(places(stage.assign(0, 1, 2))).toEqual([2, 1, undefined]);
    expect(stage.problems).toHaveLength(3);
  });

  it("is not guessed while the coordinator is away: that passes in silence", async () => {
    const { committed } = committedAs({ 0: 2 });
    const stage = await withRecords(await positionStage({ committed, consumer: { ...earliest, groupId: "reports" } }));
    const away = new BrokerError(15, { api: "OffsetFetch", group: "reports" });
    committed.mockRejectedValueOnce(away).mockRejectedValueOnce(away).mockRejectedValueOnce(new RequestTimeoutError("x", 1));
    stage.assign(0);
    expect(await stage.when(stage.position(0))).toBe(2);
    expect(committed).toHaveBeenCalledTimes(4);
    expect(stage.clock.monotonic()).toBeGreaterThanOrEqual(240);
    expect([stage.problems, stage.count("ListOffsets")]).toEqual([[], 0]);
  });

  it("is a problem of the reader's when the group may not be read", async () => {
    const { committed } = committedAs({});
    const stage = await positionStage({ committed, consumer: { ...earliest, groupId: "reports" } });
    committed.mockRejectedValue(new BrokerError(30, { api: "OffsetFetch", group: "reports" }));
    stage.assign(0);
    expect((await stage.failureOf(stage.position(0))).error).toMatchObject({ code: "GROUP_AUTHORIZATION_FAILED" });
    expect(stage.problems.map(([place, { code }]) => [place, code])).toEqual([["orders 0", "GROUP_AUTHORIZATION_FAILED"]]);
  });
});

describe("what is in the way", () => {
  it("is tried again, all that failed together in one request, with growing pauses and nobody told", async () => {
    const stage = await withRecords(await positionStage({ consumer: earliest }));
    for (const partition of [0, 1, 2])
      stage.broker.faults.failNext({ api: "ListOffsets", topic: TOPIC, partition, error: "OFFSET_NOT_AVAILABLE", times: 3 });
    stage.assign(0, 1, 2);
    await stage.when(stage.position(2));
    expect(places(stage.assign(0, 1, 2))).toEqual([0, 0, 0]);
    expect(stage.count("ListOffsets")).toBe(4);
    expect(stage.clock.monotonic()).toBeGreaterThanOrEqual(100 * 0.8 + 200 * 0.8 + 400 * 0.8);
    expect(stage.problems).toEqual([]);
    expect(stage.at(0)).toMatchObject({ failures: 0, retryAtMs: 0 });
  });

  it("C5: connections that break are followed by others", async () => {
    const stage = await withRecords(await positionStage({ consumer: earliest }));
    stage.broker.faults.disconnect({ api: "ListOffsets", times: 2 });
    stage.assign(0);
    expect(await stage.when(stage.position(0))).toBe(0);
    expect(stage.problems).toEqual([]);
  });

  it("M2: a leader that has moved is followed at once", async () => {
    const stage = await withRecords(await positionStage({ cluster: { nodes: 3 } }));
    await stage.refresh();
    const place = { topic: TOPIC, partition: 0 };
    const next = [1, 2, 3].find((node) => node !== stage.broker.leaderOf(place)) ?? 0;
    stage.broker.moveLeader(place, next);
    stage.assign(0);
    expect(await stage.when(stage.position(0))).toBe(3);
    expect(stage.broker.journal.requests("ListOffsets").map(({ node }) => node === next)).toEqual([false, true]);
  });

  it("M2: another leader is asked at once, however long the one before was to be left alone", async () => {
    const stage = await withRecords(await positionStage({ cluster: { nodes: 3 } }));
    const place = { topic: TOPIC, partition: 0 };
    const leader = stage.broker.leaderOf(place);
    const error = "NOT_LEADER_OR_FOLLOWER";
    stage.broker.faults.failNext({ api: "ListOffsets", ...place, node: leader, error, times: Number.POSITIVE_INFINITY });
    const [partition] = stage.assign(0);
    await stage.clock.advance(10_000);
    const leaderId = [1, 2, 3].find((node) => node !== leader) ?? 0;
    stage.broker.moveLeader(place, leaderId);
    await stage.clock.runUntil(() => (partition?.retryAtMs ?? 0) > stage.clock.monotonic() + 500);
    // As an answer to somebody else says (KIP-951).
    const hint = { ...place, topicId: ZERO_UUID, leaderId, leaderEpoch: 1 };
    await stage.call(async ({ cluster }) => cluster.learnLeaders({ leaders: [hint], endpoints: [] }));
    await stage.settle();
    expect(partition?.position).toBe(3);
  });

  it("a topic that is not there is waited for", async () => {
    const stage = await positionStage({ consumer: earliest });
    stage.assignment.replace([{ topic: "late", partition: 0 }]);
    stage.finder.wake();
    stage.clock.schedule(20_000, () => stage.broker.createTopic("late"));
    await stage.clock.advance(19_000);
    expect(stage.at(0, "late").position).toBeUndefined();
    expect(stage.count("Metadata")).toBeLessThan(60);
    await stage.clock.advance(3000);
    expect(stage.at(0, "late").position).toBe(0);
    expect(stage.problems).toEqual([]);
  });

  it("M5: a topic that one may not see is a problem of the reader's, until one may", async () => {
    const stage = await withRecords(await positionStage({ consumer: earliest }));
    const refusal = stage.broker.faults.failNext({
      api: "Metadata",
      topic: TOPIC,
      error: "TOPIC_AUTHORIZATION_FAILED",
      times: Number.POSITIVE_INFINITY,
    });
    const [partition] = stage.assign(0);
    await stage.settle();
    expect(stage.problems.map(([place, { code }]) => [place, code])).toEqual([["orders 0", "TOPIC_AUTHORIZATION_FAILED"]]);
    refusal.cancel();
    if (partition !== undefined) partition.problem = undefined;
    stage.finder.wake();
    expect(await stage.when(stage.position(0))).toBe(0);
  });

  it("one partition's error costs no other its position", async () => {
    const stage = await withRecords(await positionStage({ consumer: earliest }));
    stage.broker.faults.failNext({ api: "ListOffsets", topic: TOPIC, partition: 1, error: "TOPIC_AUTHORIZATION_FAILED" });
    stage.assign(0, 1, 2);
    await stage.settle();
    expect([0, 1, 2].map((partition) => stage.at(partition).position)).toEqual([0, undefined, 0]);
    expect(stage.problems.map(([place, { code }]) => [place, code])).toEqual([["orders 1", "TOPIC_AUTHORIZATION_FAILED"]]);
  });

  it("a paused search for one does not hold up those that come later", async () => {
    const stage = await withRecords(await positionStage({ cluster: { nodes: 3 }, consumer: earliest }));
    await stage.refresh();
    stage.broker.faults.neverAnswer({ api: "ListOffsets", node: stage.broker.leaderOf({ topic: TOPIC, partition: 0 }) });
    stage.assign(0);
    await stage.settle();
    stage.assign(0, 1);
    await stage.settle();
    expect([0, 1].map((partition) => stage.at(partition).position)).toEqual([undefined, 0]);
  });
});

describe("position()", () => {
  it("is known without a request after a seek", async () => {
    const stage = await positionStage();
    const [partition] = stage.assign(0);
    partition?.moveTo(42);
    expect(await stage.position(0)).toBe(42);
    expect(stage.count("ListOffsets")).toBe(0);
  });

  it("is told to those who wait when somebody seeks", async () => {
    const stage = await positionStage();
    stage.broker.faults.neverAnswer({ api: "ListOffsets" });
    const [partition] = stage.assign(0);
    const waiting = stage.position(0);
    await stage.settle();
    partition?.moveTo(42);
    stage.finder.wake();
    await stage.settle();
    expect(await waiting).toBe(42);
  });

  it("says at its deadline what failed last", async () => {
    const stage = await positionStage({ consumer: earliest });
    stage.broker.faults.failNext({
      api: "ListOffsets",
      topic: TOPIC,
      partition: 0,
      error: "LEADER_NOT_AVAILABLE",
      times: Number.POSITIVE_INFINITY,
    });
    stage.assign(0);
    const { error, tookMs } = await stage.failureOf(stage.position(0, { timeoutMs: 3000 }));
    expect(error).toBeInstanceOf(RequestTimeoutError);
    expect(error).toMatchObject({ message: expect.stringContaining("position of topic 'orders' partition 0"), timeoutMs: 3000 });
    expect(error).toMatchObject({ cause: { code: "LEADER_NOT_AVAILABLE" } });
    expect(tookMs).toBe(3000);
  });

  it("tries again what was in the way when it was asked before", async () => {
    const offsets: Record<number, number> = {};
    const { committed } = committedAs(offsets);
    const stage = await withRecords(await positionStage({ committed, consumer: { ...none, groupId: "reports" } }));
    stage.assign(0);
    expect((await stage.failureOf(stage.position(0))).error).toBeInstanceOf(NoOffsetError);
    expect((await stage.failureOf(stage.position(0))).error).toBeInstanceOf(NoOffsetError);
    offsets[0] = 1;
    expect(await stage.when(stage.position(0))).toBe(1);
  });

  it("ends with the caller's signal, the assignment, and the client", async () => {
    const stage = await positionStage();
    stage.broker.faults.neverAnswer({ api: "ListOffsets", times: 10 });
    stage.assign(0, 1, 2);
    const controller = new AbortController();
    const aborted = stage.failureOf(stage.position(0, { signal: controller.signal }));
    const unassigned = stage.failureOf(stage.position(1));
    const closed = stage.failureOf(stage.position(2));
    controller.abort(new Error("enough"));
    expect((await aborted).error).toMatchObject({ message: "enough" });
    stage.assign(2);
    expect((await unassigned).error).toBeInstanceOf(IllegalStateError);
    stage.finder.close();
    expect((await closed).error).toBeInstanceOf(ClosedError);
    expect(await stage.failureOf(stage.position(2))).toMatchObject({ error: expect.any(ClosedError), tookMs: 0 });
  });
});

describe("closing", () => {
  it("leaves nothing behind, whatever is under way", async () => {
    const { committed } = committedAs({});
    const stage = await positionStage({ committed, cluster: { nodes: 3 }, consumer: { ...earliest, groupId: "reports" } });
    stage.broker.faults.neverAnswer({ api: "ListOffsets", node: 1 });
    stage.broker.faults.failNext({
      api: "ListOffsets",
      node: 2,
      error: "LEADER_NOT_AVAILABLE",
      times: Number.POSITIVE_INFINITY,
    });
    stage.assign(0, 1, 2);
    await stage.clock.advance(500);
    stage.finder.close();
    stage.finder.close();
    const asked = stage.count("ListOffsets");
    stage.finder.wake();
    stage.finder.metadataChanged();
    await stage.clock.advance(60_000);
    expect(stage.count("ListOffsets")).toBe(asked);
    expect(stage.problems).toEqual([]);
  });

  it("of the client before the finder is no problem of anybody's", async () => {
    const stage = await positionStage({ consumer: earliest });
    stage.broker.faults.neverAnswer({ api: "ListOffsets" });
    stage.assign(0);
    await stage.settle();
    await stage.when(stage.core.close());
    await stage.clock.advance(60_000);
    expect(stage.problems).toEqual([]);
  });
});
