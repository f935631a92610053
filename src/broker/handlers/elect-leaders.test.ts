import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AdminStage } from "../../../test/support/admin-stage.ts";
import { errorCode } from "../../protocol/index.ts";

const [PREFERRED, UNCLEAN] = [0, 1];

let stage: AdminStage;

beforeEach(async () => {
  stage = await AdminStage.open({ nodes: 3, topics: { t: 2 } });
});

afterEach(async () => {
  expect(await stage.close()).toEqual([]);
});

async function elect(
  electionType: number,
  topicPartitions: readonly { readonly topic: string; readonly partitions: readonly number[] }[] | null,
) {
  const { replicaElectionResults } = await stage.client.ask("ElectLeaders", { electionType, topicPartitions, timeoutMs: 1 }, 2);
  return replicaElectionResults.map(({ topic, partitionResult }) => [
    topic,
    partitionResult.map((result) => [result.partitionId, errorCode(result.errorCode).name, result.errorMessage]),
  ]);
}

const PLACE = { topic: "t", partition: 0 };
const notNeeded = "Leader election not needed for topic partition.";

describe("ElectLeaders", () => {
  it("gives the preferred replica the lead back, once", async () => {
    stage.broker.moveLeader(PLACE, 2);
    expect(await elect(PREFERRED, [{ topic: "t", partitions: [0] }])).toEqual([["t", [[0, "NONE", null]]]]);
    expect(stage.broker.leaderOf(PLACE)).toBe(1);
    expect(await elect(PREFERRED, [{ topic: "t", partitions: [0] }])).toEqual([["t", [[0, "ELECTION_NOT_NEEDED", notNeeded]]]]);
  });

  it("for all partitions tells only of those where something happened, and names all topics", async () => {
    stage.broker.moveLeader(PLACE, 2);
    stage.broker.createTopic("u", 1);
    expect(await elect(PREFERRED, null)).toEqual([
      ["t", [[0, "NONE", null]]],
      ["u", []],
    ]);
  });

  it("cannot elect a preferred replica that is down", async () => {
    await stage.broker.stopNode(2);
    expect(await elect(PREFERRED, [{ topic: "t", partitions: [1] }])).toEqual([
      ["t", [[1, "PREFERRED_LEADER_NOT_AVAILABLE", "The preferred leader was not available."]]],
    ]);
  });

  it("elects uncleanly only where nobody leads, and then only a node that runs", async () => {
    stage.broker.createTopic("lonely", { partitions: 3, replicationFactor: 1 });
    const { topics } = await stage.client.ask("Metadata", { topics: [{ name: "lonely" }] }, 12);
    const { partitionIndex } = topics[0]!.partitions.find(({ leaderId }) => leaderId === 3)!;
    await stage.broker.stopNode(3);
    expect(
      await elect(UNCLEAN, [
        { topic: "lonely", partitions: [partitionIndex] },
        { topic: "t", partitions: [0] },
      ]),
    ).toEqual([
      ["lonely", [[partitionIndex, "ELIGIBLE_LEADERS_NOT_AVAILABLE", "Eligible topic partition leaders are not available."]]],
      ["t", [[0, "ELECTION_NOT_NEEDED", notNeeded]]],
    ]);
  });

  // The words are a 4.3.1 broker's.
  it("refuses partitions that do not exist, and types of election that there are not", async () => {
    expect(
      await elect(PREFERRED, [
        { topic: "t", partitions: [5] },
        { topic: "nope", partitions: [0] },
      ]),
    ).toEqual([
      ["t", [[5, "UNKNOWN_TOPIC_OR_PARTITION", "No such partition as t-5"]]],
      ["nope", [[0, "UNKNOWN_TOPIC_OR_PARTITION", "No such topic as nope"]]],
    ]);
    expect(await elect(7, [{ topic: "t", partitions: [0] }])).toEqual([["t", [[0, "INVALID_REQUEST", "Unknown election type 7"]]]]);
  });
});

describe("AlterPartitionReassignments", () => {
  async function reassign(replicas: readonly number[] | null, { topic = "t", partition = 0, allow = true } = {}) {
    const topics = [{ name: topic, partitions: [{ partitionIndex: partition, replicas }] }];
    const request = { topics, allowReplicationFactorChange: allow, timeoutMs: 1 };
    const { responses } = await stage.client.ask("AlterPartitionReassignments", request, 1);
    return responses[0]!.partitions.map((result) => [errorCode(result.errorCode).name, result.errorMessage])[0];
  }

  it("gives a partition other replicas at once, the lead moving if it must", async () => {
    expect(await reassign([3, 2])).toEqual(["NONE", null]);
    const { topics } = await stage.client.ask("Metadata", { topics: [{ name: "t" }] }, 12);
    expect(topics[0]!.partitions[0]).toMatchObject({ leaderId: 3, leaderEpoch: 1, replicaNodes: [3, 2], isrNodes: [3, 2] });
    const ongoing = await stage.client.ask("ListPartitionReassignments", { topics: null, timeoutMs: 1 }, 0);
    expect(ongoing).toMatchObject({ errorCode: 0, topics: [] });
  });

  // The words are a 4.3.1 broker's.
  it.each([
    [null, {}, "NO_REASSIGNMENT_IN_PROGRESS", null],
    [[], {}, "INVALID_REPLICA_ASSIGNMENT", "The manual partition assignment includes an empty replica list."],
    [[9], {}, "INVALID_REPLICA_ASSIGNMENT", "The manual partition assignment includes broker 9, but no such broker is registered."],
    [[1, 1], {}, "INVALID_REPLICA_ASSIGNMENT", "The manual partition assignment includes the broker 1 more than once."],
    [[1], { partition: 7 }, "UNKNOWN_TOPIC_OR_PARTITION", "Unable to find partition t:7."],
    [[1], { topic: "nope" }, "UNKNOWN_TOPIC_OR_PARTITION", "Unable to find a topic named nope."],
    [[1], { allow: false }, "INVALID_REPLICATION_FACTOR", "The replication factor is changed from 3 to 1"],
  ])("refuses %o with %o", async (replicas, where, error, message) => {
    expect(await reassign(replicas, where)).toEqual([error, message]);
  });
});
