// Members of groups whose coordinator assigns (KIP-848), when it says no, says nothing, or does not know them any more. The faults are
// numbered as in the fault list.

import { describe, expect, it } from "vitest";
import type { ErrorName } from "../../src/protocol/index.ts";
import { type GroupReader, type GroupReaders, groupReaders, type ReaderOptions, TOPIC } from "../support/group-readers.ts";

const P0 = { topic: TOPIC, partition: 0 };
/** The client's stand-in for the broker's, which it is not told. */
const SESSION_MS = 45_000;
const caught = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

/** One that has read two records of each of the four partitions, which nobody has committed. */
async function reading(options: ReaderOptions = {}): Promise<{ readonly group: GroupReaders; readonly one: GroupReader }> {
  const group = await groupReaders();
  await group.write(2);
  const one = group.reader("one", { groupProtocol: "consumer", autoCommitIntervalMs: 3_600_000, ...options });
  await group.until(() => one.read.length === 8);
  return { group, one };
}

function failNext(
  group: GroupReaders,
  api: "ConsumerGroupHeartbeat" | "OffsetCommit" | "OffsetFetch",
  error: ErrorName,
  times = 1,
): void {
  group.stage.broker.faults.failNext({ api, error, times, clientId: "one" });
}

describe("heartbeats are answered", () => {
  it.each(["FENCED_MEMBER_EPOCH", "UNKNOWN_MEMBER_ID"] as const)(
    "G24: %s: it is lost at once, comes back with the same id and nothing in its hands, and reads again what was not committed",
    async (error) => {
      const { group, one } = await reading();
      const { memberId } = one.consumer;
      failNext(group, "ConsumerGroupHeartbeat", error);
      await group.until(() => one.told.includes("lost 0,1,2,3") && one.read.length === 16);
      expect([one.consumer.memberId, one.errors, group.stage.count("OffsetCommit")]).toEqual([memberId, [], 0]);
      expect(group.stage.warnings).toEqual(["MEMBERSHIP_LOST"]);
      const joins = group.stage.broker.journal.requests("ConsumerGroupHeartbeat").map(({ body }) => body);
      expect(joins.filter((body) => Reflect.get(body as object, "memberEpoch") === 0)).toMatchObject([
        { topicPartitions: [] },
        { topicPartitions: [] },
      ]);
      await group.stop();
    },
  );

  it("G7, G8, G32: NOT_COORDINATOR and the like, and no answers: it stays a member, and goes on reading", async () => {
    const { group, one } = await reading();
    failNext(group, "ConsumerGroupHeartbeat", "NOT_COORDINATOR");
    failNext(group, "ConsumerGroupHeartbeat", "COORDINATOR_LOAD_IN_PROGRESS");
    group.stage.broker.faults.disconnect({ api: "ConsumerGroupHeartbeat", clientId: "one", times: 2 });
    await group.settle(30_000);
    await group.write(1, 2);
    await group.until(() => one.read.length === 12);
    expect([one.told.filter((told) => told !== "assigned"), one.errors]).toEqual([["assigned 0,1,2,3"], []]);
    await group.stop();
  });

  it.each(["UNSUPPORTED_ASSIGNOR", "GROUP_MAX_SIZE_REACHED", "GROUP_AUTHORIZATION_FAILED", "INVALID_REQUEST"] as const)(
    "G26: %s: it is told with every call, and reads nothing any more",
    async (error) => {
      const { group, one } = await reading();
      failNext(group, "ConsumerGroupHeartbeat", error);
      await group.until(() => one.errors.length > 2);
      await group.write(1, 2);
      await group.settle();
      expect([new Set(one.errors), one.partitions, one.read.length]).toEqual([new Set([error]), [], 8]);
      await group.stop();
    },
  );
});

