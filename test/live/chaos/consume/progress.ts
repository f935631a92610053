import type { TopicPartition, TopicPartitionOffset } from "../../../../src/index.ts";
import type { PartitionName } from "./history.ts";

export function nameOf({ topic, partition }: TopicPartition): PartitionName {
  return `${topic}-${partition}`;
}

interface Place {
  /** Everything before is processed. */
  next: number;
  /** Processed behind it. */
  readonly later: Set<number>;
  committed: number;
}

/** How far a member has processed what it owns. */
export class Progress {
  readonly #places = new Map<PartitionName, Place>();

  forget(partitions: readonly TopicPartition[]): void {
    for (const one of partitions) this.#places.delete(nameOf(one));
  }

  handed(place: TopicPartition, first: number): void {
    const name = nameOf(place);
    if (!this.#places.has(name)) this.#places.set(name, { next: first, later: new Set(), committed: first });
  }

  done(place: TopicPartition, first: number, last: number): void {
    const found = this.#places.get(nameOf(place));
    if (found === undefined) return;
    for (let offset = first; offset <= last; offset++) if (offset >= found.next) found.later.add(offset);
    while (found.later.delete(found.next)) found.next++;
  }

  /** What is processed of these, and not committed. */
  due(partitions: readonly TopicPartition[]): TopicPartitionOffset[] {
    return partitions.flatMap((one) => {
      const place = this.#places.get(nameOf(one));
      return place === undefined || place.next <= place.committed ? [] : [{ ...one, offset: place.next }];
    });
  }

  committed(offsets: readonly TopicPartitionOffset[]): void {
    for (const one of offsets) {
      const place = this.#places.get(nameOf(one));
      if (place !== undefined) place.committed = Math.max(place.committed, one.offset);
    }
  }
}
