import type { Deadline } from "../../async/deadline.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { MetadataSnapshot, PartitionMetadata } from "../../cluster/metadata-snapshot.ts";
import type { TopicRacks } from "../../group/assignors/assignor.ts";

/** Of a partition's replicas; undefined while a broker that has one is away, and cannot say where it is. */
type Racks = ReadonlySet<string> | undefined;

type KnownCluster = Pick<Cluster, "metadata" | "refresh">;

/** What a leader shared when it did. */
interface Shared {
  readonly generationId: number;
  /** By partition; of a topic that was not there, none. */
  readonly topics: ReadonlyMap<string, Racks[]>;
}

/** The topics of a whole group, as its leader sees them: it is the one who notices that they have become others. */
export class LeaderTopics {
  readonly #hasRack: boolean;
  #shared: Shared | undefined;

  /** @param hasRack as with Java's, leaders that have one share anew when replicas have gone to other racks (KIP-881) */
  constructor(hasRack: boolean) {
    this.#hasRack = hasRack;
  }

  /** G22. What is not there is left out. */
  async racksOf(topics: ReadonlySet<string>, generationId: number, cluster: KnownCluster, deadline: Deadline): Promise<TopicRacks> {
    const metadata = await metadataOf(topics, cluster, deadline);
    this.#shared = { generationId, topics: new Map([...topics].map((topic) => [topic, racksIn(topic, metadata)])) };
    const racks = new Map<string, readonly (readonly string[])[]>();
    for (const topic of topics) {
      const found = metadata.topics.get(topic);
      if (found === undefined) continue;
      const racksOfReplicas = ({ replicas }: PartitionMetadata): readonly string[] =>
        replicas.flatMap((nodeId) => metadata.brokers.get(nodeId)?.rack ?? []);
      racks.set(topic, found.partitions.map(racksOfReplicas));
    }
    return racks;
  }

  /** What is not as it was when it was shared in that generation; undefined if all is, or if somebody else has shared it. */
  changeSince(generationId: number | undefined, metadata: MetadataSnapshot): string | undefined {
    const shared = this.#shared;
    if (shared === undefined || shared.generationId !== generationId) return undefined;
    for (const [topic, before] of shared.topics) {
      const now = racksIn(topic, metadata);
      if (now.length !== before.length) return `topic '${topic}' has ${now.length} partitions instead of ${before.length}`;
      const moved = this.#hasRack ? movedIn(before, now) : undefined;
      if (moved !== undefined) return `replicas of partition ${moved} of topic '${topic}' are in other racks`;
    }
    return undefined;
  }
}

/** What is not known of them is asked for first. */
export async function metadataOf(topics: Iterable<string>, cluster: KnownCluster, deadline: Deadline): Promise<MetadataSnapshot> {
  const missing = [...topics].filter((topic) => !cluster.metadata.topics.has(topic));
  if (missing.length > 0) await cluster.refresh(deadline, missing);
  return cluster.metadata;
}

function racksIn(topic: string, { topics, brokers }: MetadataSnapshot): Racks[] {
  return (topics.get(topic)?.partitions ?? []).map(({ replicas }: PartitionMetadata): Racks => {
    const racks = new Set<string>();
    for (const nodeId of replicas) {
      const broker = brokers.get(nodeId);
      if (broker === undefined) return undefined;
      if (broker.rack !== undefined) racks.add(broker.rack);
    }
    return racks;
  });
}

/** The first partition that has. Brokers that restart are no reason: what was not known is taken as it is now. */
function movedIn(before: Racks[], now: readonly Racks[]): number | undefined {
  for (const [partition, racks] of now.entries()) {
    if (racks === undefined) continue;
    const known = before[partition];
    before[partition] ??= racks;
    if (known !== undefined && !(known.size === racks.size && [...racks].every((rack) => known.has(rack)))) return partition;
  }
  return undefined;
}
