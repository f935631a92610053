import { describe, expect, test } from "vitest";
import { decodeResponse, encodeResponse, ZERO_UUID } from "../../protocol/index.ts";
import { ClusterMetadata } from "./cluster-metadata.ts";
import { type LeaderHint, leaderHintsOfFetch, leaderHintsOfProduce, withLeaderHints } from "./leader-hints.ts";
import { mergeMetadata } from "./metadata-cache.ts";

const ID = "AAAAAAAAAAAAAAAAAAAAAQ";
const NO_ID = ZERO_UUID;
const known = mergeMetadata(
  ClusterMetadata.empty,
  {
    throttleTimeMs: 0,
    brokers: [1, 2].map((nodeId) => ({ nodeId, host: "h", port: 9000 + nodeId, rack: null })),
    clusterId: "c",
    controllerId: 1,
    topics: [
      {
        errorCode: 0,
        name: "t",
        topicId: ID,
        isInternal: false,
        topicAuthorizedOperations: 0,
        partitions: [0, 1].map((partitionIndex) => ({
          errorCode: 0,
          partitionIndex,
          leaderId: 1,
          leaderEpoch: 5,
          replicaNodes: [1, 2],
          isrNodes: [1, 2],
          offlineReplicas: [],
        })),
      },
    ],
    clusterAuthorizedOperations: 0,
    errorCode: 0,
  },
  { version: 13, asked: ["t"], isWanted: () => true },
).metadata;

const hint: LeaderHint = { topic: "t", topicId: NO_ID, partition: 0, leaderId: 2, leaderEpoch: 6 };
const endpoint = { nodeId: 3, host: "new", port: 9003, rack: "r" };

describe("KIP-951: a leader that an answer names", () => {
  test("holds when it is newer, and leaves everything else as it is", () => {
    const next = withLeaderHints(known, { leaders: [hint], endpoints: [] });
    expect(next.leaderOf("t", 0)).toMatchObject({ broker: { nodeId: 2 }, leaderEpoch: 6 });
    expect(next.topics.get("t")?.partitions[1]).toBe(known.topics.get("t")?.partitions[1]);
    expect(next.brokers).toBe(known.brokers);
    expect(next.topicById(ID)).toBe(next.topics.get("t"));
    expect(known.leaderOf("t", 0)).toMatchObject({ broker: { nodeId: 1 }, leaderEpoch: 5 });
  });

  test("may be a broker that nobody knew, or that has moved", () => {
    const next = withLeaderHints(known, { leaders: [{ ...hint, leaderId: 3 }], endpoints: [endpoint] });
    expect(next.leaderOf("t", 0)?.broker).toEqual(endpoint);
    const moved = withLeaderHints(known, { leaders: [hint], endpoints: [{ ...endpoint, nodeId: 2 }] });
    expect(moved.brokers.get(2)).toMatchObject({ host: "new" });
  });

  test("may be of a topic that the answer names by its id", () => {
    const next = withLeaderHints(known, { leaders: [{ ...hint, topic: "", topicId: ID }], endpoints: [] });
    expect(next.leaderOf("t", 0)?.leaderEpoch).toBe(6);
  });

  test.each([
    ["no newer", { leaderEpoch: 5 }],
    ["of another topic of that name", { topicId: "AAAAAAAAAAAAAAAAAAAAAg" }],
    ["of a topic that nobody knows", { topic: "u" }],
    ["of a partition that nobody knows", { partition: 9 }],
    ["of a partition below zero", { partition: -1 }],
    ["a broker without address", { leaderId: 7 }],
  ])("is nothing when it is %s", (_, change) => {
    expect(withLeaderHints(known, { leaders: [{ ...hint, ...change }], endpoints: [] })).toBe(known);
  });

  test("is found in answers to Produce, where there is one", () => {
    const currentLeader = { leaderId: 3, leaderEpoch: 6 };
    const partitionResponses = [{ index: 0, errorCode: 6, currentLeader }, { index: 1 }];
    const frame = encodeResponse(
      { api: "Produce", version: 12, correlationId: 1 },
      { responses: [{ name: "t", partitionResponses }], nodeEndpoints: [endpoint] },
    );
    const hints = leaderHintsOfProduce(decodeResponse({ api: "Produce", version: 12 }, frame).body);
    expect(hints).toEqual({ leaders: [{ ...hint, leaderId: 3 }], endpoints: [endpoint] });
  });

  test("is found in answers to Fetch, which name topics by id", () => {
    const currentLeader = { leaderId: 3, leaderEpoch: 6 };
    const partitions = [{ partitionIndex: 0, errorCode: 74, currentLeader }, { partitionIndex: 1 }];
    const frame = encodeResponse(
      { api: "Fetch", version: 16, correlationId: 1 },
      { responses: [{ topicId: ID, partitions }], nodeEndpoints: [endpoint] },
    );
    const hints = leaderHintsOfFetch(decodeResponse({ api: "Fetch", version: 16 }, frame).body);
    expect(withLeaderHints(known, hints).leaderOf("t", 0)).toEqual({ broker: endpoint, leaderEpoch: 6 });
  });

  test("of two for one partition the newer one holds, in either order", () => {
    const newer = { ...hint, leaderId: 1, leaderEpoch: 9 };
    for (const leaders of [
      [hint, newer],
      [newer, hint],
    ]) {
      expect(withLeaderHints(known, { leaders, endpoints: [] }).leaderOf("t", 0)).toMatchObject({
        broker: { nodeId: 1 },
        leaderEpoch: 9,
      });
    }
  });
});
