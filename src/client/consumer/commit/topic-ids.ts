import type { NegotiationLimits } from "../../../protocol/index.ts";
import type { ClusterMetadata } from "../../cluster/cluster-metadata.ts";
import type { TopicPartition } from "../topic-partition.ts";

/** KIP-848: the first version of OffsetCommit and of OffsetFetch that has ids instead of names. */
const FIRST_WITH_IDS = 10;

/** What a topic is called in requests and answers: in one half of the versions the one counts, in the other half the other. */
export interface TopicReference {
  readonly name: string;
  readonly topicId: string;
}

/** The topics of one request, under both of their names. */
export class RequestTopics<P extends TopicPartition> {
  readonly #byName = new Map<string, P[]>();
  readonly #idOf = new Map<string, string>();
  readonly #nameOf = new Map<string, string>();

  constructor(partitions: Iterable<P>, metadata: ClusterMetadata) {
    for (const one of partitions) {
      const ofTopic = this.#byName.get(one.topic);
      if (ofTopic === undefined) this.#byName.set(one.topic, [one]);
      else ofTopic.push(one);
    }
    for (const name of this.#byName.keys()) {
      const topicId = metadata.topics.get(name)?.topicId;
      if (topicId === undefined) continue;
      this.#idOf.set(name, topicId);
      this.#nameOf.set(topicId, name);
    }
  }

  /** A request has ids for all its topics, or for none. */
  limits(atLeast: number): NegotiationLimits {
    return this.#idOf.size === this.#byName.size ? { atLeast } : { atLeast, atMost: FIRST_WITH_IDS - 1 };
  }

  map<T extends object>(bodyOf: (partitions: readonly P[]) => T): readonly (Partial<TopicReference> & T)[] {
    return Array.from(this.#byName, ([name, partitions]) => {
      const topicId = this.#idOf.get(name);
      return { name, ...(topicId !== undefined && { topicId }), ...bodyOf(partitions) };
    });
  }

  /** Of a topic in the answer; undefined if nobody asked for it. */
  nameOf({ name, topicId }: TopicReference, version: number): string | undefined {
    return version >= FIRST_WITH_IDS ? this.#nameOf.get(topicId) : name;
  }
}
