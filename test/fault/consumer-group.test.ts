// Members of groups whose coordinator says no, says nothing, or says it too late, and members that stand still: nothing is lost, nothing
// that is somebody else's is read or committed, and everybody comes back. The faults are numbered as in the fault list.

import { describe, expect, it } from "vitest";
import type { ErrorName } from "../../src/protocol/index.ts";
import { type GroupReader, type GroupReaders, groupReaders, type ReaderOptions, TOPIC } from "../support/group-readers.ts";

const P0 = { topic: TOPIC, partition: 0 };
const SESSION_MS = 10_000;
const COOPERATIVE: ReaderOptions = { partitionAssignmentStrategy: "cooperative-sticky" };
const caught = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

/** One that has read two records of each of the four partitions, which nobody has committed. */
async function reading(options: ReaderOptions = {}): Promise<{ readonly group: GroupReaders; readonly one: GroupReader }> {
  const group = await groupReaders();
  await group.write(2);
  const one = group.reader("one", { sessionTimeoutMs: SESSION_MS, autoCommitIntervalMs: 3_600_000, ...options });
  await group.until(() => one.read.length === 8);
  return { group, one };
}

function failNext(
  group: GroupReaders,
  api: "Heartbeat" | "JoinGroup" | "SyncGroup" | "OffsetCommit",
  error: ErrorName,
  times = 1,
): void {
  group.stage.broker.faults.failNext({ api, error, times, clientId: "one" });
}

function requests(group: GroupReaders, api: string): readonly unknown[] {
  return group.stage.broker.journal.requests(api).filter(({ clientId }) => clientId === "one");
}

describe("heartbeats are answered", () => {
  it.each([[{}], [COOPERATIVE]])(
    "G3: ILLEGAL_GENERATION: it is lost at once, comes back with its id, and reads again what was not committed",
    async (options) => {
      const { group, one } = await reading(options);
      const { memberId } = one.consumer;
      failNext(group, "Heartbeat", "ILLEGAL_GENERATION");
      await group.until(() => one.told.length === 3);
      expect(one.told).toEqual(["assigned 0,1,2,3", "lost 0,1,2,3", "assigned 0,1,2,3"]);
      await group.until(() => one.read.length === 16);
      expect([one.consumer.memberId, requests(group, "OffsetCommit"), one.errors]).toEqual([memberId, [], []]);
      expect(group.stage.warnings).toEqual(["MEMBERSHIP_LOST"]);
      await group.stop();
    },
  );

  it("G4: UNKNOWN_MEMBER_ID: the same, with another id", async () => {
    const { group, one } = await reading();
    const { memberId } = one.consumer;
    failNext(group, "Heartbeat", "UNKNOWN_MEMBER_ID");
    await group.until(() => one.told.includes("lost 0,1,2,3") && one.read.length === 16);
    expect(one.consumer.memberId).not.toBe(memberId);
    await group.stop();
  });

  it("G7, G8, G32: NOT_COORDINATOR and the like, and no answers: it stays a member, and goes on reading", async () => {
    const { group, one } = await reading();
    failNext(group, "Heartbeat", "NOT_COORDINATOR");
    failNext(group, "Heartbeat", "COORDINATOR_LOAD_IN_PROGRESS");
    group.stage.broker.faults.disconnect({ api: "Heartbeat", clientId: "one", times: 2 });
    await group.settle(20_000);
    await group.write(1, 2);
    await group.until(() => one.read.length === 12);
    expect([one.told, one.errors]).toEqual([["assigned 0,1,2,3"], []]);
    await group.stop();
  });

  it("G9: GROUP_AUTHORIZATION_FAILED: who reads is told, and who then reads again is in again, when it may", async () => {
    const { group, one } = await reading();
    failNext(group, "Heartbeat", "GROUP_AUTHORIZATION_FAILED");
    await group.until(() => one.errors.length > 0);
    await group.until(() => one.told.length === 3);
    expect(one.errors).toEqual(["GROUP_AUTHORIZATION_FAILED"]);
    expect(one.told).toEqual(["assigned 0,1,2,3", "lost 0,1,2,3", "assigned 0,1,2,3"]);
    await group.stop();
  });
});

