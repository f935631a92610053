import { describe, expect, it } from "vitest";
import { BrokerClient } from "../../../../test/support/broker-client.ts";
import { at, codeOf, commitStage, GROUP, offset, TOPIC } from "../../../../test/support/commit-stage.ts";
import type { ErrorName } from "../../../protocol/index.ts";
import { BrokerError, CommitFailedError } from "../../errors.ts";

const PASSING: readonly ErrorName[] = [
  "COORDINATOR_LOAD_IN_PROGRESS",
  "COORDINATOR_NOT_AVAILABLE",
  "NOT_COORDINATOR",
  "REQUEST_TIMED_OUT",
  "UNKNOWN_TOPIC_OR_PARTITION",
  "UNKNOWN_TOPIC_ID",
  "STALE_MEMBER_EPOCH",
];

const REFUSALS: readonly ErrorName[] = [
  "OFFSET_METADATA_TOO_LARGE",
  "INVALID_COMMIT_OFFSET_SIZE",
  "INVALID_GROUP_ID",
  "GROUP_AUTHORIZATION_FAILED",
  "TOPIC_AUTHORIZATION_FAILED",
  "UNKNOWN_SERVER_ERROR",
];

const LOST_MEMBERS: readonly ErrorName[] = [
  "UNKNOWN_MEMBER_ID",
  "ILLEGAL_GENERATION",
  "FENCED_INSTANCE_ID",
  "FENCED_MEMBER_EPOCH",
  "GROUP_ID_NOT_FOUND",
];

