import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LogStage, nameOf, TOPIC } from "../../../test/support/log-stage.ts";

let stage: LogStage;

beforeEach(async () => {
  stage = await LogStage.open();
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

describe("DeleteRecords", () => {
  async function deleteBefore(offset: number, { topic = TOPIC, partition = 0 } = {}) {
    const topics = [{ name: topic, partitions: [{ partitionIndex: partition, offset }] }];
    const { lowWatermark, errorCode } = (await stage.client.ask("DeleteRecords", { timeoutMs: 1, topics }, 2)).topics[0]!
      .partitions[0]!;
    return [lowWatermark, nameOf(errorCode)];
  }

  beforeEach(async () => {
    await stage.produce(stage.batch(["a", "b", "c"]));
  });

  it("moves the beginning of the log, up to the high watermark", async () => {
    expect(await deleteBefore(2)).toEqual([2, "NONE"]);
    expect(await deleteBefore(1)).toEqual([2, "NONE"]);
    expect(await deleteBefore(4)).toEqual([-1, "OFFSET_OUT_OF_RANGE"]);
    expect(await deleteBefore(-2)).toEqual([-1, "OFFSET_OUT_OF_RANGE"]);
    expect(await deleteBefore(-1)).toEqual([3, "NONE"]);
  });

  it("keeps its hands off what is not there, compacted or internal", async () => {
    expect(await deleteBefore(0, { partition: 9 })).toEqual([-1, "UNKNOWN_TOPIC_OR_PARTITION"]);
    stage.broker.createTopic("compacted", { partitions: 1, configs: { "cleanup.policy": "compact" } });
    expect(await deleteBefore(0, { topic: "compacted" })).toEqual([-1, "POLICY_VIOLATION"]);
    await stage.client.ask("FindCoordinator", { key: "g", keyType: 0 }, 2);
    expect(await deleteBefore(0, { topic: "__consumer_offsets" })).toEqual([-1, "INVALID_TOPIC_EXCEPTION"]);
  });

  it("can be made to fail after it was carried out", async () => {
    stage.broker.faults.failNext({
      api: "DeleteRecords",
      topic: TOPIC,
      partition: 0,
      error: "REQUEST_TIMED_OUT",
      afterApply: true,
    });
    expect(await deleteBefore(2)).toEqual([-1, "REQUEST_TIMED_OUT"]);
    expect(await deleteBefore(0)).toEqual([2, "NONE"]);
  });
});
