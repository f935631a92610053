import type { TopicPartition } from "../../../consumer/topic-partition.ts";
import { compareTexts } from "../assignor.ts";
import { MembersByLoad } from "./members-by-load.ts";
import { Movements } from "./movements.ts";
import type { RackView } from "./rack-view.ts";
import type { Shared, Sharing } from "./sharing.ts";

/**
 * Members have subscribed to different topics: everybody keeps what he has, what is left goes to whoever has the fewest, and then partitions
 * move for as long as that brings members closer together.
 */
export function shareAmongUnequals(sharing: Sharing): Shared {
  return { assignment: new UnequalMembers(sharing).share(), moving: undefined };
}

class UnequalMembers {
  readonly #sharing: Sharing;
  readonly #assignment = new Map<string, TopicPartition[]>();
  readonly #owners = new Map<TopicPartition, string>();
  /** Of each topic, and of each member. */
  readonly #membersOf = new Map<string, string[]>();
  readonly #topicsOf = new Map<string, ReadonlySet<string>>();
  readonly #byLoad = new MembersByLoad((memberId) => this.#load(memberId));
  readonly #movements = new Movements();
  /** Somebody had to let go of something already. */
  #isReleasing = false;

  constructor(sharing: Sharing) {
    this.#sharing = sharing;
    const { known, members } = sharing;
    for (const topic of known.topics()) this.#membersOf.set(topic, []);
    for (const { memberId, topics } of members) {
      const own = new Set(topics.filter((topic) => this.#membersOf.has(topic)));
      this.#topicsOf.set(memberId, own);
      for (const topic of own) this.#membersOf.get(topic)?.push(memberId);
    }
  }

  share(): ReadonlyMap<string, TopicPartition[]> {
    this.#keep();
    const all = this.#partitions();
    const left = all.filter((partition) => !this.#owners.has(partition));
    for (const memberId of this.#assignment.keys()) this.#byLoad.add(memberId);
    this.#balance(all, left);
    return this.#assignment;
  }

  /** What may stay where it is. */
  #keep(): void {
    const { claims, racks } = this.#sharing;
    for (const [memberId, owned] of claims.owned) {
      const kept = owned.filter(({ topic }) => this.#isSubscribed(memberId, topic)).filter((one) => !racks.isFar(memberId, one));
      if (kept.length < owned.length) this.#isReleasing = true;
      this.#assignment.set(memberId, kept);
      for (const partition of kept) this.#owners.set(partition, memberId);
    }
  }

  /** Those of topics with the fewest members first: they have the smallest choice. */
  #partitions(): readonly TopicPartition[] {
    const { known } = this.#sharing;
    const choice = (topic: string): number => this.#membersOf.get(topic)?.length ?? 0;
    return [...known.topics()]
      .sort((one, other) => choice(one) - choice(other) || compareTexts(one, other))
      .flatMap((topic) => known.of(topic));
  }

  #balance(all: readonly TopicPartition[], left: readonly TopicPartition[]): void {
    const { last } = this.#byLoad;
    const isFirst = last === undefined || this.#load(last) === 0;
    this.#giveAll(left);
    const movable = all.filter(({ topic }) => this.#isShared(topic));
    const movableLeft = left.filter(({ topic }) => this.#isShared(topic));
    const fixed = this.#takeFixed();
    const before = this.#copy();
    if (!this.#isReleasing) this.#moveAll(movableLeft);
    const hasMoved = this.#moveAll(movable);
    if (!isFirst && hasMoved && this.#imbalance(this.#assignment) >= this.#imbalance(before)) {
      for (const [memberId, partitions] of before) this.#assignment.set(memberId, partitions);
    }
    for (const [memberId, partitions] of fixed) this.#assignment.set(memberId, partitions);
  }

  #giveAll(left: readonly TopicPartition[]): void {
    const { racks } = this.#sharing;
    const rest = racks.isUsed ? left.filter((partition) => !this.#give(partition, racks)) : left;
    for (const partition of rest) this.#give(partition, undefined);
  }

  /** To whoever has the fewest, and is near if racks are looked at. False if there is nobody. */
  #give(partition: TopicPartition, racks: RackView | undefined): boolean {
    for (const memberId of this.#byLoad) {
      if (!this.#isSubscribed(memberId, partition.topic) || racks?.isFar(memberId, partition) === true) continue;
      this.#byLoad.delete(memberId);
      this.#assignment.get(memberId)?.push(partition);
      this.#owners.set(partition, memberId);
      this.#byLoad.add(memberId);
      return true;
    }
    return false;
  }

  /** Members for whom nothing can change. */
  #takeFixed(): ReadonlyMap<string, TopicPartition[]> {
    const fixed = new Map<string, TopicPartition[]>();
    for (const memberId of this.#topicsOf.keys()) {
      const own = this.#assignment.get(memberId) ?? [];
      if (own.length < this.#most(memberId) || own.some(({ topic }) => this.#isShared(topic))) continue;
      this.#byLoad.delete(memberId);
      this.#assignment.delete(memberId);
      fixed.set(memberId, own);
    }
    return fixed;
  }

  /** Moves what brings members closer together, until nothing does. */
  #moveAll(partitions: readonly TopicPartition[]): boolean {
    let hasMoved = false;
    for (let isMoving = true; isMoving; ) {
      isMoving = false;
      for (const partition of partitions) {
        if (this.#isBalanced()) break;
        const to = this.#betterPlace(partition);
        if (to === undefined) continue;
        this.#move(partition, to);
        isMoving = true;
        hasMoved = true;
      }
    }
    return hasMoved;
  }

  /** Back to who had it, or to whoever has the fewest, if anybody has so few that it would be better there. */
  #betterPlace(partition: TopicPartition): string | undefined {
    const owner = this.#owners.get(partition);
    if (owner === undefined) return undefined;
    const enough = this.#load(owner) - 1;
    const former = this.#sharing.claims.former.get(partition);
    if (former !== undefined && this.#mayHave(former, partition) && this.#load(former) < enough) return former;
    if (this.#membersOf.get(partition.topic)?.some((other) => this.#load(other) < enough) !== true) return undefined;
    for (const memberId of this.#byLoad) if (this.#isSubscribed(memberId, partition.topic)) return memberId;
    return undefined;
  }

  #move(wanted: TopicPartition, to: string): void {
    const partition = this.#movements.toBeMoved(wanted, this.#owners.get(wanted)!, to);
    const from = this.#owners.get(partition)!;
    this.#byLoad.delete(from);
    this.#byLoad.delete(to);
    this.#movements.moved(partition, from, to);
    const own = this.#assignment.get(from)!;
    own.splice(own.indexOf(partition), 1);
    this.#assignment.get(to)?.push(partition);
    this.#owners.set(partition, to);
    this.#byLoad.add(to);
    if (from !== to) this.#byLoad.add(from);
  }

  /** Nobody who could have one more has so few that somebody who has it could spare it. */
  #isBalanced(): boolean {
    const { first, last } = this.#byLoad;
    if (first === undefined || last === undefined || this.#load(first) >= this.#load(last) - 1) return true;
    for (const memberId of this.#byLoad) {
      const load = this.#load(memberId);
      if (load === this.#most(memberId)) continue;
      for (const topic of this.#topicsOf.get(memberId) ?? []) {
        const isSpared = (partition: TopicPartition): boolean => load + 1 < this.#load(this.#owners.get(partition) ?? memberId);
        if (this.#sharing.known.of(topic).some(isSpared)) return false;
      }
    }
    return true;
  }

  /** How many it could have. */
  #most(memberId: string): number {
    let most = 0;
    for (const topic of this.#topicsOf.get(memberId) ?? []) most += this.#sharing.known.of(topic).length;
    return most;
  }

  /** The differences of all pairs of members. */
  #imbalance(assignment: ReadonlyMap<string, readonly TopicPartition[]>): number {
    const loads = [...assignment.values()].map(({ length }) => length);
    return loads.reduce(
      (sum, load, index) => sum + loads.slice(index + 1).reduce((rest, one) => rest + Math.abs(load - one), 0),
      0,
    );
  }

  #copy(): ReadonlyMap<string, TopicPartition[]> {
    return new Map([...this.#assignment].map(([memberId, partitions]) => [memberId, [...partitions]]));
  }

  #mayHave(memberId: string, { topic }: TopicPartition): boolean {
    return this.#assignment.has(memberId) && this.#isSubscribed(memberId, topic);
  }

  #isSubscribed(memberId: string, topic: string): boolean {
    return this.#topicsOf.get(memberId)?.has(topic) === true;
  }

  /** More than one member could have it. */
  #isShared(topic: string): boolean {
    return (this.#membersOf.get(topic)?.length ?? 0) > 1;
  }

  #load(memberId: string): number {
    return this.#assignment.get(memberId)?.length ?? 0;
  }
}
