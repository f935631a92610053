import type { PlaceBook } from "./group-book.ts";

/** From when a partition was assigned to when it goes. */
export class Tenure {
  readonly place: PlaceBook;
  /** The user is told that it goes. */
  isGoing: boolean;
  /** Handed out, and not processed yet. */
  readonly inHand: Set<number> = new Set();
  /** Handed out by keys: in any order, behind `#next`. */
  readonly #byKey = new Set<number>();
  /** Nothing before it may come: it was committed when this began, or has been handed out. */
  #next: number;

  constructor(place: PlaceBook, isGoing = false) {
    this.place = place;
    this.isGoing = isGoing;
    this.#next = place.committed;
  }

  /** Gives what is wrong with that, if anything is. */
  given(offset: number, isByKey: boolean): string | undefined {
    const { inHand } = this;
    if (inHand.has(offset)) return "it is in hand already";
    if (offset < this.#next) return `${this.#next} was to come next`;
    if (this.#byKey.has(offset)) return "it has come before, in the same run";
    if (isByKey) this.#byKey.add(offset);
    else this.#next = offset + 1;
    inHand.add(offset);
    return undefined;
  }

  /** Somebody goes back there: what he had in hand from there on he is given again. */
  backTo(offset: number): void {
    this.#next = Math.min(this.#next, offset);
    for (const kept of [this.inHand, this.#byKey]) for (const one of kept) if (one >= offset) kept.delete(one);
  }

  /** A run is over: what it was given and has not finished is given again, and so may be what was finished behind that, by keys. */
  runEnded(): void {
    for (const offset of this.inHand) this.backTo(offset);
    this.#byKey.clear();
  }
}
