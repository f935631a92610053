import { describe, expect, it } from "vitest";
import { groupReaders, TOPIC } from "../../../../test/support/group-readers.ts";
import type { TopicPartition } from "../topic-partition.ts";

const P0 = { topic: TOPIC, partition: 0 };

describe("which protocol", () => {
  it.each([
    ["4.3", "consumer"],
    ["3.9", "classic"],
    ["3.6", "classic"],
  ] as const)("'auto' takes what a broker of %s has: %s", async (asVersion, protocol) => {
    const group = await groupReaders({ asVersion });
    const one = group.reader("one", { groupProtocol: "auto" });
    await group.untilShared(4);
    const two = group.reader("two", { groupProtocol: "auto" });
    await group.untilShared(2, 2);
    expect([one.errors, two.errors, group.stage.warnings]).toEqual([[], [], []]);
    expect(group.stage.count("JoinGroup") > 0).toBe(protocol === "classic");
    await group.write(1);
    await group.until(() => group.read.length === 4);
    await group.stop();
    await group.stage.when(one.consumer.close());
    expect(await group.committed()).toHaveLength(4);
  });
});

describe("which protocol, in a group that has members", () => {
  it("'auto' joins a classic group as one of its members, where the coordinator does not move groups to the other protocol", async () => {
    const group = await groupReaders();
    const one = group.reader("one");
    await group.untilShared(4);
    const two = group.reader("two", { groupProtocol: "auto" });
    await group.untilShared(2, 2);
    await group.write(1);
    await group.until(() => group.read.length === 4);
    expect([one.errors, two.errors, group.stage.warnings]).toEqual([[], [], []]);
    expect(two.consumer.rebalances().map(({ protocol, outcome }) => [protocol, outcome])).toEqual([["classic", "assigned"]]);
    await group.stop();
  });

  it("'consumer' does not: who reads is told", async () => {
    const group = await groupReaders();
    group.reader("one");
    await group.untilShared(4);
    const two = group.reader("two", { groupProtocol: "consumer" });
    await group.until(() => two.errors.length > 1);
    expect(new Set(two.errors)).toEqual(new Set(["GROUP_ID_NOT_FOUND"]));
    await group.stop();
  });
});

