import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConsumerGroupStage, GROUP, type StagedConsumer } from "../../../../test/support/consumer-group-stage.ts";
import { errorCode } from "../../../protocol/index.ts";

let stage: ConsumerGroupStage;
let dynamic: StagedConsumer;
let fixed: StagedConsumer;

beforeEach(async () => {
  stage = await ConsumerGroupStage.open();
  dynamic = stage.member("one");
  fixed = stage.member("two", { instanceId: "desk" });
  await stage.stableGroup(dynamic, fixed);
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

type Leaver = readonly [memberId: string, groupInstanceId: string | null];

/** Such as "two/desk NONE", in the order of the answer. */
async function remove(...leavers: readonly Leaver[]): Promise<readonly string[]> {
  const members = leavers.map(([memberId, groupInstanceId]) => ({ memberId, groupInstanceId }));
  const answer = await stage.client.ask("LeaveGroup", { groupId: GROUP, members }, 5);
  expect(answer.errorCode).toBe(0);
  return answer.members.map((it) => `${it.memberId}/${it.groupInstanceId} ${errorCode(it.errorCode).name}`);
}

async function memberIds(): Promise<readonly string[]> {
  return (await stage.describe()).members.map(({ memberId }) => memberId);
}

describe("LeaveGroup to a consumer group", () => {
  it("removes a static member that left for a while, and once only", async () => {
    await fixed.leave(-2);
    expect(await remove(["", "desk"])).toEqual(["/desk NONE"]);
    expect(await remove(["", "desk"])).toEqual(["/desk UNKNOWN_MEMBER_ID"]);
    expect(await dynamic.acknowledge()).toMatchObject({ assignment: "orders: 0 1 2 3" });
  });

  it("removes members that are there, by either id", async () => {
    expect(await remove(["two", "desk"])).toEqual(["two/desk NONE"]);
    expect(await fixed.acknowledge()).toMatchObject({ error: "UNKNOWN_MEMBER_ID" });
    expect(await remove(["one", null])).toEqual(["one/null NONE"]);
    expect(await dynamic.acknowledge()).toMatchObject({ error: "UNKNOWN_MEMBER_ID" });
    expect(await stage.state()).toBe("Empty");
  });

  it("answers for each member by itself, and removes all of them in one group epoch", async () => {
    const { groupEpoch } = await stage.describe();
    expect(await remove(["one", null], ["three", null], ["", null], ["", "chair"], ["", "desk"], ["two", "desk"])).toEqual([
      "one/null NONE",
      "three/null UNKNOWN_MEMBER_ID",
      "/null UNKNOWN_MEMBER_ID",
      "/chair UNKNOWN_MEMBER_ID",
      "/desk NONE",
      "two/desk NONE",
    ]);
    expect(await stage.describe()).toMatchObject({ groupEpoch: groupEpoch + 1, members: [] });
  });

  it("removes nobody under a name that is another's (G6)", async () => {
    const { groupEpoch } = await stage.describe();
    expect(await remove(["one", "desk"], ["three", "desk"])).toEqual([
      "one/desk FENCED_INSTANCE_ID",
      "three/desk FENCED_INSTANCE_ID",
    ]);
    expect(await memberIds()).toEqual(["one", "two"]);
    expect((await stage.describe()).groupEpoch).toBe(groupEpoch);
  });
});
