/** Which leader epoch began at which offset: how readers notice that a log was truncated (KIP-101, KIP-320). */

export interface EpochStart {
  readonly epoch: number;
  readonly startOffset: number;
}

export interface EpochEnd {
  readonly epoch: number;
  readonly endOffset: number;
}

/** "Not known", in answers about epochs. */
export const UNDEFINED_EPOCH = -1;
export const UNDEFINED_EPOCH_OFFSET = -1;

export class LeaderEpochs {
  /** Both grow from entry to entry. */
  #entries: EpochStart[] = [];

  get latest(): EpochStart | undefined {
    return this.#entries.at(-1);
  }

  get earliest(): EpochStart | undefined {
    return this.#entries[0];
  }

  get entries(): readonly EpochStart[] {
    return this.#entries;
  }

  /** An epoch begins. One that wrote nothing is forgotten when the next one begins at the same offset. */
  assign(epoch: number, startOffset: number): void {
    const { latest } = this;
    if (latest !== undefined && latest.epoch === epoch && latest.startOffset <= startOffset) return;
    this.#entries = this.#entries.filter((entry) => entry.epoch < epoch && entry.startOffset < startOffset);
    this.#entries.push({ epoch, startOffset });
  }

  /** The largest epoch that is not above the one in question, and where it ends. */
  endOf(epoch: number, logEndOffset: number): EpochEnd {
    if (epoch === UNDEFINED_EPOCH) return { epoch: UNDEFINED_EPOCH, endOffset: UNDEFINED_EPOCH_OFFSET };
    if (this.latest?.epoch === epoch) return { epoch, endOffset: logEndOffset };
    const higher = this.#entries.find((entry) => entry.epoch > epoch);
    if (higher === undefined) return { epoch: UNDEFINED_EPOCH, endOffset: UNDEFINED_EPOCH_OFFSET };
    const floor = this.#entries.findLast((entry) => entry.epoch <= epoch);
    return { epoch: floor?.epoch ?? epoch, endOffset: higher.startOffset };
  }

  /** The log ends here now. */
  truncateFromEnd(endOffset: number): void {
    this.#entries = this.#entries.filter((entry) => entry.startOffset < endOffset);
  }

  /** The log begins here now: of the epochs that began before, the last one begins here. */
  truncateFromStart(startOffset: number): void {
    const kept = this.#entries.filter((entry) => entry.startOffset > startOffset);
    const first = this.#entries.findLast((entry) => entry.startOffset <= startOffset);
    this.#entries = first === undefined ? kept : [{ epoch: first.epoch, startOffset }, ...kept];
  }
}
