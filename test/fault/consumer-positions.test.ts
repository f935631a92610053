// Where a consumer reads, when the log is not what it was, or answers about it are wrong: positions, which error, how often. The faults
// are numbered as in the fault list.

import { describe, expect, it, onTestFinished } from "vitest";
import { Admin } from "../../src/client/index.ts";
import type { FetchResponse, ListOffsetsResponse } from "../../src/protocol/index.ts";
import { memoryRuntime } from "../support/client-runtime.ts";
import { errorsIn, ofPartition, outcomes, P0, P1, writeSingly } from "../support/consumer-outcomes.ts";
import { type ConsumerStage, consumerStage, placed } from "../support/consumer-stage.ts";

const HOUR_MS = 3_600_000;
const REPLICATED = { nodes: 2, topics: { orders: { partitions: 2, replicationFactor: 2 } } };

/** Retention has deleted everything before that offset. */
async function deleteBefore(stage: ConsumerStage, offset: number): Promise<void> {
  const { broker, clock } = stage;
  const admin = new Admin({ bootstrapServers: broker.bootstrapServers, clientId: "admin" }, memoryRuntime(broker, { clock }));
  onTestFinished(() => stage.when(admin.close()));
  await stage.when(admin.deleteRecords([{ ...P0, offset }]));
}

describe("F1: a position that the log does not have", () => {
  it("is the beginning with autoOffsetReset 'earliest', once, with a warning; other partitions do not notice", async () => {
    const stage = await consumerStage();
    await writeSingly(stage, ["a", "b"], 0);
    await writeSingly(stage, ["x", "y"], 1);
    stage.consumer.assign([{ ...P0, offset: 7 }, P1]);
    const told = await outcomes(stage, 4);
    expect(errorsIn(told)).toEqual([]);
    expect([ofPartition(told, 0), ofPartition(told, 1)]).toEqual([
      ["0/0 a", "0/1 b"],
      ["1/0 x", "1/1 y"],
    ]);
    expect(stage.warnings).toEqual(["OFFSET_RESET"]);
  });

  it("is the end with 'latest': only what comes then is given", async () => {
    const stage = await consumerStage({ autoOffsetReset: "latest" });
    await writeSingly(stage, ["a", "b"]);
    stage.consumer.assign([{ ...P0, offset: 7 }]);
    expect(await outcomes(stage, 1, { timeoutMs: 3000 })).toEqual([]);
    expect(await stage.consumer.position(P0)).toBe(2);
    await stage.write(["c"]);
    expect(await outcomes(stage, 1)).toEqual(["0/2 c"]);
  });

  it("is as long ago as { durationMs } says", async () => {
    const stage = await consumerStage({ autoOffsetReset: { durationMs: HOUR_MS } });
    await stage.write(["old"]);
    await stage.clock.advance(2 * HOUR_MS);
    await stage.write(["new"]);
    stage.consumer.assign([{ ...P0, offset: 7 }]);
    expect(await outcomes(stage, 1)).toEqual(["0/1 new"]);
  });

  it("is an error of the calls that read with 'none', once each, which says where; others go on, and a seek mends it", async () => {
    const stage = await consumerStage({ autoOffsetReset: "none" });
    await writeSingly(stage, ["a", "b"], 0);
    stage.consumer.assign([
      { ...P0, offset: 7 },
      { ...P1, offset: 0 },
    ]);
    const { error } = await stage.failureOf(stage.consumer.poll({ timeoutMs: 1000 }));
    expect(error).toMatchObject({ code: "OFFSET_OUT_OF_RANGE", retriable: false, positions: [{ ...P0, offset: 7 }] });
    expect(await stage.consumer.position(P0)).toBe(7);
    await writeSingly(stage, ["x", "y"], 1);
    const told = await outcomes(stage, 2, { timeoutMs: 5000, mostPolls: 20 });
    expect(ofPartition(told, 1)).toEqual(["1/0 x", "1/1 y"]);
    expect(new Set(errorsIn(told))).toEqual(new Set(errorsIn(told).length > 0 ? ["! OFFSET_OUT_OF_RANGE"] : []));
    stage.consumer.seek(P0, 1);
    expect(await outcomes(stage, 1)).toEqual(["0/1 b"]);
  });

  it("because retention deleted it while nobody read: what was fetched before is given, and then what is left", async () => {
    const stage = await consumerStage({ maxPartitionFetchBytes: 200, fetchMaxBytes: 400 });
    const values = Array.from({ length: 30 }, (_, index) => `v${index}`);
    await writeSingly(stage, values);
    stage.consumer.assign([P0]);
    expect(await outcomes(stage, 1)).toEqual(["0/0 v0"]);
    await deleteBefore(stage, 25);
    const told = await outcomes(stage, 100, { timeoutMs: 3000 });
    expect(errorsIn(told)).toEqual([]);
    const offsets = told.map((one) => Number(one.slice(2, one.indexOf(" "))));
    const gap = offsets.indexOf(25);
    expect(offsets.slice(0, gap)).toEqual(Array.from({ length: gap }, (_, index) => index + 1));
    expect(offsets.slice(gap)).toEqual([25, 26, 27, 28, 29]);
    expect(await stage.consumer.position(P0)).toBe(30);
  });
});

