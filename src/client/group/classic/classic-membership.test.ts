import { describe, expect, it } from "vitest";
import { ClassicMember } from "../../../../test/support/classic-member.ts";
import { MembersStage, TOPIC } from "../../../../test/support/members-stage.ts";
import { allOf } from "../../../../test/support/staged-member.ts";

/** A heartbeat tells of a rebalance, and all have joined again. */
const SOON_MS = 5_000;
const SESSION_MS = 45_000;

describe("members of a classic group", () => {
  it("one alone has everything", async () => {
    const stage = await MembersStage.open(ClassicMember.open);
    const one = await stage.member({ name: "a" });
    await stage.clock.advance(SOON_MS);
    expect(one.told).toEqual(["assigned 0,1,2,3"]);
    expect(one.membership.state).toMatchObject({
      name: "MEMBER",
      isSettled: true,
      generation: { generationId: 1, assignor: "range" },
    });
  });

  it("G1, eager: another comes, and everybody lets go of everything first", async () => {
    const stage = await MembersStage.open(ClassicMember.open);
    const one = await stage.member({ name: "a" });
    await stage.clock.advance(SOON_MS);
    const two = await stage.member({ name: "b" });
    await stage.clock.advance(SOON_MS);
    expect(one.told.slice(0, 2)).toEqual(["assigned 0,1,2,3", "revoked 0,1,2,3"]);
    expect(allOf(one, two)).toEqual([0, 1, 2, 3]);
    expect(stage.shares).toEqual([2, 2]);
  });

  it("G20, cooperative: another comes, and only what it gets is let go of; both hold it never", async () => {
    const stage = await MembersStage.open(ClassicMember.open);
    const one = await stage.member({ name: "a", assignor: "cooperative-sticky" });
    await stage.clock.advance(SOON_MS);
    const two = await stage.member({ name: "b", assignor: "cooperative-sticky" });
    await stage.clock.advance(2 * SOON_MS);
    expect(one.told).toEqual(["assigned 0,1,2,3", expect.stringMatching(/^revoked \d,\d$/), "assigned ", "assigned "]);
    expect(two.told).toEqual(["assigned ", expect.stringMatching(/^assigned \d,\d$/)]);
    expect(allOf(one, two)).toEqual([0, 1, 2, 3]);
  });

  it("who leaves says so, and the others have its partitions at their next heartbeat", async () => {
    const stage = await MembersStage.open(ClassicMember.open);
    const one = await stage.member({ name: "a" });
    const two = await stage.member({ name: "b" });
    await stage.clock.advance(2 * SOON_MS);
    expect(stage.shares).toEqual([2, 2]);
    await one.leave();
    await stage.clock.advance(SOON_MS);
    expect(two.partitions).toEqual([0, 1, 2, 3]);
    expect(one.membership.state.name).toBe("OUT");
  });

  it("who dies without a word is missed when the session is over", async () => {
    const stage = await MembersStage.open(ClassicMember.open);
    const one = await stage.member({ name: "a" });
    const two = await stage.member({ name: "b" });
    await stage.clock.advance(2 * SOON_MS);
    await one.die();
    await stage.clock.advance(SESSION_MS - SOON_MS);
    expect(two.partitions).toHaveLength(2);
    await stage.clock.advance(3 * SOON_MS);
    expect(two.partitions).toEqual([0, 1, 2, 3]);
  });

  it("heartbeats go on while the user takes his time with a callback, and the others wait for him", async () => {
    const stage = await MembersStage.open(ClassicMember.open);
    const one = await stage.member({ name: "a" });
    await stage.clock.advance(SOON_MS);
    one.callbackMs = 2 * SESSION_MS;
    const two = await stage.member({ name: "b" });
    await stage.clock.advance(one.callbackMs - SOON_MS);
    expect([one.membership.state.name, two.told]).toEqual(["PREPARING", []]);
    one.callbackMs = 0;
    await stage.clock.advance(2 * SOON_MS);
    expect([one.told.includes("stop"), stage.shares]).toEqual([false, [2, 2]]);
  });

  it("other topics bring the group together again", async () => {
    const stage = await MembersStage.open(ClassicMember.open);
    const one = await stage.member({ name: "a" });
    await stage.clock.advance(SOON_MS);
    one.subscribe(TOPIC, "others");
    await stage.clock.advance(SOON_MS);
    expect(one.told).toEqual(["assigned 0,1,2,3", "revoked 0,1,2,3", "assigned 0,1,2,3,others0,others1"]);
  });

  it("G11: who does not read leaves, is told once, and comes back when he reads", async () => {
    const stage = await MembersStage.open(ClassicMember.open);
    const one = await stage.member({ name: "a" });
    const two = await stage.member({ name: "b" });
    await stage.clock.advance(2 * SOON_MS);
    one.isReading = false;
    await stage.clock.advance(300_000 + SOON_MS);
    expect(one.told.slice(-2)).toEqual(["stop", expect.stringMatching(/^error away for 300\d\d\d ms$/)]);
    expect(two.partitions).toEqual([0, 1, 2, 3]);
    one.membership.read();
    await stage.clock.advance(2 * SOON_MS);
    expect(one.told.some((told) => told.startsWith("lost "))).toBe(true);
    expect(stage.shares).toEqual([2, 2]);
  });

  it("G6: who has a static name that another one takes is dead, and says so to whoever reads", async () => {
    const stage = await MembersStage.open(ClassicMember.open);
    const one = await stage.member({ name: "a", instanceId: "fixed" });
    await stage.clock.advance(SOON_MS);
    const two = await stage.member({ name: "b", instanceId: "fixed" });
    await stage.clock.advance(2 * SOON_MS);
    expect(one.membership.state.name).toBe("DEAD");
    expect(one.told).toContain("error FENCED_INSTANCE_ID");
    expect(two.partitions).toEqual([0, 1, 2, 3]);
  });

  it("G19: a static member that comes back within the session has what it had, and nobody notices", async () => {
    const stage = await MembersStage.open(ClassicMember.open);
    const one = await stage.member({ name: "a", instanceId: "first" });
    const two = await stage.member({ name: "b", instanceId: "second" });
    await stage.clock.advance(2 * SOON_MS);
    const before = one.partitions;
    const toldBefore = two.told.length;
    await one.leave();
    await one.die();
    await stage.clock.advance(SOON_MS);
    const again = await stage.member({ name: "a", instanceId: "first" });
    await stage.clock.advance(2 * SOON_MS);
    expect([again.partitions, two.told.length]).toEqual([before, toldBefore]);
  });

  it("G7: keeps what it has while its coordinator is another node", async () => {
    const stage = await MembersStage.open(ClassicMember.open);
    const one = await stage.member({ name: "a" });
    await stage.clock.advance(SOON_MS);
    stage.broker.faults.failNext({ api: "Heartbeat", error: "NOT_COORDINATOR", times: 3 });
    await stage.clock.advance(3 * SOON_MS);
    expect(one.told).toEqual(["assigned 0,1,2,3"]);
    expect(one.membership.state.name).toBe("MEMBER");
  });

  it("G10: takes itself for lost when no heartbeat comes through for the session, and joins again", async () => {
    const stage = await MembersStage.open(ClassicMember.open);
    const one = await stage.member({ name: "a" });
    await stage.clock.advance(SOON_MS);
    stage.broker.faults.disconnect({ api: "Heartbeat", times: 1000 });
    await stage.clock.advance(SESSION_MS + 2 * SOON_MS);
    expect(one.told.slice(0, 3)).toEqual(["assigned 0,1,2,3", "stop", "lost 0,1,2,3"]);
    stage.broker.faults.clear();
    await stage.clock.advance(2 * SOON_MS);
    expect(one.partitions).toEqual([0, 1, 2, 3]);
  });

  it("is told of an assignment that cannot be read, and joins again when it reads again", async () => {
    const stage = await MembersStage.open(ClassicMember.open);
    stage.broker.faults.on("SyncGroup", () => ({ assignment: Buffer.from("0000ffff", "hex") }), { times: 1 });
    const one = await stage.member({ name: "a" });
    await stage.clock.advance(SOON_MS);
    expect(one.told.slice(0, 2)).toEqual(["stop", expect.stringMatching(/^error .*ConsumerProtocolAssignment/)]);
    expect(one.partitions).toEqual([0, 1, 2, 3]);
  });
});
