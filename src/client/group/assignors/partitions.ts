import type { TopicPartition } from "../../consumer/topic-partition.ts";
import { compareTexts, type TopicRacks } from "./assignor.ts";

/** By topic, then by number. */
export function comparePartitions(one: TopicPartition, other: TopicPartition): number {
  return compareTexts(one.topic, other.topic) || one.partition - other.partition;
}

/** One object for each partition there is, so that sets and maps of them work. */
export class KnownPartitions {
  readonly #byTopic = new Map<string, readonly TopicPartition[]>();
  readonly size: number;

  constructor(topics: TopicRacks) {
    let size = 0;
    for (const [topic, racks] of topics) {
      const partitions = racks.map((_, partition) => ({ topic, partition }));
      this.#byTopic.set(topic, partitions);
      size += partitions.length;
    }
    this.size = size;
  }

  /** Undefined for one that does not exist. */
  find({ topic, partition }: TopicPartition): TopicPartition | undefined {
    return this.#byTopic.get(topic)?.[partition];
  }

  of(topic: string): readonly TopicPartition[] {
    return this.#byTopic.get(topic) ?? [];
  }

  topics(): Iterable<string> {
    return this.#byTopic.keys();
  }
}
