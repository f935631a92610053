// A static cooperative member that comes back to a group in which something belongs to nobody.

import { describe, expect, it } from "vitest";
import type { EmbeddedBrokerOptions } from "../../../../src/broker/index.ts";
import {
  allOf,
  type GroupReader,
  type GroupReaders,
  groupReaders,
  type ReaderOptions,
} from "../../../../test/support/group-readers.ts";

const COOPERATIVE: ReaderOptions = { partitionAssignmentStrategy: "cooperative-sticky" };
const FIRST: ReaderOptions = { ...COOPERATIVE, groupInstanceId: "first" };
const SECOND: ReaderOptions = { ...COOPERATIVE, groupInstanceId: "second" };
const NOBODYS = "partitions of its topics belong to nobody, for static members come back without a rebalance";

const asked = (group: GroupReaders, api: string): number => group.stage.broker.journal.requests(api).length;

/** The first one reads no more, and is closed: it has not let go of what the second one waits for, and does not join again. */
async function inTheMiddle(
  cluster: EmbeddedBrokerOptions = {},
): Promise<{ readonly group: GroupReaders; readonly two: GroupReader }> {
  const group = await groupReaders(cluster);
  const one = group.reader("one", FIRST);
  await group.untilShared(4);
  await group.stage.when(one.stop());
  const two = group.reader("two", SECOND);
  await group.settle();
  expect([one.partitions, two.told, asked(group, "DescribeGroups")]).toEqual([[0, 1, 2, 3], ["assigned"], 1]);
  await group.stage.when(one.consumer.close());
  return { group, two };
}

describe("a static cooperative member", () => {
  it("G19, G20: takes the place of one that others wait for, and everything is read again", async () => {
    const { group, two } = await inTheMiddle();
    const again = group.reader("one", FIRST);
    await group.until(() => again.partitions.length === 2 && two.partitions.length === 2);
    await group.write(2);
    await group.until(() => again.read.length + two.read.length === 8);
    expect(allOf(again, two)).toEqual([0, 1, 2, 3]);
    expect(asked(group, "DescribeGroups")).toBe(2);
    expect(again.consumer.rebalances().map(({ cause }) => cause)).toEqual(["the consumer has subscribed", NOBODYS]);
    expect(
      group.stage.broker.journal.requests("JoinGroup").some(({ body }) => Reflect.get(body as object, "reason") === NOBODYS),
    ).toBe(true);
    await group.stop();
  });

  it("G19, G20: also where brokers cannot tell it that it leads as its predecessor did (before Kafka 3.2, KIP-814)", async () => {
    const { group, two } = await inTheMiddle({ asVersion: "3.1" });
    const again = group.reader("one", FIRST);
    await group.until(() => again.partitions.length === 2 && two.partitions.length === 2);
    await group.stop();
  });

  it("G19: comes back with a topic that nobody has had before, and reads it", async () => {
    const group = await groupReaders();
    const one = group.reader("one", FIRST);
    await group.untilShared(4);
    await group.stage.when(one.consumer.close());
    const again = group.reader("one", { ...FIRST, topics: ["orders", "others"] });
    await group.until(() => again.consumer.assignment().length === 6);
    await group.stop();
  });

  it("G7, G8: is told to ask another coordinator, and asks again", async () => {
    const { group, two } = await inTheMiddle();
    group.stage.broker.faults.failNext({ api: "DescribeGroups", error: "NOT_COORDINATOR", times: 2 });
    const again = group.reader("one", FIRST);
    await group.until(() => again.partitions.length === 2 && two.partitions.length === 2);
    expect([asked(group, "DescribeGroups"), group.stage.warnings]).toEqual([4, []]);
    await group.stop();
  });

  it("G9: may not ask, says so once, and reads what it has", async () => {
    const { group } = await inTheMiddle();
    group.stage.broker.faults.failNext({ api: "DescribeGroups", error: "GROUP_AUTHORIZATION_FAILED" });
    const again = group.reader("one", FIRST);
    await group.until(() => group.stage.warnings.length > 0);
    await group.settle();
    expect([group.stage.warnings, again.errors, asked(group, "DescribeGroups")]).toEqual([["OWNERS_UNKNOWN"], [], 2]);
    expect(again.partitions).toHaveLength(2);
    await group.stop();
  });
});
