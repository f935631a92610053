import type { Keyless } from "./key-partitioner.ts";
import type { TopicPartitioner, TopicView } from "./topic-partitioner.ts";

/** librdkafka's `random`: every record with a key goes anywhere; those without one stay together for a batch. */
export class RandomPartitioner implements TopicPartitioner {
  readonly #view: TopicView;
  readonly #random: () => number;
  readonly #keyless: Keyless;

  constructor(view: TopicView, random: () => number, keyless: Keyless) {
    this.#view = view;
    this.#random = random;
    this.#keyless = keyless;
  }

  choose(key: Uint8Array | string | null): number {
    const { sticky, ignoreKeys } = this.#keyless;
    if (key === null || ignoreKeys) return sticky.choose();
    sticky.pass();
    const partition = this.#any();
    // One more try, as there: enough for the few that have no leader, and no search through all.
    return this.#view.hasLeader(partition) ? partition : this.#any();
  }

  appended(partition: number, bytes: number, isBatchFull: boolean): void {
    this.#keyless.sticky.appended(partition, bytes, isBatchFull);
  }

  #any(): number {
    return Math.floor(this.#random() * this.#view.partitionCount);
  }
}
