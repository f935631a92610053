import { MAX_UNFOLDED_BYTES } from "./broker-codecs.ts";

/** Of compressed bytes that mean well, at most. */
const LARGEST_RATIO = 64;

/**
 * What the batches of one Produce request may unfold to together: each of them may be the largest there is, but a megabyte of small
 * ones, each of which says that it is gigabytes of zeros, must not keep the broker busy.
 */
export class UnfoldBudget {
  #left: number;

  constructor(requestBytes: number) {
    this.#left = MAX_UNFOLDED_BYTES + requestBytes * LARGEST_RATIO;
  }

  /** What the next batch may unfold to: one byte, when there is nothing left, for no batch is smaller. */
  get most(): number {
    return Math.max(1, Math.min(this.#left, MAX_UNFOLDED_BYTES));
  }

  spend(bytes: number): void {
    this.#left = Math.max(0, this.#left - bytes);
  }
}
