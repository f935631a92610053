import type { BatchOpener, OpenedBatch } from "./batch-opener.ts";

/** Compressed batches from this size on unfold to 64 KiB or more, most likely: the codecs hand those to other threads. */
const BIG_COMPRESSED_BYTES = 16_384;
/** Of JSON. */
const USUAL_GROWTH = 4;
/** So many batches are opened ahead of the reader, as long as they unfold to no more than so many bytes. */
const MOST_AHEAD = 4;
const MOST_AHEAD_BYTES = 8_388_608;

/** An opened batch whose records are perhaps being decompressed on another thread. */
export class UnfoldingBatch {
  readonly opened: OpenedBatch;
  /** Resolves when `isReady`; never rejects. Undefined when there is nothing to wait for. */
  readonly underway: Promise<void> | undefined;
  isReady: boolean;
  /** Why it cannot be decompressed. */
  failure: { readonly cause: unknown } | undefined;

  constructor(opened: OpenedBatch) {
    const { batch } = opened;
    this.opened = opened;
    this.isReady = batch.isDecompressed || batch.sizeInBytes < BIG_COMPRESSED_BYTES;
    this.underway = this.isReady ? undefined : this.#unfold();
  }

  /** How much memory it takes, or probably will. */
  get unfoldedBytes(): number {
    const { batch } = this.opened;
    return batch.isDecompressed ? batch.section().bytes.length : batch.sizeInBytes * USUAL_GROWTH;
  }

  async #unfold(): Promise<void> {
    try {
      await this.opened.batch.decompress();
    } catch (cause) {
      this.failure = { cause };
    }
    this.isReady = true;
  }
}

/**
 * The batches of an answer in their order. While one is decompressed elsewhere the following ones are begun as well, so that several
 * threads have work.
 */
export class UnfoldingBatches {
  readonly #opener: BatchOpener;
  readonly #ahead: UnfoldingBatch[] = [];
  /** There is no further one: it is the end, or a failure that waits for its turn. */
  #isOver = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(opener: BatchOpener) {
    this.#opener = opener;
  }

  /** @throws UnreadableRecordsError */
  next(): UnfoldingBatch | undefined {
    const next = this.#ahead.shift() ?? this.#open();
    if (next === undefined && this.#failure !== undefined) throw this.#failure.error;
    if (next?.underway !== undefined) this.#lookAhead();
    return next;
  }

  #open(): UnfoldingBatch | undefined {
    if (this.#isOver) return undefined;
    try {
      const opened = this.#opener.open();
      if (opened !== undefined) return new UnfoldingBatch(opened);
    } catch (error) {
      this.#failure = { error };
    }
    this.#isOver = true;
    return undefined;
  }

  #lookAhead(): void {
    const ahead = this.#ahead;
    let bytes = 0;
    for (const { unfoldedBytes } of ahead) bytes += unfoldedBytes;
    while (ahead.length < MOST_AHEAD && bytes < MOST_AHEAD_BYTES) {
      const next = this.#open();
      if (next === undefined) return;
      ahead.push(next);
      bytes += next.unfoldedBytes;
    }
  }
}
