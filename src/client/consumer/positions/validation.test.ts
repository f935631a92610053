// KIP-320: what was read from one leader has to be in the log of the next one.

import { describe, expect, it } from "vitest";
import { type PositionStage, type PositionStageOptions, positionStage, TOPIC } from "../../../../test/support/position-stage.ts";
import type { OffsetForLeaderEpochRequest } from "../../../protocol/index.ts";
import { LogTruncationError } from "../../errors.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import { PartitionMap } from "../topic-partition.ts";
import type { CommittedPosition } from "./position-finder.ts";

const PLACE = { topic: TOPIC, partition: 0 };
const earliest = { autoOffsetReset: "earliest" } as const;
const none = { autoOffsetReset: "none" } as const;

/** Six records in partition 0, in batches of two, all of epoch 0; read up to `offset`, fetched up to `fetchOffset`. */
async function reading(
  options: PositionStageOptions,
  { offset = 6, fetchOffset = offset }: { readonly offset?: number; readonly fetchOffset?: number } = {},
): Promise<{ stage: PositionStage; partition: AssignedPartition }> {
  const stage = await positionStage(options);
  for (const values of [
    ["a", "b"],
    ["c", "d"],
    ["e", "f"],
  ]) {
    await stage.write(0, values);
  }
  await stage.refresh();
  stage.assign(0);
  const partition = stage.readUpTo(0, offset, 0);
  partition.fetched(fetchOffset, 0);
  await stage.settle();
  stage.broker.journal.clear();
  return { stage, partition };
}

/** A new epoch begins, and nothing is lost. */
function bumpEpoch(stage: PositionStage): void {
  stage.broker.truncate(PLACE, Number.MAX_SAFE_INTEGER);
}

