import type { ClusterBroker, MetadataSnapshot, PartitionLeader, TopicMetadata } from "./metadata-snapshot.ts";

interface Contents {
  readonly clusterId: string | undefined;
  readonly controllerId: number;
  readonly brokers: ReadonlyMap<number, ClusterBroker>;
  readonly topics: ReadonlyMap<string, TopicMetadata>;
  /** Error codes of topics that were asked for and could not be had: each is the affair of its topic alone. */
  readonly problems: ReadonlyMap<string, number>;
  /** By topic: how many answers in a row have lacked something of it that is known. */
  readonly lacking: ReadonlyMap<string, number>;
}

/**
 * A snapshot with what the next one is made from. Snapshots share what has not changed: the same broker, topic and partition objects,
 * and the same maps.
 */
export class ClusterMetadata implements MetadataSnapshot {
  static readonly empty: ClusterMetadata = new ClusterMetadata({
    clusterId: undefined,
    controllerId: -1,
    brokers: new Map(),
    topics: new Map(),
    problems: new Map(),
    lacking: new Map(),
  });

  readonly clusterId: string | undefined;
  readonly controllerId: number;
  readonly brokers: ReadonlyMap<number, ClusterBroker>;
  readonly topics: ReadonlyMap<string, TopicMetadata>;
  readonly problems: ReadonlyMap<string, number>;
  readonly lacking: ReadonlyMap<string, number>;
  /** Made when first asked for: producers and consumers of old brokers never do. */
  #topicsById: ReadonlyMap<string, TopicMetadata> | undefined;
  /** By node, then epoch: there are few pairs, so looking up a leader allocates nothing. */
  readonly #leaders = new Map<number, Map<number, PartitionLeader>>();

  private constructor(contents: Contents) {
    this.clusterId = contents.clusterId;
    this.controllerId = contents.controllerId;
    this.brokers = contents.brokers;
    this.topics = contents.topics;
    this.problems = contents.problems;
    this.lacking = contents.lacking;
  }

  /** Itself, when nothing is different. */
  with(changes: Partial<Contents>): ClusterMetadata {
    const next: Contents = { ...this.#contents(), ...changes };
    if (isSame(this, next)) return this;
    const made = new ClusterMetadata(next);
    if (made.topics === this.topics) made.#topicsById = this.#topicsById;
    return made;
  }

  /** What is left after it turned out that the brokers are not to be trusted: the topics, until others tell of them (M11). */
  forgetBrokers(): ClusterMetadata {
    return this.with({ clusterId: undefined, controllerId: -1, brokers: new Map() });
  }

  topicById(topicId: string): TopicMetadata | undefined {
    if (this.#topicsById === undefined) {
      const byId = new Map<string, TopicMetadata>();
      for (const topic of this.topics.values()) if (topic.topicId !== undefined) byId.set(topic.topicId, topic);
      this.#topicsById = byId;
    }
    return this.#topicsById.get(topicId);
  }

  leaderOf(topic: string, partition: number): PartitionLeader | undefined {
    const found = this.topics.get(topic)?.partitions[partition];
    if (found === undefined) return undefined;
    const broker = this.brokers.get(found.leaderId);
    return broker === undefined ? undefined : this.#leader(broker, found.leaderEpoch);
  }

  get controller(): ClusterBroker | undefined {
    return this.brokers.get(this.controllerId);
  }

  #leader(broker: ClusterBroker, leaderEpoch: number): PartitionLeader {
    const ofBroker = this.#leaders.get(broker.nodeId) ?? new Map<number, PartitionLeader>();
    const known = ofBroker.get(leaderEpoch);
    if (known !== undefined) return known;
    const leader = { broker, leaderEpoch };
    this.#leaders.set(broker.nodeId, ofBroker.set(leaderEpoch, leader));
    return leader;
  }

  #contents(): Contents {
    const { clusterId, controllerId, brokers, topics, problems, lacking } = this;
    return { clusterId, controllerId, brokers, topics, problems, lacking };
  }
}

function isSame(one: Contents, other: Contents): boolean {
  return (
    one.clusterId === other.clusterId &&
    one.controllerId === other.controllerId &&
    one.brokers === other.brokers &&
    one.topics === other.topics &&
    one.problems === other.problems &&
    one.lacking === other.lacking
  );
}
