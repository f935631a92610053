// Members of a group that keep their partitions while they are away (KIP-345).

import assert from "node:assert/strict";
import { type Chapter, chapter } from "../contract.ts";
import { COORDINATED, Member, newGroup, PARTITIONS, places, untilShared, write } from "../sharing.ts";

/** Longer than anybody waits here for what is to come. */
const LONG_SESSION = { sessionTimeoutMs: 120_000 } as const;

export const staticMembers: Chapter = chapter("Static members", ({ contract }) => {
  contract(
    "a static member that comes back has what it had, and nobody else is told of anything",
    async (stage) => {
      const group = await newGroup(stage);
      const one = new Member(stage, group, { groupInstanceId: "first" });
      const two = new Member(stage, group, { groupInstanceId: "second" });
      await untilShared(stage, [one, two], 2, 2);
      const [had, told] = [one.partitions, two.told.length];
      await one.close();
      const again = new Member(stage, group, { groupInstanceId: "first" });
      await stage.eventually(async () => assert.deepEqual(again.partitions, had));
      assert.equal(two.told.length, told);
      for (const member of [again, two]) await member.stop();
    },
    { needs: "static members" },
  );

  for (const role of ["leader", "follower"]) {
    contract(
      `a static cooperative ${role} that is replaced before it has let go of what others wait for: every record is read nevertheless`,
      async (stage) => {
        const group = await newGroup(stage);
        const elsewhere = await newGroup(stage);
        const cooperative = { ...LONG_SESSION, partitionAssignmentStrategy: "cooperative-sticky" } as const;
        const open = (groupInstanceId: string, { topic } = group): Member =>
          new Member(stage, { groupId: group.groupId, topic }, { ...cooperative, groupInstanceId });
        const others = role === "follower" ? [open("leader", elsewhere)] : [];
        await stage.eventually(async () => assert.ok(others.every(({ partitions }) => partitions.length === PARTITIONS)));
        const one = open("first");
        await untilShared(stage, [one], 4);
        // Nobody reads: it goes on being a member, and comes to nothing that has to be let go of.
        await one.stop();
        const two = open("second");
        await stage.eventually(async () => assert.deepEqual(two.told, ["assigned"]));
        const again = open("first");
        await untilShared(stage, [again, two], 2, 2);
        await write(stage, group, 5);
        await stage.eventually(async () => assert.deepEqual([...again.seen, ...two.seen].sort(), places(5)));
        for (const member of [again, two, ...others]) await member.close({ leaveGroup: true });
      },
      { needs: "static members" },
    );
  }

  contract(
    "static cooperative members of a whole group that are restarted one by one cause no rebalance",
    async (stage) => {
      const group = await newGroup(stage);
      const names = ["first", "second"];
      const open = (groupInstanceId = ""): Member =>
        new Member(stage, group, { ...LONG_SESSION, partitionAssignmentStrategy: "cooperative-sticky", groupInstanceId });
      const members = names.map((name) => open(name));
      await untilShared(stage, members, 2, 2);
      const generations = (): readonly unknown[] => members.map(({ consumer }) => consumer.groupMetadata().generationId);
      await stage.eventually(async () => assert.equal(new Set(generations()).size, 1));
      const had = members.map(({ partitions }) => partitions);
      const before = generations();
      for (const [index, name] of names.entries()) {
        await members[index]?.close();
        members[index] = open(name);
        await stage.eventually(async () => assert.deepEqual(members[index]?.partitions, had[index]));
      }
      // By then it would be known of a rebalance.
      await stage.eventually(async () => assert.ok(members.every(({ heartbeats }) => heartbeats > 5)));
      assert.deepEqual([members.map(({ partitions }) => partitions), generations()], [had, before]);
      for (const member of members) await member.close({ leaveGroup: true });
    },
    { needs: "static members" },
  );

  for (const [kind, options, needs] of [
    ["members share", LONG_SESSION, "static members"],
    ["the coordinator shares", COORDINATED, "groups whose coordinator assigns"],
  ] as const) {
    contract(
      `a static member that closes for good leaves what it had to the others at once, where ${kind}`,
      async (stage) => {
        const group = await newGroup(stage);
        const one = new Member(stage, group, { ...options, groupInstanceId: "first" });
        const two = new Member(stage, group, { ...options, groupInstanceId: "second" });
        await untilShared(stage, [one, two], 2, 2);
        await one.close({ leaveGroup: true });
        await untilShared(stage, [two], 4);
        await two.close({ leaveGroup: true });
      },
      { needs },
    );
  }
});