describe("F22: another leader", () => {
  it("that has the position is read from after it was asked", async () => {
    const { stage, partition } = await reading({ consumer: none });
    const { course } = partition;
    partition.preferredReplica = { nodeId: 2, untilMs: Number.POSITIVE_INFINITY };
    bumpEpoch(stage);
    await stage.refresh();
    await stage.settle();
    expect(partition.preferredReplica).toBeUndefined();
    expect(stage.bodies("OffsetForLeaderEpoch")).toMatchObject([
      { replicaId: -1, topics: [{ topic: TOPIC, partitions: [{ partition: 0, currentLeaderEpoch: 1, leaderEpoch: 0 }] }] },
    ]);
    expect(partition).toMatchObject({ position: 6, course, leaderEpoch: 1, whereabouts: { kind: "known" } });
    expect([stage.problems, stage.warnings, stage.found]).toEqual([[], [], 1]);
    await stage.refresh();
    await stage.settle();
    expect(stage.count("OffsetForLeaderEpoch")).toBe(1);
  });

  it("is not fetched from before it was asked, from the moment on in which it is known", async () => {
    const { stage, partition } = await reading({ consumer: none });
    stage.broker.faults.delay({ api: "OffsetForLeaderEpoch", delayMs: 300 });
    let then: string | undefined;
    await stage.call(async ({ cluster }) => {
      cluster.onChange(() => {
        then = partition.whereabouts.kind;
      });
      await Promise.resolve();
    });
    bumpEpoch(stage);
    await stage.refresh();
    expect(then).toBe("validating");
    const position = stage.position(0);
    expect(await stage.when(position)).toBe(6);
  });

  it("that was cut before the position is read on where the logs part, with a warning", async () => {
    const { stage, partition } = await reading({ consumer: { autoOffsetReset: "latest" } });
    const { course } = partition;
    stage.broker.truncate(PLACE, 4);
    await stage.write(0, ["other", "records"]);
    await stage.refresh();
    await stage.settle();
    expect(partition).toMatchObject({ position: 4, epoch: 0, leaderEpoch: 1, whereabouts: { kind: "known" } });
    expect(partition.course).toBeGreaterThan(course);
    expect([stage.warnings, stage.problems, stage.count("ListOffsets")]).toEqual([["LOG_TRUNCATED"], [], 0]);
  });

  it("that was cut before the position is an error without a policy, which says where, until somebody seeks", async () => {
    const { stage, partition } = await reading({ consumer: none });
    stage.broker.truncate(PLACE, 4);
    await stage.write(0, ["other", "records"]);
    await stage.refresh();
    await stage.settle();
    expect(stage.problems).toHaveLength(1);
    expect(stage.problems[0]?.[1]).toBeInstanceOf(LogTruncationError);
    expect(stage.problems[0]?.[1]).toMatchObject({ partition: 0, offset: 6, divergence: { offset: 4, leaderEpoch: 0 } });
    expect(partition).toMatchObject({ position: 6, whereabouts: { kind: "validating" } });
    partition.problem = undefined;
    stage.finder.wake();
    await stage.settle();
    expect(stage.problems).toHaveLength(2);
    partition.moveTo(4, 0);
    stage.finder.wake();
    expect(await stage.when(stage.position(0))).toBe(4);
    expect(partition.problem).toBeUndefined();
  });

  it.each([earliest, none])(
    "that was cut behind what was handed out costs what was fetched ahead, no more: %j",
    async (consumer) => {
      const { stage, partition } = await reading({ consumer }, { offset: 3, fetchOffset: 6 });
      const { course } = partition;
      stage.broker.truncate(PLACE, 4);
      await stage.write(0, ["other", "records"]);
      await stage.refresh();
      await stage.settle();
      expect(partition).toMatchObject({ position: 3, fetchOffset: 3, leaderEpoch: 1, whereabouts: { kind: "known" } });
      expect(partition.course).toBeGreaterThan(course);
      expect([stage.warnings, stage.problems]).toEqual([[], []]);
    },
  );

  it("that does not know the epoch leaves it to the policy", async () => {
    const { stage, partition } = await reading({ consumer: earliest });
    const unknown = { errorCode: 0, partition: 0, leaderEpoch: -1, endOffset: -1 };
    stage.broker.faults.on("OffsetForLeaderEpoch", () => ({ topics: [{ topic: TOPIC, partitions: [unknown] }] }));
    bumpEpoch(stage);
    await stage.refresh();
    await stage.settle();
    expect(partition).toMatchObject({ position: 0, whereabouts: { kind: "known" } });
    expect(stage.warnings).toEqual(["OFFSET_RESET"]);
  });

  it("that does not know the epoch is an error without a policy", async () => {
    const { stage } = await reading({ consumer: none });
    const unknown = { errorCode: 0, partition: 0, leaderEpoch: -1, endOffset: -1 };
    stage.broker.faults.on("OffsetForLeaderEpoch", () => ({ topics: [{ topic: TOPIC, partitions: [unknown] }] }));
    bumpEpoch(stage);
    await stage.refresh();
    await stage.settle();
    expect(stage.problems[0]?.[1]).toMatchObject({ code: "LOG_TRUNCATION", offset: 6, divergence: undefined });
  });

  it("that cannot be reached, or is not ready, is asked again; nothing is reset", async () => {
    const { stage, partition } = await reading({ consumer: earliest });
    const api = "OffsetForLeaderEpoch";
    stage.broker.faults.disconnect({ api, times: 2 });
    stage.broker.faults.failNext({ api, topic: TOPIC, partition: 0, error: "UNKNOWN_LEADER_EPOCH", times: 2 });
    stage.broker.faults.failNext({ api, topic: TOPIC, partition: 0, error: "NOT_LEADER_OR_FOLLOWER" });
    stage.broker.faults.neverAnswer({ api, skip: 5 });
    bumpEpoch(stage);
    await stage.refresh();
    expect(await stage.when(stage.position(0))).toBe(6);
    expect(partition).toMatchObject({ leaderEpoch: 1, failures: 0, retryAtMs: 0 });
    expect([stage.problems, stage.warnings, stage.count("ListOffsets")]).toEqual([[], [], 0]);
    expect(stage.broker.faults.pending).toBe(0);
  });

  it("that says nothing of the partition is a problem of the reader's, not a cut", async () => {
    const { stage, partition } = await reading({ consumer: earliest });
    stage.broker.faults.on("OffsetForLeaderEpoch", () => ({ topics: [] }), { times: 1 });
    bumpEpoch(stage);
    await stage.refresh();
    await stage.settle();
    expect(stage.problems[0]?.[1]).toMatchObject({ code: "UNKNOWN_SERVER_ERROR" });
    expect(partition.position).toBe(6);
  });

  it("is asked nothing when it is not known what was read", async () => {
    const { stage, partition } = await reading({ consumer: earliest });
    partition.moveTo(5);
    stage.finder.wake();
    await stage.settle();
    bumpEpoch(stage);
    await stage.refresh();
    await stage.settle();
    expect(partition).toMatchObject({ position: 5, leaderEpoch: 1, whereabouts: { kind: "known" } });
    stage.finder.validate(partition, 1);
    expect(await stage.when(stage.position(0))).toBe(5);
    expect(stage.count("OffsetForLeaderEpoch")).toBe(0);
  });

  it.each(["0.11", "2.2"] as const)("is asked nothing with brokers of %s, who do not answer consumers", async (asVersion) => {
    const { stage, partition } = await reading({ cluster: { asVersion }, consumer: earliest });
    stage.finder.validate(partition, 1);
    expect(partition.whereabouts.kind).toBe("validating");
    expect(await stage.when(stage.position(0))).toBe(6);
    expect([stage.count("OffsetForLeaderEpoch"), stage.problems]).toEqual([0, []]);
  });

  it("is asked once about all of its partitions", async () => {
    const stage = await positionStage({ consumer: earliest });
    for (const partition of [0, 1, 2]) await stage.write(partition, ["a", "b"]);
    await stage.refresh();
    stage.assign(0, 1, 2);
    for (const partition of [0, 1, 2]) stage.readUpTo(partition, 2, 0);
    for (const partition of [0, 1, 2]) stage.broker.truncate({ topic: TOPIC, partition }, Number.MAX_SAFE_INTEGER);
    stage.broker.journal.clear();
    await stage.refresh();
    await stage.settle();
    expect(stage.count("OffsetForLeaderEpoch")).toBe(1);
    expect([0, 1, 2].map((partition) => stage.at(partition).leaderEpoch)).toEqual([1, 1, 1]);
  });
});

