import type { ShareGroupHeartbeatTopicPartitions } from "../../protocol/index.ts";
import type { ClusterMetadata } from "../cluster/cluster-metadata.ts";
import { keyOf } from "./share-requests.ts";
import type { SessionPartition } from "./share-session.ts";

/** A partition that is assigned to us, perhaps beside others. */
export class SharePartition implements SessionPartition {
  readonly topicId: string;
  readonly partition: number;
  /** Undefined until the metadata tell. */
  topic: string | undefined;
  /** Who leads it; undefined for nobody. */
  nodeId: number | undefined;
  /** Answers in a row that were errors. */
  failures = 0;
  /** Monotonic; nothing is asked of it before. */
  retryAtMs = 0;

  constructor(topicId: string, partition: number) {
    this.topicId = topicId;
    this.partition = partition;
  }
}

/** What the coordinator has assigned, and where it is. */
export class SharePartitions {
  #partitions = new Map<string, SharePartition>();

  get size(): number {
    return this.#partitions.size;
  }

  /** Instead of what was assigned before. */
  replace(assigned: readonly ShareGroupHeartbeatTopicPartitions[]): void {
    const next = new Map<string, SharePartition>();
    for (const { topicId, partitions } of assigned) {
      for (const partition of partitions) {
        const key = keyOf({ topicId, partition });
        next.set(key, this.#partitions.get(key) ?? new SharePartition(topicId, partition));
      }
    }
    this.#partitions = next;
  }

  has(place: SessionPartition): boolean {
    return this.#partitions.has(keyOf(place));
  }

  /** False while something of them is not known, and should be looked up. */
  locate(metadata: ClusterMetadata): boolean {
    let isAllKnown = true;
    for (const one of this.#partitions.values()) {
      one.topic = metadata.topicById(one.topicId)?.name;
      const leader = one.topic === undefined ? undefined : metadata.leaderOf(one.topic, one.partition);
      const nodeId = leader?.broker.nodeId;
      // Somebody else leads: whatever was the matter with the one before, he is asked at once.
      if (nodeId !== one.nodeId) one.retryAtMs = 0;
      one.nodeId = nodeId;
      if (nodeId === undefined) isAllKnown = false;
    }
    return isAllKnown;
  }

  nodes(): ReadonlySet<number> {
    const nodes = new Set<number>();
    for (const { nodeId } of this.#partitions.values()) if (nodeId !== undefined) nodes.add(nodeId);
    return nodes;
  }

  /** What is to be asked of that node now. */
  at(nodeId: number, nowMs: number): SharePartition[] {
    return [...this.#partitions.values()].filter((one) => one.nodeId === nodeId && one.retryAtMs <= nowMs);
  }

  /** When the next of them may be asked again; Infinity for none that waits. */
  dueMs(nowMs: number): number {
    let due = Number.POSITIVE_INFINITY;
    for (const { retryAtMs } of this.#partitions.values()) if (retryAtMs > nowMs) due = Math.min(due, retryAtMs);
    return due;
  }
}
