import { describe, expect, it } from "vitest";
import { at, codeOf, commitStage, offset, TOPIC } from "../../../../test/support/commit-stage.ts";

describe("the order of commits", () => {
  it("is that of the calls: what is asked for while one is under way goes together in the next request", async () => {
    const stage = await commitStage();
    await stage.when(Promise.all([1, 2, 3, 4].map((next) => stage.commits.commit([offset(next % 2, next)]))));
    expect(stage.wire()).toEqual(["1@1", "0@4 1@3"]);
  });

  it("G13: an older commit that is tried again never overwrites a newer one, and is done when that is stored", async () => {
    const stage = await commitStage();
    stage.broker.faults.failNext({ api: "OffsetCommit", error: "COORDINATOR_LOAD_IN_PROGRESS" });
    const older = stage.commits.commit([offset(0, 5)]);
    await stage.clock.runUntil(() => stage.wire().length === 1);
    await stage.when(stage.commits.commit([offset(0, 9)]));
    await stage.when(older);
    await stage.clock.advance(5000);
    expect(stage.wire()).toEqual(["0@5", "0@9"]);
    expect(await stage.committed()).toBe(9);
  });

  it("G13: what is left of an older commit is stored without what is newer elsewhere", async () => {
    const stage = await commitStage();
    stage.broker.faults.failNext({ api: "OffsetCommit", error: "COORDINATOR_LOAD_IN_PROGRESS" });
    const older = stage.commits.commit([offset(0, 5), offset(1, 6)]);
    await stage.clock.runUntil(() => stage.wire().length === 1);
    await stage.when(stage.commits.commit([offset(0, 9)]));
    await stage.when(older);
    expect(stage.wire()).toEqual(["0@5 1@6", "0@9", "1@6"]);
  });

  it("G13: a newer commit whose answer was lost may be stored: the older one goes on with the newer offset", async () => {
    const stage = await commitStage();
    stage.broker.faults.failNext({ api: "OffsetCommit", error: "COORDINATOR_LOAD_IN_PROGRESS" });
    const older = stage.commits.commit([offset(0, 5)]);
    await stage.clock.runUntil(() => stage.wire().length === 1);
    stage.broker.faults.disconnect({ api: "OffsetCommit", afterApply: true });
    stage.async("newer", [offset(0, 9)]);
    await stage.when(older);
    expect(stage.told).toEqual(["newer: CONNECTION"]);
    expect(stage.wire()).toEqual(["0@5", "0@9", "0@9"]);
    expect(await stage.committed()).toBe(9);
  });

  it("G13: a newer commit that was refused for its metadata leaves the older one as it is", async () => {
    const stage = await commitStage();
    stage.broker.faults.failNext({ api: "OffsetCommit", error: "COORDINATOR_LOAD_IN_PROGRESS" });
    const older = stage.commits.commit([offset(0, 5)]);
    await stage.clock.runUntil(() => stage.wire().length === 1);
    const newer = stage.commits.commit([offset(0, 9, { metadata: "x".repeat(5000) })]);
    await expect(stage.when(newer)).rejects.toMatchObject({ code: "OFFSET_METADATA_TOO_LARGE" });
    await stage.when(older);
    expect(await stage.committed()).toBe(5);
  });

  it("every commit hears what was wrong with itself: those with other metadata do not go together", async () => {
    const stage = await commitStage();
    stage.async("first", [offset(0, 1)]);
    stage.async("too much", [offset(0, 2, { metadata: "x".repeat(5000) })]);
    stage.async("third", [offset(0, 3)]);
    await stage.when(stage.commits.commit([offset(1, 1)]));
    await stage.when(stage.commits.commit([offset(1, 2)]));
    await stage.when(stage.commits.commit([offset(1, 3)]));
    expect(stage.told).toEqual(["first: ok", "too much: OFFSET_METADATA_TOO_LARGE", "third: ok"]);
    expect(await stage.committed()).toBe(3);
  });

  it("one that waits to be tried again keeps no other waiting", async () => {
    const stage = await commitStage();
    const unknown = stage.commits.commit([{ topic: "unheard", partition: 0, offset: 1 }], { timeoutMs: 30_000 });
    const outcome = unknown.catch(codeOf);
    await stage.clock.advance(2000);
    const startMs = stage.elapsedMs;
    await stage.when(stage.commits.commit([offset(0, 5)]));
    expect(stage.elapsedMs - startMs).toBeLessThan(100);
    expect(await stage.when(outcome)).toBe("REQUEST_TIMEOUT");
  });

  it("a commit that nobody waits for any more is not tried again", async () => {
    const stage = await commitStage();
    stage.broker.faults.failNext({ api: "OffsetCommit", error: "COORDINATOR_LOAD_IN_PROGRESS", times: 5 });
    const { tookMs } = await stage.failureOf(stage.commits.commit([offset(0, 5)], { timeoutMs: 50 }));
    await stage.clock.advance(10_000);
    expect([tookMs, stage.wire()]).toEqual([50, ["0@5"]]);
  });

  it("a thousand commits that nobody awaits take a few requests", async () => {
    const stage = await commitStage();
    await stage.know();
    for (let next = 1; next <= 1000; next++) stage.async(String(next), [offset(0, next)]);
    await stage.clock.runUntil(() => stage.told.length === 1000);
    expect(stage.told).toEqual(Array.from({ length: 1000 }, (_, index) => `${index + 1}: ok`));
    expect(stage.wire()).toEqual(["0@1", "0@1000"]);
  });

  it("commits of one generation do not go with those of the next", async () => {
    const stage = await commitStage();
    stage.broker.faults.delay({ api: "OffsetCommit", delayMs: 100 });
    const member = { groupId: "readers", memberId: "m", groupInstanceId: null };
    const first = stage.commits.commit([offset(0, 1)]);
    const codes: string[] = [];
    for (const generationId of [1, 2]) {
      stage.identity = { ...member, generationId };
      stage.commits.commit([offset(generationId, 1)]).catch((error: unknown) => codes.push(codeOf(error)));
    }
    await stage.when(first);
    await stage.clock.runUntil(() => codes.length === 2);
    expect(stage.requests().map((one) => one.generationIdOrMemberEpoch)).toEqual([-1, 1, 2]);
  });
});

