/** What the topics hold, and how fast they are written. */
import type { ProducerOptions } from "../../src/index.ts";

/** Old segments go: the broker's memory is bounded too, and who is slow falls out of the log now and then. */
const CONFIGS = { "retention.bytes": "16777216", "segment.bytes": "4194304" } as const;

export interface StreamPlan {
  readonly topic: TopicName;
  readonly compression: NonNullable<ProducerOptions["compression"]>;
  /** All of them in turn, unless it is one. */
  readonly partition?: number;
  readonly valueBytes: number;
  readonly perSecond: number;
  /** Before the first reader comes. */
  readonly atFirst: number;
}

export const streams: readonly StreamPlan[] = [
  { topic: "small", compression: "none", valueBytes: 100, perSecond: 5000, atFirst: 200_000 },
  { topic: "packed", compression: "lz4", valueBytes: 100, perSecond: 5000, atFirst: 200_000 },
  { topic: "medium", compression: "lz4", valueBytes: 10_240, perSecond: 150, atFirst: 2000 },
  { topic: "mixed", compression: "gzip", valueBytes: 100, perSecond: 1000, atFirst: 20_000 },
  { topic: "mixed", compression: "gzip", valueBytes: 10_240, perSecond: 30, atFirst: 500 },
  { topic: "mixed", compression: "gzip", valueBytes: 1_000_000, perSecond: 0.5, atFirst: 4 },
  // A trickle beside a river: what comes in one answer with much else.
  { topic: "beside", compression: "none", partition: 0, valueBytes: 100, perSecond: 100, atFirst: 0 },
  { topic: "beside", compression: "none", partition: 1, valueBytes: 10_240, perSecond: 400, atFirst: 1000 },
];

const PARTITIONS = { small: 4, packed: 2, medium: 3, mixed: 3, beside: 2 } as const;

export type TopicName = keyof typeof PARTITIONS;

interface TopicPlan {
  readonly partitions: number;
  readonly configs: Readonly<Record<string, string>>;
}

export const topics: Readonly<Record<string, TopicPlan>> = Object.fromEntries(
  Object.entries(PARTITIONS).map(([name, partitions]) => [name, { partitions, configs: CONFIGS }]),
);

export function partitionsOf(topic: TopicName): number {
  return PARTITIONS[topic];
}