describe("joining is refused", () => {
  it.each(["REBALANCE_IN_PROGRESS", "NOT_COORDINATOR", "COORDINATOR_NOT_AVAILABLE", "COORDINATOR_LOAD_IN_PROGRESS"] as const)(
    "G1, G7, G8: %s: by JoinGroup, then by SyncGroup: it tries again, and nobody notices",
    async (error) => {
      const group = await groupReaders();
      failNext(group, "JoinGroup", error);
      failNext(group, "SyncGroup", error);
      const one = group.reader("one");
      await group.untilShared(4);
      expect([one.told, one.errors]).toEqual([["assigned 0,1,2,3"], []]);
      await group.stop();
    },
  );

  it("G5: MEMBER_ID_REQUIRED: it joins again at once, with the id that it was given", async () => {
    const group = await groupReaders();
    const one = group.reader("one");
    await group.untilShared(4);
    const [first, again, ...more] = group.stage.broker.journal.requests("JoinGroup");
    expect([first?.body, again?.body]).toMatchObject([{ memberId: "" }, { memberId: one.consumer.memberId }]);
    expect([(again?.atMs ?? 0) - (first?.atMs ?? 0) < 50, more]).toEqual([true, []]);
    await group.stop();
  });

  it("G9: INCONSISTENT_GROUP_PROTOCOL: whoever reads is told, as often as it tries", async () => {
    const group = await groupReaders();
    group.reader("one");
    await group.untilShared(4);
    const two = group.reader("two", COOPERATIVE);
    await group.until(() => two.errors.length > 1);
    expect(new Set(two.errors)).toEqual(new Set(["INCONSISTENT_GROUP_PROTOCOL"]));
    await group.stop();
  });
});

describe("commits are answered", () => {
  it("G2: REBALANCE_IN_PROGRESS: the caller is told at once that he may try again, and the group comes together", async () => {
    const { group, one } = await reading({ enableAutoCommit: false });
    failNext(group, "OffsetCommit", "REBALANCE_IN_PROGRESS");
    const commits = group.stage.count("OffsetCommit");
    expect(await group.stage.when(caught(one.consumer.commit()))).toMatchObject({ code: "COMMIT_FAILED", retriable: true });
    expect(group.stage.count("OffsetCommit") - commits).toBe(1);
    await group.until(() => one.told.length === 3);
    expect(one.told).toEqual(["assigned 0,1,2,3", "revoked 0,1,2,3", "assigned 0,1,2,3"]);
    await group.until(() => one.read.length === 16);
    await group.stop();
  });

  it("G2: a commit inside onPartitionsRevoked that is refused does not hang", async () => {
    const { group, one } = await reading({
      inCallback: (what, _partitions, consumer) => what === "revoked" && caught(consumer.commit()),
    });
    failNext(group, "OffsetCommit", "REBALANCE_IN_PROGRESS", 2);
    group.reader("two");
    await group.untilShared(2, 2);
    expect(one.errors).toEqual([]);
    await group.stop();
  });

  it.each(["UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION"] as const)("G3, G4: %s: it is lost at once, and comes back", async (error) => {
    const { group, one } = await reading();
    failNext(group, "OffsetCommit", error);
    expect(await group.stage.when(caught(one.consumer.commit()))).toMatchObject({ code: "COMMIT_FAILED" });
    await group.until(() => one.read.length === 16);
    expect(one.told).toEqual(["assigned 0,1,2,3", "lost 0,1,2,3", "assigned 0,1,2,3"]);
    await group.stop();
  });

  it("a commit of a generation that is over is sent in its name, or not at all: never as an outsider's", async () => {
    const { group, one } = await reading({ sessionTimeoutMs: SESSION_MS });
    group.stage.broker.faults.delay({ api: "OffsetCommit", clientId: "one", delayMs: 2_000 });
    const late = caught(one.consumer.commit());
    failNext(group, "Heartbeat", "UNKNOWN_MEMBER_ID");
    await group.until(() => one.told.includes("lost 0,1,2,3"));
    expect(await group.stage.when(caught(one.consumer.commit([{ ...P0, offset: 1 }])))).toMatchObject({ code: "COMMIT_FAILED" });
    await group.stage.when(late);
    for (const { body } of group.stage.broker.journal.requests("OffsetCommit")) {
      expect(body).not.toMatchObject({ generationIdOrMemberEpoch: -1 });
    }
    await group.stop();
  });
});

describe("static members", () => {
  it("G6: another one takes its name: it is told with every call, reads nothing, commits nothing", async () => {
    const { group, one } = await reading({ groupInstanceId: "first" });
    const two = group.reader("two", { groupInstanceId: "first", sessionTimeoutMs: SESSION_MS });
    await group.until(() => two.partitions.length === 4 && one.errors.length > 2);
    await group.write(1, 2);
    await group.settle();
    expect(new Set(one.errors)).toEqual(new Set(["FENCED_INSTANCE_ID"]));
    expect([one.partitions, one.read.length, two.read.length]).toEqual([[], 8, 12]);
    expect(await group.stage.when(caught(one.consumer.commit([{ ...P0, offset: 1 }])))).toMatchObject({ code: "COMMIT_FAILED" });
    await group.stop();
  });

  it("G19: one that is closed and comes back before its session is over has what it had, and nobody else is told anything", async () => {
    const { group, one } = await reading({ groupInstanceId: "first", sessionTimeoutMs: 30_000 });
    const two = group.reader("two", { groupInstanceId: "second", sessionTimeoutMs: 30_000 });
    await group.untilShared(2, 2);
    const [had, told] = [one.partitions, [...two.told]];
    await group.stage.when(one.consumer.close());
    await group.settle(10_000);
    const again = group.reader("one", { groupInstanceId: "first", sessionTimeoutMs: 30_000 });
    await group.until(() => again.partitions.length === 2);
    await group.settle();
    expect([again.partitions, two.told, group.stage.count("LeaveGroup")]).toEqual([had, told, 0]);
    expect(again.read).toEqual([]);
    await group.stop();
  });
});

