import { describe, expect, it } from "vitest";
import { ConsumerProtocolMember } from "../../../../test/support/consumer-protocol-member.ts";
import { MembersStage, OTHERS, TOPIC } from "../../../../test/support/members-stage.ts";
import { allOf } from "../../../../test/support/staged-member.ts";

/** The broker's heartbeat interval, and time for what it brings. */
const SOON_MS = 12_000;
const SESSION_MS = 45_000;

describe("members of a group whose coordinator assigns (KIP-848)", () => {
  it("one alone has everything", async () => {
    const stage = await MembersStage.open(ConsumerProtocolMember.open);
    const one = await stage.member({ name: "a" });
    await stage.clock.advance(SOON_MS);
    expect(one.told).toEqual(["assigned 0,1,2,3"]);
    expect(one.membership.epoch).toBeGreaterThan(0);
  });

  it("another comes, and only what it gets is let go of; nobody holds what another one has", async () => {
    const stage = await MembersStage.open(ConsumerProtocolMember.open);
    const one = await stage.member({ name: "a" });
    await stage.clock.advance(SOON_MS);
    const two = await stage.member({ name: "b" });
    await stage.clock.advance(2 * SOON_MS);
    expect(one.told.slice(0, 2)).toEqual(["assigned 0,1,2,3", expect.stringMatching(/^revoked \d,\d$/)]);
    expect([allOf(one, two), stage.shares]).toEqual([
      [0, 1, 2, 3],
      [2, 2],
    ]);
  });

  it("G30: heartbeats go on while the user takes his time to let go, and the other gets nothing before", async () => {
    const stage = await MembersStage.open(ConsumerProtocolMember.open);
    const one = await stage.member({ name: "a" });
    await stage.clock.advance(SOON_MS);
    one.callbackMs = 2 * SESSION_MS;
    const two = await stage.member({ name: "b" });
    await stage.clock.advance(one.callbackMs);
    expect([one.partitions.length, two.partitions]).toEqual([4, []]);
    one.callbackMs = 0;
    await stage.clock.advance(2 * SOON_MS);
    expect([one.told.includes("stop"), stage.shares]).toEqual([false, [2, 2]]);
  });

  it("who leaves says so, and the others have its partitions at their next heartbeat", async () => {
    const stage = await MembersStage.open(ConsumerProtocolMember.open);
    const one = await stage.member({ name: "a" });
    const two = await stage.member({ name: "b" });
    await stage.clock.advance(3 * SOON_MS);
    await one.leave();
    await stage.clock.advance(SOON_MS);
    expect([one.membership.state.name, two.partitions]).toEqual(["OUT", [0, 1, 2, 3]]);
  });

  it("who dies without a word is missed when the session is over", async () => {
    const stage = await MembersStage.open(ConsumerProtocolMember.open);
    const one = await stage.member({ name: "a" });
    const two = await stage.member({ name: "b" });
    await stage.clock.advance(3 * SOON_MS);
    await one.die();
    await stage.clock.advance(SESSION_MS - SOON_MS);
    expect(two.partitions).toHaveLength(2);
    await stage.clock.advance(3 * SOON_MS);
    expect(two.partitions).toEqual([0, 1, 2, 3]);
  });

  it("other topics are told at once", async () => {
    const stage = await MembersStage.open(ConsumerProtocolMember.open);
    const one = await stage.member({ name: "a" });
    await stage.clock.advance(SOON_MS);
    one.subscribe(TOPIC, OTHERS);
    await stage.clock.advance(1_000);
    expect(one.told).toEqual(["assigned 0,1,2,3", "assigned others0,others1"]);
  });

  it("G24: who is fenced loses everything, and joins again at once", async () => {
    const stage = await MembersStage.open(ConsumerProtocolMember.open);
    const one = await stage.member({ name: "a" });
    await stage.clock.advance(SOON_MS);
    stage.broker.faults.failNext({ api: "ConsumerGroupHeartbeat", error: "FENCED_MEMBER_EPOCH", times: 1 });
    await stage.clock.advance(SOON_MS);
    expect(one.told).toEqual(["assigned 0,1,2,3", "stop", "lost 0,1,2,3", "assigned 0,1,2,3"]);
  });

  it("G19: a static member that comes back within the session has what it had, and nobody notices", async () => {
    const stage = await MembersStage.open(ConsumerProtocolMember.open);
    const one = await stage.member({ name: "a", instanceId: "first" });
    const two = await stage.member({ name: "b", instanceId: "second" });
    await stage.clock.advance(3 * SOON_MS);
    const before = one.partitions;
    const toldBefore = two.told.length;
    await one.leave();
    await one.die();
    await stage.clock.advance(SOON_MS);
    const again = await stage.member({ name: "a", instanceId: "first" });
    await stage.clock.advance(2 * SOON_MS);
    expect([again.partitions, two.told.length]).toEqual([before, toldBefore]);
  });

  it("G26: a static name that is taken is told, and nothing is tried", async () => {
    const stage = await MembersStage.open(ConsumerProtocolMember.open);
    await stage.member({ name: "a", instanceId: "fixed" });
    await stage.clock.advance(SOON_MS);
    const two = await stage.member({ name: "b", instanceId: "fixed" });
    await stage.clock.advance(1_000);
    expect(two.membership.state.name).toBe("DEAD");
    expect(two.told).toContain("error UNRELEASED_INSTANCE_ID");
  });

  it("G32: lost answers are followed by heartbeats that say everything, and nothing is lost", async () => {
    const stage = await MembersStage.open(ConsumerProtocolMember.open);
    const one = await stage.member({ name: "a" });
    await stage.clock.advance(SOON_MS);
    stage.broker.faults.disconnect({ api: "ConsumerGroupHeartbeat", times: 3, afterApply: true });
    await stage.clock.advance(3 * SOON_MS);
    // The coordinator says everything, too, and there is nothing new in it.
    expect(one.told).toEqual(["assigned 0,1,2,3", "assigned "]);
    expect(one.membership.state).toMatchObject({ name: "MEMBER", reconciling: "no" });
  });
});
