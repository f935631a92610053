import { compareTexts } from "../assignor.ts";

/** Members, the one with the fewest partitions first. Who is about to get or lose one has to be taken out before, and put back after. */
export class MembersByLoad implements Iterable<string> {
  readonly #loadOf: (memberId: string) => number;
  readonly #sorted: string[] = [];

  constructor(loadOf: (memberId: string) => number) {
    this.#loadOf = loadOf;
  }

  get first(): string | undefined {
    return this.#sorted[0];
  }

  get last(): string | undefined {
    return this.#sorted.at(-1);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#sorted.values();
  }

  add(memberId: string): void {
    this.#sorted.splice(this.#placeOf(memberId), 0, memberId);
  }

  delete(memberId: string): void {
    const place = this.#placeOf(memberId);
    if (this.#sorted[place] === memberId) this.#sorted.splice(place, 1);
  }

  /** Where it is, or belongs. */
  #placeOf(memberId: string): number {
    const load = this.#loadOf(memberId);
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#sorted[middle]!;
      if ((this.#loadOf(other) - load || compareTexts(other, memberId)) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
