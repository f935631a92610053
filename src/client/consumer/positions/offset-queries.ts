/** What users may ask of any partitions, read or not: where their logs begin and end, and what belongs to a time. */
import { EARLIEST_TIMESTAMP, KafkaError, LATEST_TIMESTAMP, ListOffsets } from "../../../protocol/index.ts";
import type { CallContext } from "../../client-core.ts";
import { classOfError } from "../../cluster/error-classes.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-options.ts";
import { IllegalStateError, RequestTimeoutError } from "../../errors.ts";
import { unusableResult } from "../../leaders/item-failure.ts";
import { askLeaders, type LeaderCall } from "../../leaders/leader-call.ts";
import { listOffsetsQuestion } from "../../leaders/list-offsets-question.ts";
import { type PartitionItem, placeOf } from "../../leaders/partition-item.ts";
import type { TopicPartition, TopicPartitionOffset } from "../topic-partition.ts";
import { timesQuestion } from "./times-question.ts";

export interface OffsetQueryContext extends Pick<CallContext, "cluster" | "deadline"> {
  readonly config: ResolvedConsumerConfig;
  readonly random: () => number;
}

/** Which record of a partition is the first one of that time or later? */
export interface TimeQuery extends TopicPartition {
  /** Milliseconds since 1970. */
  readonly timestampMs: number;
}

/** The first record of a time or later. All three are null when there is none: everything is older, or there is nothing. */
export interface OffsetForTime extends TopicPartition {
  readonly offset: number | null;
  /** The record's own: not before what was asked for. */
  readonly timestampMs: number | null;
  /** At that offset; null also when the broker does not tell. */
  readonly leaderEpoch: number | null;
}

/** Where the partitions begin: the first offset that is left. In the order asked. */
export function beginningOffsets(
  context: OffsetQueryContext,
  partitions: readonly TopicPartition[],
): Promise<TopicPartitionOffset[]> {
  return endsOf(context, "beginningOffsets", partitions, EARLIEST_TIMESTAMP);
}

/** Where they end: behind the last record that may be read, which with `read_committed` is before the first open transaction. */
export function endOffsets(context: OffsetQueryContext, partitions: readonly TopicPartition[]): Promise<TopicPartitionOffset[]> {
  return endsOf(context, "endOffsets", partitions, LATEST_TIMESTAMP);
}

/** In the order asked; a partition may be asked about several times. */
export async function offsetsForTimes(context: OffsetQueryContext, queries: readonly TimeQuery[]): Promise<OffsetForTime[]> {
  checkTimes(queries);
  const question = timesQuestion<TimeQuery>({
    isReadCommitted: isReadCommitted(context),
    timestampOf: ({ timestampMs }) => timestampMs,
  });
  const found = new Map<TimeQuery, OffsetForTime>();
  await Promise.all(
    eachPartitionOnce(queries).map(async (items) => {
      for (const [query, { offset, timestamp, leaderEpoch }] of await ask(context, "offsetsForTimes", { ...question, items })) {
        const { topic, partition } = query;
        const isFound = offset >= 0;
        found.set(query, {
          topic,
          partition,
          offset: isFound ? offset : null,
          timestampMs: isFound ? timestamp : null,
          leaderEpoch: isFound && leaderEpoch >= 0 ? leaderEpoch : null,
        });
      }
    }),
  );
  return queries.flatMap((query) => found.get(query) ?? []);
}

async function endsOf(
  context: OffsetQueryContext,
  what: string,
  partitions: readonly TopicPartition[],
  timestamp: number,
): Promise<TopicPartitionOffset[]> {
  const question = listOffsetsQuestion<TopicPartition>({
    isReadCommitted: isReadCommitted(context),
    timestampOf: () => timestamp,
  });
  const items = [...new Map(partitions.map((one) => [placeOf(one), one])).values()];
  const ends = new Map<string, TopicPartitionOffset>();
  for (const [{ topic, partition }, { offset, leaderEpoch }] of await ask(context, what, { ...question, items })) {
    // F26: that there is none is an error, never 0.
    if (offset < 0) throw unusableResult({ api: ListOffsets.name, topic, partition }, `the answer has no offset, but ${offset}`);
    ends.set(placeOf({ topic, partition }), { topic, partition, offset, ...(leaderEpoch >= 0 && { leaderEpoch }) });
  }
  return partitions.flatMap((one) => ends.get(placeOf(one)) ?? []);
}

/**
 * All of it or an error. What may pass is waited for until the deadline, unknown topics included.
 *
 * @throws what will not pass; RequestTimeoutError with what else was in the way
 */
async function ask<Item extends PartitionItem, Request, Response, Row extends PartitionItem & { readonly errorCode: number }>(
  { cluster, deadline, config, random }: OffsetQueryContext,
  what: string,
  call: LeaderCall<Item, Request, Response, Row>,
): Promise<readonly (readonly [Item, Row])[]> {
  const { requestTimeoutMs, retryBackoffMs, retryBackoffMaxMs } = config;
  const context = { cluster, deadline, requestTimeoutMs, retryBackoffMs, retryBackoffMaxMs, random };
  const newTopicGraceMs = Number.POSITIVE_INFINITY;
  const outcomes = await askLeaders(context, { ...call, isAllOrNothing: true, newTopicGraceMs });
  return outcomes.map(({ item, outcome }) => {
    if (!(outcome instanceof KafkaError)) return [item, outcome];
    if (classOfError(outcome, call.api.name).remedy === "fatal") throw outcome;
    throw new RequestTimeoutError(what, deadline.timeoutMs, { cause: outcome });
  });
}

/** A request can ask about a partition once. */
function eachPartitionOnce(queries: readonly TimeQuery[]): readonly (readonly TimeQuery[])[] {
  const rounds: TimeQuery[][] = [];
  const times = new Map<string, number>();
  for (const query of queries) {
    const place = placeOf(query);
    const round = times.get(place) ?? 0;
    times.set(place, round + 1);
    const others = rounds[round];
    if (others === undefined) rounds[round] = [query];
    else others.push(query);
  }
  return rounds;
}

function isReadCommitted({ config }: OffsetQueryContext): boolean {
  return config.isolationLevel === "read_committed";
}

function checkTimes(queries: readonly TimeQuery[]): void {
  for (const { topic, partition, timestampMs } of queries) {
    if (Number.isSafeInteger(timestampMs) && timestampMs >= 0) continue;
    throw new IllegalStateError(
      `offsetsForTimes: topic '${topic}' partition ${partition}: timestampMs must be whole milliseconds since 1970, not ${String(timestampMs)}`,
    );
  }
}
