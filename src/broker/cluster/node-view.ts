/**
 * The cluster as one node tells clients of it. Normally that is the truth; a test may give a node a stale view, in which leaders
 * are where they used to be and what came later is missing. The node answers for what it leads by the truth all the same, so a
 * client that followed an old view hears NOT_LEADER_OR_FOLLOWER.
 */
import type { BrokerNode } from "./broker-node.ts";
import type { Cluster } from "./cluster.ts";
import type { Partition } from "./partition.ts";
import type { Topic } from "./topic.ts";

export interface Leadership {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

export class NodeView {
  readonly #cluster: Cluster;
  readonly #node: BrokerNode;

  constructor(cluster: Cluster, node: BrokerNode) {
    this.#cluster = cluster;
    this.#node = node;
  }

  topic(name: string): Topic | undefined {
    return this.#ifKnown(this.#cluster.topics.get(name));
  }

  topicById(id: string): Topic | undefined {
    return this.#ifKnown(this.#cluster.topics.byId(id));
  }

  topics(): readonly Topic[] {
    const { staleView } = this.#node;
    const all = [...this.#cluster.topics];
    return staleView === undefined ? all : all.filter((topic) => staleView.leaders.has(topic.id));
  }

  partitions(topic: Topic): readonly Partition[] {
    const known = this.#node.staleView?.leaders.get(topic.id);
    return known === undefined ? topic.partitions : topic.partitions.slice(0, known.length);
  }

  leadership(partition: Partition): Leadership {
    return this.#node.staleView?.leaders.get(partition.topic.id)?.[partition.index] ?? partition;
  }

  /** Nodes in service, by ascending id; a stale view still counts its leaders among them. */
  liveNodes(): readonly BrokerNode[] {
    const { staleView } = this.#node;
    if (staleView === undefined) return this.#cluster.runningNodes;
    const leaderIds = new Set([...staleView.leaders.values()].flatMap((leaders) => leaders.map(({ leaderId }) => leaderId)));
    return this.#cluster.nodes.filter((node) => node.isRunning || leaderIds.has(node.id));
  }

  #ifKnown(topic: Topic | undefined): Topic | undefined {
    const { staleView } = this.#node;
    if (topic === undefined || staleView === undefined || staleView.leaders.has(topic.id)) return topic;
    return undefined;
  }
}
