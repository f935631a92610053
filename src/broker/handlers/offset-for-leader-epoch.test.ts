import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LogStage, nameOf, TOPIC } from "../../../test/support/log-stage.ts";

let stage: LogStage;

beforeEach(async () => {
  stage = await LogStage.open({ asVersion: "3.9" });
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

describe("OffsetForLeaderEpoch", () => {
  async function endOf(leaderEpoch: number, version = 4, currentLeaderEpoch = -1) {
    const partitions = [{ partition: 0, leaderEpoch, ...(version >= 2 && { currentLeaderEpoch }) }];
    return (await stage.client.ask("OffsetForLeaderEpoch", { replicaId: -1, topics: [{ topic: TOPIC, partitions }] }, version))
      .topics[0]!.partitions[0]!;
  }

  beforeEach(async () => {
    await stage.produce(stage.batch(["a", "b"]));
    stage.bumpLeaderEpoch();
    await stage.produce(stage.batch(["c"]));
  });

  it.each([0, 1, 2, 3, 4])("v%i says where an epoch ends", async (version) => {
    expect(await endOf(0, version)).toMatchObject({ errorCode: 0, endOffset: 2, leaderEpoch: version >= 1 ? 0 : -1 });
    expect(await endOf(1, version)).toMatchObject({ errorCode: 0, endOffset: 3 });
    expect(await endOf(5, version)).toMatchObject({ errorCode: 0, endOffset: -1, leaderEpoch: -1 });
  });

  it("checks the current epoch", async () => {
    expect(nameOf((await endOf(0, 4, 0)).errorCode)).toBe("FENCED_LEADER_EPOCH");
    expect(nameOf((await endOf(0, 4, 2)).errorCode)).toBe("UNKNOWN_LEADER_EPOCH");
  });

  it("can be made to fail for one partition", async () => {
    stage.broker.faults.failNext({ api: "OffsetForLeaderEpoch", topic: TOPIC, partition: 0, error: "UNKNOWN_LEADER_EPOCH" });
    expect(await endOf(0)).toMatchObject({ errorCode: 75, endOffset: -1 });
  });
});
