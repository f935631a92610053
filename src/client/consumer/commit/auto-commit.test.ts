import { describe, expect, it } from "vitest";
import { type CommitStage, commitStage, offset, TOPIC } from "../../../../test/support/commit-stage.ts";
import type { EmbeddedBrokerOptions } from "../../../broker/index.ts";
import type { ConsumerOptions } from "../../config/consumer-options.ts";

function autoStage(options: ConsumerOptions = {}, cluster: EmbeddedBrokerOptions = {}): Promise<CommitStage> {
  return commitStage(cluster, { enableAutoCommit: true, ...options });
}

describe("auto-commit", () => {
  it("G14: commits how far everything is processed, autoCommitIntervalMs after something was handed out", async () => {
    const stage = await autoStage();
    const [one] = stage.assign(0, 0);
    one!.advance(8, 1);
    stage.commits.auto!.wake();
    await stage.clock.advance(4999);
    expect(stage.wire()).toEqual([]);
    await stage.clock.advance(1);
    expect(stage.wire()).toEqual(["0@8 1@0"]);
    expect(stage.requests()[0]!.topics[0]!.partitions[0]).toMatchObject({ committedLeaderEpoch: 1 });
  });

  it("G14: never commits what was handed out and is not processed, however long that takes", async () => {
    const stage = await autoStage();
    const [one] = stage.assign(0);
    one!.unprocessedFrom = 5;
    one!.advance(8, 1);
    stage.commits.auto!.wake();
    await stage.clock.advance(60_000);
    expect(stage.wire()).toEqual(["0@5"]);
    // The epoch that is known is that of record 7.
    expect(stage.requests()[0]!.topics[0]!.partitions[0]).toMatchObject({ committedLeaderEpoch: -1 });
    one!.unprocessedFrom = undefined;
    await stage.clock.advance(5000);
    expect(stage.wire()).toEqual(["0@5", "0@8"]);
  });

  it("never goes back behind what the user has committed, though it was not processed as far as anybody knew", async () => {
    const stage = await autoStage();
    const [one, two, three] = stage.assign(0, 0, 0);
    for (const partition of [one!, two!, three!]) {
      partition.advance(8, 1);
      partition.unprocessedFrom = 3;
    }
    three!.isHeld = true;
    await stage.when(stage.commits.commit([offset(0, 8), offset(1, 6)]));
    stage.commits.auto!.wake();
    await stage.clock.advance(60_000);
    expect(stage.wire()).toEqual(["0@8 1@6", "2@3"]);
    await stage.when(stage.commits.commit([offset(2, 7)]));
    expect([one, two, three].map((partition) => partition!.processedOffset)).toEqual([8, 6, 3]);
  });

  it("commits only what has changed, and does nothing while nothing changes", async () => {
    const stage = await autoStage();
    const [one] = stage.assign(1, 2);
    const auto = stage.commits.auto!;
    auto.wake();
    await stage.clock.advance(20_000);
    one!.advance(7, 1);
    auto.wake();
    await stage.clock.advance(20_000);
    expect(stage.wire()).toEqual(["0@1 1@2", "0@7"]);
  });

  it("does not commit again what is committed already: by the user, or before partitions went", async () => {
    const stage = await autoStage();
    const [one] = stage.assign(4, 6);
    const auto = stage.commits.auto!;
    await stage.when(stage.commits.commitProcessed(stage.deadline(1000)));
    auto.wake();
    await stage.clock.advance(20_000);
    auto.now();
    one!.advance(7, 1);
    await stage.when(stage.commits.commit());
    auto.wake();
    await stage.clock.advance(20_000);
    expect(stage.wire()).toEqual(["0@4 1@6", "0@7 1@6"]);
  });

  it("leaves what the user has committed elsewhere, until more is processed", async () => {
    const stage = await autoStage();
    const [one] = stage.assign(4);
    await stage.when(stage.commits.commit());
    stage.commits.auto!.wake();
    await stage.clock.advance(20_000);
    await stage.when(stage.commits.commit([offset(0, 2)]));
    stage.commits.auto!.wake();
    await stage.clock.advance(20_000);
    expect(await stage.committed()).toBe(2);
    one!.advance(5, 1);
    stage.commits.auto!.wake();
    await stage.clock.advance(20_000);
    expect([stage.wire(), await stage.committed()]).toEqual([["0@4", "0@2", "0@5"], 5]);
  });

  it("takes nothing for committed whose answer was lost, or that was committed in another name", async () => {
    const stage = await autoStage();
    stage.assign(4);
    await stage.when(stage.commits.commit([offset(0, 4)]));
    stage.broker.faults.disconnect({ api: "OffsetCommit", afterApply: true });
    stage.async("lost", [offset(0, 9)]);
    await stage.clock.runUntil(() => stage.told.length === 1);
    stage.commits.auto!.wake();
    await stage.clock.advance(20_000);
    expect(stage.wire()).toEqual(["0@4", "0@9", "0@4"]);
    stage.assignment.get(TOPIC, 0)!.moveTo(6);
    stage.broker.faults.delay({ api: "OffsetCommit", delayMs: 100 });
    stage.async("before", [offset(0, 6)]);
    await stage.clock.advance(50);
    stage.identity = { ...stage.identity, groupInstanceId: "somebody else by now" };
    await stage.clock.runUntil(() => stage.told.length === 2);
    stage.commits.auto!.wake();
    await stage.clock.advance(20_000);
    expect(stage.wire().slice(3)).toEqual(["0@6", "0@6"]);
  });

  it("does not commit what it has begun from", async () => {
    const stage = await autoStage();
    await stage.when(stage.commits.commit([offset(0, 5)]));
    stage.assign(0, 9);
    const found = await stage.when(stage.commits.committedNow([{ topic: TOPIC, partition: 0 }], stage.deadline(1000)));
    stage.assignment.get(TOPIC, 0)!.moveTo(found.get(TOPIC, 0)!.offset);
    stage.commits.auto!.wake();
    await stage.clock.advance(20_000);
    expect(stage.wire()).toEqual(["0@5", "1@9"]);
  });

  it("tells defaultOffsetCommitCallback how each of its commits ended", async () => {
    const told: unknown[] = [];
    const stage = await autoStage({
      defaultOffsetCommitCallback: (offsets, error) =>
        told.push([
          offsets.map((it) => `${it.partition}@${it.offset}`).join(" "),
          error instanceof Error && "code" in error && error.code,
        ]),
    });
    const [one] = stage.assign(8, 3);
    stage.broker.faults.failNext({ api: "OffsetCommit", error: "GROUP_AUTHORIZATION_FAILED", times: 1 });
    stage.commits.auto!.wake();
    await stage.clock.advance(5000);
    expect(told).toEqual([["0@8 1@3", "GROUP_AUTHORIZATION_FAILED"]]);
    await stage.clock.advance(5000);
    one!.advance(9, 1);
    stage.commits.auto!.wake();
    await stage.clock.advance(5000);
    expect(told.slice(1)).toEqual([
      ["0@8 1@3", false],
      ["0@9", false],
    ]);
  });

  it("goes back with a seek", async () => {
    const stage = await autoStage();
    const [one] = stage.assign(9);
    stage.commits.auto!.wake();
    await stage.clock.advance(5000);
    one!.moveTo(2);
    stage.commits.auto!.wake();
    await stage.clock.advance(5000);
    expect(stage.wire()).toEqual(["0@9", "0@2"]);
  });

  it("a failure that may pass is tried again after a pause, any other after the interval; both are reported once", async () => {
    const stage = await autoStage({ autoCommitIntervalMs: 10_000 });
    stage.assign(9);
    const { faults } = stage.broker;
    faults.failNext({ api: "OffsetCommit", error: "COORDINATOR_LOAD_IN_PROGRESS", times: 3 });
    stage.commits.auto!.wake();
    await stage.clock.advance(12_000);
    expect([stage.wire(), await stage.committed()]).toEqual([["0@9", "0@9", "0@9", "0@9"], 9]);
    faults.failNext({ api: "OffsetCommit", error: "GROUP_AUTHORIZATION_FAILED", times: 2 });
    stage.assignment.get(TOPIC, 0)!.moveTo(10);
    stage.commits.auto!.wake();
    await stage.clock.advance(15_000);
    expect(stage.wire().length).toBe(5);
    await stage.clock.advance(10_000);
    expect(stage.wire().length).toBe(6);
    await stage.clock.advance(10_000);
    expect(await stage.committed()).toBe(10);
    expect(stage.warnings).toEqual(["AUTO_COMMIT_FAILED", "AUTO_COMMIT_FAILED"]);
  });

  it("with an interval of 0 sends one request at a time, and none while nothing changes", async () => {
    const stage = await autoStage({ autoCommitIntervalMs: 0 });
    const [one] = stage.assign(1);
    stage.broker.faults.delay({ api: "OffsetCommit", delayMs: 300 });
    stage.commits.auto!.wake();
    await stage.clock.advance(100);
    one!.advance(2, 1);
    stage.commits.auto!.wake();
    await stage.clock.advance(10_000);
    expect(stage.wire()).toEqual(["0@1", "0@2"]);
  });

  it("does not commit again what is on its way", async () => {
    const stage = await autoStage({ autoCommitIntervalMs: 100 });
    stage.assign(1);
    stage.broker.faults.delay({ api: "OffsetCommit", delayMs: 1000 });
    for (let elapsedMs = 0; elapsedMs < 1000; elapsedMs += 50) {
      stage.commits.auto!.wake();
      await stage.clock.advance(50);
    }
    await stage.clock.advance(5000);
    expect(stage.wire()).toEqual(["0@1"]);
  });

  it("now() commits in the background what partitions are at that are about to be taken away", async () => {
    const stage = await autoStage();
    stage.assign(4, 6);
    stage.commits.auto!.now();
    stage.assignment.replace([]);
    await stage.clock.advance(0);
    expect(stage.wire()).toEqual(["0@4 1@6"]);
    stage.commits.auto!.now();
    await stage.clock.advance(20_000);
    expect(stage.wire().length).toBe(1);
  });

  it("an older automatic commit never overwrites what the user commits meanwhile", async () => {
    const stage = await autoStage();
    stage.assign(4);
    stage.broker.faults.delay({ api: "OffsetCommit", delayMs: 1000 });
    stage.commits.auto!.wake();
    await stage.clock.advance(5500);
    await stage.when(stage.commits.commit([offset(0, 7)]));
    expect([stage.wire(), await stage.committed()]).toEqual([["0@4", "0@7"], 7]);
  });

  it("G14: at the end commits what is processed, tries again within the time, and reports what it could not commit", async () => {
    const stage = await autoStage();
    stage.assign(4);
    stage.broker.faults.failNext({ api: "OffsetCommit", error: "COORDINATOR_LOAD_IN_PROGRESS", times: 2 });
    await stage.when(stage.commits.commitProcessed(stage.deadline(5000)));
    expect(await stage.committed()).toBe(4);
    stage.assign(6);
    stage.broker.faults.neverAnswer({ api: "OffsetCommit" });
    const startMs = stage.elapsedMs;
    await stage.when(stage.commits.commitProcessed(stage.deadline(5000)));
    expect([stage.elapsedMs - startMs, stage.warnings]).toEqual([5000, ["AUTO_COMMIT_FAILED"]]);
  });

  it("at the end does not wait for a topic that is gone", async () => {
    const stage = await autoStage();
    stage.assign(4);
    await stage.know();
    stage.broker.deleteTopic(TOPIC);
    const startMs = stage.elapsedMs;
    await stage.when(stage.commits.commitProcessed(stage.deadline(30_000)));
    expect(stage.elapsedMs - startMs).toBeLessThan(1000);
  });

  it("is off when it is not wanted; at the end what is processed is committed by whoever asks for it", async () => {
    const off = await commitStage();
    off.assign(4);
    expect(off.commits.auto).toBeUndefined();
    await off.clock.advance(60_000);
    expect(off.wire()).toEqual([]);
    await off.when(off.commits.commitProcessed(off.deadline(5000)));
    expect(off.wire()).toEqual(["0@4"]);
  });

  it("is off without a group; then the end commits nothing", async () => {
    const alone = await commitStage({}, { groupId: undefined, enableAutoCommit: undefined });
    alone.assign(4);
    await alone.when(alone.commits.commitProcessed(alone.deadline(5000)));
    expect([alone.commits.auto, alone.wire(), alone.warnings]).toEqual([undefined, [], []]);
  });

  it("stops with the consumer", async () => {
    const stage = await autoStage();
    stage.assign(4);
    stage.commits.auto!.wake();
    stage.commits.auto!.close();
    stage.commits.auto!.wake();
    stage.commits.auto!.now();
    await stage.clock.advance(60_000);
    expect(stage.wire()).toEqual([]);
  });
});
