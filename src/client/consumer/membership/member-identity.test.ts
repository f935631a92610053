import { describe, expect, it } from "vitest";
import { memoryRuntime } from "../../../../test/support/client-runtime.ts";
import { GROUP, groupReaders, type ReaderOptions, TOPIC } from "../../../../test/support/group-readers.ts";
import { Producer } from "../../index.ts";

const P0 = { topic: TOPIC, partition: 0 };

const WAYS: readonly (readonly [way: string, options: ReaderOptions])[] = [
  ["range", { partitionAssignmentStrategy: "range" }],
  ["what the coordinator assigns (KIP-848)", { groupProtocol: "consumer" }],
];

describe("a member's identity", () => {
  it("is known to the user, and in every commit", async () => {
    const group = await groupReaders();
    const one = group.reader("one", { groupInstanceId: "first" });
    expect(one.consumer.groupMetadata()).toEqual({ groupId: GROUP, generationId: -1, memberId: "", groupInstanceId: "first" });
    await group.untilShared(4);
    const { memberId } = one.consumer;
    expect(memberId).toMatch(/^first-/);
    expect(one.consumer.groupMetadata()).toMatchObject({ generationId: 1, memberId });
    await group.stage.when(one.consumer.commit([{ ...P0, offset: 7 }]));
    const [commit] = group.stage.broker.journal.requests("OffsetCommit");
    expect(commit?.body).toMatchObject({ memberId, generationIdOrMemberEpoch: 1, groupInstanceId: "first" });
    await group.stop();
  });

  it.each(WAYS)(
    "KIP-447: who was too slow keeps the name of what it has in hand, so that no transaction commits it (%s)",
    async (_way, options) => {
      const group = await groupReaders();
      const { stage } = group;
      const slow = group.member("slow", { ...options, enableAutoCommit: false, maxPollIntervalMs: 10_000 });
      await group.write(2);
      expect(await stage.read(8, slow.consumer)).toHaveLength(8);
      const before = slow.consumer.groupMetadata();
      const next = group.reader("next", options);
      await group.until(() => next.read.length === 8);
      expect([slow.consumer.memberId, slow.consumer.groupMetadata()]).toEqual(["", before]);
      const { broker, clock } = stage;
      const { bootstrapServers } = broker;
      const producer = new Producer({ bootstrapServers, transactionalId: "copier" }, memoryRuntime(broker, { clock }));
      await stage.when(producer.initTransactions());
      const copying = producer.transaction((tx) => tx.sendOffsets([{ ...P0, offset: 2 }], slow.consumer.groupMetadata()));
      await expect(stage.when(copying)).rejects.toMatchObject({ code: "UNKNOWN_MEMBER_ID", severity: "abortable" });
      await stage.when(producer.close());
      await group.stop();
    },
  );

  it("is nobody's when it assigns its partitions itself", async () => {
    const group = await groupReaders();
    const one = group.reader("one");
    await group.untilShared(4);
    await group.stage.when(one.stop());
    one.consumer.unsubscribe();
    one.consumer.assign([P0]);
    expect(one.consumer.groupMetadata()).toMatchObject({ generationId: -1, memberId: "" });
    await group.stop();
  });

  it("is needed for a commit: who has subscribed, and is no member yet, does not commit as an outsider", async () => {
    const group = await groupReaders();
    const one = group.member("one");
    await expect(group.stage.when(one.consumer.commit([{ ...P0, offset: 7 }]))).rejects.toMatchObject({ code: "COMMIT_FAILED" });
    expect(group.stage.count("OffsetCommit")).toBe(0);
  });

  it("a batch that was read before its partition went cannot be committed after", async () => {
    const group = await groupReaders();
    await group.write(1);
    const one = group.member("one", { enableAutoCommit: false });
    const batches = one.consumer.batches();
    const { value: batch } = await group.stage.when(batches.next());
    one.consumer.unsubscribe();
    await expect(group.stage.when(batch!.commit())).rejects.toMatchObject({ code: "COMMIT_FAILED" });
    expect(group.stage.count("OffsetCommit")).toBe(0);
  });
});
