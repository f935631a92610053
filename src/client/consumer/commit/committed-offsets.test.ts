import { describe, expect, it } from "vitest";
import { memoryRuntime } from "../../../../test/support/client-runtime.ts";
import { at, commitStage, GROUP, offset, TOPIC } from "../../../../test/support/commit-stage.ts";
import { errorByName, type OffsetFetchRequest } from "../../../protocol/index.ts";
import { Producer } from "../../index.ts";

describe("committed", () => {
  it("gives null where nothing is committed: partitions, topics and groups that nobody has heard of", async () => {
    const { commits, when } = await commitStage();
    expect(await when(commits.committed(at(0)))).toBeNull();
    await when(commits.commit([offset(0, 5)]));
    const wanted = [at(1), { topic: "unheard", partition: 0 }, at(0), at(99)];
    expect(await when(commits.committed(wanted))).toEqual([null, null, { offset: 5, metadata: "" }, null]);
    expect(await when(commits.committed([]))).toEqual([]);
  });

  it("has what others have committed in the group, not only what this consumer has", async () => {
    const stage = await commitStage();
    await stage.when(stage.commits.commit([offset(0, 5)]));
    await stage.when(stage.commits.commit([offset(0, 3)]));
    expect(await stage.committed()).toBe(3);
  });

  it.each([
    ["no list and no partition", 5],
    ["a partition without a topic", { partition: 0 }],
    ["a partition that is no number", { topic: TOPIC, partition: "0" }],
    ["a list with a partition twice", [at(0), at(0)]],
  ])("refuses %s", async (_what, wanted) => {
    const { commits, when } = await commitStage();
    await expect(when(commits.committed(wanted as never))).rejects.toMatchObject({ code: "ILLEGAL_STATE" });
  });

  it.each(["COORDINATOR_LOAD_IN_PROGRESS", "NOT_COORDINATOR", "COORDINATOR_NOT_AVAILABLE"] as const)(
    "%s passes: it is asked again",
    async (error) => {
      const stage = await commitStage();
      await stage.when(stage.commits.commit([offset(0, 5)]));
      stage.broker.faults.failNext({ api: "OffsetFetch", error, times: 2 });
      expect(await stage.committed()).toBe(5);
      expect(stage.broker.journal.requests("OffsetFetch").length).toBe(3);
    },
  );

  it("tells of a group or a topic that it may not read", async () => {
    const stage = await commitStage();
    const { faults } = stage.broker;
    faults.failNext({ api: "OffsetFetch", error: "GROUP_AUTHORIZATION_FAILED" });
    await expect(stage.committed()).rejects.toMatchObject({ code: "GROUP_AUTHORIZATION_FAILED", context: { group: GROUP } });
    faults.failNext({ api: "OffsetFetch", topic: TOPIC, partition: 1, error: "TOPIC_AUTHORIZATION_FAILED" });
    await expect(stage.when(stage.commits.committed([at(0), at(1)]))).rejects.toMatchObject({
      code: "TOPIC_AUTHORIZATION_FAILED",
      context: { topic: TOPIC, partition: 1 },
    });
  });

  it("an answer that leaves out a partition, or the group, is an error: not 'nothing committed'", async () => {
    const stage = await commitStage();
    await stage.when(stage.commits.commit([offset(0, 5)]));
    stage.broker.faults.on("OffsetFetch", () => ({ groups: [{ groupId: GROUP, topics: [], errorCode: 0 }] }));
    await expect(stage.committed()).rejects.toThrow(/says nothing about it/);
    stage.broker.faults.clear();
    stage.broker.faults.on("OffsetFetch", () => ({ groups: [] }));
    await expect(stage.committed()).rejects.toThrow(/says nothing about it/);
  });

  it("asks by topic ids from version 10 on, and by names where the topic is not known", async () => {
    const stage = await commitStage();
    await stage.know();
    await stage.when(stage.commits.commit([offset(0, 5)]));
    expect(await stage.committed()).toBe(5);
    await stage.when(stage.commits.committed([at(0), { topic: "unheard", partition: 0 }]));
    expect(stage.broker.journal.requests("OffsetFetch").map(({ version }) => version)).toEqual([10, 9]);
  });

  it("a topic that was made anew, under another id, is looked up; one that is gone has nothing", async () => {
    const stage = await commitStage();
    await stage.know();
    stage.broker.deleteTopic(TOPIC);
    stage.broker.createTopic(TOPIC, 4);
    expect(await stage.committed()).toBeUndefined();
    stage.broker.deleteTopic(TOPIC);
    expect(await stage.committed()).toBeUndefined();
  });

  it("G16: an offset that an open transaction is about to replace is waited for; others are not asked for again", async () => {
    const stage = await commitStage();
    const { broker, clock, when } = stage;
    await when(stage.commits.commit([offset(0, 5), offset(1, 6)]));
    const { bootstrapServers } = broker;
    const producer = new Producer({ bootstrapServers, transactionalId: "copier" }, memoryRuntime(broker, { clock }));
    await when(producer.initTransactions());
    producer.beginTransaction();
    await when(producer.sendOffsetsToTransaction([offset(0, 7)], GROUP));
    const asked = when(stage.commits.committed([at(0), at(1)]));
    await clock.advance(2000);
    await when(producer.commitTransaction());
    expect((await asked).map((one) => one?.offset)).toEqual([7, 6]);
    const bodies = broker.journal.requests("OffsetFetch").map(({ body }) => body as OffsetFetchRequest);
    const partitions = bodies.map(({ groups }) => groups[0]!.topics!.flatMap((topic) => topic.partitionIndexes));
    expect(partitions.length).toBeGreaterThan(2);
    expect([partitions[0], ...new Set(partitions.slice(1).map(String))]).toEqual([[0, 1], "0"]);
    await when(producer.close());
  });

  it("G16: at the deadline it says what it waited for", async () => {
    const stage = await commitStage();
    stage.broker.faults.failNext({ api: "OffsetFetch", topic: TOPIC, partition: 0, error: "UNSTABLE_OFFSET_COMMIT", times: 1000 });
    const { error, tookMs } = await stage.failureOf(stage.commits.committed(at(0), { timeoutMs: 5000 }));
    expect([error, tookMs]).toMatchObject([{ code: "REQUEST_TIMEOUT", cause: { code: "UNSTABLE_OFFSET_COMMIT" } }, 5000]);
  });

  it.each([
    ["G25", "STALE_MEMBER_EPOCH", ["STALE_MEMBER_EPOCH -1", "STALE_MEMBER_EPOCH -1"]],
    ["G24", "UNKNOWN_MEMBER_ID", ["UNKNOWN_MEMBER_ID -1", "UNKNOWN_MEMBER_ID -1"]],
    ["G24", "FENCED_MEMBER_EPOCH", ["FENCED_MEMBER_EPOCH -1", "FENCED_MEMBER_EPOCH -1"]],
    ["G16", "UNSTABLE_OFFSET_COMMIT", []],
  ] as const)(
    "%s: %s: whoever asks is told nothing, it is asked again after pauses; the membership hears of %j",
    async (_id, error, heard) => {
      const stage = await commitStage();
      await stage.when(stage.commits.commit([offset(0, 5)]));
      const ways = [
        async () => stage.committed(),
        async () => (await stage.when(stage.commits.committedNow([at(0)], stage.deadline(5000)))).get(TOPIC, 0)?.offset,
      ];
      for (const ask of ways) {
        stage.refused.length = 0;
        const startMs = stage.elapsedMs;
        const place = error === "UNSTABLE_OFFSET_COMMIT" ? { topic: TOPIC, partition: 0 } : {};
        const fault = stage.broker.faults.failNext({ api: "OffsetFetch", error, times: 2, ...place });
        expect([await ask(), fault.hits, stage.refused]).toEqual([5, 2, heard]);
        expect(stage.elapsedMs - startMs).toBeGreaterThan(100);
      }
    },
  );

  it("G25: who has another epoch by now asks again at once, by that", async () => {
    const stage = await commitStage();
    await stage.when(stage.commits.commit([offset(0, 5)]));
    stage.broker.faults.on("OffsetFetch", () => {
      stage.identity = { ...stage.identity, generationId: 0 };
      stage.broker.faults.clear();
      return { groups: [{ groupId: GROUP, topics: [], errorCode: errorByName("STALE_MEMBER_EPOCH").code }] };
    });
    const startMs = stage.elapsedMs;
    expect(await stage.committed()).toBe(5);
    expect([stage.elapsedMs - startMs, stage.refused]).toEqual([0, ["STALE_MEMBER_EPOCH -1"]]);
  });

  it("G24, G25: a refusal that goes on for ever ends with the call's time, which says what it waited for", async () => {
    const stage = await commitStage();
    stage.broker.faults.failNext({ api: "OffsetFetch", error: "STALE_MEMBER_EPOCH", times: 10_000 });
    const { error, tookMs } = await stage.failureOf(stage.commits.committed(at(0), { timeoutMs: 3000 }));
    expect([error, tookMs]).toMatchObject([{ code: "REQUEST_TIMEOUT", cause: { code: "STALE_MEMBER_EPOCH" } }, 3000]);
  });

  it("a member of a consumer group says who it is; others do not", async () => {
    const stage = await commitStage();
    stage.identity = { groupId: GROUP, generationId: 3, memberId: "m-1", groupInstanceId: null, protocol: "consumer" };
    stage.broker.faults.on("OffsetFetch", () => ({
      groups: [{ groupId: GROUP, topics: [{ name: TOPIC, partitions: [{ partitionIndex: 0, committedOffset: 4 }] }] }],
    }));
    expect(await stage.committed()).toBe(4);
    const [request] = stage.broker.journal.requests("OffsetFetch");
    expect((request!.body as OffsetFetchRequest).groups).toMatchObject([{ memberId: "m-1", memberEpoch: 3 }]);
  });

  it("committedNow gives only what is committed, to whoever looks for where to begin", async () => {
    const stage = await commitStage();
    await stage.when(stage.commits.commit([offset(0, 5, { leaderEpoch: 2 })]));
    const found = await stage.when(stage.commits.committedNow([at(0), at(1)], stage.deadline(5000)));
    expect(found.get(TOPIC, 0)).toEqual({ offset: 5, leaderEpoch: 2 });
    expect(found.has(TOPIC, 1)).toBe(false);
    await stage.when(stage.commits.commit([offset(1, 6)]));
    const later = await stage.when(stage.commits.committedNow([at(1)], stage.deadline(5000)));
    expect(later.get(TOPIC, 1)).toEqual({ offset: 6, leaderEpoch: -1 });
  });
});
