import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConsumerGroupStage, GROUP, type StagedConsumer } from "../../../../test/support/consumer-group-stage.ts";

let stage: ConsumerGroupStage;
let one: StagedConsumer;
let two: StagedConsumer;

beforeEach(async () => {
  stage = await ConsumerGroupStage.open();
  one = stage.member("one");
  two = stage.member("two");
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

describe("a commit", () => {
  it("is accepted from a member in its epoch", async () => {
    await one.join();
    expect(await one.commit()).toBe("NONE");
  });

  it("is accepted in an older epoch for what the member has had since then (KIP-1251)", async () => {
    await stage.stableGroup(one, two);
    expect(one.epoch).toBe(3);
    expect(await one.commit({ epoch: 2, partition: 0 })).toBe("NONE");
    expect(await one.commit({ epoch: 1, partition: 0 })).toBe("STALE_MEMBER_EPOCH");
  });

  it("is accepted in an older epoch for what the member still has to give up", async () => {
    await one.join();
    await two.join();
    await one.heartbeat();
    expect(await one.commit({ epoch: 2, partition: 3 })).toBe("NONE");
  });

  it("is stale in an older epoch for what others have, and in one that has not come yet (G25)", async () => {
    await stage.stableGroup(one, two);
    expect(await one.commit({ epoch: 2, partition: 3 })).toBe("STALE_MEMBER_EPOCH");
    expect(await one.commit({ epoch: 4 })).toBe("STALE_MEMBER_EPOCH");
  });

  it("is refused from who is no member, as long as there are any (G4)", async () => {
    await one.join();
    expect(await two.commit({ epoch: 2 })).toBe("UNKNOWN_MEMBER_ID");
    expect(await stage.member("").commit({ epoch: -1 })).toBe("UNKNOWN_MEMBER_ID");
    await one.leave();
    expect(await stage.member("").commit({ epoch: -1 })).toBe("NONE");
  });

  it("needs a version that speaks of member epochs", async () => {
    await one.join();
    expect(await one.commit({ version: 8 })).toBe("UNSUPPORTED_VERSION");
  });
});

describe("fetching offsets", () => {
  it("needs a member and its epoch, if it names one (G25)", async () => {
    await one.join();
    expect(await one.fetchOffsets()).toBe("NONE");
    expect(await one.fetchOffsets(1)).toBe("STALE_MEMBER_EPOCH");
    expect(await two.fetchOffsets(2)).toBe("UNKNOWN_MEMBER_ID");
  });

  it("is open to who is no member", async () => {
    await one.join();
    const { groups } = await stage.client.ask("OffsetFetch", { groups: [{ groupId: GROUP, memberEpoch: -1, topics: null }] }, 9);
    expect(groups[0]).toMatchObject({ errorCode: 0 });
  });
});
