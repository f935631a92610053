import { expect, it } from "vitest";
import { HeldClock } from "../../../broker/index.ts";
import { type MetadataResponse, ZERO_UUID } from "../../../protocol/index.ts";
import { Deadline } from "../../async/deadline.ts";
import { ClusterMetadata } from "../../cluster/cluster-metadata.ts";
import { mergeMetadata } from "../../cluster/metadata-cache.ts";
import { LeaderTopics } from "./leader-topics.ts";

const TOPIC = "orders";
const GENERATION = 3;

/** Of a topic whose partitions have replicas on these brokers, each of which is in a rack. */
function metadataOf(racks: Readonly<Record<number, string>>, replicas: readonly (readonly number[])[]): ClusterMetadata {
  const brokers = Object.entries(racks).map(([nodeId, rack]) => ({ nodeId: Number(nodeId), host: "host", port: 9092, rack }));
  const partitions = replicas.map((replicaNodes, partitionIndex) => ({
    errorCode: 0,
    partitionIndex,
    leaderId: replicaNodes[0] ?? -1,
    leaderEpoch: 0,
    replicaNodes,
    isrNodes: replicaNodes,
    offlineReplicas: [],
  }));
  const topic = { errorCode: 0, name: TOPIC, topicId: ZERO_UUID, isInternal: false, partitions, topicAuthorizedOperations: 0 };
  const response: MetadataResponse = {
    throttleTimeMs: 0,
    brokers,
    clusterId: "c",
    controllerId: 1,
    topics: [topic],
    clusterAuthorizedOperations: 0,
    errorCode: 0,
  };
  return mergeMetadata(ClusterMetadata.empty, response, { version: 13, asked: [], isWanted: () => true }).metadata;
}

/** A leader that has shared this. */
async function leaderOf(metadata: ClusterMetadata, { hasRack = true } = {}): Promise<LeaderTopics> {
  const leader = new LeaderTopics(hasRack);
  const cluster = { metadata, refresh: () => Promise.resolve(metadata) };
  await leader.racksOf(new Set([TOPIC]), GENERATION, cluster, new Deadline(new HeldClock(), 1000));
  return leader;
}

const RACKS = { 1: "a", 2: "b", 3: "c" };
const BEFORE = metadataOf(RACKS, [
  [1, 2],
  [2, 3],
]);
const MOVED = metadataOf(RACKS, [
  [1, 2],
  [2, 1],
]);

it("a leader that has a rack has its group come together when replicas have gone to other racks (KIP-881)", async () => {
  const leader = await leaderOf(BEFORE);
  expect(leader.changeSince(GENERATION, BEFORE)).toBeUndefined();
  expect(leader.changeSince(GENERATION, MOVED)).toBe("replicas of partition 1 of topic 'orders' are in other racks");
  const swapped = metadataOf(RACKS, [
    [2, 1],
    [3, 2],
  ]);
  expect(leader.changeSince(GENERATION, swapped)).toBeUndefined();
});

it("a leader without a rack does not, nor who leads no more", async () => {
  expect((await leaderOf(BEFORE, { hasRack: false })).changeSince(GENERATION, MOVED)).toBeUndefined();
  expect((await leaderOf(BEFORE)).changeSince(GENERATION + 1, MOVED)).toBeUndefined();
});

it("a broker that is away for a while, and then back, is no reason to come together; that replicas moved meanwhile is", async () => {
  const away = metadataOf({ 1: "a", 2: "b" }, [
    [1, 2],
    [2, 3],
  ]);
  const leader = await leaderOf(BEFORE);
  for (const metadata of [away, BEFORE]) expect(leader.changeSince(GENERATION, metadata)).toBeUndefined();
  const other = await leaderOf(away);
  for (const metadata of [away, BEFORE]) expect(other.changeSince(GENERATION, metadata)).toBeUndefined();
  expect(other.changeSince(GENERATION, MOVED)).toContain("partition 1");
});
