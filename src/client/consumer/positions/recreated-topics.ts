import type { MetadataSnapshot } from "../../cluster/metadata-snapshot.ts";

/** Which topics that are read have become others of the same name (M8), also while they were not there at all in between. */
export class RecreatedTopics {
  #ids = new Map<string, string>();

  /** Those since the last time. Brokers before 2.8 give topics no ids: then nobody knows. */
  since(topics: Iterable<string>, metadata: Pick<MetadataSnapshot, "topics">): ReadonlySet<string> {
    const ids = new Map<string, string>();
    const recreated = new Set<string>();
    for (const topic of topics) {
      const before = this.#ids.get(topic);
      const now = metadata.topics.get(topic)?.topicId ?? before;
      if (now === undefined) continue;
      ids.set(topic, now);
      if (before !== undefined && before !== now) recreated.add(topic);
    }
    this.#ids = ids;
    return recreated;
  }
}