describe("F22: what comes with an epoch of its own", () => {
  async function committedAt(offset: number, leaderEpoch: number, consumer: { autoOffsetReset: "earliest" | "none" }) {
    const found = new PartitionMap<CommittedPosition>();
    found.set(TOPIC, 0, { offset, leaderEpoch });
    const stage = await positionStage({ committed: () => Promise.resolve(found), consumer: { ...consumer, groupId: "reports" } });
    await stage.write(0, ["a", "b"]);
    await stage.write(0, ["c", "d"]);
    return stage;
  }

  it("a committed offset is looked for in the leader's log first", async () => {
    const stage = await committedAt(4, 0, none);
    stage.broker.truncate(PLACE, 2);
    await stage.write(0, ["other", "records"]);
    await stage.refresh();
    stage.assign(0);
    expect((await stage.failureOf(stage.position(0))).error).toMatchObject({ divergence: { offset: 2 } });
  });

  it("a sought one, too", async () => {
    const { stage, partition } = await reading({ consumer: earliest });
    stage.broker.truncate(PLACE, 4);
    await stage.write(0, ["other", "records"]);
    await stage.refresh();
    partition.moveTo(5, 0);
    stage.finder.wake();
    expect(await stage.when(stage.position(0))).toBe(4);
  });

  it("one of a later epoch than the metadata know waits for newer ones", async () => {
    const stage = await committedAt(4, 1, earliest);
    stage.broker.faults.on(
      "Metadata",
      async (_request, { next }) => {
        const answer = (await next()) as { readonly topics: readonly { readonly partitions: readonly object[] }[] };
        const topics = answer.topics.map((topic) => ({
          ...topic,
          partitions: topic.partitions.map((partition) => ({ ...partition, leaderEpoch: 0 })),
        }));
        return { ...answer, topics };
      },
      { times: 2 },
    );
    // A leader that was deposed, and has not heard of it.
    stage.broker.faults.on("OffsetForLeaderEpoch", (request, { next }) => {
      const { topics } = request as unknown as OffsetForLeaderEpochRequest;
      if (topics[0]?.partitions[0]?.currentLeaderEpoch !== 0) return next();
      const unknown = { errorCode: 0, partition: 0, leaderEpoch: -1, endOffset: -1 };
      return { topics: [{ topic: TOPIC, partitions: [unknown] }] };
    });
    await stage.refresh();
    bumpEpoch(stage);
    stage.assign(0);
    expect(await stage.when(stage.position(0))).toBe(4);
    expect([stage.warnings, stage.count("ListOffsets")]).toEqual([[], 0]);
  });

  it.each([earliest, none])("one of an epoch that nobody has heard of is of another topic of that name: %j", async (consumer) => {
    const stage = await committedAt(3, 7, consumer);
    stage.assign(0);
    const outcome = await stage.when(stage.position(0).catch((error: unknown) => error));
    if (consumer === none) expect(outcome).toMatchObject({ code: "LOG_TRUNCATION", offset: 3, divergence: undefined });
    else expect(outcome).toBe(0);
    expect(stage.count("OffsetForLeaderEpoch")).toBe(1);
  });
});

