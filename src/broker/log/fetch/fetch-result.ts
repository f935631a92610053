/** What a fetch found in one partition, in the shape of the answer. */
import type { AbortedTransaction, ErrorName, FetchEpochEndOffset, FetchLeaderIdAndEpoch } from "../../../protocol/index.ts";
import { codeOf, NONE } from "../../error-codes.ts";
import type { PartitionKey, WantedPartition } from "./wanted-partition.ts";

export interface FetchResult {
  readonly key: PartitionKey;
  readonly wanted: WantedPartition;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  /** Null when not only committed records were asked for. */
  readonly abortedTransactions: readonly AbortedTransaction[] | null;
  readonly records: Uint8Array;
  readonly divergingEpoch?: FetchEpochEndOffset;
  readonly currentLeader?: FetchLeaderIdAndEpoch;
  /** Bytes that are there to be read within the limits, in whole batches or not: what `minBytes` counts. */
  readonly readableBytes: number;
}

export const NO_RECORDS: Uint8Array = new Uint8Array(0);
const UNKNOWN_OFFSET = -1;

/** A partition that could not be read. */
export function failedResult(key: PartitionKey, wanted: WantedPartition, error: ErrorName | number): FetchResult {
  return {
    key,
    wanted,
    errorCode: typeof error === "number" ? error : codeOf(error),
    highWatermark: UNKNOWN_OFFSET,
    lastStableOffset: UNKNOWN_OFFSET,
    logStartOffset: UNKNOWN_OFFSET,
    abortedTransactions: null,
    records: NO_RECORDS,
    readableBytes: 0,
  };
}

export function isFailed({ errorCode }: FetchResult): boolean {
  return errorCode !== NONE;
}
