import type { Deadline } from "../../async/deadline.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { MetadataSnapshot } from "../../cluster/metadata-snapshot.ts";
import type { TopicRacks } from "../../group/assignors/assignor.ts";

/** What a leader shared when it did. */
interface Shared {
  readonly generationId: number;
  readonly counts: ReadonlyMap<string, number>;
}

/** The topics of a whole group, as its leader sees them: it is the one who notices that they have become others. */
export class LeaderTopics {
  #shared: Shared | undefined;

  /** G22: what is not known is asked for first; what is not there is left out. */
  async racksOf(topics: ReadonlySet<string>, generationId: number, cluster: Cluster, deadline: Deadline): Promise<TopicRacks> {
    const missing = [...topics].filter((topic) => !cluster.metadata.topics.has(topic));
    if (missing.length > 0) await cluster.refresh(deadline, missing);
    const { metadata } = cluster;
    this.#shared = { generationId, counts: countsOf(topics, metadata) };
    const racks = new Map<string, readonly (readonly string[])[]>();
    for (const topic of topics) {
      const found = metadata.topics.get(topic);
      if (found === undefined) continue;
      const racksOfReplicas = ({ replicas }: { readonly replicas: readonly number[] }): readonly string[] =>
        replicas.flatMap((nodeId) => metadata.brokers.get(nodeId)?.rack ?? []);
      racks.set(topic, found.partitions.map(racksOfReplicas));
    }
    return racks;
  }

  /** What is not as it was when it was shared in that generation; undefined if all is, or if somebody else has shared it. */
  changeSince(generationId: number | undefined, metadata: MetadataSnapshot): string | undefined {
    const shared = this.#shared;
    if (shared === undefined || shared.generationId !== generationId) return undefined;
    for (const [topic, before] of shared.counts) {
      const now = countOf(topic, metadata);
      if (now !== before) return `topic '${topic}' has ${now} partitions instead of ${before}`;
    }
    return undefined;
  }
}

function countsOf(topics: Iterable<string>, metadata: MetadataSnapshot): ReadonlyMap<string, number> {
  return new Map([...topics].map((topic) => [topic, countOf(topic, metadata)]));
}

function countOf(topic: string, { topics }: MetadataSnapshot): number {
  return topics.get(topic)?.partitions.length ?? 0;
}