describe("questions where to begin are answered", () => {
  it.each([
    ["UNKNOWN_MEMBER_ID", true],
    ["FENCED_MEMBER_EPOCH", true],
    ["STALE_MEMBER_EPOCH", false],
  ] as const)("G24, G25: %s: the membership hears of it, and the reader does not", async (error, isLost) => {
    const group = await groupReaders();
    await group.write(2);
    failNext(group, "OffsetFetch", error);
    const one = group.reader("one", { groupProtocol: "consumer", autoCommitIntervalMs: 3_600_000 });
    await group.until(() => one.read.length === 8);
    await group.settle();
    expect([one.told.includes("lost 0,1,2,3"), one.errors, one.read.length]).toEqual([isLost, [], 8]);
    await group.stop();
  });
});

describe("commits are answered", () => {
  it("G25: STALE_MEMBER_EPOCH: it is sent again in the name of the member's present epoch", async () => {
    const { group, one } = await reading();
    failNext(group, "OffsetCommit", "STALE_MEMBER_EPOCH");
    await group.stage.when(one.consumer.commit());
    expect(await group.committed()).toEqual([2, 2, 2, 2]);
    expect([one.errors, one.told.includes("lost 0,1,2,3")]).toEqual([[], false]);
    await group.stop();
  });

  it("G25: one that goes on for ever ends with the call's time", async () => {
    const { group, one } = await reading();
    failNext(group, "OffsetCommit", "STALE_MEMBER_EPOCH", 10_000);
    expect(await group.stage.when(caught(one.consumer.commit(undefined, { timeoutMs: 3_000 })))).toMatchObject({
      code: "REQUEST_TIMEOUT",
    });
    group.stage.broker.faults.clear();
    await group.stop();
  });

  it.each(["UNKNOWN_MEMBER_ID", "FENCED_MEMBER_EPOCH"] as const)(
    "G24: %s, by a commit first: it is lost, and comes back",
    async (error) => {
      const { group, one } = await reading();
      failNext(group, "OffsetCommit", error);
      expect(await group.stage.when(caught(one.consumer.commit()))).toMatchObject({ code: "COMMIT_FAILED" });
      await group.until(() => one.told.includes("lost 0,1,2,3") && one.read.length === 16);
      await group.stop();
    },
  );
});

describe("silence", () => {
  it("G10: no heartbeat is answered for the session: it takes itself for lost, stops reading, and comes back", async () => {
    const { group, one } = await reading();
    const silence = group.stage.broker.faults.neverAnswer({ api: "ConsumerGroupHeartbeat", clientId: "one", times: 100 });
    await group.until(() => one.told.includes("lost 0,1,2,3"));
    expect(one.partitions).toEqual([]);
    silence.cancel();
    await group.until(() => one.read.length === 16);
    expect(one.errors).toEqual([]);
    await group.stop();
  });

  it("G11: nobody reads for maxPollIntervalMs: it leaves, others have its partitions, and it comes back when somebody reads", async () => {
    const { group, one } = await reading({ maxPollIntervalMs: 20_000 });
    await group.stage.when(one.stop());
    const two = group.reader("two", { groupProtocol: "consumer" });
    await group.until(() => two.read.length === 8);
    expect([one.partitions, one.consumer.memberId, group.stage.warnings]).toEqual([[], "", ["MEMBERSHIP_LOST"]]);
    one.start();
    await group.untilShared(2, 2);
    expect(one.errors).toEqual(["MAX_POLL_INTERVAL_EXCEEDED"]);
    await group.stop();
  });

  it("G12: the event loop stands still for longer than the session: nothing stale is read, and it comes back", async () => {
    const group = await groupReaders();
    await group.write(50);
    const one = group.member("one", { groupProtocol: "consumer" });
    const loop = one.consumer[Symbol.asyncIterator]();
    for (let read = 0; read < 3; read++) await group.stage.when(loop.next());
    one.block(SESSION_MS + 5_000);
    const next = loop.next();
    await Promise.resolve();
    expect(one.partitions).toEqual([]);
    expect(await group.stage.when(next)).toMatchObject({ value: { offset: 0 } });
    expect(one.told).toContain("lost 0,1,2,3");
  });
});

