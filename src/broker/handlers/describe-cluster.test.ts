import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AdminStage } from "../../../test/support/admin-stage.ts";
import { errorByName } from "../../protocol/index.ts";

let stage: AdminStage;

beforeEach(async () => {
  stage = await AdminStage.open({ nodes: 3 });
});

afterEach(async () => {
  expect(await stage.close()).toEqual([]);
});

describe("DescribeCluster", () => {
  it("names the nodes that run, and on request those that do not", async () => {
    await stage.broker.stopNode(2);
    const ask = async (includeFencedBrokers: boolean) => {
      const { brokers } = await stage.client.ask("DescribeCluster", { includeFencedBrokers }, 2);
      return brokers.map(({ brokerId, isFenced }) => [brokerId, isFenced]);
    };
    expect(await ask(false)).toEqual([
      [1, false],
      [3, false],
    ]);
    expect(await ask(true)).toEqual([
      [1, false],
      [2, true],
      [3, false],
    ]);
  });

  it("tells what the client may do if it asks", async () => {
    const answer = await stage.client.ask("DescribeCluster", { includeClusterAuthorizedOperations: true }, 0);
    expect(answer).toMatchObject({ clusterId: stage.broker.clusterId, clusterAuthorizedOperations: 8096 });
  });

  // The words are a 4.3.1 broker's.
  it.each([
    [
      2,
      "MISMATCHED_ENDPOINT_TYPE",
      "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER",
    ],
    [7, "UNSUPPORTED_ENDPOINT_TYPE", "Unsupported endpoint type 7"],
  ] as const)("refuses to be endpoint type %i", async (endpointType, error, errorMessage) => {
    const answer = await stage.client.ask("DescribeCluster", { endpointType }, 2);
    expect(answer).toMatchObject({ errorCode: errorByName(error).code, errorMessage, brokers: [], controllerId: -1 });
  });
});

describe("DescribeLogDirs", () => {
  it("lists the replicas that are on the node asked, with their sizes, in a directory that is none", async () => {
    stage.broker.createTopic("t", { partitions: 3, replicationFactor: 1 });
    const seen: number[] = [];
    for (const node of [1, 2, 3]) {
      const { results } = await (await stage.connect(node)).ask("DescribeLogDirs", { topics: null }, 4);
      expect(results).toMatchObject([{ logDir: "/kafkawire", totalBytes: -1n, usableBytes: -1n, topics: [{ name: "t" }] }]);
      for (const { partitionIndex, partitionSize } of results[0]!.topics[0]!.partitions) {
        seen.push(partitionIndex);
        expect(partitionSize).toBe(0);
      }
    }
    expect(seen.sort((one, other) => one - other)).toEqual([0, 1, 2]);
  });

  it("leaves out what does not exist, and merges a topic that comes twice", async () => {
    stage.broker.createTopic("t", { partitions: 2, replicationFactor: 3 });
    const topics = [
      { topic: "t", partitions: [1, 1] },
      { topic: "nope", partitions: [0] },
      { topic: "t", partitions: [0, 9] },
    ];
    const { results } = await stage.client.ask("DescribeLogDirs", { topics }, 4);
    expect(
      results[0]!.topics.map(({ name, partitions }) => [name, partitions.map(({ partitionIndex }) => partitionIndex)]),
    ).toEqual([["t", [0, 1]]]);
    expect((await stage.client.ask("DescribeLogDirs", { topics: [] }, 4)).results[0]!.topics).toEqual([]);
  });
});
