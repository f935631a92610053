/** When partitions were not read, from what their members have handled. */
import type { Handled } from "./member-process.ts";

/** Shorter ones are the writer's pace, and what a fetch or the machine takes. */
const SHORTEST_GAP_MS = 150;

/** Of the partitions of one that is gone: from the last record that it handled to the first that somebody else did after that. */
export function takeOverGaps(
  gone: readonly Handled[],
  others: readonly Handled[],
  partitions: ReadonlySet<number>,
): readonly number[] {
  return [...partitions].map((partition) => {
    const lastMs = Math.max(...gone.filter((one) => one.partition === partition).map(({ atMs }) => atMs));
    const firstMs = Math.min(...others.filter((one) => one.partition === partition && one.atMs >= lastMs).map(({ atMs }) => atMs));
    if (!Number.isFinite(firstMs - lastMs)) throw new Error(`nobody has read partition ${partition} again`);
    return firstMs - lastMs;
  });
}

/**
 * How long partitions were not read: of each partition, for each of the times given, the longest gap that began between that and the next.
 * Those of the writer's pace are among them: of a partition that noticed nothing.
 */
export function partitionGaps(handled: readonly Handled[], fromMs: readonly number[], toMs: number): readonly number[] {
  const times = new Map<number, number[]>();
  for (const { partition, atMs } of handled) {
    if (atMs > toMs) continue;
    const known = times.get(partition);
    if (known === undefined) times.set(partition, [atMs]);
    else known.push(atMs);
  }
  return [...times.values()].flatMap((all) => {
    const sorted = all.sort((one, other) => one - other);
    return fromMs.flatMap((beginMs, index) => longestFrom(sorted, beginMs, fromMs[index + 1] ?? toMs));
  });
}

/** None, if nothing was read that long. */
function longestFrom(sorted: readonly number[], beginMs: number, endMs: number): readonly number[] {
  const gaps = sorted.slice(1).flatMap((atMs, index) => {
    const lastMs = sorted[index] ?? atMs;
    return lastMs >= beginMs && lastMs < endMs ? [atMs - lastMs] : [];
  });
  return gaps.length === 0 ? [] : [Math.max(...gaps)];
}

/** Of them, those that are more than the writer's pace. */
export function longGaps(gapsMs: readonly number[]): readonly number[] {
  return gapsMs.filter((gapMs) => gapMs > SHORTEST_GAP_MS);
}

/** The times in which no record of any partition was handled. */
export function pauses(handled: readonly Handled[], fromMs: number, toMs: number): readonly number[] {
  return gapsBetween(handled.map(({ atMs }) => atMs).filter((atMs) => atMs >= fromMs && atMs <= toMs));
}

function gapsBetween(times: readonly number[]): readonly number[] {
  const sorted = [...times].sort((one, other) => one - other);
  return longGaps(sorted.slice(1).map((atMs, index) => atMs - (sorted[index] ?? atMs)));
}

/** @throws Error if an offset of a partition that was written was handled by nobody: up to the last that was handled */
export function requireAll(handled: readonly Handled[]): void {
  const seen = new Map<number, Set<number>>();
  for (const { partition, offset } of handled) {
    const known = seen.get(partition);
    if (known === undefined) seen.set(partition, new Set([offset]));
    else known.add(offset);
  }
  for (const [partition, offsets] of seen) {
    for (let offset = 0; offset < offsets.size; offset++) {
      if (!offsets.has(offset)) throw new Error(`offset ${offset} of partition ${partition} was handled by nobody`);
    }
  }
}

/** How many records were handled more than once. */
export function repeated(handled: readonly Handled[]): number {
  return handled.length - new Set(handled.map(({ partition, offset }) => `${partition} ${offset}`)).size;
}
