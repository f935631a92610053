import { describe, expect, it } from "vitest";
import { groupReaders, type ReaderOptions, TOPIC } from "../../../../test/support/group-readers.ts";

const P0 = { topic: TOPIC, partition: 0 };

const WAYS: readonly (readonly [way: string, options: ReaderOptions])[] = [
  ["range", { partitionAssignmentStrategy: "range" }],
  ["range, without auto-commit", { partitionAssignmentStrategy: "range", enableAutoCommit: false }],
  ["what the coordinator assigns (KIP-848)", { groupProtocol: "consumer" }],
  ["what the coordinator assigns, without auto-commit", { groupProtocol: "consumer", enableAutoCommit: false }],
];

describe("who has committed and does not wait", () => {
  it.each(WAYS)("hears how it ended before a rebalance takes the partitions (%s)", async (_way, options) => {
    const group = await groupReaders();
    await group.write(2);
    const one = group.reader("one", options);
    await group.until(() => one.read.length === 8);
    await group.stage.when(one.consumer.commit());
    // Longer than it takes the group to want them back.
    group.stage.broker.faults.delay({ api: "OffsetCommit", clientId: "one", delayMs: 20_000 });
    one.consumer.commitAsync([{ ...P0, offset: 2, metadata: "for one who does not wait" }], (_offsets, error) => {
      one.told.push(error === undefined ? "committed" : error.message);
    });
    group.reader("two", options);
    await group.untilShared(2, 2);
    expect(one.told.slice(0, 3)).toEqual(["assigned 0,1,2,3", "committed", expect.stringMatching(/^revoked /)]);
    await group.stop();
  });

  it("does not hold up what is lost: others have that already", async () => {
    const group = await groupReaders();
    await group.write(2);
    const one = group.reader("one", { groupProtocol: "consumer", enableAutoCommit: false });
    await group.until(() => one.read.length === 8);
    group.stage.broker.faults.delay({ api: "OffsetCommit", clientId: "one", delayMs: 20_000 });
    one.consumer.commitAsync([{ ...P0, offset: 2 }], () => one.told.push("committed"));
    group.stage.broker.faults.failNext({ api: "ConsumerGroupHeartbeat", error: "UNKNOWN_MEMBER_ID", clientId: "one" });
    await group.until(() => one.told.includes("committed"));
    expect(one.told.slice(0, 3)).toEqual(["assigned 0,1,2,3", "lost 0,1,2,3", "assigned 0,1,2,3"]);
    await group.stop();
  });
});