describe("callbacks of commitAsync", () => {
  it("are waited for by a commit that comes after them, but no longer than its time", async () => {
    const stage = await commitStage();
    stage.broker.faults.neverAnswer({ api: "OffsetCommit" });
    stage.commits.commitAsync([offset(0, 1)], () => undefined);
    const startMs = stage.elapsedMs;
    await stage.when(stage.commits.commit([], { timeoutMs: 700 }));
    expect(stage.elapsedMs - startMs).toBe(700);
  });

  it("are called in the order of the calls, with the offsets, never inside the call", async () => {
    const stage = await commitStage();
    const told: unknown[] = [];
    stage.assign(5);
    stage.commits.commitAsync([offset(1, 3, { metadata: "m" })], (...all) => told.push(all));
    stage.commits.commitAsync(undefined, (...all) => told.push(all));
    stage.commits.commitAsync([], (...all) => told.push(all));
    expect(told).toEqual([]);
    await stage.clock.runUntil(() => told.length === 3);
    expect(told).toEqual([
      [[{ topic: TOPIC, partition: 1, offset: 3, metadata: "m" }], undefined],
      [[{ topic: TOPIC, partition: 0, offset: 5, metadata: "" }], undefined],
      [[], undefined],
    ]);
  });

  it("wait for those before them, also when their own commit ended first", async () => {
    const stage = await commitStage();
    stage.broker.faults.delay({ api: "OffsetCommit", delayMs: 500 });
    stage.async("slow", [offset(0, 1)]);
    stage.async("empty", []);
    await stage.clock.advance(100);
    expect(stage.told).toEqual([]);
    await stage.clock.advance(1000);
    expect(stage.told).toEqual(["slow: ok", "empty: ok"]);
  });

  it("hear of a failure at once: nothing is tried again", async () => {
    const stage = await commitStage();
    stage.broker.faults.failNext({ api: "OffsetCommit", error: "COORDINATOR_LOAD_IN_PROGRESS" });
    stage.async("a", [offset(0, 1)]);
    await stage.clock.advance(0);
    expect(stage.told).toEqual(["a: COORDINATOR_LOAD_IN_PROGRESS"]);
    await stage.clock.advance(10_000);
    expect(stage.wire()).toEqual(["0@1"]);
  });

  it("are called before commit() resolves that was called after them, also when both go together", async () => {
    const stage = await commitStage();
    stage.async("first", [offset(0, 1)]);
    stage.async("second", [offset(0, 2)]);
    void stage.commits.commit([offset(1, 1)]).then(() => stage.told.push("commit"));
    await stage.clock.runUntil(() => stage.told.length === 3);
    expect(stage.told).toEqual(["first: ok", "second: ok", "commit"]);
    expect(stage.wire()).toEqual(["0@1", "0@2 1@1"]);
  });

  it("may commit again", async () => {
    const stage = await commitStage();
    stage.commits.commitAsync([offset(0, 1)], () => stage.async("inner", [offset(0, 2)]));
    await stage.clock.runUntil(() => stage.told.length === 1);
    expect([stage.told, stage.wire()]).toEqual([["inner: ok"], ["0@1", "0@2"]]);
  });

  it("may throw: others are called all the same, it is reported, and the process hears of it", async () => {
    const stage = await commitStage();
    const thrown: unknown[] = [];
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => thrown.push(error));
    try {
      const bug = new Error("a bug of the user's");
      stage.commits.commitAsync([offset(0, 1)], () => {
        throw bug;
      });
      stage.async("next", [offset(0, 2)]);
      await stage.clock.runUntil(() => stage.told.length === 1);
      await new Promise((resolve) => setImmediate(resolve));
      expect([thrown, stage.told, stage.warnings]).toEqual([[bug], ["next: ok"], ["CALLBACK_FAILED"]]);
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of listeners) process.on("uncaughtException", listener);
    }
  });

  it("without one, defaultOffsetCommitCallback is called; without that a failure is reported", async () => {
    const told: unknown[] = [];
    const withDefault = await commitStage({}, { defaultOffsetCommitCallback: (...all) => told.push(all) });
    withDefault.commits.commitAsync([offset(0, 1)]);
    await withDefault.clock.runUntil(() => told.length === 1);
    expect(told).toEqual([[[{ ...offset(0, 1), metadata: "" }], undefined]]);
    const without = await commitStage();
    without.broker.faults.failNext({ api: "OffsetCommit", error: "GROUP_AUTHORIZATION_FAILED" });
    without.commits.commitAsync([offset(0, 1)]);
    await without.clock.runUntil(() => without.warnings.length > 0);
    expect(without.warnings).toEqual(["COMMIT_FAILED"]);
    expect(await without.when(without.commits.committed(at(0)))).toBeNull();
  });
});
