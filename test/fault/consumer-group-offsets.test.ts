// What a group has committed is asked for when partitions are assigned: answers that are errors, and answers that come too late. The faults
// are numbered as in the fault list.

import { describe, expect, it } from "vitest";
import { GROUP, type GroupReaders, groupReaders, TOPIC } from "../support/group-readers.ts";

const P0 = { topic: TOPIC, partition: 0 };

/** Of four partitions with two records each, which somebody has read, and committed. */
async function committedGroup(): Promise<GroupReaders> {
  const group = await groupReaders();
  await group.write(2);
  const one = group.reader("one");
  await group.until(() => one.read.length === 8);
  await group.stage.when(one.stop());
  await group.stage.when(one.consumer.close());
  return group;
}

describe("offsets of partitions that are new", () => {
  it("G16, G17: UNSTABLE_OFFSET_COMMIT and errors: they are asked for again, and reading begins where the group was", async () => {
    const group = await committedGroup();
    group.stage.broker.faults.failNext({ api: "OffsetFetch", error: "COORDINATOR_LOAD_IN_PROGRESS", times: 2 });
    group.stage.broker.faults.failNext({ api: "OffsetFetch", ...P0, error: "UNSTABLE_OFFSET_COMMIT", times: 2 });
    const two = group.reader("two", { autoOffsetReset: "none", groupId: GROUP });
    await group.write(1, 2);
    await group.until(() => two.read.length === 4);
    expect(two.read.toSorted()).toEqual(["0/2 v2", "1/2 v2", "2/2 v2", "3/2 v2"]);
    await group.stop();
  });

  it("G18: an answer that comes when somebody has sought, and committed, meanwhile changes nothing", async () => {
    const group = await committedGroup();
    const { broker } = group.stage;
    broker.faults.delay({ api: "OffsetFetch", clientId: "two", delayMs: 5_000, afterApply: true });
    const two = group.reader("two", { enableAutoCommit: false });
    const isAsked = (): boolean => broker.journal.requests("OffsetFetch").some(({ clientId }) => clientId === "two");
    await group.until(() => two.partitions.length === 4 && isAsked());
    for (const place of two.consumer.assignment()) two.consumer.seek(place, 1);
    await group.stage.when(two.consumer.commit([{ ...P0, offset: 1 }]));
    await group.until(() => two.read.length === 4);
    await group.settle();
    expect(two.read.toSorted()).toEqual(["0/1 v1", "1/1 v1", "2/1 v1", "3/1 v1"]);
    expect(await group.committed()).toEqual([1, 2, 2, 2]);
    await group.stop();
  });
});