describe("answers that come for a place where nobody is any more", () => {
  it("F3: OFFSET_OUT_OF_RANGE of a position that was left is nobody's: no reset, no error", async () => {
    const stage = await consumerStage({ autoOffsetReset: "none" });
    await writeSingly(stage, ["a", "b"]);
    stage.consumer.assign([{ ...P0, offset: 7 }]);
    stage.broker.faults.delay({ api: "Fetch", clientId: "test", delayMs: 300, afterApply: true });
    expect(await outcomes(stage, 1, { timeoutMs: 100 })).toEqual([]);
    stage.consumer.seek(P0, 1);
    expect(await outcomes(stage, 1)).toEqual(["0/1 b"]);
    expect(stage.warnings).toEqual([]);
  });

  it("F25: records that were under way during a seek, there and back, are given once", async () => {
    const stage = await consumerStage();
    await writeSingly(stage, ["a", "b", "c"]);
    stage.consumer.assign([P0]);
    stage.broker.faults.delay({ api: "Fetch", clientId: "test", delayMs: 300, afterApply: true, times: 2 });
    expect(await outcomes(stage, 1, { timeoutMs: 100 })).toEqual([]);
    stage.consumer.seek(P0, 2);
    stage.consumer.seek(P0, 0);
    expect(await outcomes(stage, 3)).toEqual(["0/0 a", "0/1 b", "0/2 c"]);
    expect(await outcomes(stage, 1, { timeoutMs: 3000 })).toEqual([]);
  });

  it("F25: records that were under way during pause and resume, needed or not, are given once", async () => {
    const stage = await consumerStage();
    await writeSingly(stage, ["a", "b", "c"]);
    stage.consumer.assign([P0]);
    stage.broker.faults.delay({ api: "Fetch", clientId: "test", delayMs: 300, afterApply: true });
    expect(await outcomes(stage, 1, { timeoutMs: 100 })).toEqual([]);
    stage.consumer.resume(P0);
    stage.consumer.pause(P0);
    expect(await outcomes(stage, 1, { timeoutMs: 1000 })).toEqual([]);
    stage.consumer.resume(P0);
    stage.consumer.resume(P0);
    expect(await outcomes(stage, 3)).toEqual(["0/0 a", "0/1 b", "0/2 c"]);
    expect(await outcomes(stage, 1, { timeoutMs: 3000 })).toEqual([]);
  });

  it("F25: records of a partition that was taken away are not given, nor when it comes back, twice", async () => {
    const stage = await consumerStage();
    await writeSingly(stage, ["a", "b"], 0);
    await writeSingly(stage, ["x", "y"], 1);
    stage.consumer.assign([P0, P1]);
    expect(placed(await stage.poll({ maxRecords: 1 }))).toEqual(["0/0 a"]);
    stage.consumer.assign([P1]);
    expect(await outcomes(stage, 9, { timeoutMs: 2000 })).toEqual(["1/0 x", "1/1 y"]);
    stage.consumer.assign([P0, P1]);
    expect(await outcomes(stage, 9, { timeoutMs: 2000 })).toEqual(["0/0 a", "0/1 b"]);
  });

  it("F19: a partition that was taken away is not sent any more", async () => {
    const stage = await consumerStage();
    stage.consumer.assign([P0, P1]);
    expect(await outcomes(stage, 1, { timeoutMs: 1000 })).toEqual([]);
    stage.consumer.assign([P1]);
    expect(await outcomes(stage, 1, { timeoutMs: 1500 })).toEqual([]);
    stage.broker.journal.clear();
    await writeSingly(stage, ["a"], 0);
    await writeSingly(stage, ["x"], 1);
    expect(await outcomes(stage, 9, { timeoutMs: 2000 })).toEqual(["1/0 x"]);
    const sent = stage.broker.journal
      .responses("Fetch")
      .flatMap(({ body }) => (body as FetchResponse).responses)
      .flatMap(({ partitions }) => partitions.map(({ partitionIndex }) => partitionIndex));
    expect(new Set(sent)).toEqual(new Set([1]));
  });
});

