import type { TopicPartition } from "../../../consumer/topic-partition.ts";
import { compareTexts } from "../assignor.ts";
import { comparePartitions } from "../partitions.ts";
import type { Shared, Sharing } from "./sharing.ts";

/** All members have subscribed to the same: each gets the fewest or one more, and keeps what it can of what it has. */
export function shareAmongEquals(sharing: Sharing): Shared {
  return new EqualMembers(sharing).share();
}

class EqualMembers {
  readonly #sharing: Sharing;
  readonly #fewest: number;
  readonly #most: number;
  /** So many members are to have more than the fewest; none where it comes out even. */
  readonly #wantedAbove: number;
  /** So many have. */
  #above = 0;
  readonly #assignment: ReadonlyMap<string, TopicPartition[]>;
  readonly #assigned = new Set<TopicPartition>();
  /** Who had to let go of it. */
  readonly #released = new Map<TopicPartition, string>();
  readonly #moving = new Map<TopicPartition, string>();
  /** Members that have less than the fewest, */
  readonly #below: string[] = [];
  /** and those that have the fewest and may get one more. */
  readonly #even: string[] = [];

  constructor(sharing: Sharing) {
    const { known, members } = sharing;
    this.#sharing = sharing;
    this.#fewest = Math.floor(known.size / members.length);
    this.#most = Math.ceil(known.size / members.length);
    this.#wantedAbove = known.size % members.length;
    this.#assignment = new Map(members.map(({ memberId }) => [memberId, []]));
  }

  share(): Shared {
    const { claims, racks } = this.#sharing;
    for (const [memberId, owned] of claims.owned) this.#keep(memberId, owned);
    this.#below.sort(compareTexts);
    this.#even.sort(compareTexts);
    const left = this.#giveByRack(racks.fewestNearFirst(this.#unassigned()));
    this.#giveInTurn(left);
    return { assignment: this.#assignment, moving: this.#moving };
  }

  #keep(memberId: string, owned: readonly TopicPartition[]): void {
    const { claims, racks } = this.#sharing;
    const far = owned.filter((partition) => racks.isFar(memberId, partition));
    const own = owned
      .filter((partition) => !(racks.isFar(memberId, partition) || claims.contested.has(partition)))
      .sort((one, other) => one.partition - other.partition || compareTexts(one.topic, other.topic));
    const mayHaveMost = own.length >= this.#most && this.#above < this.#wantedAbove;
    const kept = own.slice(0, mayHaveMost ? this.#most : this.#fewest);
    this.#assignment.get(memberId)?.push(...kept);
    for (const partition of kept) this.#assigned.add(partition);
    for (const partition of [...far, ...own.slice(kept.length)]) this.#released.set(partition, memberId);
    if (own.length < this.#fewest) this.#below.push(memberId);
    else if (mayHaveMost) this.#oneMoreAbove();
    else if (this.#above < this.#wantedAbove) this.#even.push(memberId);
  }

  /** When enough are above, who has the fewest has what it gets. */
  #oneMoreAbove(): void {
    this.#above++;
    if (this.#above === this.#wantedAbove) this.#even.length = 0;
  }

  #unassigned(): readonly TopicPartition[] {
    const { known } = this.#sharing;
    const all = [...known.topics()].flatMap((topic) => known.of(topic));
    return all.filter((partition) => !this.#assigned.has(partition)).sort(comparePartitions);
  }

  /** To members that are near, as far as the numbers allow it. Returns what is left. */
  #giveByRack(partitions: readonly TopicPartition[]): readonly TopicPartition[] {
    const { racks } = this.#sharing;
    if (!racks.isUsed) return partitions;
    const left: TopicPartition[] = [];
    let turn = 0;
    for (const partition of partitions) {
      const index = racks.nextNear(partition, this.#below, turn);
      const memberId = index >= 0 ? this.#below[index] : this.#nearAndEven(partition);
      if (memberId === undefined) {
        left.push(partition);
        continue;
      }
      const count = this.#give(partition, memberId);
      if (index < 0) continue;
      const isBelow = count < this.#fewest;
      if (!isBelow) this.#noLongerBelow(index, count);
      turn = this.#below.length === 0 ? 0 : (isBelow ? index + 1 : index) % this.#below.length;
    }
    return left;
  }

  #noLongerBelow(index: number, count: number): void {
    const [memberId] = this.#below.splice(index, 1);
    if (memberId !== undefined && count < this.#most && this.#above < this.#wantedAbove) this.#even.push(memberId);
  }

  #nearAndEven(partition: TopicPartition): string | undefined {
    const index = this.#sharing.racks.nextNear(partition, this.#even, 0);
    const memberId = this.#even[index];
    if (memberId === undefined || this.#countOf(memberId) + 1 !== this.#most) return memberId;
    this.#even.splice(index, 1);
    this.#oneMoreAbove();
    return memberId;
  }

  /** One for each of those below, again and again, then one for each that is even. */
  #giveInTurn(partitions: readonly TopicPartition[]): void {
    let turn = 0;
    for (const partition of partitions) {
      if (turn >= this.#below.length) turn = 0;
      const memberId = this.#below[turn] ?? this.#even.shift();
      if (memberId === undefined) throw new Error(`nobody is left for partition ${partition.partition} of '${partition.topic}'`);
      const isBelow = this.#below.length > 0;
      const count = this.#give(partition, memberId);
      if (!isBelow) continue;
      if (count === this.#fewest) this.#even.push(...this.#below.splice(turn, 1));
      else turn++;
    }
  }

  /** Returns how many the member has now. */
  #give(partition: TopicPartition, memberId: string): number {
    const own = this.#assignment.get(memberId)!;
    own.push(partition);
    const before = this.#released.get(partition);
    const isReleased = before !== undefined && before !== memberId;
    if (isReleased || this.#sharing.claims.contested.has(partition)) this.#moving.set(partition, memberId);
    return own.length;
  }

  #countOf(memberId: string): number {
    return this.#assignment.get(memberId)?.length ?? 0;
  }
}
