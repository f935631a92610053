// When records were acknowledged, and how long after they were sent.

const BUCKET_MS = 10;
const STEPS_TO_A_DOUBLING = 8;
const MOST_STEPS = 32 * STEPS_TO_A_DOUBLING;

/** A latency's place on a scale that is finer where it is shorter: 9 % from one step to the next. */
const stepOf = (ms: number): number => Math.min(MOST_STEPS - 1, Math.round(Math.log2(1 + ms) * STEPS_TO_A_DOUBLING));

export class AckTimes {
  readonly #startedMs: number;
  readonly #steps = new Float64Array(MOST_STEPS);
  /** Acknowledged records by the time of their acknowledgement. */
  readonly #buckets: number[] = [];
  readonly #latest = new Map<string, number>();
  #count = 0;
  #slowestMs = 0;
  #longestOfPartition = { partition: "none", ms: 0 };

  constructor(startedMs: number) {
    this.#startedMs = startedMs;
  }

  /** Times are those of `performance.now()`. */
  acknowledged(partition: string, sentMs: number, nowMs: number): void {
    const latencyMs = nowMs - sentMs;
    const step = stepOf(latencyMs);
    this.#steps[step] = (this.#steps[step] ?? 0) + 1;
    this.#count++;
    if (latencyMs > this.#slowestMs) this.#slowestMs = latencyMs;
    const bucket = Math.floor((nowMs - this.#startedMs) / BUCKET_MS);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    // Time without an acknowledgement counts only where there was something to acknowledge.
    const sinceMs = Math.max(this.#latest.get(partition) ?? sentMs, sentMs);
    if (nowMs - sinceMs > this.#longestOfPartition.ms) this.#longestOfPartition = { partition, ms: nowMs - sinceMs };
    this.#latest.set(partition, nowMs);
  }

  /** The latency that such a share of the records did not exceed. */
  quantile(share: number): number {
    let left = this.#count * share;
    for (const [step, count] of this.#steps.entries()) {
      left -= count;
      if (left <= 0) return 2 ** (step / STEPS_TO_A_DOUBLING) - 1;
    }
    return this.#slowestMs;
  }

  get slowestMs(): number {
    return this.#slowestMs;
  }

  /** The longest time that a partition acknowledged nothing although it was sent something. */
  get longestOfPartition(): { readonly partition: string; readonly ms: number } {
    return this.#longestOfPartition;
  }

  /** The longest time without any acknowledgement at all. */
  longestGapMs(fromMs: number, toMs: number): number {
    const last = Math.floor((toMs - this.#startedMs) / BUCKET_MS);
    let longest = 0;
    let gap = 0;
    for (let bucket = Math.floor((fromMs - this.#startedMs) / BUCKET_MS); bucket <= last; bucket++) {
      gap = this.#buckets[bucket] === undefined ? gap + BUCKET_MS : 0;
      if (gap > longest) longest = gap;
    }
    return longest;
  }
}
