import type { TopicPartition, TopicPartitionOffset } from "../../../../src/index.ts";
import type { PartitionName } from "./history.ts";

export function nameOf({ topic, partition }: TopicPartition): PartitionName {
  return `${topic}-${partition}`;
}

interface Place {
  /** By lane, the first that was handed out. */
  readonly firsts: Map<number, number>;
  /** Processed, from `next` on. */
  readonly later: Set<number>;
  /** Everything before is processed; undefined until each lane has begun: whoever comes last may have the lowest offset. */
  next: number | undefined;
  committed: number;
}

/** How far a member has processed what it owns. */
export class Progress {
  readonly #lanes: number;
  readonly #places = new Map<PartitionName, Place>();

  /** @param lanes records are handed out in order if their offsets are equal modulo this */
  constructor(lanes: number) {
    this.#lanes = lanes;
  }

  forget(partitions: readonly TopicPartition[]): void {
    for (const one of partitions) this.#places.delete(nameOf(one));
  }

  handed(one: TopicPartition, first: number): void {
    const place = this.#places.get(nameOf(one)) ?? { firsts: new Map(), later: new Set(), next: undefined, committed: 0 };
    this.#places.set(nameOf(one), place);
    if (place.next !== undefined) return;
    const lane = first % this.#lanes;
    if (!place.firsts.has(lane)) place.firsts.set(lane, first);
    if (place.firsts.size < this.#lanes) return;
    place.next = Math.min(...place.firsts.values());
    place.committed = place.next;
    goOn(place);
  }

  done(one: TopicPartition, first: number, last: number): void {
    const place = this.#places.get(nameOf(one));
    if (place === undefined) return;
    for (let offset = first; offset <= last; offset++) if (offset >= (place.next ?? 0)) place.later.add(offset);
    goOn(place);
  }

  /** What is processed of these, and not committed, as far as it is known. */
  due(partitions: readonly TopicPartition[]): TopicPartitionOffset[] {
    return partitions.flatMap((one) => {
      const { next, committed = 0 } = this.#places.get(nameOf(one)) ?? {};
      return next === undefined || next <= committed ? [] : [{ ...one, offset: next }];
    });
  }

  /** Whether something of these was handed out of which only the consumer can say how far it goes. */
  isVague(partitions: readonly TopicPartition[]): boolean {
    return partitions.some((one) => {
      const place = this.#places.get(nameOf(one));
      return place !== undefined && place.next === undefined;
    });
  }

  committed(offsets: readonly TopicPartitionOffset[]): void {
    for (const one of offsets) {
      const place = this.#places.get(nameOf(one));
      if (place !== undefined) place.committed = Math.max(place.committed, one.offset);
    }
  }
}

function goOn(place: Place): void {
  if (place.next === undefined) return;
  while (place.later.delete(place.next)) place.next++;
}
