/**
 * A fetch that has to wait: until enough bytes are there, until something happens that its reader must know, or until its time is
 * up. It is woken, it never looks by itself; and when it is woken by a partition, it looks at that partition only.
 */
import type { Partition } from "../../cluster/partition.ts";
import type { RequestContext } from "../../request-context.ts";
import type { FetchResult } from "./fetch-result.ts";
import { divergenceOf, readablePartition, visibleEnd } from "./read-partition.ts";
import type { WantedPartition } from "./wanted-partition.ts";

export interface FetchPatience {
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly isReadCommitted: boolean;
}

/** "Read now": more than any `minBytes`. */
const AT_ONCE = Number.POSITIVE_INFINITY;

/** Resolves to true when it is time to read again; to false when there is nobody left to answer. */
export function waitForRecords(
  results: readonly FetchResult[],
  patience: FetchPatience,
  context: RequestContext,
): Promise<boolean> {
  return new Promise((resolve) => {
    const stops: (() => void)[] = [];
    const finish = (canAnswer: boolean) => {
      for (const stop of stops.splice(0)) stop();
      resolve(canAnswer);
    };
    const bytes = new Map<FetchResult, number>();
    let total = 0;
    const look = (result: FetchResult) => {
      const found = readableBytes(result.wanted, patience.isReadCommitted, context);
      total += found - (bytes.get(result) ?? 0);
      bytes.set(result, found);
      if (total >= patience.minBytes) finish(true);
    };
    const timer = context.cluster.clock.schedule(patience.maxWaitMs, () => finish(true));
    stops.push(
      () => timer.cancel(),
      context.connection.onClose(() => finish(false)),
    );
    for (const result of results) {
      bytes.set(result, result.readableBytes);
      total += result.readableBytes;
      const partition = readablePartition(result.wanted, context);
      if (typeof partition !== "string") stops.push(...listen(partition, () => look(result)));
    }
  });
}

function listen(partition: Partition, look: () => void): (() => void)[] {
  return [partition.log.onAppend(look), partition.onLeaderChange(look)];
}

function readableBytes(wanted: WantedPartition, isReadCommitted: boolean, context: RequestContext): number {
  const partition = readablePartition(wanted, context);
  if (typeof partition === "string") return AT_ONCE;
  const { log } = partition;
  const end = visibleEnd(log, isReadCommitted);
  // The log was cut, or its beginning was deleted: the reader's place is gone.
  if (wanted.fetchOffset > log.endOffset || wanted.fetchOffset < log.logStartOffset) return AT_ONCE;
  if (wanted.lastFetchedEpoch >= 0 && divergenceOf(log, wanted) !== undefined) return AT_ONCE;
  return Math.min(wanted.maxBytes, log.bytesBetween(wanted.fetchOffset, end));
}
