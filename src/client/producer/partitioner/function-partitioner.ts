import type { Partitioner } from "../../config/producer-options.ts";
import type { TopicPartitioner, TopicView } from "./topic-partitioner.ts";

const encoder = new TextEncoder();

/** An application's own choice. What it returns is checked by whoever asks. */
export class FunctionPartitioner implements TopicPartitioner {
  readonly #partitioner: Partitioner;
  readonly #view: TopicView;
  /** Handed out again and again, and so frozen. */
  #partitions: readonly number[] = [];
  #available: readonly number[] = [];

  constructor(partitioner: Partitioner, view: TopicView) {
    this.#partitioner = partitioner;
    this.#view = view;
  }

  choose(key: Uint8Array | string | null): number {
    const { topic, partitionCount } = this.#view;
    if (this.#partitions.length !== partitionCount)
      this.#partitions = Object.freeze(Array.from({ length: partitionCount }, (_, id) => id));
    if (!this.#isAvailabilityAsBefore()) this.#available = Object.freeze(this.#partitions.filter((id) => this.#view.hasLeader(id)));
    return this.#partitioner(topic, typeof key === "string" ? encoder.encode(key) : key, this.#partitions, this.#available);
  }

  #isAvailabilityAsBefore(): boolean {
    const available = this.#available;
    let found = 0;
    for (let partition = 0; partition < this.#view.partitionCount; partition++) {
      if (this.#view.hasLeader(partition) && available[found++] !== partition) return false;
    }
    return found === available.length;
  }
}
