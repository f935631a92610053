/**
 * The subscribers of a topic, sorted by load, and two pointers into them: who takes the next partition, and who gives one. Each
 * goes round among those that are equally loaded, and takes in the next ones as their loads meet; so nothing has to be sorted
 * again while partitions move one by one.
 *
 * The loads are read as they are, so they have to follow every move.
 */
export class SubscriberBalance {
  readonly #loads: readonly number[];
  readonly #sorted: number[];
  /** Whether the loads differ by no more than one before anything moved. */
  readonly isBalancedAtFirst: boolean;

  /** Those before this index are equally loaded, with this many. */
  #leastEnd = 0;
  #leastLoad: number;
  #nextLeast = 0;

  /** Those between the two indexes are equally loaded, with this many; those behind have nothing to give. */
  #mostStart: number;
  #mostEnd: number;
  #mostLoad: number;
  #nextMost: number;

  constructor(subscribers: readonly number[], loads: readonly number[]) {
    this.#loads = loads;
    this.#sorted = [...subscribers].sort((one, other) => loads[one]! - loads[other]! || one - other);
    const { length } = this.#sorted;
    const [least, most] = [this.#loadAt(0), this.#loadAt(length - 1)];
    this.isBalancedAtFirst = most - least <= 1;
    this.#leastLoad = least - 1;
    this.#mostLoad = most + 1;
    this.#mostStart = length;
    this.#mostEnd = length;
    this.#nextMost = length - 1;
  }

  get isBalanced(): boolean {
    return this.#mostLoad - this.#leastLoad <= 1;
  }

  /** The member that takes the next partition. */
  nextLeastLoaded(): number {
    if (this.#nextLeast >= this.#leastEnd) {
      // All of them have taken one, and so are as loaded as those after them.
      this.#leastLoad++;
      while (this.#leastEnd < this.#sorted.length && this.#loadAt(this.#leastEnd) === this.#leastLoad) this.#leastEnd++;
      this.#nextLeast = 0;
    }
    return this.#sorted[this.#nextLeast++]!;
  }

  /** The member that gives the next partition; undefined when nobody has any to give. */
  nextMostLoaded(hasAny: (member: number) => boolean): number | undefined {
    for (;;) {
      if (this.#nextMost < this.#mostStart) this.#extendMostLoaded();
      const member = this.#sorted[this.#nextMost];
      if (member === undefined) return undefined;
      this.#nextMost--;
      if (hasAny(member)) return member;
      this.#exclude(this.#nextMost + 1);
    }
  }

  #extendMostLoaded(): void {
    // All of them have given one, and so are as loaded as those before them; if all were excluded, those before them are next.
    if (this.#mostEnd <= this.#mostStart && this.#mostStart > 0) this.#mostLoad = this.#loadAt(this.#mostStart - 1);
    else this.#mostLoad--;
    while (this.#mostStart > 0 && this.#loadAt(this.#mostStart - 1) === this.#mostLoad) this.#mostStart--;
    this.#nextMost = this.#mostEnd - 1;
  }

  #exclude(index: number): void {
    const last = this.#mostEnd - 1;
    const member = this.#sorted[index]!;
    this.#sorted[index] = this.#sorted[last]!;
    this.#sorted[last] = member;
    this.#mostEnd = last;
  }

  #loadAt(index: number): number {
    return this.#loads[this.#sorted[index]!]!;
  }
}
