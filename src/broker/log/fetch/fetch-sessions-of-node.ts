import type { BrokerNode } from "../../cluster/broker-node.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { FetchSessionCache } from "./fetch-session-cache.ts";

interface SessionsOfStart {
  readonly nodeEpoch: number;
  readonly sessions: FetchSessionCache;
}

const byNode = new WeakMap<BrokerNode, SessionsOfStart>();

/** The fetch sessions of a node; it forgets them when it stops. */
export function fetchSessionsOf(node: BrokerNode, { random }: Cluster): FetchSessionCache {
  let known = byNode.get(node);
  if (known === undefined || known.nodeEpoch !== node.epoch) {
    const sessions = new FetchSessionCache(random, () => node.configs.int("max.incremental.fetch.session.cache.slots"));
    known = { nodeEpoch: node.epoch, sessions };
    byNode.set(node, known);
  }
  return known.sessions;
}