describe("what goes wrong with a commit", () => {
  it.each(PASSING)("%s passes: it is tried again, after a pause that grows", async (error) => {
    const stage = await commitStage();
    await stage.know();
    stage.broker.faults.failNext({ api: "OffsetCommit", topic: TOPIC, partition: 0, error, times: 4 });
    const startMs = stage.elapsedMs;
    await stage.when(stage.commits.commit([offset(0, 5), offset(1, 6)]));
    expect(await stage.committed()).toBe(5);
    // What was stored the first time is not sent again.
    expect(stage.wire()).toEqual(["0@5 1@6", "0@5", "0@5", "0@5", "0@5"]);
    expect(stage.elapsedMs - startMs).toBeGreaterThan(1000);
  });

  it.each(REFUSALS)("G15: %s is told, with the topic, the partition and the group; nothing is tried again", async (error) => {
    const stage = await commitStage();
    stage.broker.faults.failNext({ api: "OffsetCommit", topic: TOPIC, partition: 1, error });
    const { error: told } = await stage.failureOf(stage.commits.commit([offset(0, 5), offset(1, 6)]));
    expect(told).toBeInstanceOf(BrokerError);
    expect(told).toMatchObject({ code: error, context: { topic: TOPIC, partition: 1, group: GROUP } });
    await stage.clock.advance(5000);
    expect(stage.wire()).toEqual(["0@5 1@6"]);
    expect(await stage.committed(0)).toBe(5);
  });

  it.each(LOST_MEMBERS)("%s means that a member is none any more: CommitFailedError, which says why", async (error) => {
    const stage = await commitStage();
    stage.identity = { groupId: GROUP, generationId: 3, memberId: "m-1", groupInstanceId: null };
    stage.broker.faults.failNext({ api: "OffsetCommit", error });
    const { error: told } = await stage.failureOf(stage.commits.commit([offset(0, 5)]));
    expect(told).toBeInstanceOf(CommitFailedError);
    expect(told).toMatchObject({ group: GROUP, retriable: false, cause: { code: error } });
    expect((told as Error).message).toMatch(/is no longer a member: .* raise maxPollIntervalMs or lower maxPollRecords$/);
    expect(stage.requests()).toMatchObject([{ generationIdOrMemberEpoch: 3, memberId: "m-1" }]);
  });

  it("G2: REBALANCE_IN_PROGRESS means that a member has to read on, and may commit again then: nothing is tried again", async () => {
    const stage = await commitStage();
    stage.identity = { groupId: GROUP, generationId: 3, memberId: "m-1", groupInstanceId: null };
    stage.broker.faults.failNext({ api: "OffsetCommit", error: "REBALANCE_IN_PROGRESS" });
    const { error: told } = await stage.failureOf(stage.commits.commit([offset(0, 5)]));
    expect(told).toBeInstanceOf(CommitFailedError);
    expect(told).toMatchObject({ group: GROUP, retriable: true, cause: { code: "REBALANCE_IN_PROGRESS" } });
    expect(stage.requests()).toHaveLength(1);
  });

  it("a group with members does not take commits of others, and says so", async () => {
    const stage = await commitStage();
    const other = await BrokerClient.connect(stage.broker, { clientId: "other" });
    const join = { groupId: GROUP, sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 30_000, protocolType: "consumer" };
    const protocols = [{ name: "range", metadata: new Uint8Array() }];
    const { memberId } = await stage.when(other.ask("JoinGroup", { ...join, memberId: "", protocols }));
    void other.ask("JoinGroup", { ...join, memberId, protocols }).catch(() => undefined);
    await stage.clock.advance(5000);
    const { error } = await stage.failureOf(stage.commits.commit([offset(0, 5)]));
    expect(error).toBeInstanceOf(CommitFailedError);
    expect((error as Error).message).toMatch(
      /the group has members, and a consumer that assigns its partitions itself is none of them/,
    );
    other.close();
  });

  it("G25: STALE_MEMBER_EPOCH has it sent again in the name of the epoch that the member has by then", async () => {
    const stage = await commitStage();
    const member = { groupId: GROUP, memberId: "m-1", groupInstanceId: null, protocol: "consumer" } as const;
    stage.identity = { ...member, generationId: 3 };
    stage.broker.faults.failNext({ api: "OffsetCommit", error: "STALE_MEMBER_EPOCH", times: 2 });
    const commit = stage.commits.commit([offset(0, 5)]).catch(codeOf);
    await stage.clock.runUntil(() => stage.requests().length === 1);
    stage.identity = { ...member, generationId: 4 };
    await stage.when(commit);
    expect(stage.requests().map((one) => one.generationIdOrMemberEpoch)).toEqual([3, 4, 4]);
  });

  it("at the deadline the caller hears how often it was tried, and what went wrong last", async () => {
    const stage = await commitStage();
    stage.broker.faults.failNext({ api: "OffsetCommit", error: "COORDINATOR_LOAD_IN_PROGRESS", times: 1000 });
    const { error, tookMs } = await stage.failureOf(stage.commits.commit([offset(0, 5)], { timeoutMs: 3000 }));
    expect(tookMs).toBe(3000);
    expect(error).toMatchObject({ code: "REQUEST_TIMEOUT", outcome: "not sent", cause: { code: "COORDINATOR_LOAD_IN_PROGRESS" } });
    expect((error as Error).message).toMatch(
      /^committing offsets of group 'readers', \d+ attempts in vain: no answer within 3000 ms/,
    );
  });

  it("an answer that says nothing of a partition is an error, never a success", async () => {
    const stage = await commitStage();
    stage.broker.faults.on("OffsetCommit", () => ({ topics: [] }));
    await expect(stage.when(stage.commits.commit([offset(0, 5)]))).rejects.toThrow(/partition 0.*says nothing about it/);
  });

  it("an answer about topics that nobody asked for is of no account", async () => {
    const stage = await commitStage();
    await stage.know();
    stage.broker.faults.on("OffsetCommit", async (_request, asked) => {
      const answer = (await asked.next()) as { readonly topics: readonly object[] };
      const stranger = { topicId: "AAAAAAAAQACAAAAAAAAAAQ", partitions: [{ partitionIndex: 0, errorCode: 30 }] };
      return { topics: [stranger, ...answer.topics] };
    });
    await stage.when(stage.commits.commit([offset(0, 5)]));
    expect(await stage.committed()).toBe(5);
  });

  it("a topic that was made anew is known by its new id a little later", async () => {
    const stage = await commitStage();
    await stage.know();
    stage.broker.deleteTopic(TOPIC);
    stage.broker.createTopic(TOPIC, 4);
    await stage.when(stage.commits.commit([offset(0, 5)]));
    expect(await stage.committed()).toBe(5);
  });

  it("the coordinator moves: it is looked up, and the commit goes there", async () => {
    const stage = await commitStage({ nodes: 3, configs: { "offsets.topic.replication.factor": "3" } });
    await stage.when(stage.commits.commit([offset(0, 5)]));
    const before = stage.broker.coordinatorOf("group", GROUP);
    const next = (before % 3) + 1;
    stage.broker.moveCoordinator("group", GROUP, next, { loadingMs: 700 });
    await stage.when(stage.commits.commit([offset(0, 6)]));
    expect(await stage.committed()).toBe(6);
    const nodes = stage.broker.journal.requests("OffsetCommit").map(({ node }) => node);
    expect([nodes[0], nodes[1], nodes.at(-1)]).toEqual([before, before, next]);
  });

  it("the coordinator is down: another one takes over, and the commit is stored there", async () => {
    const stage = await commitStage({ nodes: 3, configs: { "offsets.topic.replication.factor": "3" } });
    await stage.when(stage.commits.commit([offset(0, 5)]));
    await stage.broker.stopNode(stage.broker.coordinatorOf("group", GROUP));
    await stage.when(stage.commits.commit([offset(0, 6)]));
    expect(await stage.committed()).toBe(6);
  });

  it("a connection that breaks before or after the commit was carried out: it is sent again", async () => {
    for (const afterApply of [false, true]) {
      const stage = await commitStage();
      stage.broker.faults.disconnect({ api: "OffsetCommit", afterApply });
      await stage.when(stage.commits.commit([offset(0, 5)]));
      expect([await stage.committed(), stage.wire()]).toEqual([5, ["0@5", "0@5"]]);
    }
  });

  it("metadata may be as long as the broker takes, and not a character longer", async () => {
    const { commits, when } = await commitStage();
    await when(commits.commit([offset(0, 1, { metadata: "x".repeat(4096) })]));
    const tooLong = commits.commit([offset(0, 2, { metadata: "x".repeat(4097) })]);
    await expect(when(tooLong)).rejects.toMatchObject({ code: "OFFSET_METADATA_TOO_LARGE", retriable: false });
    expect(await when(commits.committed(at(0)))).toEqual({ offset: 1, metadata: "x".repeat(4096) });
  });
});

