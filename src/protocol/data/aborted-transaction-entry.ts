/**
 * An entry of a broker's transaction index (`.txnindex` beside each log segment): which offsets of the segment belong to an aborted
 * transaction. Fetch answers are made from it; on the wire only producer id and first offset appear.
 */
import { type Layout, struct } from "../wire/wire.ts";

export interface AbortedTransactionEntry {
  readonly producerId: bigint;
  /** First offset of the transaction in this partition. */
  readonly firstOffset: number;
  /** Offset of the marker that aborted it. */
  readonly lastOffset: number;
  /** The last stable offset once this transaction was decided. */
  readonly lastStableOffset: number;
}

export const abortedTransactionEntry: Layout<AbortedTransactionEntry> = struct((wire, it) => ({
  producerId: wire.int64(it.producerId),
  firstOffset: wire.offset(it.firstOffset),
  lastOffset: wire.offset(it.lastOffset),
  lastStableOffset: wire.offset(it.lastStableOffset),
}));
