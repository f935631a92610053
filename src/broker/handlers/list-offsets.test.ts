import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LogStage, nameOf, TOPIC } from "../../../test/support/log-stage.ts";
import { RecordBatch } from "../../protocol/index.ts";

let stage: LogStage;

beforeEach(async () => {
  stage = await LogStage.open({ asVersion: "3.9" });
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

async function ask(
  timestamp: number,
  version = 9,
  more: { readonly currentLeaderEpoch?: number; readonly isolationLevel?: number } = {},
) {
  const { isolationLevel, ...partition } = more;
  const partitions = [{ partitionIndex: 0, timestamp, ...partition }];
  const body = { replicaId: -1, topics: [{ name: TOPIC, partitions }], ...(isolationLevel !== undefined && { isolationLevel }) };
  return (await stage.client.ask("ListOffsets", body, version)).topics[0]!.partitions[0]!;
}

describe("ListOffsets", () => {
  let start: number;

  beforeEach(async () => {
    start = stage.clock.now();
    const at = (...deltas: number[]) =>
      RecordBatch.encode({ records: deltas.map((delta) => ({ value: "v", timestamp: start + delta })) });
    await stage.produce(at(0, 50));
    stage.bumpLeaderEpoch();
    await stage.produce(at(20));
  });

  it("finds beginning and end, with their epochs", async () => {
    expect(await ask(-2)).toMatchObject({ errorCode: 0, offset: 0, timestamp: -1, leaderEpoch: 0 });
    expect(await ask(-4)).toMatchObject({ errorCode: 0, offset: 0, timestamp: -1, leaderEpoch: 0 });
    expect(await ask(-1)).toMatchObject({ errorCode: 0, offset: 3, timestamp: -1, leaderEpoch: 1 });
    expect(await ask(-5)).toMatchObject({ errorCode: 0, offset: -1, timestamp: -1, leaderEpoch: -1 });
  });

  it("finds the first record of a time or later, and says when there is none", async () => {
    expect(await ask(start + 10)).toMatchObject({ errorCode: 0, offset: 1, timestamp: start + 50, leaderEpoch: 0 });
    expect(await ask(start + 51)).toMatchObject({ errorCode: 0, offset: -1, timestamp: -1, leaderEpoch: -1 });
    expect(await ask(-3)).toMatchObject({ errorCode: 0, offset: 1, timestamp: start + 50, leaderEpoch: 0 });
  });

  it("knows each name of a place from its version on", async () => {
    for (const [timestamp, version] of [
      [-3, 7],
      [-4, 8],
      [-5, 9],
    ] as const) {
      expect(nameOf((await ask(timestamp, version - 1)).errorCode)).toBe("UNSUPPORTED_VERSION");
      expect(nameOf((await ask(timestamp, version)).errorCode)).toBe("NONE");
    }
    expect(nameOf((await ask(-7)).errorCode)).toBe("UNSUPPORTED_VERSION");
  });

  it("v0 names the beginnings of segments, latest first, and the end", async () => {
    expect((await ask(-2, 0)).oldStyleOffsets).toEqual([0]);
    const partitions = [{ partitionIndex: 0, timestamp: -1, maxNumOffsets: 5 }];
    const { topics } = await stage.client.ask("ListOffsets", { replicaId: -1, topics: [{ name: TOPIC, partitions }] }, 0);
    expect(topics[0]!.partitions[0]!.oldStyleOffsets).toEqual([3, 0]);
  });

  it("checks the leader epoch", async () => {
    expect(nameOf((await ask(-1, 9, { currentLeaderEpoch: 0 })).errorCode)).toBe("FENCED_LEADER_EPOCH");
    expect(nameOf((await ask(-1, 9, { currentLeaderEpoch: 2 })).errorCode)).toBe("UNKNOWN_LEADER_EPOCH");
  });

  it.each([
    ["3.9", ["INVALID_REQUEST", "NONE", "INVALID_REQUEST"]],
    ["4.3", ["INVALID_REQUEST", "NONE"]],
  ] as const)("refuses to be asked twice for the same partition, in 3.9 each time, in 4.0 once: %s", async (asVersion, errors) => {
    const other = await LogStage.open({ asVersion });
    const partitions = [0, 1, 0].map((partitionIndex) => ({ partitionIndex, timestamp: -1 }));
    const { topics } = await other.client.ask("ListOffsets", { replicaId: -1, topics: [{ name: TOPIC, partitions }] }, 5);
    expect(topics[0]!.partitions.map(({ errorCode }) => nameOf(errorCode))).toEqual(errors);
    await other.close();
  });

  it("can be made to fail for one partition", async () => {
    stage.broker.faults.failNext({ api: "ListOffsets", topic: TOPIC, partition: 0, error: "OFFSET_NOT_AVAILABLE" });
    expect(nameOf((await ask(-1)).errorCode)).toBe("OFFSET_NOT_AVAILABLE");
    expect(nameOf((await ask(-1)).errorCode)).toBe("NONE");
  });
});
