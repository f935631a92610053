import type { CallOptions, CommittedOffset, TopicPartition } from "../../index.ts";
import { type OffsetSource, offsetsAt, type PartitionLog, partitionLogs, placesOf } from "../consumption/partition-ranges.ts";
import type { ResetParameters, Target } from "./reset-parameters.ts";

/** As much of a consumer of the group as is needed. */
export interface CommittedSource extends OffsetSource {
  committed(partitions: readonly TopicPartition[], options: CallOptions): Promise<readonly (CommittedOffset | null)[]>;
}

/** Where a partition is, and where it goes. */
export interface PlannedOffset extends TopicPartition {
  readonly committed: number | undefined;
  readonly offset: number;
  readonly end: number;
  /** It was to go elsewhere, where the log has nothing. */
  readonly wanted: number | undefined;
}

/** Of partitions that cannot go where they should, and why: then nobody goes. */
export interface Obstacle extends TopicPartition {
  readonly problem: string;
}

export interface ResetPlan {
  readonly offsets: readonly PlannedOffset[];
  readonly obstacles: readonly Obstacle[];
}

/**
 * @param known partitions that the group has committed something for
 * @throws BrokerError for a topic that is not there, IllegalStateError for a partition that it has not
 */
export async function resetPlan(
  source: CommittedSource,
  { target, topics }: Pick<ResetParameters, "target" | "topics">,
  known: readonly TopicPartition[],
  options: CallOptions = {},
): Promise<ResetPlan> {
  const places = await chosenPlaces(source, { target, topics }, known, options);
  if (places.length === 0) return { offsets: [], obstacles: [] };
  const [logs, committed] = await Promise.all([partitionLogs(source, places, options), source.committed(places, options)]);
  const before = committed.map((one) => one?.offset);
  const wanted = await wantedOffsets(source, target, logs, before, options);
  const offsets: PlannedOffset[] = [];
  const obstacles: Obstacle[] = [];
  for (const [index, { topic, partition, beginning, end }] of logs.entries()) {
    const to = wanted[index];
    if (to === undefined) {
      obstacles.push({ topic, partition, problem: "the group has committed nothing that could be shifted" });
      continue;
    }
    const offset = Math.min(Math.max(to, beginning), end);
    offsets.push({ topic, partition, committed: before[index], offset, end, wanted: offset === to ? undefined : to });
  }
  return { offsets, obstacles };
}

async function chosenPlaces(
  source: OffsetSource,
  { target, topics }: Pick<ResetParameters, "target" | "topics">,
  known: readonly TopicPartition[],
  options: CallOptions,
): Promise<readonly TopicPartition[]> {
  if (target.kind === "offsets") return existing(source, target.offsets, options);
  if (topics.length === 0) return known.map(({ topic, partition }) => ({ topic, partition }));
  const chosen = await Promise.all(topics.map((topic) => placesOf(source, topic, options)));
  return chosen.flat();
}

/** In the order of the file. @throws for what is not there */
async function existing(
  source: OffsetSource,
  places: readonly TopicPartition[],
  options: CallOptions,
): Promise<readonly TopicPartition[]> {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of places) byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
  await Promise.all([...byTopic].map(([topic, partitions]) => placesOf(source, { topic, partitions }, options)));
  return places.map(({ topic, partition }) => ({ topic, partition }));
}

/** For each; undefined where that cannot be said. */
async function wantedOffsets(
  source: OffsetSource,
  target: Target,
  logs: readonly PartitionLog[],
  committed: readonly (number | undefined)[],
  options: CallOptions,
): Promise<readonly (number | undefined)[]> {
  switch (target.kind) {
    case "place": {
      const { place } = target;
      // What the log has not is told; others are in it anyway.
      return place.kind === "offset" ? logs.map(() => place.offset) : offsetsAt(source, place, logs, options);
    }
    case "shift":
      return committed.map((offset) => (offset === undefined ? undefined : offset + target.by));
    case "offsets":
      return target.offsets.map(({ offset }) => offset);
  }
}