describe("static members", () => {
  it("G19: one that is closed and comes back has what it had, and nobody else is told anything", async () => {
    const { group, one } = await reading({ groupInstanceId: "first" });
    const two = group.reader("two", { groupProtocol: "consumer", groupInstanceId: "second" });
    await group.untilShared(2, 2);
    await group.settle();
    const [had, told] = [one.partitions, [...two.told]];
    await group.stage.when(one.consumer.close());
    await group.settle(10_000);
    const again = group.reader("one", { groupProtocol: "consumer", groupInstanceId: "first" });
    await group.until(() => again.partitions.length === 2);
    await group.settle();
    expect([again.partitions, two.told, again.read]).toEqual([had, told, []]);
    await group.stop();
  });

  it("G26: a name that somebody has is not given to another: UNRELEASED_INSTANCE_ID is told", async () => {
    const { group } = await reading({ groupInstanceId: "first" });
    const two = group.reader("two", { groupProtocol: "consumer", groupInstanceId: "first" });
    await group.until(() => two.errors.length > 0);
    expect(two.errors[0]).toBe("UNRELEASED_INSTANCE_ID");
    await group.stop();
  });
});

describe("topics", () => {
  it("are subscribed to anew, added to, made and deleted: the member has what there is of them", async () => {
    const { group, one } = await reading({ topics: /^o/, metadataMaxAgeMs: 5_000 });
    await group.until(() => one.partitions.length === 6);
    group.stage.broker.createTopic("omens", 3);
    await group.until(() => one.partitions.length === 9);
    await group.stage.when(group.stage.admin().createPartitions({ omens: 5 }));
    await group.until(() => one.partitions.length === 11);
    group.stage.broker.deleteTopic("others");
    await group.until(() => one.partitions.length === 9);
    one.consumer.unsubscribe();
    one.consumer.subscribe([TOPIC]);
    await group.until(() => one.partitions.length === 4);
    await group.stop();
  });

  it("G28: one whose name is not known yet is held when it is, and nothing is said before that it is held", async () => {
    const group = await groupReaders();
    group.stage.broker.faults.delay({ api: "Metadata", clientId: "one", delayMs: 8_000 });
    const one = group.reader("one", { groupProtocol: "consumer" });
    await group.untilShared(4);
    expect(one.errors).toEqual([]);
    await group.stop();
  });
});

describe("the end", () => {
  it("G31: a goodbye that is not answered takes as long as closing may, and no longer; what is processed is committed before", async () => {
    const { group, one } = await reading();
    await group.stage.when(one.stop());
    group.stage.broker.faults.neverAnswer({ api: "ConsumerGroupHeartbeat", clientId: "one", times: 100 });
    const startMs = group.stage.clock.monotonic();
    await group.stage.when(one.consumer.close({ timeoutMs: 3_000 }));
    expect(group.stage.clock.monotonic() - startMs).toBeLessThanOrEqual(3_000);
    expect([one.told.at(-1), await group.committed()]).toEqual(["revoked 0,1,2,3", [2, 2, 2, 2]]);
  });

  it("an epoch that has gone on while it was asked for what is committed is no error: it is asked again by the new one", async () => {
    const { group } = await reading();
    const stale = group.stage.broker.faults.failNext({
      api: "OffsetFetch",
      error: "STALE_MEMBER_EPOCH",
      times: 2,
      clientId: "two",
    });
    const two = group.reader("two", { groupProtocol: "consumer" });
    await group.untilShared(2, 2);
    await group.write(1, 2);
    await group.until(() => two.read.length >= 2);
    expect([two.errors, stale.hits]).toEqual([[], 2]);
    await group.stop();
  });

  it("commits go in the member's name, by its epoch, and never as an outsider's", async () => {
    const { group, one } = await reading();
    await group.stage.when(one.consumer.commit([{ ...P0, offset: 1 }]));
    const { memberId, generationId } = one.consumer.groupMetadata();
    const [commit] = group.stage.broker.journal.requests("OffsetCommit");
    expect(commit?.body).toMatchObject({ memberId, generationIdOrMemberEpoch: generationId });
    expect(generationId).toBeGreaterThan(0);
    await group.stop();
  });
});
