import { type Random, seededRandom } from "../../../src/broker/random.ts";

/** Chance from a seed. Whoever acts by himself has dice of his own, so that what one of them draws does not change the others' luck. */
export class Dice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** Another sequence, which depends on this one's next word. */
  fork(): Dice {
    return new Dice(this.integer(0x7fff_ffff));
  }

  /** From 0 (included) to `below` (excluded). */
  integer(below: number): number {
    return this.#random.integer(below);
  }

  /** Both included. */
  between(least: number, most: number): number {
    return least + this.#random.integer(most - least + 1);
  }

  chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.#random.integer(items.length)];
    if (item === undefined) throw new RangeError("there is nothing to pick from");
    return item;
  }

  /** Several different ones, in any order. */
  some<T>(items: readonly T[], count: number): readonly T[] {
    const left = [...items];
    return Array.from({ length: Math.min(count, items.length) }, () => left.splice(this.#random.integer(left.length), 1)).flat();
  }

  weighted<T extends { readonly weight: number }>(items: readonly T[]): T {
    let left = this.#random.next() * items.reduce((sum, { weight }) => sum + weight, 0);
    for (const item of items) {
      left -= item.weight;
      if (left < 0) return item;
    }
    return this.pick(items);
  }
}
