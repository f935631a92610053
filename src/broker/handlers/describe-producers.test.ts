import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LogStage, nameOf, TOPIC } from "../../../test/support/log-stage.ts";

let stage: LogStage;

beforeEach(async () => {
  stage = await LogStage.open();
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

describe("DescribeProducers", () => {
  async function describeIt(topic: string, partition = 0) {
    const topics = [{ name: topic, partitionIndexes: [partition] }];
    return (await stage.client.ask("DescribeProducers", { topics }, 0)).topics[0]!.partitions[0]!;
  }

  it("shows what the partition remembers of its producers", async () => {
    await stage.produce(stage.batch(["a", "b"], { producerId: 12, producerEpoch: 3, baseSequence: 0 }));
    expect((await describeIt(TOPIC)).activeProducers).toEqual([
      {
        producerId: 12n,
        producerEpoch: 3,
        lastSequence: 1,
        lastTimestamp: stage.clock.now(),
        coordinatorEpoch: -1,
        currentTxnStartOffset: -1,
      },
    ]);
  });

  it("does not know topics that are not there, or cannot be", async () => {
    expect(await describeIt("none")).toMatchObject({
      errorCode: 3,
      errorMessage: "This server does not host this topic-partition.",
    });
    expect(await describeIt(TOPIC, 9)).toMatchObject({ errorCode: 3 });
    expect(nameOf((await describeIt("no topic")).errorCode)).toBe("INVALID_TOPIC_EXCEPTION");
  });
});
