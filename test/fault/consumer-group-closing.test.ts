// Members of groups that close: who leaves, and who stays for a session. The faults are numbered as in the fault list.

import { describe, expect, it } from "vitest";
import { allOf, groupReaders } from "../support/group-readers.ts";

const CLASSIC = { sessionTimeoutMs: 45_000 } as const;
const COORDINATED = { groupProtocol: "consumer" } as const;
const ALL = [0, 1, 2, 3];
/** Enough for a rebalance, and less than the session. */
const SOON_MS = 20_000;

describe.each([
  ["classic", CLASSIC],
  ["KIP-848", COORDINATED],
] as const)("a member that closes, %s", (_protocol, options) => {
  it.each([
    ["G19: static, told to leave: the others have what it had at once", { groupInstanceId: "first" }, true, ALL],
    ["G19: static, told to stay: nobody gets it within the session", { groupInstanceId: "first" }, false, undefined],
    ["not static, told to stay: nobody gets it within the session", {}, false, undefined],
    ["not static, told to leave: the others have what it had at once", {}, true, ALL],
  ])("%s", async (_rule, own, leaveGroup, soon) => {
    const group = await groupReaders();
    const one = group.reader("one", { ...options, ...own });
    const two = group.reader("two", options);
    await group.untilShared(2, 2);
    const had = two.partitions;
    await group.stage.when(one.consumer.close({ leaveGroup }));
    await group.settle(SOON_MS);
    expect(two.partitions).toEqual(soon ?? had);
    await group.until(() => allOf(two).length === ALL.length);
    expect(two.errors).toEqual([]);
    await group.stop();
  });

  it.each([
    ["leaveGroup", "no"],
    ["autocommit", 0],
  ])("does not close where %s is neither true nor false", async (name, flag) => {
    const group = await groupReaders();
    const one = group.reader("one", options);
    await group.until(() => allOf(one).length === ALL.length);
    const refused = one.consumer.close({ [name]: flag });
    await expect(refused).rejects.toThrow(`close: ${name} must be true or false, not ${flag}`);
    await group.write(3);
    await group.until(() => one.read.length === 12);
    await group.stop();
  });

  it("commits what it has processed, whether it stays or not", async () => {
    const group = await groupReaders();
    await group.write(3);
    const one = group.reader("one", { ...options, autoCommitIntervalMs: 3_600_000 });
    await group.until(() => one.read.length === 12);
    await group.stage.when(one.consumer.close({ leaveGroup: false }));
    expect(await group.committed()).toEqual([3, 3, 3, 3]);
    await group.stop();
  });
});