describe("what is subscribed to", () => {
  it("other topics: the group comes together, and what is not wanted any more is let go of", async () => {
    const group = await groupReaders();
    const one = group.reader("one");
    await group.untilShared(4);
    one.consumer.subscribe(["others"]);
    await group.until(() => one.partitions.length === 2);
    expect(one.consumer.assignment().map(({ topic }) => topic)).toEqual(["others", "others"]);
    await group.stop();
  });

  it("G23: a pattern: topics that come later and partitions that are added are shared, too", async () => {
    const group = await groupReaders();
    const one = group.reader("one", { topics: /^o/, metadataMaxAgeMs: 5_000 });
    await group.until(() => one.partitions.length === 6);
    expect([...one.consumer.subscription()].sort()).toEqual(["orders", "others"]);
    group.stage.broker.createTopic("omens", 3);
    await group.until(() => one.partitions.length === 9);
    const admin = group.stage.admin();
    await group.stage.when(admin.createPartitions({ omens: 5 }));
    await group.until(() => one.partitions.length === 11);
    group.stage.broker.deleteTopic("others");
    await group.until(() => one.partitions.length === 9);
    await group.stop();
  });

  it("by members with different wishes: everybody gets of what it wants", async () => {
    const group = await groupReaders();
    const one = group.reader("one", { topics: ["orders", "others"], metadataMaxAgeMs: 5_000 });
    const two = group.reader("two", { topics: "others" });
    await group.until(() => two.partitions.length === 1 && one.partitions.length === 5);
    const admin = group.stage.admin();
    await group.stage.when(admin.createPartitions({ others: 4 }));
    await group.until(() => two.partitions.length === 2 && one.partitions.length === 6);
    await group.stop();
  });

  it("the same topics again, with another listener: nobody has to come together for that", async () => {
    const group = await groupReaders();
    const one = group.reader("one");
    await group.untilShared(4);
    one.consumer.subscribe(TOPIC, { onPartitionsRevoked: () => void one.told.push("another") });
    await group.settle();
    expect([group.stage.count("SyncGroup"), one.partitions.length]).toEqual([1, 4]);
    await group.stage.when(one.stop());
    await group.stage.when(one.consumer.close());
    expect(one.told).toEqual(["assigned 0,1,2,3", "another"]);
  });

  it("a static leader that comes back to what it had looks after the topics as before (KIP-814)", async () => {
    const group = await groupReaders();
    const options = { groupInstanceId: "first", metadataMaxAgeMs: 5_000 };
    const one = group.reader("one", options);
    await group.untilShared(4);
    const two = group.reader("two", { groupInstanceId: "second" });
    await group.untilShared(2, 2);
    const told = two.told.length;
    await group.stage.when(one.stop());
    await group.stage.when(one.consumer.close());
    const again = group.reader("one", options);
    await group.until(() => again.partitions.length === 2);
    expect(two.told).toHaveLength(told);
    await group.stage.when(group.stage.admin().createPartitions({ [TOPIC]: 6 }));
    await group.until(() => again.partitions.length === 3 && two.partitions.length === 3);
    await group.stop();
  });

  it("partitions that are added while a leader waits for SyncGroup are shared as soon as it has what it was given", async () => {
    const group = await groupReaders();
    const metadataMaxAgeMs = 20_000;
    group.stage.broker.faults.delay({ api: "SyncGroup", delayMs: metadataMaxAgeMs + 5_000 });
    const one = group.reader("one", { metadataMaxAgeMs });
    await group.settle(5_000);
    await group.stage.when(group.stage.admin().createPartitions({ [TOPIC]: 6 }));
    await group.until(() => one.partitions.length === 6);
    expect(group.stage.elapsedMs).toBeLessThan(2 * metadataMaxAgeMs);
    await group.stop();
  });

  it.each(["range", "sticky", "cooperative-sticky"] as const)(
    "%s: members are given partitions that have a replica in their rack (KIP-881)",
    async (partitionAssignmentStrategy) => {
      const racks = ["a", "b"];
      const group = await groupReaders({ nodes: 2, rack: racks, topics: { [TOPIC]: { partitions: 4, replicationFactor: 1 } } });
      const readers = racks.map((clientRack) => group.reader(clientRack, { clientRack, partitionAssignmentStrategy }));
      await group.untilShared(2, 2);
      const [topic] = await group.stage.when(group.stage.admin().describeTopics([TOPIC]));
      const racksOf = (numbers: readonly number[]): readonly (string | undefined)[] =>
        numbers.map((number) => racks[(topic?.partitions?.[number]?.replicas[0] ?? 0) - 1]);
      expect(readers.map(({ partitions }) => racksOf(partitions))).toEqual([
        ["a", "a"],
        ["b", "b"],
      ]);
      await group.stop();
    },
  );

  it("G22: topics that the leader itself does not know: it asks for them before it shares", async () => {
    const group = await groupReaders();
    group.reader("one");
    await group.untilShared(4);
    const two = group.reader("two", { topics: "others" });
    await group.until(() => two.partitions.length === 2);
    expect(group.readers[0]?.partitions).toEqual([0, 1, 2, 3]);
    await group.stop();
  });

  it("a strategy of one's own shares; one that gives something twice is told to its leader", async () => {
    const group = await groupReaders();
    const all: TopicPartition[] = [0, 1, 2, 3].map((partition) => ({ topic: TOPIC, partition }));
    const first = {
      name: "all-to-one",
      assign: (_topics: unknown, members: readonly { readonly memberId: string }[]) => new Map([[members[0]!.memberId, all]]),
    };
    const one = group.reader("one", { partitionAssignmentStrategy: first });
    const two = group.reader("two", { partitionAssignmentStrategy: first });
    await group.until(() => one.partitions.length + two.partitions.length === 4);
    const twice = {
      name: "twice",
      assign: (_topics: unknown, members: readonly { readonly memberId: string }[]) =>
        new Map(members.map(({ memberId }) => [memberId, [P0, P0]])),
    };
    const bad = group.reader("bad", { groupId: "another", partitionAssignmentStrategy: twice });
    await group.until(() => bad.errors.length > 0);
    expect(bad.errors[0]).toBe("ILLEGAL_STATE");
    await group.stop();
  });
});
