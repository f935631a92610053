// One number per record, a million records without a million objects.

type Cells = Uint8Array | Uint16Array | Uint32Array | Float64Array;

const FIRST_CELLS = 4096;

/** Grows as it is written to; what was never written is 0. */
export class Column {
  readonly #make: (cells: number) => Cells;
  #cells: Cells;

  constructor(make: (cells: number) => Cells) {
    this.#make = make;
    this.#cells = make(FIRST_CELLS);
  }

  at(index: number): number {
    return this.#cells[index] ?? 0;
  }

  set(index: number, value: number): void {
    if (index >= this.#cells.length) this.#grow(index);
    this.#cells[index] = value;
  }

  add(index: number, value: number): void {
    this.set(index, this.at(index) + value);
  }

  #grow(index: number): void {
    const grown = this.#make(Math.max(this.#cells.length * 2, index + 1));
    grown.set(this.#cells);
    this.#cells = grown;
  }
}

/** Numbers from 0 to 255, and so on. */
export const bytes = (): Column => new Column((cells) => new Uint8Array(cells));
export const shorts = (): Column => new Column((cells) => new Uint16Array(cells));
export const words = (): Column => new Column((cells) => new Uint32Array(cells));
export const doubles = (): Column => new Column((cells) => new Float64Array(cells));