describe("F22: another leader, whose log is another one", () => {
  async function read(stage: ConsumerStage): Promise<void> {
    await writeSingly(stage, ["a", "b", "c", "d"]);
    stage.consumer.assign([{ ...P0, offset: 0 }]);
    expect(await outcomes(stage, 4)).toEqual(["0/0 a", "0/1 b", "0/2 c", "0/3 d"]);
    await stage.poll({ timeoutMs: 100 });
  }

  it.each(["earliest", "latest"] as const)("with autoOffsetReset '%s' is read from where they part", async (autoOffsetReset) => {
    const stage = await consumerStage({ autoOffsetReset }, REPLICATED);
    await read(stage);
    stage.broker.truncate(P0, 2);
    await writeSingly(stage, ["C", "D", "E"]);
    expect(await outcomes(stage, 3)).toEqual(["0/2 C", "0/3 D", "0/4 E"]);
    expect(stage.warnings).toEqual(["LOG_TRUNCATED"]);
    expect(await stage.consumer.position(P0)).toBe(5);
  });

  it("with 'none' is an error that says where they part; a seek there reads on", async () => {
    const stage = await consumerStage({ autoOffsetReset: "none" }, REPLICATED);
    await read(stage);
    stage.broker.truncate(P0, 2);
    await writeSingly(stage, ["C", "D", "E"]);
    const { error } = await stage.failureOf(stage.consumer.poll({ timeoutMs: 10_000 }));
    expect(error).toMatchObject({ code: "LOG_TRUNCATION", ...P0, offset: 4, divergence: { offset: 2 } });
    expect(await stage.consumer.position(P0)).toBe(4);
    stage.consumer.seek(P0, 2);
    expect(await outcomes(stage, 3)).toEqual(["0/2 C", "0/3 D", "0/4 E"]);
  });

  it("that has all of it is read on from there, and nobody notices", async () => {
    const stage = await consumerStage({ autoOffsetReset: "none" }, REPLICATED);
    await read(stage);
    stage.broker.moveLeader(P0, 3 - stage.broker.leaderOf(P0));
    await writeSingly(stage, ["e"]);
    expect(await outcomes(stage, 1)).toEqual(["0/4 e"]);
    expect([stage.warnings, stage.count("OffsetForLeaderEpoch")]).toEqual([[], 1]);
  });

  it("that cannot be asked for a while is asked again: no reset, nothing lost", async () => {
    const stage = await consumerStage({ requestTimeoutMs: 2000 }, REPLICATED);
    await read(stage);
    stage.broker.faults.disconnect({ api: "OffsetForLeaderEpoch" });
    stage.broker.faults.neverAnswer({ api: "OffsetForLeaderEpoch", skip: 1 });
    stage.broker.faults.failNext({ api: "OffsetForLeaderEpoch", ...P0, error: "NOT_LEADER_OR_FOLLOWER" });
    stage.broker.moveLeader(P0, 3 - stage.broker.leaderOf(P0));
    await writeSingly(stage, ["e"]);
    expect(await outcomes(stage, 1)).toEqual(["0/4 e"]);
    expect([stage.warnings, stage.broker.faults.pending]).toEqual([[], 0]);
  });

  it("F23: and another again while it is asked: nothing is skipped or doubled, and nothing goes round in circles", async () => {
    const stage = await consumerStage({ autoOffsetReset: "none" }, REPLICATED);
    await read(stage);
    stage.broker.faults.delay({ api: "OffsetForLeaderEpoch", delayMs: 400 });
    stage.broker.moveLeader(P0, 3 - stage.broker.leaderOf(P0));
    expect(await outcomes(stage, 1, { timeoutMs: 200 })).toEqual([]);
    stage.broker.moveLeader(P0, 3 - stage.broker.leaderOf(P0));
    stage.broker.moveLeader(P0, 3 - stage.broker.leaderOf(P0));
    await writeSingly(stage, ["e", "f"]);
    expect(await outcomes(stage, 2)).toEqual(["0/4 e", "0/5 f"]);
    expect(await outcomes(stage, 1, { timeoutMs: 3000 })).toEqual([]);
    expect(stage.count("OffsetForLeaderEpoch")).toBeLessThanOrEqual(4);
  });

  it("F22: a cut that takes away what was fetched and not read yet: that is what was there, and then come the new ones", async () => {
    const stage = await consumerStage({}, REPLICATED);
    await writeSingly(stage, ["a", "b", "c", "d"]);
    stage.consumer.assign([P0]);
    expect(await outcomes(stage, 1)).toEqual(["0/0 a"]);
    stage.broker.truncate(P0, 2);
    await writeSingly(stage, ["C", "D", "E"]);
    const told = await outcomes(stage, 9, { timeoutMs: 8000 });
    expect(errorsIn(told)).toEqual([]);
    expect(told[0]).toBe("0/1 b");
    expect(told.slice(-3)).toEqual(["0/2 C", "0/3 D", "0/4 E"]);
    expect(await stage.consumer.position(P0)).toBe(5);
  });
});

