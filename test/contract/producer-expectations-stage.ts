// What a row of producer-expectations.ts is, and what it may use.

import type { Producer, ProducerOptions, RecordMetadata } from "../../src/index.ts";
import { failureOf } from "./failure-of.ts";
import type { TableRow } from "./kafka-python-table.ts";

export interface ExpectationStage {
  /** A topic of seven partitions, which nobody else writes to. */
  readonly topic: string;
  readonly bootstrapServers: string;
  /** A topic of one partition, with these settings. */
  topicWith(configs: Readonly<Record<string, string>>): string;
  /** Closed afterwards. */
  producer<K, V>(options?: Partial<ProducerOptions<K, V>>): Producer<K, V>;
  plain(options?: Partial<ProducerOptions>): Producer;
  unique(word: string): string;
  /** Values by their keys, of a partition. */
  log(partition: number): Promise<readonly (readonly [key: string | null, value: string | null])[]>;
}

export interface Expectation extends TableRow {
  show(stage: ExpectationStage): unknown;
}

export const TOO_LARGE: string = "x".repeat(2_000_000);

export function placeOf({ partition, serializedKeySize, serializedValueSize }: RecordMetadata): readonly number[] {
  return [partition, serializedKeySize, serializedValueSize];
}

export function refusedWith(options: Readonly<Record<string, unknown>>): Expectation["show"] {
  return (stage) => failureOf(() => stage.plain(options));
}
