/** A record of a log, as far as readers are held against it. */
export interface LogRecord {
  readonly offset: number;
  readonly text: string;
}

export type Disturbance = { readonly kind: "cut" | "deleted"; readonly offset: number };

/** What a log held, though it may not any more. A version of it lasts until something is taken away. */
export class LogHistory {
  readonly disturbances: Disturbance[] = [];
  /** Each with what was deleted from its beginning. */
  readonly #versions: ReadonlyMap<number, string>[] = [];
  #base: readonly LogRecord[] = [];

  /** The versions so far, the last of which goes on being written. */
  get count(): number {
    return this.disturbances.length;
  }

  get wasCut(): boolean {
    return this.disturbances.some(({ kind }) => kind === "cut");
  }

  /** What lay behind it was lost, and it was not. */
  outlivedCut(offset: number): boolean {
    return this.disturbances.some((one) => one.kind === "cut" && one.offset > offset);
  }

  /** Everything from there on is about to be lost. */
  cut(records: readonly LogRecord[], offset: number): void {
    const all = this.#add(records);
    this.#base = all.filter((record) => record.offset < offset);
    this.disturbances.push({ kind: "cut", offset });
  }

  /** Everything before may be gone from now on. */
  deleted(records: readonly LogRecord[], offset: number): void {
    this.#base = this.#add(records);
    this.disturbances.push({ kind: "deleted", offset });
  }

  /** It will not be written any more. */
  complete(records: readonly LogRecord[]): void {
    this.#add(records);
  }

  /** What the log held until it was disturbed for the time of that number (from 0), or to the end. */
  version(index: number): ReadonlyMap<number, string> {
    return this.#versions[index] ?? new Map();
  }

  #add(records: readonly LogRecord[]): readonly LogRecord[] {
    const first = records[0]?.offset ?? Number.POSITIVE_INFINITY;
    const all = [...this.#base.filter(({ offset }) => offset < first), ...records];
    this.#versions.push(new Map(all.map(({ offset, text }) => [offset, text])));
    return all;
  }
}