describe("F26: an answer about offsets that has none", () => {
  type Row = ListOffsetsResponse["topics"][number]["partitions"][number];

  it.each<readonly [string, (row: Row) => readonly Row[]]>([
    ["with a negative one", (row) => [{ ...row, offset: -2 }]],
    ["that leaves the partition out", () => []],
  ])("%s is an error of the call that reads, once, and reading does not begin at 0", async (_name, change) => {
    const stage = await consumerStage({ autoOffsetReset: "latest" });
    await writeSingly(stage, ["old"]);
    stage.broker.faults.on(
      "ListOffsets",
      async (_request, { next }) => {
        const answer = (await next()) as ListOffsetsResponse;
        return { ...answer, topics: answer.topics.map((topic) => ({ ...topic, partitions: topic.partitions.flatMap(change) })) };
      },
      { times: 1 },
    );
    stage.consumer.assign([P0]);
    const { error } = await stage.failureOf(stage.consumer.poll({ timeoutMs: 5000 }));
    expect(error).toMatchObject({ code: "UNKNOWN_SERVER_ERROR", message: expect.stringContaining("topic 'orders' partition 0") });
    expect(await outcomes(stage, 1, { timeoutMs: 2000 })).toEqual([]);
    await stage.write(["new"]);
    expect(await outcomes(stage, 1)).toEqual(["0/1 new"]);
  });
});
