import type { LogDivergence } from "../../errors.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import type { EpochRow } from "./epoch-question.ts";

/**
 * What a leader's log says of a position (KIP-320).
 *
 * - `same`: the leader has all of it
 * - `ahead`: only what was fetched, and not handed out, is other than what the leader has
 * - `cut`: records that were handed out are not there any more; where the logs part is unknown when the leader has no such epoch
 */
export type LogCheck =
  | { readonly kind: "same" | "ahead" }
  | { readonly kind: "cut"; readonly divergence: LogDivergence | undefined };

/** @param row the end of the epoch of the record before the fetch offset */
export function checkedLog({ offset, fetchOffset }: AssignedPartition, { endOffset, leaderEpoch }: EpochRow): LogCheck {
  if (endOffset < 0 || leaderEpoch < 0) return { kind: "cut", divergence: undefined };
  if (endOffset >= fetchOffset) return { kind: "same" };
  return endOffset >= offset ? { kind: "ahead" } : { kind: "cut", divergence: { offset: endOffset, leaderEpoch } };
}
