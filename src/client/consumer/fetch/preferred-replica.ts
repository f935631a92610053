/** KIP-392: which replica is asked. */
import type { PreferredReplica } from "../assignment/assigned-partition.ts";
import { NOBODY } from "./fetch-slot.ts";

export interface KnownNodes {
  has(nodeId: number): boolean;
}

/**
 * The node to ask for a partition: the replica that its leader has named, as long as that holds; else the leader. A replica that is not
 * among the brokers (any more) strands nobody (F21).
 */
export function nodeToAsk(leaderId: number, preferred: PreferredReplica | undefined, nodes: KnownNodes, nowMs: number): number {
  // Without a leader there is nobody who would say which epoch is meant.
  if (leaderId === NOBODY || preferred === undefined) return leaderId;
  return nowMs < preferred.untilMs && nodes.has(preferred.nodeId) ? preferred.nodeId : leaderId;
}