describe("silence", () => {
  it("G10: no heartbeat is answered for the session: it takes itself for lost, stops reading, and comes back", async () => {
    const { group, one } = await reading();
    const silence = group.stage.broker.faults.neverAnswer({ api: "Heartbeat", clientId: "one" });
    const noJoin = group.stage.broker.faults.neverAnswer({ api: "JoinGroup", clientId: "one" });
    await group.until(() => one.told.length === 2);
    expect([one.told[1], one.partitions]).toEqual(["lost 0,1,2,3", []]);
    await group.write(1, 2);
    await group.settle(20_000);
    expect(one.read).toHaveLength(8);
    silence.cancel();
    noJoin.cancel();
    await group.until(() => one.read.length === 8 + 12);
    expect(one.errors).toEqual([]);
    await group.stop();
  });

  it("G10: lost while the commit before a rebalance hangs: it does not wait for that, and comes back", async () => {
    const { group, one } = await reading();
    group.stage.broker.faults.neverAnswer({ api: "OffsetCommit", clientId: "one", times: 100 });
    const two = group.reader("two");
    await group.until(() => requests(group, "OffsetCommit").length === 1);
    const silence = group.stage.broker.faults.neverAnswer({ api: "Heartbeat", clientId: "one", times: 100 });
    const startMs = group.stage.clock.monotonic();
    await group.until(() => one.told.includes("lost 0,1,2,3"));
    silence.cancel();
    await group.until(() => one.partitions.length === 2 && two.partitions.length === 2);
    expect(group.stage.clock.monotonic() - startMs).toBeLessThan(60_000);
    expect(one.errors).toEqual([]);
    await group.stop();
  });

  it("G11: nobody reads for maxPollIntervalMs: it leaves, others have its partitions, and it comes back when somebody reads", async () => {
    const { group, one } = await reading({ maxPollIntervalMs: 20_000 });
    await group.stage.when(one.stop());
    const two = group.reader("two");
    await group.until(() => two.read.length === 8);
    expect([one.partitions, one.consumer.memberId, requests(group, "LeaveGroup").length]).toEqual([[], "", 1]);
    expect(group.stage.warnings).toEqual(["MEMBERSHIP_LOST"]);
    one.start();
    await group.untilShared(2, 2);
    expect(one.errors).toEqual(["MAX_POLL_INTERVAL_EXCEEDED"]);
    expect(one.told.slice(0, 2)).toEqual(["assigned 0,1,2,3", "lost 0,1,2,3"]);
    await group.stop();
  });

  it("G11: a loop that gets on with what it has reads, and so does a function of run, however long all of it takes", async () => {
    const group = await groupReaders();
    await group.stage.write(Array.from({ length: 30 }, (_, index) => `v${index}`));
    const one = group.member("one", { maxPollIntervalMs: 20_000 });
    const stop = new AbortController();
    let count = 0;
    const running = one.consumer.run({
      signal: stop.signal,
      eachRecord: async () => {
        if (++count === 30) stop.abort();
        await group.pause(5_000);
      },
    });
    await group.stage.when(running);
    expect([count, one.told]).toEqual([30, ["assigned 0,1,2,3"]]);
    one.consumer.seek(P0, 0);
    const loop = one.consumer[Symbol.asyncIterator]();
    for (let read = 0; read < 30; read++) {
      await group.stage.when(loop.next());
      await group.settle(5_000);
    }
    expect([one.told, group.stage.warnings]).toEqual([["assigned 0,1,2,3"], []]);
  });

  it("G12: the event loop stands still for longer than the session: nothing stale is read, the reason is told, and it comes back", async () => {
    const group = await groupReaders();
    await group.write(500);
    const one = group.member("one", { sessionTimeoutMs: SESSION_MS });
    const loop = one.consumer[Symbol.asyncIterator]();
    // However quickly it went until then.
    for (let read = 0; read < 300; read++) await group.stage.when(loop.next());
    one.block(SESSION_MS + 5_000);
    const next = loop.next();
    await Promise.resolve();
    expect(one.partitions).toEqual([]);
    expect(await group.stage.when(next)).toMatchObject({ value: { offset: 0 } });
    expect(one.told).toEqual(["assigned 0,1,2,3", "lost 0,1,2,3", "assigned 0,1,2,3"]);
    expect(group.stage.warnings).toEqual(["MEMBERSHIP_LOST"]);
  });

  it("G12: the same on the first record after a wait, for which nobody had looked at the clock yet", async () => {
    const group = await groupReaders();
    const one = group.member("one", { sessionTimeoutMs: SESSION_MS });
    const loop = one.consumer[Symbol.asyncIterator]();
    const first = loop.next();
    await group.until(() => one.told.length === 1);
    await group.write(50);
    await group.stage.when(first);
    one.block(SESSION_MS + 5_000);
    const next = loop.next();
    await Promise.resolve();
    expect(one.partitions).toEqual([]);
    expect(await group.stage.when(next)).toMatchObject({ value: { offset: 0 } });
  });

  it.each([
    ["and returns", 1, false, "partition"],
    ["and returns, beside another", 2, false, "partition"],
    ["after it has waited", 1, true, "partition"],
    ["after it has waited, for one key of several", 2, true, "key"],
  ] as const)(
    "G12: a function of run blocks the event loop %s: nothing stale is handed to it",
    async (_how, concurrency, waits, orderBy) => {
      const group = await groupReaders();
      const one = group.member("one", { sessionTimeoutMs: SESSION_MS });
      const stop = new AbortController();
      let hasBlocked = false;
      let stale = 0;
      const blockOnce = (): void => {
        if (!hasBlocked) one.block(SESSION_MS + 5_000);
        hasBlocked = true;
      };
      const running = one.consumer.run({
        concurrency,
        orderBy,
        signal: stop.signal,
        eachRecord: () => {
          if (hasBlocked && !one.told.includes("lost 0,1,2,3")) stale++;
          return waits ? Promise.resolve().then(blockOnce) : blockOnce();
        },
      });
      await group.until(() => one.told.length === 1);
      await group.write(50);
      await group.until(() => one.told.length > 1);
      await group.settle();
      stop.abort();
      await group.stage.when(running);
      expect(stale).toBe(0);
    },
  );

  it("G12: the event loop stands still for most of the session: nothing is lost, and that it nearly was is told, once", async () => {
    const group = await groupReaders();
    await group.write(50);
    const one = group.member("one", { sessionTimeoutMs: SESSION_MS });
    const loop = one.consumer[Symbol.asyncIterator]();
    for (let read = 0; read < 3; read++) await group.stage.when(loop.next());
    one.block(6_500);
    for (let read = 0; read < 3; read++) await group.stage.when(loop.next());
    await group.settle();
    expect([one.told, group.stage.warnings]).toEqual([["assigned 0,1,2,3"], ["EVENT_LOOP_STALLED"]]);
  });
});

