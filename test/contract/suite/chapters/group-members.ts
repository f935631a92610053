// Members of groups: how partitions are shared, and what happens when somebody comes, goes, or is gone.

import assert from "node:assert/strict";
import { ClientCore } from "../../../../src/client/client-core.ts";
import { resolveConsumerConfig } from "../../../../src/client/config/consumer-config.ts";
import type { AssignorName } from "../../../../src/client/config/consumer-options.ts";
import { systemRuntime } from "../../../../src/client/runtime.ts";
import { ClassicMember } from "../../../support/classic-member.ts";
import { ConsumerProtocolMember } from "../../../support/consumer-protocol-member.ts";
import { allOf, type MemberGround, type MemberOptions, type StagedMember } from "../../../support/staged-member.ts";
import { type Chapter, chapter } from "../contract.ts";
import type { Stage } from "../stage.ts";

const PARTITIONS = 5;
/** So that nobody waits for long. */
const HEARTBEAT_MS = 200;

interface Group {
  readonly groupId: string;
  readonly topics: readonly string[];
}

async function newGroup(stage: Stage): Promise<Group> {
  return { groupId: stage.uniqueName("group"), topics: [await stage.topic({ numPartitions: PARTITIONS })] };
}

type Open<M> = (ground: MemberGround, options: MemberOptions) => M;

/** Joins, and reads from now on. */
async function join<M extends StagedMember>(stage: Stage, open: Open<M>, options: MemberOptions): Promise<M> {
  const config = resolveConsumerConfig({ bootstrapServers: stage.bootstrapServers, clientId: options.name });
  const client = new ClientCore("consumer", config, systemRuntime);
  const { cluster } = await client.call("join", {}, (context) => Promise.resolve(context));
  const member = open({ clock: systemRuntime.clock, when: (promise) => promise, client, cluster }, options);
  stage.keep({ close: () => member.die() });
  member.keepReading();
  return member;
}

/** Until they hold so many each, all partitions together, and none of them twice. */
function untilShared(stage: Stage, members: readonly StagedMember[], shares: readonly number[]): Promise<void> {
  return stage.eventually(async () => {
    assert.deepEqual(
      allOf(...members),
      Array.from({ length: PARTITIONS }, (_, partition) => partition),
    );
    const counts = members.map(({ partitions }) => partitions.length);
    assert.deepEqual(
      counts.sort((one, other) => one - other),
      shares,
    );
  });
}

const assignors: readonly AssignorName[] = ["range", "roundrobin", "sticky", "cooperative-sticky"];

export const groupMembers: Chapter = chapter("Members of groups", ({ contract }) => {
  for (const assignor of assignors) {
    contract(`members of a classic group share the partitions by ${assignor}, and who leaves is missed at once`, async (stage) => {
      const options = { ...(await newGroup(stage)), assignor, heartbeatIntervalMs: HEARTBEAT_MS };
      const one = await join(stage, ClassicMember.open, { ...options, name: "one" });
      await untilShared(stage, [one], [5]);
      const two = await join(stage, ClassicMember.open, { ...options, name: "two" });
      await untilShared(stage, [one, two], [2, 3]);
      const three = await join(stage, ClassicMember.open, { ...options, name: "three" });
      await untilShared(stage, [one, two, three], [1, 2, 2]);
      await one.leave();
      await untilShared(stage, [two, three], [2, 3]);
    });
  }

  contract("a cooperative member lets go of what moves, and of nothing else", async (stage) => {
    const options = { ...(await newGroup(stage)), assignor: "cooperative-sticky", heartbeatIntervalMs: HEARTBEAT_MS } as const;
    const one = await join(stage, ClassicMember.open, { ...options, name: "one" });
    await untilShared(stage, [one], [5]);
    const two = await join(stage, ClassicMember.open, { ...options, name: "two" });
    await untilShared(stage, [one, two], [2, 3]);
    const revoked = one.told.filter((told) => told.startsWith("revoked"));
    assert.equal(revoked.length, 1);
    assert.equal(revoked[0]?.split(",").length, 2);
  });

  contract(
    "a static member that comes back has what it had, and nobody else is told of anything",
    async (stage) => {
      const options = { ...(await newGroup(stage)), heartbeatIntervalMs: HEARTBEAT_MS };
      const one = await join(stage, ClassicMember.open, { ...options, name: "one", instanceId: "first" });
      const two = await join(stage, ClassicMember.open, { ...options, name: "two", instanceId: "second" });
      await untilShared(stage, [one, two], [2, 3]);
      const [before, told] = [one.partitions, two.told.length];
      await one.leave();
      await one.die();
      const again = await join(stage, ClassicMember.open, { ...options, name: "one", instanceId: "first" });
      await stage.eventually(async () => assert.deepEqual(again.partitions, before));
      assert.equal(two.told.length, told);
    },
    { needs: "static members" },
  );

  contract(
    "members of a group whose coordinator assigns share the partitions, and who leaves is missed",
    async (stage) => {
      const group = await newGroup(stage);
      const one = await join(stage, ConsumerProtocolMember.open, { ...group, name: "one" });
      await untilShared(stage, [one], [5]);
      const two = await join(stage, ConsumerProtocolMember.open, { ...group, name: "two" });
      await untilShared(stage, [one, two], [2, 3]);
      await one.leave();
      await untilShared(stage, [two], [5]);
    },
    { needs: "groups whose coordinator assigns" },
  );
});
