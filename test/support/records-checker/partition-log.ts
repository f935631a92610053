// Which record lies at which offset of one partition. Offsets may have gaps, and begin anywhere.

const CHUNK = 4096;

export class PartitionLog {
  /** Of record numbers plus one, by chunk. */
  readonly #chunks = new Map<number, Uint32Array>();
  #recent: { readonly number: number; readonly cells: Uint32Array } | undefined;

  /** -1 for none. */
  at(offset: number): number {
    return (this.#cellsOf(offset)?.[offset % CHUNK] ?? 0) - 1;
  }

  put(offset: number, id: number): void {
    const cells = this.#cellsOf(offset) ?? this.#newChunk(Math.floor(offset / CHUNK));
    cells[offset % CHUNK] = id + 1;
  }

  /** In the order of offsets. */
  each(visit: (offset: number, id: number) => void): void {
    const numbers = [...this.#chunks.keys()].sort((one, other) => one - other);
    for (const number of numbers) {
      const cells = this.#chunks.get(number) ?? new Uint32Array();
      for (let index = 0; index < cells.length; index++) {
        const id = (cells[index] ?? 0) - 1;
        if (id >= 0) visit(number * CHUNK + index, id);
      }
    }
  }

  #cellsOf(offset: number): Uint32Array | undefined {
    const number = Math.floor(offset / CHUNK);
    if (this.#recent?.number === number) return this.#recent.cells;
    const cells = this.#chunks.get(number);
    if (cells !== undefined) this.#recent = { number, cells };
    return cells;
  }

  #newChunk(number: number): Uint32Array {
    const cells = new Uint32Array(CHUNK);
    this.#chunks.set(number, cells);
    this.#recent = { number, cells };
    return cells;
  }
}
