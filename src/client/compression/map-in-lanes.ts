/** Hands the blocks of batches to libuv's threads. */

/** As many threads as libuv has unless it is told otherwise. More at once would only wait, and keep others waiting. */
const LANES = 4;

/** The blocks of one batch. */
interface Work {
  readonly hasMore: () => boolean;
  /** Begins the next one; resolves when it has ended. */
  readonly begin: () => Promise<void>;
}

/** First come, first served, so that no more batches are half done, and keep what they have so far, than need be. */
class Lanes {
  readonly #waiting: Work[] = [];
  #free = LANES;

  add(work: Work): void {
    this.#waiting.push(work);
    this.#fill();
  }

  #fill(): void {
    for (let work = this.#waiting[0]; work !== undefined && this.#free > 0; work = this.#waiting[0]) {
      if (work.hasMore()) void this.#occupy(work);
      else this.#waiting.shift();
    }
  }

  async #occupy(work: Work): Promise<void> {
    this.#free--;
    await work.begin();
    this.#free++;
    this.#fill();
  }
}

const lanes = new Lanes();

/**
 * What `work` makes of each item, in their order; a few are under way at a time, whoever calls. After a failure nothing more is started,
 * and the promise rejects once what was started has ended.
 */
export function mapInLanes<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const failures: Error[] = [];
  let begun = 0;
  let ended = 0;
  const hasMore = (): boolean => failures.length === 0 && begun < items.length;
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      if (hasMore() || ended < begun) return;
      const [failure] = failures;
      if (failure === undefined) resolve(results);
      else reject(failure);
    };
    const begin = async (): Promise<void> => {
      const index = begun++;
      try {
        results[index] = await work(items[index]!);
      } catch (error) {
        failures.push(error instanceof Error ? error : new Error(String(error)));
      }
      ended++;
      settle();
    };
    settle();
    lanes.add({ hasMore, begin });
  });
}

/** Views of `bytes`, each of `blockBytes` but for the last. */
export function blocksOf(bytes: Uint8Array, blockBytes: number): readonly Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += blockBytes) blocks.push(bytes.subarray(start, start + blockBytes));
  return blocks;
}
