import type { Cluster } from "../../cluster/cluster.ts";

/** Sees to it that the cluster's view has the topics that are read, and keeps no others for us. */
export class TopicWatch {
  #cluster: Cluster | undefined;
  #topics: ReadonlySet<string> = new Set();
  #areNamed = true;
  readonly #held = new Map<string, () => void>();

  attach(cluster: Cluster): void {
    this.#cluster = cluster;
    cluster.letTopicsBeMade(this.#areNamed);
    this.follow(this.#topics);
  }

  /** Whether the user has named them. What only fits a pattern is not made again, when it is deleted, by asking for it. */
  named(areNamed: boolean): void {
    this.#areNamed = areNamed;
    this.#cluster?.letTopicsBeMade(areNamed);
  }

  /** Instead of those before. */
  follow(topics: ReadonlySet<string>): void {
    this.#topics = topics;
    const cluster = this.#cluster;
    if (cluster === undefined) return;
    for (const [topic, letGo] of this.#held) {
      if (topics.has(topic)) continue;
      letGo();
      this.#held.delete(topic);
    }
    const missing: string[] = [];
    for (const topic of topics) {
      if (!this.#held.has(topic)) this.#held.set(topic, cluster.watch(topic));
      if (!cluster.metadata.topics.has(topic)) missing.push(topic);
    }
    if (missing.length > 0) cluster.needMetadata(missing);
  }

  stop(): void {
    this.follow(new Set());
  }
}
