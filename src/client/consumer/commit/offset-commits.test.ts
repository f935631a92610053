import { describe, expect, it } from "vitest";
import { at, commitStage, GROUP, offset, TOPIC } from "../../../../test/support/commit-stage.ts";
import { IllegalStateError } from "../../errors.ts";
import type { TopicPartitionOffset } from "../topic-partition.ts";

describe("commit", () => {
  it("is refused when all is over, also where there is nothing to commit", async () => {
    const stage = await commitStage();
    stage.commits.close(new Error("it is closed"));
    await expect(stage.commits.commit()).rejects.toThrow("it is closed");
  });

  it("stores the next offsets to be read, with metadata and leader epochs", async () => {
    const { commits, when } = await commitStage();
    await when(commits.commit([offset(0, 5, { metadata: "checked", leaderEpoch: 3 }), offset(1, 7)]));
    expect(await when(commits.committed(at(0)))).toEqual({ offset: 5, metadata: "checked", leaderEpoch: 3 });
    expect(await when(commits.committed(at(1)))).toEqual({ offset: 7, metadata: "" });
  });

  it("without offsets stores the position of every assigned partition that has one, paused ones too", async () => {
    const stage = await commitStage();
    const { commits, when } = stage;
    const [first, second, third] = stage.assign(5, 6, 7);
    first!.advance(8, 2);
    second!.isPaused = true;
    third!.forget();
    await when(commits.commit());
    expect(stage.wire()).toEqual(["0@8 1@6"]);
    expect(await when(commits.committed(at(0)))).toEqual({ offset: 8, metadata: "", leaderEpoch: 2 });
  });

  it("asks nobody when there is nothing to commit", async () => {
    const stage = await commitStage();
    await stage.when(stage.commits.commit());
    await stage.when(stage.commits.commit([]));
    expect(stage.broker.journal.requests()).toEqual([]);
  });

  it("is no member: says so by generation -1, no member id and no instance id, even if it has a name", async () => {
    const stage = await commitStage();
    stage.identity = { ...stage.identity, groupInstanceId: "reader-1" };
    await stage.when(stage.commits.commit([offset(0, 1)]));
    expect(stage.requests()).toMatchObject([
      { groupId: GROUP, generationIdOrMemberEpoch: -1, memberId: "", groupInstanceId: null },
    ]);
  });

  it("gives topic ids from version 10 on, and names as long as it does not know an id", async () => {
    const stage = await commitStage();
    const { journal } = stage.broker;
    await stage.when(stage.commits.commit([offset(0, 1)]));
    await stage.know();
    await stage.when(stage.commits.commit([offset(0, 2)]));
    await stage
      .when(stage.commits.commit([offset(0, 3), { topic: "unheard", partition: 0, offset: 1 }], { timeoutMs: 10 }))
      .catch(() => undefined);
    expect(journal.requests("OffsetCommit").map(({ version }) => version)).toEqual([9, 10, 9]);
    expect(await stage.committed()).toBe(3);
  });

  it.each(["0.11", "1.1", "2.1", "2.8", "3.9", "4.4"] as const)("works with brokers of Kafka %s", async (asVersion) => {
    const stage = await commitStage({ asVersion });
    await stage.know();
    await stage.when(stage.commits.commit([offset(0, 5, { metadata: "m", leaderEpoch: 3 })]));
    const knowsEpochs = !["0.11", "1.1"].includes(asVersion);
    expect(await stage.when(stage.commits.committed([at(0), at(1)]))).toEqual([
      { offset: 5, metadata: "m", ...(knowsEpochs && { leaderEpoch: 3 }) },
      null,
    ]);
  });

  it.each([
    ["no list", "x", /must be a list/],
    ["a topic without a name", [{ topic: "", partition: 0, offset: 1 }], /must have a topic/],
    ["a negative partition", [{ topic: TOPIC, partition: -1, offset: 1 }], /-1 is no partition/],
    ["a negative offset", [{ topic: TOPIC, partition: 0, offset: -1 }], /-1 is no offset/],
    ["no offset", [{ topic: TOPIC, partition: 0 }], /undefined is no offset/],
    ["an offset that is no number", [{ topic: TOPIC, partition: 0, offset: 5n }], /5 is no offset/],
    ["a leader epoch below -1", [{ topic: TOPIC, partition: 0, offset: 1, leaderEpoch: -2 }], /-2 is no leader epoch/],
    ["metadata that is no text", [{ topic: TOPIC, partition: 0, offset: 1, metadata: 1 }], /must be a text/],
    ["a partition twice", [offset(0, 1), offset(0, 2)], /stands there twice/],
    ["null", [null], /null is no/],
  ])("refuses %s, before anybody is asked", async (_what, offsets, message) => {
    const { commits, broker, when } = await commitStage();
    const wrong = offsets as readonly TopicPartitionOffset[];
    await expect(when(commits.commit(wrong))).rejects.toThrow(message);
    await expect(when(commits.commit(wrong))).rejects.toThrow(IllegalStateError);
    expect(() => commits.commitAsync(wrong)).toThrow(message);
    expect(broker.journal.requests()).toEqual([]);
  });

  it("needs a group, as everything does that has to do with commits", async () => {
    const { commits, when } = await commitStage({}, { groupId: undefined, enableAutoCommit: undefined });
    await expect(when(commits.commit())).rejects.toThrow(/this consumer has none; give it a groupId/);
    expect(() => commits.commitAsync()).toThrow(IllegalStateError);
    await expect(when(commits.committed(at(0)))).rejects.toThrow(IllegalStateError);
    expect(commits.auto).toBeUndefined();
  });

  it("says how long the coordinator took to answer, not how long finding it took", async () => {
    const stage = await commitStage();
    stage.broker.faults.delay({ api: "FindCoordinator", delayMs: 500 });
    await stage.when(stage.commits.commit([offset(0, 1)]));
    stage.broker.faults.delay({ api: "OffsetCommit", delayMs: 300 });
    await stage.when(stage.commits.commit([offset(0, 2)]));
    expect(stage.latencies).toEqual([0, 300]);
  });

  it("ends by its deadline and by its signal", async () => {
    const stage = await commitStage();
    stage.broker.faults.neverAnswer({ api: "OffsetCommit" });
    const { error, tookMs } = await stage.failureOf(stage.commits.commit([offset(0, 1)], { timeoutMs: 2000 }));
    expect([error, tookMs]).toMatchObject([{ code: "REQUEST_TIMEOUT", outcome: "unknown", retriable: true }, 2000]);
    const controller = new AbortController();
    const commit = stage.commits.commit([offset(0, 1)], { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(stage.when(commit)).rejects.toThrow("enough");
  });
});
