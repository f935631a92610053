import type { TopicPartitioner, TopicView } from "./topic-partitioner.ts";

/** Java's RoundRobinPartitioner: one record to each partition that has a leader, in turn, whatever the key; to all if none has one. */
export class RoundRobinPartitioner implements TopicPartitioner {
  readonly #view: TopicView;
  #last = -1;

  constructor(view: TopicView) {
    this.#view = view;
  }

  choose(): number {
    const { partitionCount } = this.#view;
    for (let step = 1; step <= partitionCount; step++) {
      const partition = (this.#last + step) % partitionCount;
      if (!this.#view.hasLeader(partition)) continue;
      this.#last = partition;
      return partition;
    }
    this.#last = (this.#last + 1) % partitionCount;
    return this.#last;
  }
}
