import { type ErrorName, ZERO_UUID } from "../../../protocol/index.ts";
import type { Partition } from "../../cluster/partition.ts";
import { codeOf, NONE } from "../../error-codes.ts";
import type { RequestContext } from "../../request-context.ts";
import type { EpochEnd } from "../leader-epochs.ts";
import { UNDEFINED_EPOCH } from "../leader-epochs.ts";
import type { PartitionLog } from "../partition-log.ts";
import { type LeaderHints, servedPartition } from "../served-partition.ts";
import { type FetchResult, failedResult, NO_RECORDS } from "./fetch-result.ts";
import type { PartitionKey, WantedPartition } from "./wanted-partition.ts";

export interface ReadLimits {
  readonly isReadCommitted: boolean;
  readonly maxBytes: number;
  readonly minOneBatch: boolean;
}

const FIRST_VERSION_WITH_LEADER_HINTS = 16;

/** The partition, if it can be read here and now. */
export function readablePartition(
  { topic, topicId, partition, currentLeaderEpoch }: WantedPartition,
  context: RequestContext,
): Partition | ErrorName {
  const known = topic === undefined ? undefined : context.cluster.topics.get(topic);
  const served = servedPartition(known, partition, context.node, currentLeaderEpoch);
  // A topic of the same name has taken the place of the one that the session was opened for.
  if (typeof served !== "string" && topicId !== ZERO_UUID && served.topic.id !== topicId) return "INCONSISTENT_TOPIC_ID";
  return served;
}

export function readPartition(
  key: PartitionKey,
  wanted: WantedPartition,
  limits: ReadLimits,
  context: RequestContext,
  hints: LeaderHints,
): FetchResult {
  const partition = readablePartition(wanted, context);
  if (typeof partition === "string") return unreadable(key, wanted, partition, context, hints);
  const { log } = partition;
  const divergence = wanted.lastFetchedEpoch < 0 ? undefined : divergenceOf(log, wanted);
  if (typeof divergence === "string") return failedResult(key, wanted, divergence);
  if (wanted.fetchOffset < log.logStartOffset) return failedResult(key, wanted, "OFFSET_OUT_OF_RANGE");
  if (divergence !== undefined)
    return { ...read(key, wanted, log, limits, false), abortedTransactions: null, divergingEpoch: divergence };
  if (wanted.fetchOffset > log.endOffset) return failedResult(key, wanted, "OFFSET_OUT_OF_RANGE");
  const hasRecords = wanted.fetchOffset < visibleEnd(log, limits.isReadCommitted);
  // Java's reader throws, and nobody expects it.
  if (hasRecords && wanted.maxBytes < 0) return failedResult(key, wanted, "UNKNOWN_SERVER_ERROR");
  return read(key, wanted, log, limits, hasRecords);
}

/** Where the reader's view of the log ends. */
export function visibleEnd(log: PartitionLog, isReadCommitted: boolean): number {
  return isReadCommitted ? log.lastStableOffset : log.highWatermark;
}

/**
 * Whether what the reader has read last is in this log (KIP-595).
 * @returns the end of the last epoch that both know when it is not; undefined when it is
 */
export function divergenceOf(
  log: PartitionLog,
  { lastFetchedEpoch, fetchOffset }: WantedPartition,
): EpochEnd | ErrorName | undefined {
  const end = log.endOfEpoch(lastFetchedEpoch);
  if (end.epoch === UNDEFINED_EPOCH) return "OFFSET_OUT_OF_RANGE";
  return end.epoch < lastFetchedEpoch || end.endOffset < fetchOffset ? end : undefined;
}

function read(key: PartitionKey, wanted: WantedPartition, log: PartitionLog, limits: ReadLimits, hasRecords: boolean): FetchResult {
  const { isReadCommitted, minOneBatch } = limits;
  const { fetchOffset: offset } = wanted;
  const maxBytes = Math.min(wanted.maxBytes, limits.maxBytes);
  const endOffset = visibleEnd(log, isReadCommitted);
  const { records, nextOffset } = hasRecords
    ? log.read({ offset, endOffset, maxBytes, minOneBatch })
    : { records: NO_RECORDS, nextOffset: offset };
  return {
    key,
    wanted,
    errorCode: NONE,
    highWatermark: log.highWatermark,
    lastStableOffset: log.lastStableOffset,
    logStartOffset: log.logStartOffset,
    abortedTransactions: isReadCommitted ? abortedIn(log, offset, nextOffset) : null,
    records,
    readableBytes: hasRecords ? Math.max(records.length, Math.min(maxBytes, log.bytesBetween(offset, endOffset))) : 0,
  };
}

function abortedIn(log: PartitionLog, from: number, to: number): FetchResult["abortedTransactions"] {
  if (to <= from) return [];
  return log.abortedTransactions(from, to).map(({ producerId, firstOffset }) => ({ producerId, firstOffset }));
}

function unreadable(
  key: PartitionKey,
  wanted: WantedPartition,
  error: ErrorName,
  context: RequestContext,
  hints: LeaderHints,
): FetchResult {
  const failed = failedResult(key, wanted, error);
  const hasMoved = error === "NOT_LEADER_OR_FOLLOWER" || error === "FENCED_LEADER_EPOCH";
  if (!hasMoved || context.version < FIRST_VERSION_WITH_LEADER_HINTS) return failed;
  const partition = context.cluster.topics.get(wanted.topic ?? "")?.partition(wanted.partition);
  return partition === undefined ? failed : { ...failed, errorCode: codeOf(error), currentLeader: hints.add(partition) };
}
