/** Who leads which partition, as far as the cluster's metadata tell. */
import { errorByName, type KafkaError } from "../../protocol/index.ts";
import type { ClusterMetadata } from "../cluster/cluster-metadata.ts";
import { BrokerError } from "../errors.ts";
import { isItemFailure } from "./item-failure.ts";
import type { LeaderContext } from "./leader-context.ts";
import type { PartitionItem } from "./partition-item.ts";

const UNKNOWN_TOPIC_OR_PARTITION = errorByName("UNKNOWN_TOPIC_OR_PARTITION").code;
const LEADER_NOT_AVAILABLE = errorByName("LEADER_NOT_AVAILABLE").code;

export interface LocatedItems<Item> {
  readonly byLeader: ReadonlyMap<number, readonly Item[]>;
  /** Why the others have no leader; an error that is retriable may pass. */
  readonly unlocated: ReadonlyMap<Item, KafkaError>;
}

/**
 * The client may have made these topics or partitions itself just now: an answer that was asked for before would not know them.
 *
 * @param isStale the metadata must be asked for anew, for they have been wrong
 */
export async function locateLeaders<Item extends PartitionItem>(
  context: LeaderContext,
  items: readonly Item[],
  { api, isStale }: { readonly api: string; readonly isStale: boolean },
): Promise<LocatedItems<Item>> {
  const { cluster, deadline } = context;
  const names = [...new Set(items.map(({ topic }) => topic))];
  try {
    const isKnown = items.every(({ topic, partition }) => cluster.metadata.leaderOf(topic, partition) !== undefined);
    const metadata = isKnown && !isStale ? cluster.metadata : await cluster.refresh(deadline, names, true);
    return grouped(items, metadata, api);
  } catch (error) {
    if (!isItemFailure(error, deadline)) throw error;
    return { byLeader: new Map(), unlocated: new Map(items.map((item) => [item, error])) };
  }
}

function grouped<Item extends PartitionItem>(items: readonly Item[], metadata: ClusterMetadata, api: string): LocatedItems<Item> {
  const byLeader = new Map<number, Item[]>();
  const unlocated = new Map<Item, KafkaError>();
  for (const item of items) {
    const leader = metadata.leaderOf(item.topic, item.partition);
    if (leader === undefined) {
      unlocated.set(item, whyLeaderless(item, metadata, api));
      continue;
    }
    const { nodeId } = leader.broker;
    const together = byLeader.get(nodeId) ?? [];
    together.push(item);
    byLeader.set(nodeId, together);
  }
  return { byLeader, unlocated };
}

/** A topic may be missing for reasons that waiting does not mend: its name, or our rights. */
export function whyLeaderless({ topic, partition }: PartitionItem, metadata: ClusterMetadata, api: string): BrokerError {
  const known = metadata.topics.get(topic);
  const problem = known === undefined ? metadata.problems.get(topic) : undefined;
  if (problem !== undefined) return new BrokerError(problem, { api: "Metadata", topic });
  const exists = known?.partitions[partition] !== undefined;
  return new BrokerError(exists ? LEADER_NOT_AVAILABLE : UNKNOWN_TOPIC_OR_PARTITION, { api, topic, partition });
}
