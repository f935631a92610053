// One partition in one group: how often each record was handed out, when it was processed first, what was committed.

import type { PartitionName, StoredCommit } from "./history.ts";
import type { Ownership } from "./ownership.ts";

export class PartitionStory {
  readonly partition: PartitionName;
  /** So many records were written. */
  readonly written: number;
  readonly commits: readonly StoredCommit[];
  readonly ownerships: Ownership[] = [];
  readonly #handed: Uint16Array;
  readonly #doneMs: Float64Array;
  /** For each offset, when everything before it was processed. */
  #processedMs: Float64Array | undefined;

  constructor(partition: PartitionName, written: number, commits: readonly StoredCommit[]) {
    this.partition = partition;
    this.written = written;
    this.commits = commits;
    this.#handed = new Uint16Array(written);
    this.#doneMs = new Float64Array(written).fill(Number.POSITIVE_INFINITY);
  }

  handed(first: number, last: number): void {
    for (let offset = first; offset <= last && offset < this.written; offset++) this.#handed[offset]! += 1;
  }

  done(first: number, last: number, atMs: number): void {
    for (let offset = first; offset <= last && offset < this.written; offset++) {
      if (atMs < this.#doneMs[offset]!) this.#doneMs[offset] = atMs;
    }
  }

  /** Offsets that nobody was handed. */
  *missing(): Generator<number> {
    for (const [offset, times] of this.#handed.entries()) if (times === 0) yield offset;
  }

  /** How often records were handed out once more. */
  get doubles(): number {
    return this.#handed.reduce((sum, times) => sum + Math.max(0, times - 1), 0);
  }

  /** When all records before that offset were processed by somebody; only to be asked when everything was told. */
  processedMs(offset: number): number {
    this.#processedMs ??= this.#highestSoFar();
    return this.#processedMs[Math.min(offset, this.written)] ?? Number.POSITIVE_INFINITY;
  }

  /** What was committed before that moment, and including it. */
  committed(atMs: number): { readonly before: number; readonly by: number } {
    let before = 0;
    let by = 0;
    for (const commit of this.commits) {
      if (commit.atMs < atMs) before = commit.offset;
      if (commit.atMs <= atMs) by = commit.offset;
    }
    return { before, by };
  }

  #highestSoFar(): Float64Array {
    const highest = new Float64Array(this.written + 1);
    for (const [offset, atMs] of this.#doneMs.entries()) highest[offset + 1] = Math.max(highest[offset]!, atMs);
    return highest;
  }
}
