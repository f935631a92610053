import type { Partitioner, PartitionerName, ResolvedProducerConfig } from "../../config/producer-options.ts";
import { FunctionPartitioner } from "./function-partitioner.ts";
import { KeyPartitioner } from "./key-partitioner.ts";
import { RandomPartitioner } from "./random-partitioner.ts";
import { RoundRobinPartitioner } from "./round-robin-partitioner.ts";
import { StickyPartition } from "./sticky-partition.ts";

/** What a partitioner may know about its topic. Cheap calls: they happen per record. */
export interface TopicView {
  readonly topic: string;
  /** Grows, and never shrinks: a topic that was created anew gets a new partitioner. */
  readonly partitionCount: number;
  hasLeader(partition: number): boolean;
  leaderRack(partition: number): string | undefined;
  /** Batches that wait to be sent, the open one included. */
  queuedBatches(partition: number): number;
  /** For how long its leader has taken nothing although something waits for it; 0 if it does. */
  stuckMs(partition: number): number;
}

/** Chooses the partitions of one topic's records. */
export interface TopicPartitioner {
  /** Once for each record that names no partition. The key and the value are as serialized; text stands for its UTF-8. */
  choose(key: Uint8Array | string | null, value: Uint8Array | string | null): number;
  /**
   * After the record that was chosen for last is in its partition's batch, which it has made larger by so many bytes. `isBatchFull`:
   * no fraction of a batch is left behind if the next record goes elsewhere. With 0 bytes, before the record: its batch has just been
   * closed because the record did not fit; then ask `choose` again.
   */
  appended?(partition: number, bytes: number, isBatchFull: boolean): void;
}

export type PartitionerConfig = Pick<
  ResolvedProducerConfig,
  | "partitioner"
  | "partitionerAdaptive"
  | "partitionerAvailabilityTimeoutMs"
  | "partitionerIgnoreKeys"
  | "partitionerRackAware"
  | "clientRack"
  | "batchSize"
>;

/** @param random as Math.random: all chance comes from it */
export function topicPartitioner(config: PartitionerConfig, view: TopicView, random: () => number): TopicPartitioner {
  const { partitioner } = config;
  return typeof partitioner === "function"
    ? new FunctionPartitioner(partitioner, view)
    : namedPartitioner(partitioner, config, view, random);
}

function namedPartitioner(
  name: Exclude<PartitionerName | Partitioner, Partitioner>,
  config: PartitionerConfig,
  view: TopicView,
  random: () => number,
): TopicPartitioner {
  const sticky = (): StickyPartition => new StickyPartition(config, view, random);
  const { partitionerIgnoreKeys: ignoreKeys } = config;
  switch (name) {
    case "roundRobin":
      return new RoundRobinPartitioner(view);
    case "random":
      return new RandomPartitioner(view, random, { sticky: sticky(), ignoreKeys });
    case "consistent":
      return new KeyPartitioner("crc32", view);
    case "murmur2":
      return new KeyPartitioner("murmur2", view);
    case "fnv1a":
      return new KeyPartitioner("fnv1a", view);
    case "consistentRandom":
      return new KeyPartitioner("crc32", view, { sticky: sticky(), ignoreKeys, emptyIsNone: true });
    case "fnv1aRandom":
      return new KeyPartitioner("fnv1a", view, { sticky: sticky(), ignoreKeys });
    case "murmur2Random":
    case "default":
      return new KeyPartitioner("murmur2", view, { sticky: sticky(), ignoreKeys });
  }
}
