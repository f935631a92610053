/** A topic as a request names it: by name or, in the newest versions, by id. */
export interface TopicReference {
  readonly name: string;
  readonly topicId: string;
}

interface PartitionResult {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

/** What became of each partition of a request. As in Kafka's answers, topics stand in the order of their first results. */
export class PartitionResults {
  readonly #topics = new Map<string, { readonly topic: TopicReference; readonly partitions: PartitionResult[] }>();

  add(topic: TopicReference, partitionIndex: number, errorCode: number): void {
    const key = `${topic.topicId}/${topic.name}`;
    const results = this.#topics.get(key) ?? { topic, partitions: [] };
    this.#topics.set(key, results);
    results.partitions.push({ partitionIndex, errorCode });
  }

  get topics(): readonly (TopicReference & { readonly partitions: readonly PartitionResult[] })[] {
    return Array.from(this.#topics.values(), ({ topic: { name, topicId }, partitions }) => ({ name, topicId, partitions }));
  }
}