describe("the end", () => {
  it("G31: the coordinator does not answer LeaveGroup: closing takes as long as it may, and no longer", async () => {
    const { group, one } = await reading();
    group.stage.broker.faults.neverAnswer({ api: "LeaveGroup", clientId: "one" });
    await group.stage.when(one.stop());
    const startMs = group.stage.clock.monotonic();
    await group.stage.when(one.consumer.close({ timeoutMs: 3_000 }));
    expect(group.stage.clock.monotonic() - startMs).toBeLessThanOrEqual(3_000);
    expect(await group.committed()).toEqual([2, 2, 2, 2]);
  });

  it("G31: LeaveGroup is answered with UNKNOWN_MEMBER_ID: it has left", async () => {
    const { group, one } = await reading();
    group.stage.broker.faults.failNext({ api: "LeaveGroup", error: "UNKNOWN_MEMBER_ID" });
    await group.stage.when(one.stop());
    await group.stage.when(one.consumer.close());
    expect(one.told.at(-1)).toBe("revoked 0,1,2,3");
  });

  it("S2: closed while a rebalance waits for its reader, or in a callback: it ends", async () => {
    const { group, one } = await reading();
    await group.stage.when(one.stop());
    group.reader("two");
    await group.settle();
    await group.stage.when(one.consumer.close());
    expect(one.told).toEqual(["assigned 0,1,2,3", "revoked 0,1,2,3"]);
    let closing: Promise<void> | undefined;
    const three = group.reader("three", {
      inCallback: (_what, _partitions, consumer) => {
        closing ??= consumer.close({ timeoutMs: 5_000 });
      },
    });
    await group.until(() => three.errors.includes("CLOSED"));
    await group.stage.when(closing ?? Promise.reject(new Error("no callback")));
    await group.stop();
  });
});