describe("F23: a leader that changes again while it is asked", () => {
  it("is asked in its latest epoch, and the answer to the first question is nobody's", async () => {
    const { stage, partition } = await reading({ cluster: { nodes: 3 }, consumer: none });
    stage.broker.faults.delay({ api: "OffsetForLeaderEpoch", delayMs: 400, afterApply: true });
    const node = (different: number): number => [1, 2, 3].find((id) => id !== different) ?? 0;
    stage.broker.moveLeader(PLACE, node(stage.broker.leaderOf(PLACE)));
    await stage.refresh();
    await stage.clock.advance(50);
    stage.broker.moveLeader(PLACE, node(stage.broker.leaderOf(PLACE)));
    stage.broker.truncate(PLACE, 4);
    await stage.refresh();
    await stage.clock.advance(50);
    // The old leader's answer, that all is well, is still on its way.
    expect(stage.problems.map(([, error]) => error)).toMatchObject([{ divergence: { offset: 4 } }]);
    await stage.clock.advance(5000);
    expect(stage.count("OffsetForLeaderEpoch")).toBe(2);
    expect(partition.whereabouts).toEqual({ kind: "validating", leaderEpoch: 3 });
  });

  it("ten times over is not asked more often than it changed, and nothing is lost", async () => {
    const { stage, partition } = await reading({ cluster: { nodes: 3 }, consumer: none });
    stage.broker.faults.delay({ api: "OffsetForLeaderEpoch", delayMs: 250, times: Number.POSITIVE_INFINITY });
    for (let times = 0; times < 10; times++) {
      const now = stage.broker.leaderOf(PLACE);
      stage.broker.moveLeader(PLACE, [1, 2, 3].find((id) => id !== now) ?? 0);
      await stage.refresh();
    }
    expect(await stage.when(stage.position(0))).toBe(6);
    expect(partition.leaderEpoch).toBe(10);
    expect(stage.count("OffsetForLeaderEpoch")).toBeLessThanOrEqual(12);
    expect([stage.problems, stage.warnings]).toEqual([[], []]);
  });

  it("is asked once, however many say that it should be", async () => {
    const { stage, partition } = await reading({ consumer: none });
    stage.broker.faults.delay({ api: "OffsetForLeaderEpoch", delayMs: 250, afterApply: true });
    for (let times = 0; times < 5; times++) {
      stage.finder.validate(partition, 0);
      await stage.clock.advance(20);
    }
    expect(await stage.when(stage.position(0))).toBe(6);
    expect(stage.count("OffsetForLeaderEpoch")).toBe(1);
  });

  it("is asked again about records that arrived meanwhile", async () => {
    const { stage, partition } = await reading({ consumer: earliest }, { offset: 2, fetchOffset: 4 });
    stage.broker.faults.delay({ api: "OffsetForLeaderEpoch", delayMs: 250 });
    stage.broker.truncate(PLACE, 4);
    await stage.refresh();
    await stage.clock.advance(50);
    // A fetch that the old leader was sent before.
    partition.fetched(6, 0);
    await stage.clock.advance(1000);
    expect(stage.count("OffsetForLeaderEpoch")).toBe(2);
    expect(partition).toMatchObject({ position: 2, fetchOffset: 2, whereabouts: { kind: "known" } });
  });
});
