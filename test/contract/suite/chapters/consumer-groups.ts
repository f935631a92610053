// Consumers that share the partitions of a group.

import assert from "node:assert/strict";
import type { ConsumerOptions } from "../../../../src/index.ts";
import { placesOf, read, textOf } from "../consuming.ts";
import { type Chapter, chapter } from "../contract.ts";
import { COORDINATED, Member, newGroup, POLL_MS, places, QUICK, untilShared, write } from "../sharing.ts";

const strategies = ["range", "roundrobin", "sticky", "cooperative-sticky"] as const;

export const consumerGroups: Chapter = chapter("Consumers in groups", ({ contract }) => {
  for (const partitionAssignmentStrategy of strategies) {
    contract(
      `consumers that share by ${partitionAssignmentStrategy} read every record once while others come and go`,
      async (stage) => {
        const group = await newGroup(stage);
        const open = (): Member => new Member(stage, group, { partitionAssignmentStrategy });
        const one = open();
        await write(stage, group, 10);
        await untilShared(stage, [one], 4);
        const two = open();
        await write(stage, group, 10);
        await untilShared(stage, [one, two], 2, 2);
        const three = open();
        await write(stage, group, 10);
        await untilShared(stage, [one, two, three], 1, 1, 2);
        await one.close();
        await write(stage, group, 10);
        await untilShared(stage, [two, three], 2, 2);
        await stage.eventually(async () => {
          assert.deepEqual([...one.seen, ...two.seen, ...three.seen].sort(), places(40));
        });
        await two.stop();
        await three.stop();
      },
    );
  }

  contract(
    "eager members are told that everything is revoked, then what is assigned; cooperative ones only what moves",
    async (stage) => {
      const group = await newGroup(stage);
      const one = new Member(stage, group);
      await untilShared(stage, [one], 4);
      const other = new Member(stage, group);
      await untilShared(stage, [one, other], 2, 2);
      assert.deepEqual(one.told.slice(0, 2), ["assigned 0,1,2,3", "revoked 0,1,2,3"]);
      const another = await newGroup(stage);
      const cooperative = { partitionAssignmentStrategy: "cooperative-sticky" } as const;
      const three = new Member(stage, another, cooperative);
      await untilShared(stage, [three], 4);
      const four = new Member(stage, another, cooperative);
      await untilShared(stage, [three, four], 2, 2);
      const revoked = three.told.filter((told) => told.startsWith("revoked"));
      assert.deepEqual(
        revoked.map((told) => told.split(",").length),
        [2],
      );
      for (const member of [one, other, three, four]) await member.stop();
    },
  );

  contract(
    "members that are restarted one by one, twice, go over from range to cooperative-sticky (KIP-429), and every record is read once",
    async (stage) => {
      const group = await newGroup(stage);
      type Strategy = ConsumerOptions["partitionAssignmentStrategy"];
      const open = (partitionAssignmentStrategy: Strategy): Member => new Member(stage, group, { partitionAssignmentStrategy });
      const members = [open("range"), open("range")];
      const everybody = [...members];
      const upgrade: readonly Strategy[] = [["cooperative-sticky", "range"], "cooperative-sticky"];
      for (const strategy of upgrade) {
        for (const [index, before] of members.entries()) {
          await untilShared(stage, members, 2, 2);
          await write(stage, group, 5);
          await before.close();
          await write(stage, group, 5);
          const next = open(strategy);
          members[index] = next;
          everybody.push(next);
        }
      }
      await untilShared(stage, members, 2, 2);
      await stage.eventually(async () => {
        assert.deepEqual(everybody.flatMap(({ seen }) => seen).sort(), places(40));
      });
      for (const member of members) await member.stop();
    },
  );

  contract("what is processed is committed when a member closes, and the next one begins behind it", async (stage) => {
    const group = await newGroup(stage);
    await write(stage, group, 3);
    const one = new Member(stage, group, { autoCommitIntervalMs: 60_000 });
    await stage.eventually(async () => assert.equal(one.seen.length, 12));
    await one.close();
    assert.equal(one.told.at(-1), "revoked 0,1,2,3");
    const next = stage.newConsumer({ groupId: group.groupId, ...QUICK, autoOffsetReset: "none" });
    next.subscribe(group.topic);
    await stage.produce(group.topic, 2, [{ value: "more" }]);
    assert.deepEqual(placesOf(await read(next, 1)), ["2/3 more"]);
  });

  contract(
    "consumers whose coordinator assigns read every record once while others come and go, and let go of what moves only",
    async (stage) => {
      const group = await newGroup(stage);
      const open = (): Member => new Member(stage, group, COORDINATED);
      const one = open();
      await write(stage, group, 10);
      await untilShared(stage, [one], 4);
      const two = open();
      await write(stage, group, 10);
      await untilShared(stage, [one, two], 2, 2);
      assert.ok(one.told.every((told) => !told.startsWith("lost") && told !== "revoked 0,1,2,3"));
      await one.close();
      await write(stage, group, 10);
      await untilShared(stage, [two], 4);
      await stage.eventually(async () => assert.deepEqual([...one.seen, ...two.seen].sort(), places(30)));
      await two.stop();
    },
    { needs: "groups whose coordinator assigns" },
  );

  contract(
    "a member whose coordinator assigns commits in its own name, and comes back as a static member to what it had",
    async (stage) => {
      const group = await newGroup(stage);
      const one = new Member(stage, group, { ...COORDINATED, groupInstanceId: "first" });
      const two = new Member(stage, group, { ...COORDINATED, groupInstanceId: "second" });
      await untilShared(stage, [one, two], 2, 2);
      const place = { topic: group.topic, partition: one.partitions[0] ?? 0 };
      await one.consumer.commit([{ ...place, offset: 0, metadata: "mine" }]);
      const had = one.partitions;
      await one.close();
      const again = new Member(stage, group, { ...COORDINATED, groupInstanceId: "first" });
      await stage.eventually(async () => assert.deepEqual(again.partitions, had));
      assert.equal((await again.consumer.committed(place))?.metadata, "mine");
      for (const member of [again, two]) await member.stop();
    },
    { needs: "groups whose coordinator assigns" },
  );

  contract("functions of run share the work, and every record is processed once", async (stage) => {
    const group = await newGroup(stage);
    await write(stage, group, 20);
    const seen: string[] = [];
    const stop = new AbortController();
    const runs = [0, 1].map(() => {
      const consumer = stage.newConsumer({ groupId: group.groupId, ...QUICK });
      consumer.subscribe(group.topic);
      const eachRecord = async ({ partition, offset }: { readonly partition: number; readonly offset: number }): Promise<void> => {
        seen.push(`${partition}/${offset}`);
        await Promise.resolve();
      };
      return consumer.run({ concurrency: 2, signal: stop.signal, eachRecord });
    });
    await stage.eventually(async () => assert.deepEqual(seen.toSorted(), places(20)));
    stop.abort();
    await Promise.all(runs);
  });

  contract("a member has the group come together again when it wants to", async (stage) => {
    const group = await newGroup(stage);
    const one = new Member(stage, group);
    const two = new Member(stage, group);
    await untilShared(stage, [one, two], 2, 2);
    const causes = (): readonly string[] => one.consumer.rebalances().map(({ cause }) => cause);
    const { generationId = 0 } = one.consumer.groupMetadata();
    one.consumer.enforceRebalance("the moon is full");
    await stage.eventually(async () => {
      for (const { consumer } of [one, two]) assert.ok((consumer.groupMetadata().generationId ?? 0) > generationId);
    });
    assert.ok(causes().includes("the moon is full"));
    await untilShared(stage, [one, two], 2, 2);
    for (const member of [one, two]) await member.stop();
  });

  contract(
    "a member commits as one: who it is stands in groupMetadata, and an outsider's commit is refused meanwhile",
    async (stage) => {
      const group = await newGroup(stage);
      const one = new Member(stage, group);
      await untilShared(stage, [one], 4);
      const { memberId, generationId = -1 } = one.consumer.groupMetadata();
      assert.equal(memberId, one.consumer.memberId);
      assert.ok(memberId !== "" && generationId > 0);
      const place = { topic: group.topic, partition: 0 };
      await one.consumer.commit([{ ...place, offset: 0, metadata: "mine" }]);
      const outsider = stage.newConsumer({ groupId: group.groupId });
      await assert.rejects(outsider.commit([{ ...place, offset: 0 }]), { code: "COMMIT_FAILED" });
      assert.equal((await outsider.committed(place))?.metadata, "mine");
      await one.stop();
    },
  );

  contract(
    "members of a pattern get the partitions of topics that come later, and partitions that are added",
    async (stage) => {
      const prefix = stage.uniqueName("many");
      const create = (name: string, numPartitions: number): Promise<unknown> =>
        stage.admin.createTopics([{ name: `${prefix}-${name}`, numPartitions, replicationFactor: 1 }]);
      await create("a", 1);
      const consumer = stage.newConsumer({ groupId: stage.uniqueName("group"), ...QUICK, metadataMaxAgeMs: 300 });
      consumer.subscribe(new RegExp(`^${prefix}-`));
      const count = async (partitions: number): Promise<void> => {
        await stage.eventually(async () => {
          await consumer.poll({ timeoutMs: POLL_MS });
          assert.equal(consumer.assignment().length, partitions);
        });
      };
      await count(1);
      await create("b", 2);
      await count(3);
      await stage.admin.createPartitions({ [`${prefix}-a`]: 2 });
      await count(4);
    },
    { needs: "added partitions" },
  );

  contract(
    "offsets of a transaction go with the member's generation: those of one that is over are refused",
    async (stage) => {
      const group = await newGroup(stage);
      await write(stage, group, 1);
      const consumer = stage.newConsumer({ groupId: group.groupId, ...QUICK, enableAutoCommit: false });
      consumer.subscribe(group.topic);
      assert.equal(textOf((await read(consumer, 4))[0]?.value), "v0");
      const producer = stage.newProducer({ transactionalId: stage.uniqueName("id") });
      await producer.initTransactions();
      const metadata = consumer.groupMetadata();
      const offsets = [{ topic: group.topic, partition: 0, offset: 1 }];
      producer.beginTransaction();
      await producer.sendOffsetsToTransaction(offsets, metadata);
      await producer.commitTransaction();
      assert.equal((await consumer.committed({ topic: group.topic, partition: 0 }))?.offset, 1);
      producer.beginTransaction();
      const stale = { ...metadata, generationId: (metadata.generationId ?? 0) - 1 };
      await assert.rejects(producer.sendOffsetsToTransaction(offsets, stale));
      await producer.abortTransaction();
    },
    { needs: "members that commit in transactions" },
  );
});