describe("the end of a consumer", () => {
  it("fails commits that are under way, and tells their callbacks, in order", async () => {
    const stage = await commitStage();
    stage.broker.faults.neverAnswer({ api: "OffsetCommit" });
    stage.async("async", [offset(0, 5)]);
    const commit = stage.commits.commit([offset(1, 5)]).catch(codeOf);
    stage.async("queued", [offset(0, 6)]);
    await stage.clock.runUntil(() => stage.wire().length === 1);
    expect(await stage.close()).toEqual([]);
    expect([await commit, stage.told]).toEqual(["CLOSED", ["async: CLOSED", "queued: CLOSED"]]);
  });

  it("settled() waits for callbacks, but not beyond its deadline", async () => {
    const stage = await commitStage();
    stage.broker.faults.delay({ api: "OffsetCommit", delayMs: 500 });
    stage.async("slow", [offset(0, 5)]);
    await stage.when(stage.commits.settled(stage.deadline(5000)));
    expect(stage.told).toEqual(["slow: ok"]);
    stage.broker.faults.neverAnswer({ api: "OffsetCommit" });
    stage.async("never", [offset(0, 6)]);
    const startMs = stage.elapsedMs;
    await stage.when(stage.commits.settled(stage.deadline(2000)));
    expect(stage.elapsedMs - startMs).toBe(2000);
  });

  it("takes no commits afterwards", async () => {
    const stage = await commitStage();
    await stage.core.close();
    await expect(stage.commits.commit([offset(0, 5)])).rejects.toMatchObject({ code: "CLOSED" });
    stage.async("late", [offset(0, 5)]);
    await stage.clock.advance(0);
    expect(stage.told).toEqual(["late: CLOSED"]);
  });
});
