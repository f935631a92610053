import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GROUP, GroupStage, nameOf, offer, type StagedMember, TOPIC } from "../../../test/support/group-stage.ts";

const MINUTE = 60_000;
let stage: GroupStage;

beforeEach(async () => {
  const configs = { "offsets.retention.minutes": "10", "offsets.retention.check.interval.ms": String(MINUTE) };
  stage = await GroupStage.open({ configs, topics: { [TOPIC]: 3, payments: 1 } });
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

const committed = async (topic: string = TOPIC): Promise<number> => {
  const topics = [{ name: topic, partitionIndexes: [0] }];
  const { groups } = await stage.client.ask("OffsetFetch", { groups: [{ groupId: GROUP, topics }] }, 8);
  return groups[0]!.topics[0]!.partitions[0]!.committedOffset;
};

async function commitAsNobody(topic: string, version = 8, retentionTimeMs = -1): Promise<void> {
  const topics = [{ name: topic, partitions: [{ partitionIndex: 0, committedOffset: 5 }] }];
  const body = { groupId: GROUP, topics, ...(version < 5 && { retentionTimeMs }) };
  const answer = await stage.client.ask("OffsetCommit", body, version);
  expect(nameOf(answer.topics[0]!.partitions[0]!.errorCode)).toBe("NONE");
}

async function livingFor(member: StagedMember, minutes: number): Promise<void> {
  for (let second = 0; second < minutes * 60; second += 5) {
    await stage.clock.advance(5000);
    await member.heartbeat();
  }
}

describe("committed offsets expire (KIP-211)", () => {
  it("some time after the commit in a group that nobody ever joined, and the group with them", async () => {
    await commitAsNobody(TOPIC);
    await stage.clock.advance(9 * MINUTE);
    expect(await committed()).toBe(5);
    await stage.clock.advance(MINUTE);
    expect(await committed()).toBe(-1);
    expect(await stage.state()).toBe("Dead");
  });

  it("some time after the last member left", async () => {
    const [member] = await stage.stableGroup({});
    await member!.commit(5);
    await livingFor(member!, 20);
    await member!.leave();
    await stage.clock.advance(9 * MINUTE);
    expect(await committed()).toBe(5);
    await stage.clock.advance(MINUTE);
    expect(await committed()).toBe(-1);
  });

  it("never while a member is subscribed to the topic, but while none is", async () => {
    await commitAsNobody("payments");
    const [member] = await stage.stableGroup({ protocols: [offer("range", TOPIC)] });
    await member!.commit(5);
    await livingFor(member!, 12);
    expect([await committed(TOPIC), await committed("payments")]).toEqual([5, -1]);
    expect(await stage.state()).toBe("Stable");
  });

  it("never while the members are no consumers: nobody knows what they read", async () => {
    const [member] = await stage.stableGroup({ protocols: [{ name: "range", metadata: Buffer.from("?") }] });
    await member!.commit(5);
    await livingFor(member!, 12);
    expect(await committed()).toBe(5);
  });

  it("at the time that an old client named", async () => {
    await commitAsNobody(TOPIC, 4, 2 * MINUTE);
    await stage.clock.advance(MINUTE);
    expect(await committed()).toBe(5);
    await stage.clock.advance(MINUTE);
    expect(await committed()).toBe(-1);
  });

  it("at once when their topic is deleted", async () => {
    await commitAsNobody(TOPIC);
    await commitAsNobody("payments");
    stage.broker.deleteTopic(TOPIC);
    const { groups } = await stage.client.ask("OffsetFetch", { groups: [{ groupId: GROUP, topics: null }] }, 8);
    expect(groups[0]!.topics.map(({ name }) => name)).toEqual(["payments"]);
  });
});
