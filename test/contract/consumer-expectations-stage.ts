// What the rows of the consumer's expectations have to play with.

import type { Consumer, ConsumerOptions, ConsumerRecord, Producer, ProducerOptions, TopicPartition } from "../../src/index.ts";
import { failureOf } from "./failure-of.ts";
import type { TableRow } from "./kafka-python-table.ts";

/** Of the first record in each partition; each of the others is a second younger. */
export const AT = 1_700_000_000_000;

export const ONE_ERROR = "one error, with a message, for every call that cannot be meant";

export interface ConsumerExpectationStage {
  /** Of one topic, which nobody writes to: offsets 0 to 9, 2 to 4 (the first two were deleted), and none. */
  readonly p0: TopicPartition;
  readonly p1: TopicPartition;
  readonly p2: TopicPartition;
  /** Reads from the beginning unless told otherwise. Closed afterwards, as all of them. */
  plain(options?: Partial<ConsumerOptions>): Consumer;
  consumer<K, V>(options?: Partial<ConsumerOptions<K, V>>): Consumer<K, V>;
  /** To which these are assigned. */
  of(partitions: readonly TopicPartition[], options?: Partial<ConsumerOptions>): Consumer;
  subscribed(topics: readonly string[]): Consumer;
  producer(options?: Partial<ProducerOptions>): Producer;
  unique(word: string): string;
  /** The only partition of a new topic, with these values. */
  topicWith(...values: readonly string[]): Promise<TopicPartition>;
  /** One with a record that has everything, and one that has no value. */
  two(): Promise<TopicPartition>;
  /** One with the values 1, what is no JSON, 3. */
  bad(): Promise<TopicPartition>;
  /** Resolves when there is one. */
  withInternalTopic(): Promise<void>;
}

export interface ConsumerExpectation extends TableRow {
  show(stage: ConsumerExpectationStage): unknown;
}

export function refusedWith(options: Readonly<Record<string, unknown>>): ConsumerExpectation["show"] {
  return (stage) => failureOf(() => stage.plain(options));
}

/** So many records; fewer if no more come. */
export async function read<K, V>(consumer: Consumer<K, V>, count: number): Promise<ConsumerRecord<K, V>[]> {
  const records: ConsumerRecord<K, V>[] = [];
  while (records.length < count) {
    const polled = await consumer.poll({ timeoutMs: 10_000, maxRecords: count - records.length });
    if (polled.isEmpty) break;
    records.push(...polled);
  }
  return records;
}

/** Reads until something has come about; for a while, then the row shows what there is instead. */
export async function pollUntil<K, V>(consumer: Consumer<K, V>, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let polls = 0; polls < 100 && !(await isSo()); polls++) await consumer.poll({ timeoutMs: 100 });
}

export function offsetsOf(records: Iterable<ConsumerRecord<unknown, unknown>>): readonly number[] {
  return [...records].map(({ offset }) => offset);
}

export function numbersOf(partitions: readonly TopicPartition[]): readonly number[] {
  return partitions.map(({ partition }) => partition).toSorted((a, b) => a - b);
}

export function textOf(bytes: Uint8Array | string | null): string {
  return bytes === null ? "null" : Buffer.from(bytes).toString();
}
