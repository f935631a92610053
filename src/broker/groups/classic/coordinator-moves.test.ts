import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BrokerClient } from "../../../../test/support/broker-client.ts";
import { GROUP, GroupStage, nameOf, offer, StagedMember } from "../../../../test/support/group-stage.ts";

let stage: GroupStage;
/** The node that coordinates the group, and the one that will. */
let here: number;
let there: number;

beforeEach(async () => {
  stage = await GroupStage.open({ nodes: 2, configs: { "offsets.topic.replication.factor": "2" } });
  here = stage.broker.coordinatorOf("group", GROUP);
  there = here === 1 ? 2 : 1;
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

/** The same member, asking at another node. */
async function asked(member: StagedMember, node: number): Promise<StagedMember> {
  const { memberId, generationId, protocolName } = member;
  return Object.assign(new StagedMember(await BrokerClient.connect(stage.broker, { node }), {}), {
    memberId,
    generationId,
    protocolName,
  });
}

const pair = async (): Promise<[StagedMember, StagedMember]> =>
  (await stage.stableGroup({ node: here }, { node: here })) as [StagedMember, StagedMember];

describe("when another node coordinates a group", () => {
  it("the old one answers NOT_COORDINATOR, and the new one knows members, generation and offsets (G7)", async () => {
    const [leader, follower] = await pair();
    await leader.commit(42);
    stage.broker.moveCoordinator("group", GROUP, there);
    expect(await leader.heartbeat()).toBe("NOT_COORDINATOR");
    expect(await leader.commit(43)).toBe("NOT_COORDINATOR");
    expect(nameOf((await leader.joinOnce()).errorCode)).toBe("NOT_COORDINATOR");
    expect(nameOf((await leader.sync()).errorCode)).toBe("NOT_COORDINATOR");
    expect(nameOf((await leader.leave()).errorCode)).toBe("NOT_COORDINATOR");
    const moved = await asked(follower, there);
    expect(await moved.heartbeat()).toBe("NONE");
    expect(Buffer.from((await moved.sync()).assignment).toString()).toBe(follower.memberId);
    const { groups } = await moved.client.ask("OffsetFetch", { groups: [{ groupId: GROUP, topics: null }] }, 9);
    expect(groups[0]!.topics[0]!.partitions[0]!.committedOffset).toBe(42);
  });

  it("sessions begin anew", async () => {
    const [leader, follower] = await pair();
    await stage.clock.advance(9000);
    stage.broker.moveCoordinator("group", GROUP, there);
    await stage.clock.advance(9000);
    expect(await (await asked(leader, there)).heartbeat()).toBe("NONE");
    await stage.clock.advance(1000);
    expect(await (await asked(follower, there)).heartbeat()).toBe("UNKNOWN_MEMBER_ID");
  });

  it("while it is loading heartbeats are taken for good, and all else has to wait (G8)", async () => {
    const [leader] = await pair();
    stage.broker.moveCoordinator("group", GROUP, there, { loadingMs: 12_000 });
    const moved = await asked(leader, there);
    expect(await moved.heartbeat()).toBe("NONE");
    expect(await moved.commit(1)).toBe("COORDINATOR_LOAD_IN_PROGRESS");
    expect(nameOf((await moved.joinOnce()).errorCode)).toBe("COORDINATOR_LOAD_IN_PROGRESS");
    expect(nameOf((await moved.client.ask("ListGroups", {})).errorCode)).toBe("COORDINATOR_LOAD_IN_PROGRESS");
    await stage.clock.advance(12_000);
    expect(await moved.heartbeat()).toBe("NONE");
    expect(await moved.commit(1)).toBe("NONE");
  });

  it("a join that waits is told so, and the new coordinator has the last generation that was assigned (G7)", async () => {
    const [leader, follower] = await pair();
    const waiting = follower.join({ protocols: [offer("range", "payments")] });
    await stage.clock.advance(0);
    stage.broker.moveCoordinator("group", GROUP, there);
    expect(nameOf((await waiting).errorCode)).toBe("NOT_COORDINATOR");
    expect(await (await asked(leader, there)).heartbeat()).toBe("NONE");
  });

  it("a sync that waits is told so, and a generation that was never assigned is lost (G7)", async () => {
    const members = [await stage.member({ node: here }), await stage.member({ node: here })] as const;
    const joins = members.map((member) => member.join());
    await stage.clock.advance(0);
    await Promise.all(joins);
    const waiting = members[1].sync();
    await stage.clock.advance(0);
    stage.broker.moveCoordinator("group", GROUP, there);
    expect(nameOf((await waiting).errorCode)).toBe("NOT_COORDINATOR");
    expect(await (await asked(members[0], there)).heartbeat()).toBe("UNKNOWN_MEMBER_ID");
  });

  it("because the first stopped, the group goes on there", async () => {
    const [leader, follower] = await pair();
    await stage.broker.stopNode(here);
    expect(leader.client.isEnded).toBe(true);
    expect(await (await asked(leader, there)).heartbeat()).toBe("NONE");
    expect(await (await asked(follower, there)).heartbeat()).toBe("NONE");
  });

  it("and nobody can for a while, no session ends meanwhile", async () => {
    const [leader] = await pair();
    await stage.broker.stopNode(there);
    await stage.broker.stopNode(here);
    await stage.clock.advance(60_000);
    await stage.broker.startNode(here);
    expect(await (await asked(leader, here)).heartbeat()).toBe("NONE");
  });
});
