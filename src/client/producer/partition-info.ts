import type { TopicMetadata } from "../cluster/metadata-snapshot.ts";

/** A partition of a topic, as last seen. */
export interface PartitionInfo {
  readonly topic: string;
  readonly partition: number;
  /** The node that leads it; undefined while none does. */
  readonly leader: number | undefined;
  readonly replicas: readonly number[];
  readonly inSyncReplicas: readonly number[];
  readonly offlineReplicas: readonly number[];
}

export function partitionInfos(topic: string, metadata: TopicMetadata | undefined): readonly PartitionInfo[] {
  const partitions = metadata?.partitions.filter((partition) => partition !== undefined) ?? [];
  return partitions.map(({ partition, leaderId, replicas, inSyncReplicas, offlineReplicas }) => ({
    topic,
    partition,
    leader: leaderId < 0 ? undefined : leaderId,
    replicas,
    inSyncReplicas,
    offlineReplicas,
  }));
}
