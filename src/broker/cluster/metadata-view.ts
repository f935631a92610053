import type { MetadataView } from "./broker-node.ts";
import type { Cluster } from "./cluster.ts";

/** Who leads what right now. */
export function metadataView(cluster: Cluster): MetadataView {
  const leaders = new Map(
    [...cluster.topics].map((topic) => [
      topic.id,
      topic.partitions.map(({ leaderId, leaderEpoch }) => ({ leaderId, leaderEpoch })),
    ]),
  );
  return { takenAtMs: cluster.clock.now(), leaders };
}
