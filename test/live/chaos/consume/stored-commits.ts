import type { KafkaCluster } from "../../../support/kafka/kafka-cluster.ts";
import { readLogs } from "../../../support/log-reader/log-reader.ts";
import { partitionsOf } from "../targets.ts";
import type { PartitionName, StoredCommit } from "./history.ts";
import { commitKeyFrom, storedCommitFrom } from "./offset-record.ts";

export const OFFSETS_TOPIC = "__consumer_offsets";

/** As if a tombstone had the group begin anew. */
const FORGOTTEN: StoredCommit = { offset: 0, atMs: Number.POSITIVE_INFINITY };

/** By group and partition, all commits that were ever stored, as Apache Kafka's own consumer reads them. */
export type StoredCommits = ReadonlyMap<string, ReadonlyMap<PartitionName, readonly StoredCommit[]>>;

export async function readStoredCommits(cluster: KafkaCluster): Promise<StoredCommits> {
  const groups = new Map<string, Map<PartitionName, StoredCommit[]>>();
  const count = (await partitionsOf(cluster, [OFFSETS_TOPIC])).length;
  await readLogs({
    bootstrapServers: cluster.bootstrapServers,
    isolation: "uncommitted",
    partitions: Array.from({ length: count }, (_, partition) => ({ topic: OFFSETS_TOPIC, partition })),
    onRecord: (_partition, _offset, value, key) => {
      const place = key === null ? undefined : commitKeyFrom(key);
      if (place === undefined) return;
      const commits = groups.get(place.group) ?? new Map<PartitionName, StoredCommit[]>();
      groups.set(place.group, commits);
      const known = commits.get(place.partition) ?? [];
      commits.set(place.partition, known);
      known.push(value === null ? FORGOTTEN : storedCommitFrom(value));
    },
  });
  return groups;
}
