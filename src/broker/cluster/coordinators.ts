import type { ErrorName } from "../../protocol/index.ts";
import type { BrokerNode } from "./broker-node.ts";
import type { Cluster } from "./cluster.ts";
import type { CoordinatorKind } from "./coordinator-kind.ts";
import { NO_LEADER, type Partition } from "./partition.ts";
import { CONSUMER_OFFSETS, TRANSACTION_STATE } from "./topics.ts";

/**
 * Who coordinates a group or a transactional id: the leader of the partition of the internal topic that its name hashes to. So a
 * coordinator moves when that partition's leader does.
 */
export class Coordinators {
  readonly #cluster: Cluster;
  /** Partitions whose new leader is still reading: until when, by `kind-partition`. */
  readonly #loadingUntil = new Map<Partition, number>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** The partition that a group's or a transactional id's state would be stored in. */
  partitionOf(kind: CoordinatorKind, key: string): Partition {
    const topic = this.#cluster.topics.internal(kind === "group" ? CONSUMER_OFFSETS : TRANSACTION_STATE);
    return topic.partition(javaAbs(javaHash(key)) % topic.partitions.length)!;
  }

  /** Undefined while the partition has no leader. */
  find(kind: CoordinatorKind, key: string): BrokerNode | undefined {
    const { leaderId } = this.partitionOf(kind, key);
    return leaderId === NO_LEADER ? undefined : this.#cluster.node(leaderId);
  }

  /** Why this node cannot answer for the key now; undefined when it can. */
  refusal(kind: CoordinatorKind, key: string, node: BrokerNode): ErrorName | undefined {
    const partition = this.partitionOf(kind, key);
    if (partition.leaderId !== node.id) return "NOT_COORDINATOR";
    return this.isLoading(partition) ? "COORDINATOR_LOAD_IN_PROGRESS" : undefined;
  }

  isLoading(partition: Partition): boolean {
    const until = this.#loadingUntil.get(partition);
    if (until === undefined) return false;
    if (until > this.#cluster.clock.now()) return true;
    this.#loadingUntil.delete(partition);
    return false;
  }

  /** Lets another node coordinate, which for `loadingMs` says that it is still loading. */
  move(kind: CoordinatorKind, key: string, nodeId: number, loadingMs = 0): boolean {
    const partition = this.partitionOf(kind, key);
    if (!partition.moveLeader(nodeId)) return false;
    this.load(kind, key, loadingMs);
    return true;
  }

  load(kind: CoordinatorKind, key: string, loadingMs: number): void {
    if (loadingMs > 0) this.#loadingUntil.set(this.partitionOf(kind, key), this.#cluster.clock.now() + loadingMs);
  }
}

/** Java's `String.hashCode`. */
export function javaHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash;
}

/** Kafka's `Utils.abs`: the one number without a positive counterpart becomes 0. */
function javaAbs(value: number): number {
  return value === -0x8000_0000 ? 0 : Math.abs(value);
}
