import type { MetadataSnapshot, TopicMetadata } from "../../../../src/client/cluster/metadata-snapshot.ts";
import type { Checker } from "../../checkers/checker.ts";
import type { SimulatedClient } from "../../world/simulated-client.ts";
import type { World } from "../../world/world.ts";
import type { ClusterClient } from "./cluster-client.ts";

const FORWARD = "what a client knows of a topic's leaders never goes backwards";
const TRUE_ONCE = "whatever a client believes of the cluster was true at some time";

const NO_LEADER = -1;

/** @param clients those of the run, read when needed: they come one after the other */
export function snapshotCheckers(clients: readonly SimulatedClient<ClusterClient>[]): readonly Checker[] {
  return [
    {
      rule: `${FORWARD}; ${TRUE_ONCE}`,
      watch: (world) => {
        const last = new Map<SimulatedClient<ClusterClient>, MetadataSnapshot>();
        return {
          onStep: () => {
            for (const client of clients) {
              const { metadata } = client.client.cluster;
              const before = last.get(client);
              if (metadata === before) continue;
              last.set(client, metadata);
              checkSnapshot(world, client.clientId, before, metadata);
            }
          },
        };
      },
    },
  ];
}

function checkSnapshot(world: World, clientId: string, before: MetadataSnapshot | undefined, now: MetadataSnapshot): void {
  for (const [nodeId, { host, port }] of now.brokers) {
    const isNode = world.broker.nodes.some((node) => node.id === nodeId && node.host === host && node.port === port);
    if (!isNode) world.violate(TRUE_ONCE, `${clientId}: node ${nodeId} is not at ${host}:${port}`);
  }
  for (const [name, topic] of now.topics) {
    const earlier = before?.topics.get(name);
    if (earlier === topic) continue;
    if (topic.name !== name) world.violate(TRUE_ONCE, `${clientId}: topic ${topic.name} goes by the name of ${name}`);
    checkTopic(world, clientId, topic);
    if (earlier !== undefined && topic.topicId !== undefined && earlier.topicId === topic.topicId) {
      checkOrder(world, clientId, earlier, topic);
    }
  }
}

function checkTopic(world: World, clientId: string, { name, topicId, partitions }: TopicMetadata): void {
  const ids = topicId === undefined ? world.truth.idsOf(name) : [topicId];
  if (ids.length === 0 || ids.some((id) => world.truth.nameOf(id) !== name)) {
    world.violate(TRUE_ONCE, `${clientId}: there never was a topic ${name} with the id ${topicId}`);
    return;
  }
  for (const { partition, leaderId, leaderEpoch } of partitions) {
    // Without an epoch nobody can tell when; and that there is no leader may also mean that nobody told of one.
    if (leaderEpoch < 0 || leaderId === NO_LEADER) continue;
    if (ids.some((id) => world.truth.wasLeader(leaderId, id, partition, leaderEpoch))) continue;
    world.violate(TRUE_ONCE, `${clientId}: node ${leaderId} never led ${name}-${partition} in epoch ${leaderEpoch}`);
  }
}

function checkOrder(world: World, clientId: string, before: TopicMetadata, { name, partitions }: TopicMetadata): void {
  if (partitions.length < before.partitions.length) {
    world.violate(FORWARD, `${clientId}: ${name} had ${before.partitions.length} partitions, and now has ${partitions.length}`);
  }
  for (const { partition, leaderEpoch } of partitions) {
    const known = before.partitions[partition]?.leaderEpoch ?? -1;
    if (leaderEpoch >= 0 && leaderEpoch < known) {
      world.violate(FORWARD, `${clientId}: ${name}-${partition} was in epoch ${known}, and now is in ${leaderEpoch}`);
    }
  }
}
