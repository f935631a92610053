import { BrokerError, type CallOptions, IllegalStateError, type TopicPartition, type TopicPartitionOffset } from "../../index.ts";
import { counted } from "../text-table.ts";
import type { Place } from "./place.ts";

/** As much of a consumer as is needed to find out where to read. */
export interface OffsetSource {
  partitionsForTopic(topic: string, options: CallOptions): Promise<ReadonlySet<number>>;
  beginningOffsets(partitions: readonly TopicPartition[], options: CallOptions): Promise<readonly TopicPartitionOffset[]>;
  endOffsets(partitions: readonly TopicPartition[], options: CallOptions): Promise<readonly TopicPartitionOffset[]>;
  offsetsForTimes(
    queries: readonly (TopicPartition & { readonly timestampMs: number })[],
    options: CallOptions,
  ): Promise<readonly (TopicPartition & { readonly offset: number | null })[]>;
}

/** What is to be read of a partition. */
export interface PartitionRange extends TopicPartition {
  readonly from: number;
  /** Not included; Infinity for no end. */
  until: number;
}

export interface WantedRange {
  readonly topic: string;
  readonly partitions: readonly number[] | undefined;
  readonly from: Place;
  readonly until: Place | undefined;
  readonly follows: boolean;
}

const UNKNOWN_TOPIC_OR_PARTITION = 3;

/**
 * @param nowMs a time to come is no end yet
 * @throws BrokerError for a topic that is not there, IllegalStateError for a partition that it has not
 */
export async function partitionRanges(
  source: OffsetSource,
  wanted: WantedRange,
  nowMs: number,
  options: CallOptions,
): Promise<PartitionRange[]> {
  const places = await placesOf(source, wanted, options);
  const [beginnings, ends] = await Promise.all([source.beginningOffsets(places, options), source.endOffsets(places, options)]);
  const logs = places.map((place, index) => ({
    ...place,
    beginning: beginnings[index]?.offset ?? 0,
    end: ends[index]?.offset ?? 0,
  }));
  const from = await offsetsAt(source, wanted.from, logs, options);
  const isOpen = wanted.follows && (wanted.until === undefined || isToCome(wanted.until, nowMs));
  const until = isOpen ? undefined : await offsetsAt(source, wanted.until ?? { kind: "end" }, logs, options, wanted.follows);
  return logs.map(({ topic, partition, beginning }, index) => ({
    topic,
    partition,
    from: from[index] ?? beginning,
    until: until === undefined ? Number.POSITIVE_INFINITY : (until[index] ?? beginning),
  }));
}

/** Whether it is known only later where that is. */
export function isToCome(place: Place, nowMs: number): boolean {
  return place.kind === "time" && place.timestampMs > nowMs;
}

/** @throws BrokerError for a topic that is not there, IllegalStateError for a partition that it has not */
export async function placesOf(
  source: Pick<OffsetSource, "partitionsForTopic">,
  wanted: Pick<WantedRange, "topic" | "partitions">,
  options: CallOptions,
): Promise<readonly TopicPartition[]> {
  const { topic } = wanted;
  const there = [...(await source.partitionsForTopic(topic, options))].toSorted((one, other) => one - other);
  if (there.length === 0) throw new BrokerError(UNKNOWN_TOPIC_OR_PARTITION, { api: "Metadata", topic });
  const missing = wanted.partitions?.find((partition) => !there.includes(partition));
  if (missing !== undefined) {
    throw new IllegalStateError(
      `--partition ${missing}: topic '${topic}' has ${counted(there.length, "partition")}, counted from 0`,
    );
  }
  return (wanted.partitions ?? there).map((partition) => ({ topic, partition }));
}

interface PartitionLog extends TopicPartition {
  readonly beginning: number;
  readonly end: number;
}

/** @param mayBeBeyond of an offset: the log may grow up to there */
async function offsetsAt(
  source: OffsetSource,
  place: Place,
  logs: readonly PartitionLog[],
  options: CallOptions,
  mayBeBeyond = false,
): Promise<readonly number[]> {
  switch (place.kind) {
    case "beginning":
      return logs.map(({ beginning }) => beginning);
    case "end":
      return logs.map(({ end }) => end);
    case "offset":
      return logs.map(({ beginning, end }) => Math.max(beginning, mayBeBeyond ? place.offset : Math.min(place.offset, end)));
    case "before the end":
      return logs.map(({ beginning, end }) => Math.max(beginning, end - place.records));
    case "time": {
      const { timestampMs } = place;
      const queries = logs.map(({ topic, partition }) => ({ topic, partition, timestampMs }));
      const found = await source.offsetsForTimes(queries, options);
      return logs.map(({ end }, index) => Math.min(found[index]?.offset ?? end, end));
    }
  }
}
