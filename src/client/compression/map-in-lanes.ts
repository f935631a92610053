/** Hands the blocks of one batch to libuv's threads. */

/** As many threads as libuv has unless it is told otherwise. More at once would only wait, and keep others waiting. */
const LANES = 4;

/**
 * What `work` makes of each item, in their order; a few are under way at a time. After a failure nothing more is started, and
 * the promise rejects once what was started has ended.
 */
export async function mapInLanes<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  const waiting = items.entries();
  // The lanes share one iterator, so that each item is taken once.
  const lane = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      try {
        results[index] = await work(item);
      } catch (error) {
        failures.push(error);
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(LANES, items.length) }, lane));
  if (failures.length > 0) throw failures[0];
  return results;
}

/** Views of `bytes`, each of `blockBytes` but for the last. */
export function blocksOf(bytes: Uint8Array, blockBytes: number): readonly Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += blockBytes) blocks.push(bytes.subarray(start, start + blockBytes));
  return blocks;
}
