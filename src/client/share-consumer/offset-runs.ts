import type { ShareAcknowledgeBatch } from "../../protocol/index.ts";

/** Offsets in a row that the same becomes of. */
export interface OffsetRun {
  readonly first: number;
  /** Itself included. */
  readonly last: number;
  /** As on the wire. */
  readonly type: number;
}

/** As requests have them: ascending, without overlap (of two that name the same offset the first one counts), and as few as can be. */
export function batchesOf(runs: readonly OffsetRun[]): ShareAcknowledgeBatch[] {
  const sorted = [...runs].sort((one, other) => one.first - other.first);
  const merged: { first: number; last: number; type: number }[] = [];
  let last: { first: number; last: number; type: number } | undefined;
  for (const run of sorted) {
    const first = last === undefined ? run.first : Math.max(run.first, last.last + 1);
    if (first > run.last) continue;
    if (last !== undefined && last.type === run.type && last.last + 1 === first) last.last = run.last;
    else {
      last = { first, last: run.last, type: run.type };
      merged.push(last);
    }
  }
  return merged.map((run) => ({ firstOffset: run.first, lastOffset: run.last, acknowledgeTypes: [run.type] }));
}
