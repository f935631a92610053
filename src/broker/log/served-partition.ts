import type { ErrorName } from "../../protocol/index.ts";
import type { BrokerNode } from "../cluster/broker-node.ts";
import { NO_LEADER, type Partition } from "../cluster/partition.ts";
import type { Topic } from "../cluster/topic.ts";
import type { RequestContext } from "../request-context.ts";

/** "Do not check", as any negative leader epoch in a request. */
const NO_LEADER_EPOCH = -1;

/**
 * The partition, if the node that was asked leads it, in the epoch that the client believes in. Kafka lets followers answer
 * consumers, too (KIP-392); here nobody is sent to one.
 */
export function servedPartition(
  topic: Topic | undefined,
  index: number,
  node: BrokerNode,
  currentLeaderEpoch: number = NO_LEADER_EPOCH,
): Partition | ErrorName {
  const partition = topic?.partition(index);
  if (partition === undefined) return "UNKNOWN_TOPIC_OR_PARTITION";
  if (!partition.replicas.includes(node.id)) return "NOT_LEADER_OR_FOLLOWER";
  if (currentLeaderEpoch >= 0) {
    if (currentLeaderEpoch < partition.leaderEpoch) return "FENCED_LEADER_EPOCH";
    if (currentLeaderEpoch > partition.leaderEpoch) return "UNKNOWN_LEADER_EPOCH";
  }
  return partition.leaderId === node.id ? partition : "NOT_LEADER_OR_FOLLOWER";
}

export interface LeaderHint {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

export interface NodeEndpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

/** Collects, for one answer, who leads the partitions that this node does not, and where they are (KIP-951). */
export class LeaderHints {
  readonly #context: RequestContext;
  readonly #endpoints = new Map<number, NodeEndpoint>();

  constructor(context: RequestContext) {
    this.#context = context;
  }

  add(partition: Partition): LeaderHint {
    const { leaderId, leaderEpoch } = partition;
    const leader = leaderId === NO_LEADER ? undefined : this.#context.cluster.node(leaderId);
    if (leader?.isRunning === true) {
      this.#endpoints.set(leaderId, { nodeId: leaderId, host: leader.host, port: leader.port, rack: leader.rack });
    }
    return { leaderId, leaderEpoch };
  }

  get endpoints(): readonly NodeEndpoint[] {
    return [...this.#endpoints.values()];
  }
}
