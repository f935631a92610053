import type { TopicPartition } from "../../../consumer/topic-partition.ts";
import { type GroupMember, racksMatter, type TopicRacks } from "../assignor.ts";

/** Who is near to what (KIP-881). Where racks do not matter, nobody is far from anything. */
export class RackView {
  /** Whether racks are looked at. */
  readonly isUsed: boolean;
  readonly #topics: TopicRacks;
  readonly #rackOf = new Map<string, string>();
  /** How many members are in a rack. */
  readonly #population = new Map<string, number>();

  constructor(topics: TopicRacks, members: readonly GroupMember[]) {
    this.#topics = topics;
    for (const { memberId, rackId } of members) {
      if (rackId === undefined || rackId === "") continue;
      this.#rackOf.set(memberId, rackId);
      this.#population.set(rackId, (this.#population.get(rackId) ?? 0) + 1);
    }
    this.isUsed = racksMatter(new Set(this.#population.keys()), [...topics.values()].flat());
  }

  /** Undefined where racks are not looked at. */
  rackOf(memberId: string): string | undefined {
    return this.isUsed ? this.#rackOf.get(memberId) : undefined;
  }

  racksOf({ topic, partition }: TopicPartition): readonly string[] {
    return this.#topics.get(topic)?.[partition] ?? [];
  }

  /** It says where it runs, and no replica is there. */
  isFar(memberId: string, partition: TopicPartition): boolean {
    const rack = this.rackOf(memberId);
    return rack !== undefined && !this.racksOf(partition).includes(rack);
  }

  /** The place of the next member in the list, from `first` on and around, that is in a rack of the partition; -1 for none. */
  nextNear(partition: TopicPartition, memberIds: readonly string[], first: number): number {
    const racks = this.racksOf(partition);
    for (let step = 0; step < memberIds.length; step++) {
      const index = (first + step) % memberIds.length;
      const rack = this.rackOf(memberIds[index]!);
      if (rack !== undefined && racks.includes(rack)) return index;
    }
    return -1;
  }

  /** Those that fewer members are near to come first: others find somebody later, too. */
  fewestNearFirst(partitions: readonly TopicPartition[]): readonly TopicPartition[] {
    // Also where racks do not matter, as Java does it.
    if (this.#population.size === 0) return partitions;
    const near = (partition: TopicPartition): number => {
      let count = 0;
      for (const rack of new Set(this.racksOf(partition))) count += this.#population.get(rack) ?? 0;
      return count;
    };
    return [...partitions].sort((one, other) => near(one) - near(other));
  }
}
