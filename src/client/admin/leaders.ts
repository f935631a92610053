/** Who leads which partition, as far as the cluster's metadata tell. */
import { errorByName, type KafkaError, Metadata } from "../../protocol/index.ts";
import type { MetadataSnapshot } from "../cluster/metadata-snapshot.ts";
import { BrokerError } from "../errors.ts";
import { type AdminContext, addressOf, isItemFailure } from "./admin-context.ts";
import { metadataRequestForNames } from "./metadata-request.ts";
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
  context: AdminContext,
  items: readonly Item[],
  { api, isStale }: { readonly api: string; readonly isStale: boolean },
): Promise<LocatedItems<Item>> {
  const { cluster, deadline } = context;
  const names = [...new Set(items.map(({ topic }) => topic))];
  try {
    const isKnown = items.every(({ topic, partition }) => cluster.metadata.leaderOf(topic, partition) !== undefined);
    const metadata = isKnown && !isStale ? cluster.metadata : await cluster.refresh(deadline, names, true);
    const missing = names.filter((name) => !metadata.topics.has(name));
    return grouped(items, metadata, api, await whyMissing(context, missing));
  } catch (error) {
    if (!isItemFailure(error, deadline)) throw error;
    return { byLeader: new Map(), unlocated: new Map(items.map((item) => [item, error])) };
  }
}

function grouped<Item extends PartitionItem>(
  items: readonly Item[],
  metadata: MetadataSnapshot,
  api: string,
  missing: ReadonlyMap<string, BrokerError>,
): LocatedItems<Item> {
  const byLeader = new Map<number, Item[]>();
  const unlocated = new Map<Item, KafkaError>();
  for (const item of items) {
    const { topic, partition } = item;
    const leader = metadata.leaderOf(topic, partition);
    if (leader === undefined) {
      const exists = metadata.topics.get(topic)?.partitions[partition] !== undefined;
      const code = exists ? LEADER_NOT_AVAILABLE : UNKNOWN_TOPIC_OR_PARTITION;
      unlocated.set(item, missing.get(topic) ?? new BrokerError(code, { api, topic, partition }));
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
async function whyMissing(context: AdminContext, names: readonly string[]): Promise<ReadonlyMap<string, BrokerError>> {
  if (names.length === 0) return new Map();
  const { cluster, deadline } = context;
  const answer = await cluster.ask(Metadata, (version) => metadataRequestForNames(names, version), { kind: "any" }, { deadline });
  return new Map(
    answer.body.topics.flatMap(({ name, errorCode }) =>
      name === null || errorCode === 0
        ? []
        : [[name, new BrokerError(errorCode, { api: Metadata.name, topic: name, broker: addressOf(answer) })] as const],
    ),
  );
}
