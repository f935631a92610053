import type { SoakRecord } from "./reader.ts";

const MOST_KEPT = 200;
const EVERY = 5000;

/** Keeps one record in so many, and lets the oldest go. */
export class Keeper {
  readonly #kept: { readonly record: SoakRecord; readonly more: unknown }[] = [];
  readonly #withEach: () => unknown;
  #seen = 0;

  /** @param withEach what is kept with each of them */
  constructor(withEach: () => unknown) {
    this.#withEach = withEach;
  }

  get count(): number {
    return this.#kept.length;
  }

  take(record: SoakRecord): void {
    if (this.#seen++ % EVERY !== 0) return;
    this.#kept.push({ record, more: this.#withEach() });
    if (this.#kept.length > MOST_KEPT) this.#kept.shift();
  }

  /** The memory that the kept values stand in, each piece of it once. */
  get pinnedBytes(): number {
    const pieces = new Set<ArrayBufferLike>();
    for (const { record, more } of this.#kept) {
      if (record.value !== null) pieces.add(record.value.buffer);
      if (more instanceof Uint8Array) pieces.add(more.buffer);
    }
    let sum = 0;
    for (const { byteLength } of pieces) sum += byteLength;
    return sum;
  }
}
