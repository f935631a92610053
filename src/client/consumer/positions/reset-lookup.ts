/** Where reading begins when an end of the log, or a time, says it: the leader is asked. */
import { EARLIEST_TIMESTAMP, KafkaError, LATEST_TIMESTAMP, ListOffsets } from "../../../protocol/index.ts";
import { unusableResult } from "../../leaders/item-failure.ts";
import type { LeaderContext } from "../../leaders/leader-context.ts";
import { askLeader } from "../../leaders/leader-request.ts";
import { type ListedRow, listOffsetsQuestion } from "../../leaders/list-offsets-question.ts";
import type { PartitionItem } from "../../leaders/partition-item.ts";
import type { ResetTarget } from "../assignment/assigned-partition.ts";
import { timesQuestion } from "./times-question.ts";

export interface ResetQuery extends PartitionItem {
  readonly to: ResetTarget;
  /** The epoch that the leader is believed to be in. */
  readonly leaderEpoch: number;
}

export interface FoundPlace {
  readonly offset: number;
  /** -1 when the broker does not tell. */
  readonly epoch: number;
}

export interface ResetSettings {
  readonly isReadCommitted: boolean;
  /** Durations are counted back from there: milliseconds since 1970. */
  readonly nowMs: number;
}

type ResetOutcome = FoundPlace | KafkaError;

/**
 * All partitions are led by that node.
 *
 * Of a duration (KIP-1106) the end of the log is asked for first: where nothing is as young as that, reading begins there, and what was
 * written between the two questions is not skipped.
 */
export async function lookUpResets<Query extends ResetQuery>(
  context: LeaderContext,
  nodeId: number,
  queries: readonly Query[],
  { isReadCommitted, nowMs }: ResetSettings,
): Promise<ReadonlyMap<Query, ResetOutcome>> {
  const asked = { isReadCommitted, leaderEpochOf: ({ leaderEpoch }: Query): number => leaderEpoch };
  const ends = listOffsetsQuestion<Query>({ ...asked, timestampOf: ({ to }) => endOf(to) });
  const found = new Map<Query, ResetOutcome>();
  for (const [query, outcome] of await askLeader(context, ends, nodeId, queries)) {
    found.set(query, outcome instanceof KafkaError ? outcome : (placeFrom(outcome) ?? noOffset(outcome)));
  }
  const timed = queries.filter((query) => typeof query.to === "object" && !(found.get(query) instanceof KafkaError));
  if (timed.length === 0) return found;
  const times = timesQuestion<Query>({ ...asked, timestampOf: ({ to }) => timeOf(to, nowMs) });
  for (const [query, outcome] of await askLeader(context, times, nodeId, timed)) {
    const place = outcome instanceof KafkaError ? outcome : placeFrom(outcome);
    if (place !== undefined) found.set(query, place);
  }
  return found;
}

function endOf(to: ResetTarget): number {
  return to === "earliest" ? EARLIEST_TIMESTAMP : LATEST_TIMESTAMP;
}

function timeOf(to: ResetTarget, nowMs: number): number {
  return typeof to === "object" ? Math.max(0, Math.floor(nowMs - to.durationMs)) : LATEST_TIMESTAMP;
}

function placeFrom({ offset, leaderEpoch }: ListedRow): FoundPlace | undefined {
  return offset < 0 ? undefined : { offset, epoch: leaderEpoch };
}

/** F26: an end that the log does not have is an error, never its beginning. */
function noOffset({ topic, partition, offset }: ListedRow): KafkaError {
  return unusableResult({ api: ListOffsets.name, topic, partition }, `the answer has no offset, but ${offset}`);
}
