/** What the members of a group subscribe to, all together. */
import type { Cluster } from "../../cluster/cluster.ts";
import type { Topic } from "../../cluster/topic.ts";
import type { ConsumerMember } from "./member.ts";

/** The topics that expressions have been found to describe. */
export type ResolvedRegexes = ReadonlyMap<string, ReadonlySet<string>>;

interface TopicCount {
  /** How many members name the topic. */
  byName: number;
  /** How many expressions describe it. */
  byRegex: number;
}

export class Subscriptions {
  readonly #topics = new Map<string, TopicCount>();
  readonly #regexes = new Map<string, number>();
  readonly #memberCount: number;

  constructor(members: readonly ConsumerMember[], resolved: ResolvedRegexes) {
    this.#memberCount = members.length;
    for (const { subscribedTopicNames, subscribedTopicRegex } of members) {
      for (const name of subscribedTopicNames) this.#count(name).byName++;
      if (subscribedTopicRegex === "") continue;
      this.#regexes.set(subscribedTopicRegex, (this.#regexes.get(subscribedTopicRegex) ?? 0) + 1);
    }
    for (const regex of this.#regexes.keys()) for (const name of resolved.get(regex) ?? []) this.#count(name).byRegex++;
  }

  has(topicName: string): boolean {
    return this.#topics.has(topicName);
  }

  /** How many members subscribe with each expression. */
  get regexes(): ReadonlyMap<string, number> {
    return this.#regexes;
  }

  /** Whether everybody subscribes to the same: the same names and no expression, or the same expression and no names. */
  get isHomogeneous(): boolean {
    const counts = [...this.#topics.values()];
    if (this.#regexes.size === 0) return counts.every(({ byName }) => byName === this.#memberCount);
    const [subscribers] = this.#regexes.values();
    return subscribers === this.#memberCount && counts.every(({ byName, byRegex }) => byRegex === 1 && byName === 0);
  }

  /** Different as soon as the topics are: others, with other partitions, or on other racks. */
  fingerprint(cluster: Cluster): string {
    const topics = [...this.#topics.keys()].sort().flatMap((name) => cluster.topics.get(name) ?? []);
    return topics.map((topic) => `${topic.id}:${topic.partitions.length}${racksOf(topic, cluster)}`).join("|");
  }

  #count(name: string): TopicCount {
    let count = this.#topics.get(name);
    if (count === undefined) {
      count = { byName: 0, byRegex: 0 };
      this.#topics.set(name, count);
    }
    return count;
  }
}

function racksOf(topic: Topic, cluster: Cluster): string {
  const racks = topic.partitions.map(({ replicas }) => replicas.flatMap((id) => cluster.node(id)?.rack ?? []).sort());
  return racks.every((ofPartition) => ofPartition.length === 0) ? "" : `@${JSON.stringify(racks)}`;
}
