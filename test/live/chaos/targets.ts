import type { Dice } from "../../simulation/world/dice.ts";
import type { ClusterNode } from "../../support/kafka/cluster-node.ts";
import type { KafkaCluster } from "../../support/kafka/kafka-cluster.ts";

/** Which node it befalls. */
export interface Target {
  /** What the node is, as an apposition; none if it is nothing special. */
  readonly title: string | undefined;
  choose(cluster: KafkaCluster, dice: Dice): Promise<ClusterNode>;
}

/** Names of topics, with which the oldest release in use can be asked. */
const METADATA_VERSION = 4;

export const CONTROLLER: Target = {
  title: "the controller",
  choose: (cluster) => cluster.controller(),
};

export const NO_CONTROLLER: Target = {
  title: undefined,
  choose: async (cluster, dice) => {
    const controller = await cluster.controller();
    return dice.pick(cluster.nodes.filter(({ id }) => id !== controller.id));
  },
};

/** The node that leads most partitions of these topics. */
export function leaderOf(topics: readonly string[]): Target {
  return {
    title: "the leader",
    choose: async (cluster, dice) => {
      const leaders = (await partitionsOf(cluster, topics)).map(({ leaderId }) => leaderId);
      const led = (id: number): number => leaders.filter((leader) => leader === id).length;
      const most = Math.max(...cluster.nodes.map(({ id }) => led(id)));
      return dice.pick(cluster.nodes.filter(({ id }) => led(id) === most));
    },
  };
}

interface PartitionState {
  readonly topic: string;
  readonly leaderId: number;
  readonly replicas: number;
  readonly inSync: number;
}

/** As the first running node knows them. */
export async function partitionsOf(cluster: KafkaCluster, topics: readonly string[]): Promise<readonly PartitionState[]> {
  const asked = { topics: topics.map((name) => ({ name })), allowAutoTopicCreation: false };
  const answer = await cluster.ask("Metadata", METADATA_VERSION, asked);
  return answer.topics.flatMap(({ name, partitions }) =>
    partitions.map(({ leaderId, replicaNodes, isrNodes }) => ({
      topic: name ?? "",
      leaderId,
      replicas: replicaNodes.length,
      inSync: isrNodes.length,
    })),
  );
}
